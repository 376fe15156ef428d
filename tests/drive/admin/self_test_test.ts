// Tests of Device Self-test, from its start to its entry in the log.

import { assertEquals } from "@std/assert";
import {
  SelfTestLog,
  type SelfTestResult,
  selfTestResults,
} from "../../../src/spec/log/self_test.ts";
import { failSelfTest, removeFromSelfTest } from "../../../src/drive/model/self_test.ts";
import { variant } from "../../../src/drive/personality.ts";
import {
  Bench,
  INVALID_FIELD,
  INVALID_NAMESPACE,
  INVALID_OPCODE,
  OK,
  personality,
} from "../bench.ts";

const SELF_TEST = 0x14;
const ALL = 0xffffffff;
const IN_PROGRESS = "01h/1Dh";

async function log(bench: Bench): Promise<SelfTestLog> {
  return SelfTestLog.decode((await bench.log(0x06, 564)).data);
}

async function results(bench: Bench): Promise<readonly SelfTestResult[]> {
  return selfTestResults(await log(bench));
}

function start(bench: Bench, code: number, nsid = ALL): Promise<{ readonly status: string }> {
  return bench.admin(SELF_TEST, { nsid, cdw10: code });
}

Deno.test("Device Self-test log is empty on a new drive", async () => {
  const bench = new Bench();
  const page = await log(bench);
  assertEquals([page.current.operation, page.completion.percent], [0, 0]);
  assertEquals(page.results.map(({ status }) => status.result), Array(20).fill(0xf));
  assertEquals(selfTestResults(page), []);
});

