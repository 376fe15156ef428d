#!/bin/sh
# Sets everything up and runs every suite; the last line counts all of them together.
#   scripts/test.sh [SUITE]...     only these: fmt lint check tidy unit ffi e2e vm
set -eu
cd "$(dirname "$0")/.."
./scripts/setup.sh
export DENO_DIR="$PWD/.tools/deno_dir" DENO_NO_UPDATE_CHECK=1
export DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-mozilla,system}"
exec .tools/bin/deno run --quiet --allow-read --allow-write --allow-env --allow-run \
  scripts/test.ts "$@"
