// The polled driver on a virtual drive: many commands at once, and the end of it.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnreachableError } from "../../../src/errors.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { REGISTERS } from "../../../src/spec/registers.ts";
import { systemPollClock } from "../../../src/open/poll_clock.ts";
import {
  feedOf,
  numberAt,
  OPCODE,
  PolledRig,
  readCommand,
  writeBlocks,
} from "../../support/polled.ts";

const SUCCESS = { status: 0, result: 0n };
const DATA_TRANSFER_ERROR = 0x04;

/** The error that something ends with. */
function failureOf(ending: Promise<unknown>): Promise<Error> {
  return assertRejects(() => ending, Error);
}

Deno.test("a read brings what is in its blocks, and only what nothing can harm is sent", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 16);
  rig.commands.length = 0;
  const driver = await rig.open();
  const command = readCommand(driver, 2, { blocks: 3 });
  assertEquals(await driver.submit(command), SUCCESS);
  assertEquals([0, 512, 1024].map((at) => numberAt(command.data.bytes, at)), [3, 4, 5]);
  command.data[Symbol.dispose]();
  assertEquals(await driver.close(), { clean: true });
  // Identify, Number of Queues, Create CQ and SQ, which command set and which format the namespace
  // has, the read, Delete SQ and CQ.
  assertEquals(rig.commands, [
    "admin 06",
    "admin 09",
    "admin 05",
    "admin 01",
    "admin 06",
    "admin 06",
    "io 02",
    "admin 00",
    "admin 04",
  ]);
  assertEquals([rig.closed, rig.live.size], [1, 0]);
});

Deno.test("admin commands of one page take no queues and no other command", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  using data = driver.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  assertEquals(await driver.submit(identify), SUCCESS);
  assertEquals(rig.commands, ["admin 06"]);
  await driver.close();
});

Deno.test("a result in dwords 0 and 1 comes back, and a status as an answer", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  const claim = { kind: "claim", dw0: 0xfedc_ba98, dw1: 0x8765_4321, status: 0x4002 } as const;
  rig.fault("nvme:admin:decode", 0x0a, claim);
  assertEquals(await driver.submit({ queue: "admin", opcode: 0x0a, cdw10: 2 }), {
    status: 0x4002,
    result: 0x8765_4321_fedc_ba98n,
  });
  await driver.close();
});

for (const queueEntries of [2, 64]) {
  Deno.test(`1000 reads at once on queues of ${queueEntries} entries all end, each with its data`, async () => {
    const rig = new PolledRig({ queueEntries });
    await writeBlocks(rig.bench, 1000);
    const driver = await rig.open();
    const commands = Array.from(
      { length: 1000 },
      (_, at) => readCommand(driver, at, { blocks: 1 }),
    );
    const completions = await Promise.all(commands.map((command) => driver.submit(command)));
    assert(completions.every(({ status }) => status === 0));
    assertEquals(
      commands.map(({ data }) => numberAt(data.bytes, 0)),
      Array.from({ length: 1000 }, (_, at) => at + 1),
    );
    for (const { data } of commands) data[Symbol.dispose]();
    await driver.close();
    assertEquals(rig.live.size, 0);
  });
}

Deno.test("commands sent in one turn go with one doorbell, and no register is read for them", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  await driver.submit({ ...readCommand(driver, 0), nsid: 1 });
  const { reads, doorbells } = rig;
  const commands = Array.from({ length: 32 }, (_, at) => readCommand(driver, at));
  await Promise.all(commands.map((command) => driver.submit(command)));
  assertEquals(rig.reads - reads, 0);
  assertEquals(rig.doorbells - doorbells, 2, "one for the submissions, one for the completions");
  await driver.close();
});

Deno.test("data that the drive refuses to reach is its answer, not an exception", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "claim", status: DATA_TRANSFER_ERROR });
  const { status } = await driver.submit(readCommand(driver, 0));
  assertEquals(status, DATA_TRANSFER_ERROR);
  await driver.close();
});