Deno.test("Device Self-test goes on with the clock and passes", async () => {
  const bench = new Bench();
  assertEquals((await start(bench, 1)).status, OK);
  for (const [elapsed, percent] of [[0, 0], [1_250, 25], [4_999, 99]] as const) {
    bench.time = 1_700_000_000_000 + elapsed;
    const { current, completion } = await log(bench);
    assertEquals([current.operation, completion.percent], [1, percent]);
  }
  bench.time += 1;
  const page = await log(bench);
  assertEquals([page.current.operation, page.completion.percent], [0, 0]);
  const [result] = selfTestResults(page);
  assertEquals([result?.code, result?.verdict, result?.powerOnHours], [1, "passed", 4_321n]);
  assertEquals([result?.segment, result?.nsid, result?.failingLba], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("Device Self-test result has the power on hours of its end", async () => {
  const bench = new Bench();
  await start(bench, 2);
  bench.time += 50 * 3_600_000;
  assertEquals((await results(bench))[0]?.powerOnHours, 4_321n);
});

Deno.test("Device Self-test refuses a second start and changes nothing by it", async () => {
  const bench = new Bench();
  await start(bench, 2);
  bench.time += 30_000;
  for (const code of [1, 2]) assertEquals((await start(bench, code)).status, IN_PROGRESS);
  const { current, completion } = await log(bench);
  assertEquals([current.operation, completion.percent], [2, 50]);
  assertEquals(await results(bench), []);
});

Deno.test("Device Self-test abort ends the test that runs and is fine without one", async () => {
  const bench = new Bench();
  assertEquals((await start(bench, 0xf)).status, OK);
  assertEquals(await results(bench), []);
  await start(bench, 1);
  assertEquals((await start(bench, 0xf)).status, OK);
  const [result, ...more] = await results(bench);
  assertEquals([result?.code, result?.result, result?.verdict], [1, 0x1, "aborted"]);
  assertEquals(more, []);
});

Deno.test("Device Self-test fails at the segment and block where something is wrong", async () => {
  const bench = new Bench("failing");
  for (const [code, segment, ms] of [[1, 5, 3_000], [2, 7, 20_000]] as const) {
    await start(bench, code);
    bench.time += ms;
    const [result] = await results(bench);
    assertEquals(result?.result, 0x7);
    assertEquals(result?.verdict, "failed");
    assertEquals([result?.segment, result?.nsid, result?.failingLba], [segment, 1, 0x12345678n]);
    assertEquals([result?.statusCodeType, result?.statusCode], [2, 0x81]);
  }
});

Deno.test("Device Self-test of the controller alone does not find a bad block", async () => {
  const bench = new Bench("failing");
  await start(bench, 1, 0);
  bench.time += 3_000;
  assertEquals((await results(bench))[0]?.verdict, "passed");
});

Deno.test("Device Self-test fails the segment that looks at critical warnings", async () => {
  const bench = new Bench("critical");
  await start(bench, 1);
  bench.time += 5_000;
  const [result] = await results(bench);
  assertEquals([result?.result, result?.segment, result?.failingLba], [0x7, 2, undefined]);
});

Deno.test("Device Self-test keeps twenty results, newest first", async () => {
  const bench = new Bench();
  for (let round = 0; round < 25; round++) {
    await start(bench, 1);
    bench.time += round === 24 ? 0 : 3_600_000;
    if (round === 24) await start(bench, 0xf);
  }
  const all = await results(bench);
  assertEquals(all.length, 20);
  assertEquals(all[0]?.result, 0x1);
  const hours = all.map(({ powerOnHours }) => Number(powerOnHours));
  assertEquals(hours, hours.toSorted((one, other) => other - one));
});

Deno.test("A reset aborts a short Device Self-test and no extended one", async () => {
  const bench = new Bench();
  await start(bench, 1);
  bench.drive.first.reset();
  assertEquals((await results(bench))[0]?.result, 0x2);
  await start(bench, 2);
  bench.time += 30_000;
  bench.drive.first.reset();
  assertEquals((await log(bench)).current.operation, 2);
  bench.time += 30_000;
  assertEquals((await results(bench))[0]?.verdict, "passed");
});

Deno.test("Device Self-test refuses other codes and namespaces that cannot be tested", async () => {
  const bench = new Bench("namespaces");
  for (const code of [0, 3, 4, 0xd]) {
    const expected = { status: INVALID_FIELD, byte: 40 };
    await bench.refuses("admin", SELF_TEST, { nsid: ALL, cdw10: code }, expected);
  }
  const refuses = (nsid: number, status: string): Promise<void> =>
    bench.refuses("admin", SELF_TEST, { nsid, cdw10: 1 }, { status, byte: 4 });
  await refuses(17, INVALID_NAMESPACE);
  await refuses(0xfffffffe, INVALID_NAMESPACE);
  await refuses(5, INVALID_FIELD);
  await refuses(6, INVALID_FIELD);
  assertEquals((await start(bench, 1, 2)).status, OK);
});

Deno.test("Device Self-test of the vendor's takes its own time, and a reset ends it", async () => {
  const bench = new Bench();
  assertEquals((await start(bench, 0xe)).status, OK);
  bench.time += 5_000;
  const [passed] = await results(bench);
  assertEquals([passed?.code, passed?.verdict], [0xe, "passed"]);
  await start(bench, 0xe);
  bench.drive.first.reset();
  assertEquals((await results(bench))[0]?.result, 0x2);
  const without = variant(personality(""), { selfTests: { shortMs: 1, extendedMs: 1 } });
  await new Bench(without).refuses("admin", SELF_TEST, { nsid: ALL, cdw10: 0xe }, {
    status: INVALID_FIELD,
    byte: 40,
  });
});

Deno.test("Device Self-test is aborted by a reset of its own controller only", async () => {
  const bench = new Bench(variant(personality(""), { controllers: 2 }));
  await start(bench, 1);
  bench.drive.controllers[1]?.reset();
  assertEquals((await log(bench)).current.operation, 1);
  bench.drive.controllers[0]?.reset();
  assertEquals((await results(bench))[0]?.result, 0x2);
});

Deno.test("Device Self-test of a namespace ends when the namespace goes away", async () => {
  const bench = new Bench("namespaces");
  await start(bench, 2, 2);
  removeFromSelfTest(bench.drive.first, 1);
  assertEquals((await log(bench)).current.operation, 2);
  removeFromSelfTest(bench.drive.first, 2);
  assertEquals((await results(bench))[0]?.result, 0x3);
});

Deno.test("Device Self-test can be made to fail: fatally, somewhere, or at a segment", async () => {
  const bench = new Bench();
  for (
    const [failure, result, segment] of [
      [{ fatal: true }, 0x5, undefined],
      [{}, 0x6, undefined],
      [{ segment: 7, nsid: 1, lba: 9 }, 0x7, 7],
    ] as const
  ) {
    await start(bench, 1);
    failSelfTest(bench.drive.first, failure);
    const [found] = await results(bench);
    assertEquals([found?.result, found?.verdict, found?.segment], [result, "failed", segment]);
  }
});

Deno.test("Device Self-test tells plug-ins when it starts and how it ends", async () => {
  const bench = new Bench();
  const events: string[] = [];
  bench.drive.taps.attach("nvme:selftest:event", (context) => {
    if (context.kind === "event") {
      events.push(`${context.event} ${context.details["result"] ?? ""}`);
    }
    return undefined;
  });
  await start(bench, 1);
  bench.time += 5_000;
  await log(bench);
  await start(bench, 2);
  await start(bench, 0xf);
  assertEquals(events, ["started ", "passed 0", "started ", "aborted 1"]);
});

Deno.test("The failing preset has failed self-tests and errors behind it", async () => {
  const bench = new Bench("failing");
  const before = await results(bench);
  assertEquals([before.length, before[0]?.verdict, before[0]?.failingLba], [
    7,
    "failed",
    0x12345678n,
  ]);
  const newest = await bench.lastError();
  assertEquals([newest.errorCount, newest.lba], [23n, 0x12345678n]);
});

Deno.test("Device Self-test is no command of drives without self-tests", async () => {
  for (const name of ["no-selftest", "old"]) {
    const expected = { status: INVALID_OPCODE, byte: 0 };
    await new Bench(name).refuses("admin", SELF_TEST, { nsid: ALL, cdw10: 1 }, expected);
  }
});
