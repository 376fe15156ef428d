// Sanitize operations of all kinds: progress in all views, nothing else meanwhile, no data after.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Fields } from "../../../support/peer.ts";
import { type Bench, OK, servedTest } from "./bench.ts";

const IN_PROGRESS = "Sanitize In Progress";
const NO_PROGRESS = 0xffff;
const END_TIMEOUT_TRIES = 200;

interface Progress {
  readonly sprog: number;
  readonly status: string;
}

async function theirs(bench: Bench): Promise<Progress> {
  const [log = {}] = Object.values(await bench.peer("sanitize-log $CTRL")) as readonly Fields[];
  const { status } = log["sstat"] as { status: string };
  return { sprog: Number(log["sprog"]), status };
}

const FILL = "yes E | head -c 65536 | dd of=$BLK bs=64k seek=3 oflag=direct,dsync";
const READ = "dd if=$BLK bs=64k skip=3 count=1 iflag=direct";

/** Sanitizes, looks at everything meanwhile, and waits for the end. */
async function sanitize(bench: Bench, words: string): Promise<void> {
  await bench.drive.mark();
  await bench.steps([
    [FILL, OK],
    [`nvme sanitize $CTRL ${words}`, OK],
    [`nvme sanitize $CTRL ${words}`, IN_PROGRESS],
    ["nvme read $BLK -s 0 -c 0 -z 512 -d /run/read", IN_PROGRESS],
    ["nvme format $BLK -l 0 -f", IN_PROGRESS],
    ["nvme smart-log $CTRL", OK],
  ]);
  const first = await theirs(bench);
  assertMatch(first.status, /Sanitize in Progress/i);
  await bench.steps([[READ, "failed"]]);
  await bench.drive.logs([/sct 0x0 \/ sc 0x1d/]);
  const second = await theirs(bench);
  assert(second.sprog > first.sprog && second.sprog < NO_PROGRESS, `${first}, ${second}`);
}

async function ended(bench: Bench): Promise<void> {
  await bench.must(
    `for try in $(seq ${END_TIMEOUT_TRIES}); do
       nvme sanitize-log $CTRL | grep -q '(SPROG) :  65535' && exit 0; sleep 0.3
     done; nvme sanitize-log $CTRL; exit 1`,
  );
  const { sprog, status } = await theirs(bench);
  assertEquals(sprog, NO_PROGRESS);
  assertMatch(status, /Completed Successfully/);
}

servedTest("a crypto erase refuses I/O while it lasts, and leaves no data", async (bench) => {
  await sanitize(bench, "-a 4");
  await ended(bench);
  await bench.steps([[`${READ} | cmp -n 65536 - /dev/zero`, OK]]);
});

servedTest("a block erase goes on through a controller reset, for both tools", async (bench) => {
  await sanitize(bench, "-a 2");
  await bench.must("nvme reset $CTRL");
  assertEquals(await bench.attribute("state"), "live");
  const { log } = await bench.ours("log", "sanitize", bench.device) as {
    log: { progress: number; status: { operation: Fields }; cdw10: number };
  };
  assertMatch(String(log.status.operation["text"]), /in progress/);
  assert(log.progress > 0 && log.progress < NO_PROGRESS);
  assertEquals(log.cdw10, 2);
  const { smart } = await bench.ours("health", bench.device) as { smart: Record<string, Fields> };
  assertEquals(smart["critical_warning"]?.["value"], 0);
  await ended(bench);
  await bench.steps([[`${READ} | cmp -n 65536 - /dev/zero`, OK]]);
});

servedTest("an overwrite leaves its pattern in every block", async (bench) => {
  // Two passes, the blocks stay allocated, so that the pattern can be read.
  await sanitize(bench, "-a 3 -n 2 -p 0x12345678 -d");
  await ended(bench);
  const pattern = await bench.must(`${READ} 2>/dev/null | od -An -tx1 -v | sort -u`);
  assertMatch(pattern.trim(), /^(78 56 34 12 ?){4}$/);
  const { log } = await bench.ours("log", "sanitize", bench.device) as {
    log: { status: { passes: number } };
  };
  assertEquals(log.status.passes, 2);
  await bench.steps([[FILL, OK], [`${READ} | tr -d 'E\\n' | cmp - /dev/null`, OK]]);
});
