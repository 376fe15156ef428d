#!/bin/sh
# Sets everything up and runs the main job: which NVMe drives are here, and how is the drive.
set -eu
cd "$(dirname "$0")/.."
./scripts/setup.sh

echo '$ nvmectl list'
build/nvmectl list
if [ -e /dev/nvme0 ]; then target=/dev/nvme0; else target=virtual:; fi
echo
echo "\$ nvmectl health $target"
# A drive in a bad way answers with status 1: that is an answer, not a failure of this script.
build/nvmectl health "$target" || [ $? -eq 1 ]
