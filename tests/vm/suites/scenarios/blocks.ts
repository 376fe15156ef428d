// Faults of blocks and of the media: what the kernel notices, and what only a checksum does.

import { assert, assertEquals } from "@std/assert";
import { nvmectl } from "../../../support/guest.ts";
import { type Bench, scenarioTest, showing } from "./showing.ts";

showing("write-fault: the kernel tries again, and nobody notices", {
  inject: "write-fault:count=2",
  run: "fill new | put 0 && first 0",
  writes: "new",
  log: [],
});

showing("write-fault:retry=no: an I/O error, and the block is as it was", {
  inject: "write-fault:retry=no",
  before: "fill old | put 0",
  run: "fill new | put 0",
  fails: true,
  writes: /Input\/output error|No data available|critical medium error/,
  log: [
    /critical medium error, dev nvme\d+n1, sector 0 op 0x1:\(WRITE\)/,
    /sct 0x2 \/ sc 0x80\) DNR/,
  ],
  after: "first 0",
  afterwards: "old",
});

/** Get LBA Status, tracked blocks from 4096 on; nvme-cli 2.3 has the verb, without its data. */
const GET_LBA_STATUS = "nvme admin-passthru $CTRL --opcode=0x86 --namespace-id=1 --cdw10=4096 " +
  "--cdw12=1023 --cdw13=0x11000040 --data-len=4096 --read --raw-binary 2>/dev/null";

showing("unrecovered-read: a medium error, which the LBA status and its log tell of too", {
  inject: "unrecovered-read:lba=4104,blocks=8",
  run: `get 513 2>/dev/null | wc -c
    ${GET_LBA_STATUS} > /run/status; od -An -td8 -j8 -N8 /run/status; od -An -tu4 -j16 -N4 /run/status
    nvme lba-status-log $CTRL | grep -E '^R[SN]LB'
    fill new | put 513 && first 513`,
  // Counts of blocks are 0's based.
  writes: /^0\n +4104\n +7\nRSLBA\[0\]: 4104\nRNLB\[0\]: 7\nnew\n$/,
  log: [
    /critical medium error, dev nvme\d+n1, sector 4104 op 0x0:\(READ\)/,
    /sct 0x2 \/ sc 0x81\)/,
  ],
});

showing("status: the kernel turns the status of the drive's choice into an error of its own", {
  inject: "status:opcode=2,sct=2,sc=0x82,dnr=yes",
  run: "get 0 | wc -c",
  writes: /error[^]*0\n/i,
  log: [/protection error, dev nvme\d+n1, sector 0 op 0x0:\(READ\)/, /sct 0x2 \/ sc 0x82\) DNR/],
});

showing("bit-flip: one bit of the data is wrong, once, and only a checksum notices", {
  inject: "bit-flip",
  before: "fill good | put 0",
  run: `fill good > /run/good
    get 0 | cmp -l /run/good - | wc -l; get 0 | cmp -l /run/good - | wc -l`,
  writes: "1\n0",
  log: [],
});

showing("stale-read: what was written last is missing, and only a checksum notices", {
  inject: "stale-read",
  before: "fill old 2 | put 0; echo",
  run: "fill new | put 0; first 0; first 1",
  writes: "old\nold",
  log: [],
  after: "first 0",
  afterwards: "new",
});

showing("misdirected-write: two places are wrong, and only checksums notice", {
  inject: "misdirected-write:offset=8",
  before: "fill one | put 0; fill two | put 1",
  run: "fill new | put 0; first 0; first 1",
  writes: "one\nnew",
  log: [],
});

showing("torn-write: the second half of a write is missing, and only a checksum notices", {
  inject: "torn-write",
  before: "fill old 2 | put 0",
  run:
    "fill new 2 > /run/new; BYTES=8192; dd if=/run/new of=$BLK bs=8k oflag=direct conv=notrunc " +
    "status=none; first 0; first 1",
  writes: "new\nold",
  log: [],
});

/** Writes with a flush behind it, cuts the power, and says what is there afterwards. */
async function throughPowerCut(bench: Bench, inject: string | undefined): Promise<string> {
  const { guest, drive, must, device, block } = bench;
  await must("fill old | put 0; sync $BLK");
  if (inject) await drive.inject(inject);
  await must("fill new | put 0; sync $BLK");
  const { code, stderr } = await nvmectl(guest, ["drive", "powercut"]);
  assertEquals(code, 0, stderr);
  await drive.logs([/Successfully reconnected/]);
  await drive.heal(device, block);
  return (await must("first 0")).trim();
}

scenarioTest("a flushed write is still there after nvmectl drive powercut", async (bench) => {
  assertEquals(await bench.must("cat /sys/block/$NAME/queue/write_cache"), "write back\n");
  assertEquals(await throughPowerCut(bench, undefined), "new");
});

scenarioTest("lost-flush: a power cut loses what had been flushed", async (bench) => {
  assertEquals(await throughPowerCut(bench, "lost-flush"), "old");
});

/** Milliseconds that scripts took, one a line. */
function times(text: string): readonly number[] {
  return text.trim().split("\n").map(Number);
}

scenarioTest("latency: reads take longer by what the scenario says", async (bench) => {
  // The quickest of several: the machine may be busy with something else.
  const quickest = async (): Promise<number> =>
    Math.min(...times(await bench.must("for round in 1 2 3; do took get 0 8; done")));
  const before = await quickest();
  await bench.drive.inject("latency:ms=100,probability=100");
  const slow = await quickest();
  await bench.drive.heal(bench.device, bench.block);
  const after = await quickest();
  const found = `${before} ms before, ${slow} ms while it lasts, ${after} ms afterwards`;
  assert(slow >= 8 * 100 * 0.9, found);
  assert(slow > before + 8 * 100 / 2 && slow > after + 8 * 100 / 2, found);
});

scenarioTest("slow-die: every so many blocks reads are slow", async (bench) => {
  // Sixteen KiB on each of eight dies.
  await bench.drive.inject("slow-die:ms=250,die=3,dies=8,stripe=32");
  const found = times(
    await bench.must("for die in 2 3 4 11; do took get $((die * 4)) 4; done"),
  );
  const [before = 0, slow = 0, after = 0, again = 0] = found;
  const quick = Math.min(before, after);
  assert(slow > quick + 900 && again > quick + 900, `${found}`);
});
