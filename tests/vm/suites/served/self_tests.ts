// Device self-tests through the kernel, started and watched with both tools.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { nvmectl } from "../../../support/guest.ts";
import type { Fields } from "../../../support/peer.ts";
import { type Bench, OK, servedTest } from "./bench.ts";

const OPERATION = "Current Device Self-Test Operation";
const COMPLETION = "Current Device Self-Test Completion";

interface SelfTests {
  /** The self-test code of what runs, and percent. */
  readonly running: unknown;
  readonly percent: unknown;
  /** The newest result: the self-test's code and how it went. */
  readonly newest: readonly unknown[];
}

async function theirs(bench: Bench): Promise<SelfTests> {
  const log = await bench.peer("self-test-log $CTRL");
  const [newest] = log["List of Valid Reports"] as readonly Fields[];
  return {
    running: log[OPERATION],
    percent: log[COMPLETION],
    newest: [newest?.["Self test code"], newest?.["Self test result"]],
  };
}

async function ours(bench: Bench): Promise<Omit<SelfTests, "percent">> {
  const { log } = await bench.ours("selftest", bench.device) as {
    log: { operation: Fields; results: readonly Record<string, Fields>[] };
  };
  const [newest] = log.results;
  return {
    running: log.operation["value"],
    newest: [newest?.["self_test"]?.["value"], newest?.["result"]?.["value"]],
  };
}

servedTest("selftest --short --wait shows progress to its end and exits 0", async (bench) => {
  const { code, stdout, stderr } = await nvmectl(
    bench.guest,
    ["selftest", bench.device, "--short", "--wait", "-o", "json"],
  );
  assertEquals(code, 0, stderr);
  const { verdict, waited_seconds: seconds } = JSON.parse(stdout);
  assertEquals(verdict, "passed");
  assert(seconds >= 4, `${seconds} s`);
  const shown = [...stderr.matchAll(/Short self-test: (\d+) %/g)].map(([, percent]) =>
    Number(percent)
  );
  assert(shown.length >= 3, stderr);
  assertEquals(shown, shown.toSorted((a, b) => a - b));
  const { running, newest } = await theirs(bench);
  assertEquals({ running, newest }, { running: 0, newest: [1, 0] });
  assertEquals(await ours(bench), { running: 0, newest: [1, 0] });
});

servedTest(
  "a self-test in progress refuses another, lets I/O through, and can be aborted",
  async (bench) => {
    await bench.steps([
      ["nvme device-self-test $CTRL -s 2", OK],
      ["nvme device-self-test $CTRL -s 1", "Device Self-test In Progress"],
      ["dd if=$BLK of=/dev/null bs=4k count=1 iflag=direct", OK],
    ]);
    const running = await theirs(bench);
    assertEquals(running.running, 2);
    assertEquals((await ours(bench)).running, 2);
    const refused = await nvmectl(bench.guest, ["selftest", bench.device, "--short"]);
    assertEquals(refused.code, 3);
    assertMatch(refused.stderr, /in progress|runs/i);
    assert(Number((await theirs(bench)).percent) > Number(running.percent));
    await bench.must("nvme device-self-test $CTRL -s 0xf");
    assertEquals(await theirs(bench), { running: 0, percent: 0, newest: [2, 1] });
    assertEquals(await ours(bench), { running: 0, newest: [2, 1] });
  },
);

servedTest("a controller reset ends a short self-test, as the log says", async (bench) => {
  await bench.must("nvme device-self-test $CTRL -n 1 -s 1 && nvme reset $CTRL");
  assertEquals((await theirs(bench)).newest, [1, 2]);
});
