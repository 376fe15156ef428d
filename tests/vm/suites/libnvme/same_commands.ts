// The same operation by nvme-cli and by nvmectl leaves the same commands in the drive's trace.

import { assertEquals } from "@std/assert";
import { servedTest } from "../served/bench.ts";
import { same, YES } from "./same.ts";

servedTest("firmware download and commit", async (bench) => {
  await bench.must("nvmectl drive firmware-image /run/same.bin --revision 3.0 --size 32768");
  const sent = await same(bench, ["Firmware Image Download", "Firmware Commit"], {
    theirs: "nvme fw-download $CTRL --fw=/run/same.bin --xfer=8192 && " +
      "nvme fw-commit $CTRL -s 5 -a 0",
    ours: "nvmectl firmware download /run/same.bin $CTRL --chunk 8192 && " +
      `nvmectl firmware commit $CTRL --slot 5 --action replace ${YES}`,
  });
  assertEquals(sent.length, 5);
});

servedTest("namespace create, attach, detach and delete", async (bench) => {
  const names = ["Namespace Management", "Namespace Attachment"];
  const sent = await same(bench, names, {
    theirs: "nvme create-ns $CTRL -s 8192 -c 8192 -f 1 && nvme attach-ns $CTRL -n 2 -c 1 && " +
      "nvme detach-ns $CTRL -n 2 -c 1 && nvme delete-ns $CTRL -n 2",
    ours: "nvmectl namespace create $CTRL --blocks 8192 --lba-format 1 && " +
      "nvmectl namespace attach $CTRL --namespace 2 && " +
      `nvmectl namespace detach $CTRL --namespace 2 ${YES} && ` +
      `nvmectl namespace delete $CTRL --namespace 2 ${YES}`,
  });
  assertEquals(sent.map(({ name }) => name), [names[0], names[1], names[1], names[0]]);
});

/** Until the operation is over, however it was begun. */
const SANITIZED = "for try in $(seq 200); do " +
  "nvme sanitize-log $CTRL | grep -q '(SPROG) :  65535' && exit 0; sleep 0.2; done; exit 1";

for (
  const [name, theirs, ours] of [
    ["by block erase", "-a 2", "--block"],
    ["by crypto erase that may be left", "-a 4 -u", "--crypto --unrestricted-exit"],
    [
      "by two inverted overwrites without deallocation",
      "-a 3 -n 2 -i -p 0xa5a5a5a5 -d",
      "--overwrite --passes 2 --invert --pattern 0xa5a5a5a5 --no-deallocate",
    ],
  ] as const
) {
  servedTest(`sanitize ${name}`, async (bench) => {
    await same(bench, ["Sanitize"], {
      theirs: `nvme sanitize $CTRL ${theirs}`,
      ours: `nvmectl sanitize $CTRL ${ours} ${YES}`,
      after: SANITIZED,
    });
  });
}

servedTest("self-tests are started and aborted", async (bench) => {
  await same(bench, ["Device Self-test"], {
    theirs: "nvme device-self-test $CTRL -n 0xffffffff -s 1 && " +
      "nvme device-self-test $CTRL -n 0xffffffff -s 0xf",
    ours: "nvmectl selftest $CTRL --short && nvmectl selftest $CTRL --abort",
  });
});

servedTest("format with another block size and back", async (bench) => {
  await same(bench, ["Format NVM"], {
    theirs: "nvme format $BLK --lbaf=1 --force",
    ours: `nvmectl format $CTRL --namespace 1 --lba-format 1 ${YES}`,
    after: "nvme format $BLK --lbaf=0 --force",
  });
});
