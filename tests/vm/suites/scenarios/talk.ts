// The five scenarios of the talk, as the kernel, a file system and nvme-cli see them.

import { assertEquals, assertMatch } from "@std/assert";
import { nvmectl } from "../../../support/guest.ts";
import { scenarioTest, show, showing } from "./showing.ts";

/** A small file system, with a file in it that is safely on the drive. */
const FILE_SYSTEM = `
  mkfs.ext4 -q -F -E nodiscard,lazy_itable_init=0 -b 4096 $BLK 8192
  mkdir -p /run/mnt; mount $BLK /run/mnt; echo old > /run/mnt/old; sync; umount /run/mnt`;
const MOUNT = "mount -o errors=remount-ro $BLK /run/mnt";
/** Ten writes, one after the other. */
const TEN_WRITES = "for at in 0 1 2 3 4 5 6 7 8 9; do fill new | try put $((4096 + at)); done";
const READ_ONLY_RANGE = [
  /critical medium error, dev nvme\d+n1, sector \d+ op 0x1:\(WRITE\)/,
  /sct 0x1 \/ sc 0x82\).*DNR/,
];

showing("no-writes: a file that was written and synced is gone, and e2fsck finds nothing wrong", {
  inject: "no-writes:after=0",
  before: FILE_SYSTEM,
  run: `${MOUNT}
    echo new > /run/mnt/new && sync && cat /run/mnt/new && umount /run/mnt || exit
    echo 3 > /proc/sys/vm/drop_caches; blockdev --flushbufs $BLK
    e2fsck -fn $BLK >/dev/null 2>&1; echo "e2fsck $?"
    ${MOUNT}; cat /run/mnt/old; ls /run/mnt; umount /run/mnt`,
  writes: /^new\ne2fsck 0\nold\nlost\+found\nold\n$/,
  log: [],
});

showing("no-writes-errors: medium errors, the journal is aborted, the file system read-only", {
  inject: "no-writes-errors:after=0",
  before: `${FILE_SYSTEM}; ${MOUNT}`,
  run: `echo new > /run/mnt/new; sync -f /run/mnt/new; touch /run/mnt/more`,
  fails: true,
  writes: /more.*Read-only file system/,
  log: [...READ_ONLY_RANGE, /Aborting journal on device/, /Remounting filesystem read-only/],
  after:
    "umount /run/mnt; e2fsck -fy $BLK >/dev/null 2>&1; mount $BLK /run/mnt && cat /run/mnt/old; " +
    "umount /run/mnt",
  afterwards: "old",
});

showing("temperamental: from a random write on every one fails", {
  inject: "temperamental:probability=30,seed=1",
  run: TEN_WRITES,
  // The kernel logs no more than ten such errors in five seconds, and the test before made many.
  writes: /^(ok\n)+(bad\n)+$/,
});

showing("temperamental:latch=no: some writes fail, others before and after them do not", {
  inject: "temperamental:probability=30,seed=1,latch=no",
  run: TEN_WRITES,
  writes: /^(ok\n)+(bad\n)+ok\n(ok\n|bad\n)*$/,
});

showing("reincarnation: a burst of failing writes, then all is well", {
  inject: "reincarnation:after=3,count=4",
  run: TEN_WRITES,
  writes: "ok\nok\nok\nbad\nbad\nbad\nbad\nok\nok\nok",
});

scenarioTest(
  "sum: nvmectl drive inject gives the drive a command of its own, drive clear takes it away",
  async ({ guest, device, run }) => {
    const command = `nvme admin-passthru ${device} --opcode=0xc0 --cdw10=10 --cdw11=5`;
    const { stderr, code } = await nvmectl(guest, ["drive", "inject", "sum"]);
    assertEquals(code, 0, stderr);
    const summed = await run(command);
    assertEquals(summed.code, 0, summed.stdout);
    assertMatch(summed.stdout, /result: 0x0*f\b/);
    const cleared = await nvmectl(guest, ["drive", "clear", "sum"]);
    assertEquals(cleared.code, 0, cleared.stderr);
    assertMatch((await run(command)).stdout, /Invalid Command Opcode/);
  },
);

scenarioTest(
  "sum:opcode=0x80: not even Format NVM is safe, and nothing is formatted",
  async (bench) => {
    await show(bench, {
      inject: "sum:opcode=0x80",
      before: "fill keep | put 0",
      run:
        "nvme admin-passthru $CTRL --opcode=0x80 --namespace-id=1 --cdw10=512 --cdw11=5; first 0 4",
      writes: /0x0*205\b[^]*keep/,
    });
  },
);
