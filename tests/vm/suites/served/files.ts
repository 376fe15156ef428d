// A file system and a load with verification on the served drive, every PDU with digests.

import { assert, assertEquals } from "@std/assert";
import { servedTest } from "./bench.ts";

servedTest("files on ext4 are the same after a remount and after a reset", async (bench) => {
  const found = await bench.must(
    `set -e
     mkfs.ext4 -q -F $BLK 32M; mkdir -p /run/mount; mount $BLK /run/mount
     for file in 1 2 3; do head -c 700001 /dev/urandom > /run/mount/$file; done
     cp -r /bin/true /run/mount/true; sync
     sum() { cat /run/mount/[123] /run/mount/true | sha256sum; }
     sum
     umount /run/mount; e2fsck -fn $BLK >/dev/null 2>&1
     mount $BLK /run/mount; sum
     umount /run/mount; nvme reset $CTRL; mount $BLK /run/mount; sum
     fstrim /run/mount; sum; umount /run/mount`,
  );
  const sums = found.trim().split("\n");
  assertEquals(sums.length, 4);
  assertEquals(new Set(sums).size, 1, found);
});

servedTest("fio finds what it wrote, from two processors at once", async (bench) => {
  const text = await bench.must(
    `fio --name=served --filename=$BLK --rw=randrw --bsrange=4k-16k --size=512k --numjobs=2 \\
       --offset_increment=1M --ioengine=libaio --iodepth=4 --direct=1 --verify=crc32c \\
       --verify_fatal=1 --cpus_allowed=0,1 --cpus_allowed_policy=split --randseed=1 \\
       --output-format=json 2>/run/fio.err`,
  );
  const { jobs } = JSON.parse(text.slice(text.indexOf("{"))) as {
    jobs: readonly { error: number; write: { io_bytes: number }; read: { io_bytes: number } }[];
  };
  assertEquals(jobs.map(({ error }) => error), [0, 0]);
  for (const { write, read } of jobs) {
    assert(write.io_bytes > 0 && read.io_bytes >= write.io_bytes, text);
  }
  assertEquals(await bench.attribute("state"), "live");
});
