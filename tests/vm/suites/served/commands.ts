// The commands of the NVM command set, sent by nvme-cli and by the kernel's block layer.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Fields } from "../../../support/peer.ts";
import { OK, servedTest } from "./bench.ts";

const UNREADABLE = "Unrecovered Read Error";

servedTest("every I/O command does what it says", async (bench) => {
  await bench.must("yes A | tr -d '\\n' | head -c 4096 > /run/a");
  const read = (slba: number, blocks = 8): string =>
    `nvme read $BLK -s ${slba} -c ${blocks - 1} -z ${blocks * 512} -d /run/read`;
  const isData = "cmp /run/read /run/a";
  const isZero = "cmp -n $(stat -c %s /run/read) /run/read /dev/zero";
  const write = (slba: number): string => `nvme write $BLK -s ${slba} -c 7 -z 4096 -d /run/a`;
  await bench.steps([
    [`${write(100)} && ${read(100)} && ${isData}`, OK],
    ["nvme compare $BLK -s 100 -c 7 -z 4096 -d /run/a", OK],
    ["nvme compare $BLK -s 101 -c 7 -z 4096 -d /run/a", "Compare Failure"],
    ["nvme verify $BLK -s 100 -c 7", OK],
    [`nvme copy $BLK -d 200 -s 100 -b 7 && ${read(200)} && ${isData}`, OK],
    [`nvme write-zeroes $BLK -s 200 -c 7 && ${read(200)} && ${isZero}`, OK],
    [`nvme dsm $BLK -s 100 -b 8 -d && ${read(100)} && ${isZero}`, OK],
    ["nvme flush $BLK -n 1", OK],
    ["nvme write-uncor $BLK -s 300 -c 1", OK],
    [read(300, 1), UNREADABLE],
    ["nvme verify $BLK -s 296 -c 7", UNREADABLE],
    [`nvme copy $BLK -d 400 -s 300 -b 0`, UNREADABLE],
    ["dd if=$BLK of=/dev/null bs=512 skip=301 count=1 iflag=direct", "failed"],
    ["dd if=$BLK of=/dev/null bs=512 skip=302 count=1 iflag=direct", OK],
    [`${write(296)} && ${read(296)} && ${isData}`, OK],
    [`nvme read $BLK -s 131072 -c 0 -z 512 -d /run/read`, "LBA Out of Range"],
    [`nvme write $BLK -s 131071 -c 7 -z 4096 -d /run/a`, "LBA Out of Range"],
  ]);
});

servedTest("the block layer's discard and write-zeroes reach the drive", async (bench) => {
  const seen = await bench.traced(
    `yes B | tr -d '\\n' | head -c 65536 | dd of=$BLK bs=64k oflag=direct
     blkdiscard -o 0 -l 4096 $BLK
     blkdiscard -z -o 4096 -l 4096 $BLK
     dd if=$BLK bs=8192 count=1 iflag=direct | cmp -n 8192 - /dev/zero
     dd if=$BLK bs=4096 skip=2 count=1 iflag=direct | tr -d B | cmp - /dev/null`,
  );
  const sent = new Set(seen.map(({ name }) => name));
  assert(sent.has("Dataset Management") && sent.has("Write Zeroes"), [...sent].join());
});

servedTest(
  "blocks that cannot be read are in lba-status-log and Get LBA Status, for both tools",
  async (bench) => {
    const before = await bench.peer("lba-status-log $CTRL");
    await bench.must("nvme write-uncor $BLK -s 512 -c 3");
    const after = await bench.peer("lba-status-log $CTRL");
    assert(Number(after["lsgc"]) > Number(before["lsgc"]));
    const [element] = after["ns_elements"] as readonly Fields[];
    assertEquals(element?.["neid"], 1);
    assertEquals(element?.["descs"], [{ rslba: 512, rnlb: 3 }]);
    const { log } = await bench.ours("log", "lba-status", bench.device) as { log: Fields };
    assertEquals(
      [log["length"], log["namespace_count"], log["unrecoverable"], log["generation"]],
      [after["lslplen"], after["nlslne"], after["estulb"], after["lsgc"]],
    );
    // Get LBA Status for tracked blocks, 24 bytes, from block 0 on for 1024 blocks.
    const words = ["--cdw10=0", "--cdw12=5", "--cdw13=0x11000400"];
    const theirs = await bench.guest.run(
      `nvme admin-passthru ${bench.device} --opcode=0x86 -n 1 ${words.join(" ")} -l 24 -r -b`,
    );
    const view = new DataView(theirs.stdoutBytes.buffer);
    assertEquals(
      [view.getUint32(0, true), view.getBigUint64(8, true), view.getUint32(16, true)],
      [1, 512n, 3],
    );
    const mine = await bench.guest.run(
      `nvmectl raw admin ${bench.device} --opcode 0x86 --nsid 1 ${
        words.join(" ").replaceAll("=", " ")
      } --data-in 24 -o raw`,
    );
    assertEquals(mine.stdoutBytes, theirs.stdoutBytes);
    await bench.steps([
      // nvme-cli 2.3 sends the command without room for its answer.
      [
        "nvme get-lba-status $CTRL -n 1 -s 0 -m 1023 -a 0x11 -l 1024",
        "Data SGL Length Invalid",
      ],
      ["nvme write-zeroes $BLK -s 512 -c 3", OK],
    ]);
    assertEquals((await bench.peer("lba-status-log $CTRL"))["nlslne"], 0);
  },
);

servedTest("security protocols and directives can be asked for", async (bench) => {
  const receive = (protocol: number, specific: number): Promise<string> =>
    bench.must(`nvme security-recv $CTRL --secp=${protocol} --spsp=${specific} -x 512 -t 512`);
  // SPC: six reserved bytes, the length of the list, and the list: 00h and 01h.
  assertMatch(await receive(0, 0), /^0000: 00 00 00 00 00 00 00 02 00 01 00/m);
  // The first feature of TCG's Level 0 Discovery: TPer.
  assertMatch(await receive(1, 1), /^0030: 00 01 10 0c/m);
  const directives = await bench.must("nvme dir-receive $CTRL -n 1 -D 0 -O 1 -H");
  assert(/Identify Directive\s+: supported/.test(directives), directives);
  assert(/Stream Directive\s+: not supported/.test(directives), directives);
});