Deno.test("a signal ends all waiting at once with its reason, and closing still cleans up", async () => {
  const abort = new AbortController();
  const rig = new PolledRig({ signal: abort.signal, queueEntries: 4 });
  const driver = await rig.open();
  await driver.submit(readCommand(driver, 0));
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" }, Infinity);
  const commands = Array.from({ length: 10 }, (_, at) => readCommand(driver, at));
  const ends = [
    ...commands.map((command) => driver.submit(command)),
    driver.run(feedOf([readCommand(driver, 1)])),
  ].map((ending) => assertRejects(() => ending, Error));
  for (let pauses = 0; pauses < 5; pauses++) await rig.clock.pause(0);
  const reason = new Error("enough");
  abort.abort(reason);
  const before = rig.clock.now();
  assertEquals(await Promise.all(ends), Array(11).fill(reason));
  assertEquals(await failureOf(driver.submit(readCommand(driver, 1))), reason);
  assertEquals(rig.clock.now(), before);
  assertEquals((await driver.close()).clean, true);
  assert(rig.clock.now() - before <= 1000, `${rig.clock.now() - before} ms`);
  assertEquals(rig.closed, 1);
  const [, , last] = rig.counts.configurations.slice(-3);
  assertEquals((last ?? 1) & 1, 0, "disabled");
});

Deno.test("a signal ends a recovery too", async () => {
  const abort = new AbortController();
  const rig = new PolledRig({ signal: abort.signal });
  const driver = await rig.open();
  rig.fault("nvme:admin:writeback", OPCODE.identify, { kind: "drop" });
  rig.fault("nvme:admin:decode", OPCODE.abort, () => {
    setTimeout(() => abort.abort(new Error("enough")), 0);
    return { kind: "drop" };
  });
  using data = driver.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  await assertRejects(() => driver.submit(identify), Error, "enough");
  const before = rig.clock.now();
  await driver.close();
  assert(rig.clock.now() - before <= 1200, `${rig.clock.now() - before} ms`);
  assertEquals([rig.closed, rig.live.size], [1, 1], "all but the buffer here");
});

Deno.test("commands under way end before the driver does, those that do not hear so", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  await driver.submit(readCommand(driver, 0));
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 500 });
  const first = driver.submit(readCommand(driver, 1));
  await rig.clock.pause(0);
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  const lost = driver.submit(readCommand(driver, 2));
  await rig.clock.pause(0);
  const closing = driver.close();
  const error = await assertRejects(() => lost, UnreachableError);
  assert(error.message.includes("it was closed"), error.message);
  assertEquals(await first, SUCCESS);
  assertEquals((await closing).clean, true);
  assertEquals(await failureOf(driver.submit(readCommand(driver, 1))), error);
  assertEquals(await driver.close(), await closing);
  assertEquals(rig.closed, 1);
});

Deno.test("a function that the kernel wants back is let go of", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  rig.fault("nvme:admin:decode", OPCODE.identify, () => {
    rig.wanted = true;
    return { kind: "drop" };
  });
  using data = driver.allocate(4096);
  const identify = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
  const error = await assertRejects(() => driver.submit(identify), UnreachableError);
  assert(error.message.includes("the kernel wants the function back"), error.message);
  assertEquals((await driver.close()).clean, true);
});

Deno.test("opening and closing 50 times leaves no memory of the drive behind", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 8);
  for (let round = 0; round < 50; round++) {
    // A backing is closed with its driver; the drive goes on.
    const { bench } = rig;
    const again = new PolledRig({ bench });
    const driver = await again.open();
    const command = readCommand(driver, 1);
    assertEquals(await driver.submit(command), SUCCESS);
    assertEquals(numberAt(command.data.bytes, 0), 2);
    command.data[Symbol.dispose]();
    assertEquals((await driver.close()).clean, true);
    assertEquals([again.live.size, again.closed], [0, 1]);
  }
});

Deno.test("a drive that never gets ready is not opened, and stays the caller's", async () => {
  const rig = new PolledRig({ drive: { readyMs: 1000 } });
  rig.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
    const { offset, value } = context as RegisterTap;
    return offset === REGISTERS.CSTS.offset ? { kind: "mutate", value: value & ~1n } : undefined;
  });
  const error = await assertRejects(() => rig.open(), UnreachableError);
  assert(error.message.includes("CSTS.RDY = 1"), error.message);
  assertEquals([rig.live.size, rig.closed], [0, 0]);
});

Deno.test("in real time too a signal is served while a drive is silent", async () => {
  const abort = new AbortController();
  const clock = systemPollClock();
  const rig = new PolledRig({ signal: abort.signal, clock });
  const driver = await rig.open();
  assertEquals(await driver.submit(readCommand(driver, 0)), SUCCESS);
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  const began = clock.now();
  const reason = new Error("enough");
  setTimeout(() => abort.abort(reason), 30);
  assertEquals(await failureOf(driver.submit(readCommand(driver, 1))), reason);
  const waited = clock.now() - began;
  assert(waited < 1000, `${waited} ms`);
  await driver.close();
  assert(clock.now() - began - waited < 2000);
});
