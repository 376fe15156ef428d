// Device self-tests: the commands, and above all which result is the one that was waited for.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  abortSelfTest,
  followSelfTest,
  newResults,
  nominalMs,
  readSelfTest,
  requireSelfTest,
  type SelfTestProgress,
  type SelfTestState,
  startSelfTest,
} from "../../src/controller/selftest.ts";
import { DeadlineError, MalformedError, StatusError, UnsupportedError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { SelfTestLog, selfTestResults } from "../../src/spec/log/self_test.ts";
import { FakeClock } from "../support/context.ts";
import { type Exchange, type Scripted, scriptedTransport } from "../support/scripted.ts";

const NOT_USED = { status: { result: 0xf } } as const;
const PASSED = { status: { code: 1, result: 0 }, powerOnHours: 100 } as const;
const FAILED = { status: { code: 1, result: 7 }, powerOnHours: 90, segment: 3 } as const;
const EXTENDED = { status: { code: 2, result: 0 }, powerOnHours: 80 } as const;
type Entry = NonNullable<NonNullable<Parameters<typeof SelfTestLog.encode>[0]["results"]>[number]>;

const SUPPORTED = IdentifyController.encode({ oacs: { dsts: true }, edstt: 10 });
const IDENTIFY: Exchange = { expect: { opcode: 0x06, cdw10: 1 }, data: SUPPORTED };

function page(entries: readonly Entry[], running: { code: number; percent: number } | null = null) {
  return SelfTestLog.encode({
    current: { operation: running?.code ?? 0 },
    completion: { percent: running?.percent ?? 0 },
    results: Array.from({ length: 20 }, (_, at) => entries[at] ?? NOT_USED),
  });
}

function state(entries: readonly Entry[], running?: { code: number; percent: number }) {
  const bytes = page(entries, running ?? null);
  const log = SelfTestLog.decode(bytes);
  return { bytes, log, results: selfTestResults(log) } satisfies SelfTestState;
}

function logs(...pages: readonly Uint8Array[]): readonly Exchange[] {
  return pages.map((data) => ({
    expect: { queue: "admin", opcode: 0x02, nsid: 0xffffffff, cdw10: 140 << 16 | 0x06 },
    data,
  }));
}

function scripted(...script: readonly Exchange[]): { drive: Drive; transport: Scripted } {
  const transport = scriptedTransport(script);
  return { drive: new Drive(transport), transport };
}

function follow(
  pages: readonly Uint8Array[],
  { before = state([FAILED]), code = 1, clock = new FakeClock() } = {},
) {
  const { drive, transport } = scripted(IDENTIFY, ...logs(...pages));
  const seen: SelfTestProgress[] = [];
  const outcome = followSelfTest(drive, { code, before }, {
    clock,
    signal: new AbortController().signal,
    onProgress: (progress) => seen.push(progress),
  });
  return { outcome, seen, transport, clock };
}

Deno.test("startSelfTest() puts the code into CDW10 and the namespace into NSID", async () => {
  const { drive, transport } = scripted(
    { expect: { queue: "admin", opcode: 0x14, nsid: 3, cdw10: 1, length: 0 } },
    { expect: { queue: "admin", opcode: 0x14, nsid: 0, cdw10: 2 } },
    { expect: { queue: "admin", opcode: 0x14, nsid: 0xffffffff, cdw10: 0xf } },
  );
  await startSelfTest(drive, { kind: "short", nsid: 3 });
  await startSelfTest(drive, { kind: "extended", nsid: 0 });
  await abortSelfTest(drive);
  transport.done();
});

Deno.test("startSelfTest() says what runs and how far it is when one is in progress", async () => {
  const { drive } = scripted(
    { expect: { opcode: 0x14 }, status: 0x411d },
    IDENTIFY,
    ...logs(page([], { code: 2, percent: 42 })),
  );
  const error = await assertRejects(
    () => startSelfTest(drive, { kind: "short", nsid: 0 }),
    StatusError,
    "extended self-test in progress, 42 % done",
  );
  assertStringIncludes(error.message, "Device Self-test In Progress (01h/1Dh)");
  assertStringIncludes(error.next ?? "", "--abort");
  assertEquals(error.status, 0x411d);
});

Deno.test("startSelfTest() points elsewhere when this controller's log shows nothing running", async () => {
  const { drive } = scripted(
    { expect: { opcode: 0x14 }, status: 0x11d },
    IDENTIFY,
    ...logs(page([])),
  );
  await assertRejects(
    () => startSelfTest(drive, { kind: "short", nsid: 0 }),
    StatusError,
    "another controller",
  );
});

Deno.test("startSelfTest() leaves other refusals as they are", async () => {
  const { drive } = scripted({ expect: { opcode: 0x14 }, status: 0x000b });
  await assertRejects(
    () => startSelfTest(drive, { kind: "short", nsid: 7 }),
    StatusError,
    "Invalid Namespace or Format (00h/0Bh)",
  );
});

Deno.test("requireSelfTest() refuses by what Identify says, without sending anything else", async () => {
  const data = IdentifyController.encode({ oacs: { fnvms: true } });
  const { drive, transport } = scripted({ expect: { opcode: 0x06 }, data });
  const error = await assertRejects(
    () => requireSelfTest(drive, "start the short self-test"),
    UnsupportedError,
    "OACS bit 4 is 0",
  );
  assertEquals(error.exitCode, 3);
  transport.done();
});

Deno.test("newResults() finds nothing in a log that has not changed", () => {
  assertEquals(newResults(state([FAILED]), state([FAILED])), []);
  assertEquals(newResults(state([]), state([])), []);
});

Deno.test("newResults() finds a result equal to the one before it", () => {
  const fresh = newResults(state([PASSED]), state([PASSED, PASSED]));
  assertEquals(fresh.map(({ number }) => number), [1]);
});

Deno.test("newResults() finds a new result in a full log, even one equal to the one that it drops", () => {
  const full = [...Array.from({ length: 19 }, () => FAILED), PASSED];
  const after = [PASSED, ...full.slice(0, 19)];
  assertEquals(newResults(state(full), state(after)).map(({ number }) => number), [1]);
});

Deno.test("newResults() finds several at once, newest first", () => {
  const fresh = newResults(state([FAILED]), state([PASSED, EXTENDED, FAILED]));
  assertEquals(fresh.map(({ code }) => code), [1, 2]);
});

Deno.test("newResults() finds the new result of a drive that keeps its log in no order", () => {
  const before = [FAILED, EXTENDED, { ...PASSED, powerOnHours: 70 }];
  const after = [FAILED, EXTENDED, { ...PASSED, powerOnHours: 70 }, PASSED];
  const fresh = newResults(state(before), state(after));
  assertEquals(fresh.map(({ number }) => number), [4]);
});

Deno.test("followSelfTest() recognises a self-test that ended before the first look", async () => {
  const { outcome, seen, transport } = follow([page([PASSED, FAILED])]);
  assertEquals((await outcome).result.verdict, "passed");
  assertEquals(seen, []);
  transport.done();
});

Deno.test("followSelfTest() does not take an older result for its own", async () => {
  const { outcome, transport } = follow([
    page([PASSED]),
    page([PASSED], { code: 1, percent: 50 }),
    page([PASSED]),
    page([FAILED, PASSED]),
  ], { before: state([PASSED]) });
  assertEquals((await outcome).result.verdict, "failed");
  transport.done();
});

Deno.test("followSelfTest() does not take the result of another kind of self-test for its own", async () => {
  const { outcome } = follow([page([EXTENDED, FAILED]), page([PASSED, EXTENDED, FAILED])]);
  assertEquals((await outcome).result.code, 1);
});

Deno.test("followSelfTest() estimates by the drive's word first and by the pace later", async () => {
  const { outcome, seen } = follow([
    page([], { code: 2, percent: 0 }),
    page([], { code: 2, percent: 50 }),
    page([EXTENDED]),
  ], { before: state([]), code: 2 });
  await outcome;
  assertEquals(seen[0], { percent: 0, remainingMs: 600_000 });
  // Half of it took 0.5 s and 0.75 s.
  assertEquals(seen[1], { percent: 50, remainingMs: 1250 });
});

Deno.test("followSelfTest() looks less and less often, and never more seldom than every 10 s", async () => {
  const running = Array.from({ length: 15 }, () => page([], { code: 2, percent: 0 }));
  const { outcome, clock } = follow([...running, page([EXTENDED])], { before: state([]), code: 2 });
  await outcome;
  assertEquals(clock.sleeps.slice(0, 3), [500, 750, 1125]);
  assertEquals(clock.sleeps.at(-1), 10_000);
});

Deno.test("followSelfTest() gives up on a self-test that stands still past its time", async () => {
  const stuck = Array.from({ length: 100 }, () => page([], { code: 1, percent: 7 }));
  const { outcome, clock } = follow(stuck);
  const begun = clock.now();
  const error = await assertRejects(() => outcome, DeadlineError, "which stands at 7 %");
  assertStringIncludes(error.message, "the short self-test of /dev/nvme9");
  assertStringIncludes(error.next ?? "", "goes on");
  assertEquals(clock.now() - begun > 300_000 && clock.now() - begun < 320_000, true);
});

Deno.test("followSelfTest() keeps waiting past its time while the self-test gets on", async () => {
  const slow = Array.from({ length: 90 }, (_, percent) => page([], { code: 1, percent }));
  const { outcome, clock } = follow([...slow, page([PASSED])], { before: state([]) });
  const begun = clock.now();
  assertEquals((await outcome).result.verdict, "passed");
  assertEquals(clock.now() - begun > 400_000, true);
});

Deno.test("followSelfTest() says so when a self-test ends without a result", async () => {
  const { outcome } = follow([
    page([FAILED], { code: 1, percent: 50 }),
    ...Array.from({ length: 30 }, () => page([FAILED])),
  ]);
  await assertRejects(() => outcome, MalformedError, "the log has no new result");
});

Deno.test("followSelfTest() takes the newest of twenty equal results when one more cannot show", async () => {
  const full = Array.from({ length: 20 }, () => PASSED);
  const { outcome } = follow(Array.from({ length: 30 }, () => page(full)), { before: state(full) });
  assertEquals((await outcome).result.number, 1);
});

Deno.test("followSelfTest() ends with the signal's reason", async () => {
  const { drive } = scripted(IDENTIFY);
  const signal = AbortSignal.abort(new Error("stop"));
  await assertRejects(
    () =>
      followSelfTest(drive, { code: 1, before: state([]) }, {
        clock: new FakeClock(),
        signal,
        onProgress: () => {},
      }),
    Error,
    "stop",
  );
});

Deno.test("readSelfTest() asks for all 564 bytes with the broadcast namespace", async () => {
  const { drive, transport } = scripted(IDENTIFY, ...logs(page([PASSED])));
  assertEquals((await readSelfTest(drive)).results.length, 1);
  transport.done();
});

Deno.test("nominalMs() is 2 min for the short self-test and EDSTT for the extended one", () => {
  assertEquals(nominalMs(1, { edstt: 10 }), 120_000);
  assertEquals(nominalMs(2, { edstt: 10 }), 600_000);
  assertEquals(nominalMs(2, { edstt: 0 }), undefined);
  assertEquals(nominalMs(3, { edstt: 10 }), undefined);
});
