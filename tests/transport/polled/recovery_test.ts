// A drive that does not answer as it must, in every way that it can: what ends the command, what is
// said about it, and what never happens to memory.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { DeadlineError, UnreachableError } from "../../../src/errors.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { CC, CSTS, REGISTERS } from "../../../src/spec/registers.ts";
import type { PolledDriver } from "../../../src/transport/polled/driver.ts";
import type { Command } from "../../../src/transport/transport.ts";
import {
  feedOf,
  OPCODE,
  PolledRig,
  readCommand,
  type RigOptions,
  writeBlocks,
} from "../../support/polled.ts";

const SUCCESS = { status: 0, result: 0n };
const NOT_ABORTED = { kind: "claim", dw0: 1 } as const;

async function open(options: RigOptions = {}): Promise<{ rig: PolledRig; driver: PolledDriver }> {
  const rig = new PolledRig(options);
  await writeBlocks(rig.bench, 64);
  const driver = await rig.open();
  // The I/O queues are there before anything goes wrong.
  using first = readCommand(driver, 0).data;
  assertEquals(await driver.submit({ ...readCommand(driver, 0), data: first }), SUCCESS);
  return { rig, driver };
}

/** A read of a drive that is well again, and its end. */
async function endsWell(rig: PolledRig, driver: PolledDriver): Promise<void> {
  const command = readCommand(driver, 5, { blocks: 1 });
  assertEquals(await driver.submit(command), SUCCESS);
  assertEquals(command.data.bytes[0], 6);
  command.data[Symbol.dispose]();
  await driver.close();
  assertEquals(rig.closed, 1);
}

/** How often the controller was enabled; writes of CC that follow are those of a shutdown. */
function enabled({ counts: { configurations } }: PolledRig): number {
  const values = [0, ...configurations];
  return values.filter((cc, at) => CC.parse(cc).en && !CC.parse(values[at - 1] ?? 0).en).length;
}

/** The error that a command ends with. */
async function failureOf(ending: Promise<unknown>): Promise<Error> {
  return await assertRejects(() => ending, Error);
}

Deno.test("a command that waits for ever is aborted, and its owner is told so", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assertInstanceOf(error, DeadlineError);
  assertEquals(
    error.message,
    "Cannot wait longer for Read (02h, namespace 1), command 1 of the io queue: nothing after " +
      "30000 ms; the drive ended it when it was told to abort it " +
      "(RDY 1, CFS 0, SHST 0, CC 00460061h)",
  );
  assertEquals(rig.commands.filter((name) => name === "admin 08").length, 1);
  assertEquals(enabled(rig), 1, "no reset");
  await endsWell(rig, driver);
});

Deno.test("a command's own timeout counts, and a time in which the process stood still does not", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  const before = rig.clock.now();
  const error = await failureOf(driver.submit({ ...readCommand(driver, 1), timeoutMs: 500 }));
  assert(error.message.includes("nothing after 500 ms"), error.message);
  assert(rig.clock.now() - before < 600);
  // The completion lies there when the process is awake again.
  rig.fault("nvme:io:decode", OPCODE.read, () => {
    rig.clock.time += 100_000;
    return { kind: "continue" };
  });
  assertEquals(await driver.submit(readCommand(driver, 1)), SUCCESS);
  await endsWell(rig, driver);
});

Deno.test("a command that completes while it is being aborted has its answer", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 30_100 });
  rig.fault("nvme:admin:decode", OPCODE.abort, { kind: "delay", ms: 1000 });
  assertEquals(await driver.submit(readCommand(driver, 1)), SUCCESS);
  assert(rig.commands.includes("admin 08"));
  await endsWell(rig, driver);
});

Deno.test("a command that cannot be aborted takes a controller reset, and ends others too", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  const [late, other] = await Promise.all([
    failureOf(driver.submit(readCommand(driver, 1))),
    failureOf(
      (rig.fault("nvme:admin:decode", OPCODE.identify, { kind: "drop" }),
        driver.submit({
          queue: "admin",
          opcode: OPCODE.identify,
          cdw10: 1,
          data: driver.allocate(4096),
        })),
    ),
  ]);
  assertInstanceOf(late, DeadlineError);
  assert(late.message.includes("a controller reset ended it (RDY 1, CFS 0,"), late.message);
  assertInstanceOf(other, UnreachableError);
  assert(other.message.startsWith("Cannot tell what became of the commands"), other.message);
  assert(other.message.includes("an Abort did not end it; a controller reset ended them"));
  assertEquals(rig.resets, 0);
  assertEquals(enabled(rig), 2);
  await endsWell(rig, driver);
});

Deno.test("an Abort that is not answered either takes a controller reset", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  rig.fault("nvme:admin:decode", OPCODE.abort, { kind: "drop" });
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assert(error.message.includes("a controller reset ended it"), error.message);
  assertEquals(rig.resets, 0);
  await endsWell(rig, driver);
});

/** A controller that never ends a reset of its own, until the function was reset. */
function stuckController(rig: PolledRig): void {
  rig.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
    const { offset, value } = context as RegisterTap;
    if (rig.resets > 0 || offset !== REGISTERS.CSTS.offset) return undefined;
    return { kind: "mutate", value: value | BigInt(CSTS.compose({ rdy: true })) };
  });
}

Deno.test("where a controller reset does not end, the function is reset", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  stuckController(rig);
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assertInstanceOf(error, DeadlineError);
  assert(error.message.includes("a reset of the function ended it"), error.message);
  assertEquals(rig.resets, 1);
  await endsWell(rig, driver);
});

Deno.test("where nothing helps the drive is given up, and later commands fail at once", async () => {
  const { rig, driver } = await open({ withoutReset: true });
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  stuckController(rig);
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assertInstanceOf(error, UnreachableError);
  assert(
    error.message.startsWith(
      "Cannot use virtual: any more: Read (02h, namespace 1) did not end in 30000 ms, and a " +
        "reset did not help (RDY 1, CFS 0, SHST 0, CC 00460061h): Cannot wait longer for",
    ),
    error.message,
  );
  const { pauses } = rig.clock;
  assertEquals(await failureOf(driver.submit(readCommand(driver, 1))), error);
  assertEquals(await failureOf(driver.run(feedOf([readCommand(driver, 1)]))), error);
  assertEquals(rig.clock.pauses, pauses);
  assertEquals((await driver.close()).clean, false);
  assertEquals(rig.backing.config.read(4, 2) & 4, 0, "no bus master any more");
});

Deno.test("a controller that fails in the middle of a command is noticed soon, and reset", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, () => {
    rig.bench.drive.first.registers.fail();
    return { kind: "drop" };
  });
  const before = rig.clock.now();
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assert(
    error.message.includes(
      "the controller reports a fatal error (RDY 0, CFS 1, SHST 0, CC 00460061h); a controller " +
        "reset ended them",
    ),
    error.message,
  );
  assert(rig.clock.now() - before < 1000);
  await endsWell(rig, driver);
});

Deno.test("a device that is gone in the middle of a command is noticed soon, and given up", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, () => {
    rig.gone = true;
    return { kind: "drop" };
  });
  const before = rig.clock.now();
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assertInstanceOf(error, UnreachableError);
  assert(error.message.includes("the device is gone"), error.message);
  assert(rig.clock.now() - before < 1000);
  await driver.close();
  assertEquals(rig.closed, 1);
});

for (
  const [what, completion, named] of [
    ["an identifier that no command has", { cid: 0x7777 }, "command identifier 30583"],
    ["an identifier beyond all identifiers", { cid: 0xffff }, "command identifier 65535"],
    ["the identifier of another command, that is over", { cid: 0 }, "command identifier 0"],
    ["the number of another queue", { sqid: 5 }, "SQID 5"],
    ["the right identifiers, but twice", { copies: 2 }, "command identifier 1"],
  ] as const
) {
  Deno.test(`a completion with ${what} is recognised, named, and ends in a reset`, async () => {
    const { rig, driver } = await open();
    rig.fault("nvme:io:writeback", OPCODE.read, { kind: "mutate", completion });
    const reads = [1, 2].map((slba) => driver.submit(readCommand(driver, slba)));
    const results = await Promise.allSettled(reads);
    const errors = results.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
    for (const error of errors) assert(error.message.includes(named), error.message);
    // With a wrong identifier nobody knows which command has ended, with a copy one does.
    if ("copies" in completion) assertEquals(results[0]?.status, "fulfilled");
    else assert(errors.length > 0);
    await endsWell(rig, driver);
    assertEquals(enabled(rig), 2);
  });
}

Deno.test("a completion with the wrong phase tag is never taken, and is named in the end", async () => {
  const { rig, driver } = await open();
  // The completion queue for I/O is the last but one thing that was allocated before the data.
  const queues = rig.allocated.filter(({ bytes }) => bytes.length === 4096);
  rig.fault("nvme:io:writeback", OPCODE.read, () => {
    for (const { bytes } of queues) {
      const entry = new DataView(bytes.buffer, bytes.byteOffset + 16, 16);
      // Where the second completion is to come: SQHD 2, SQID 1, CID 1, success, phase tag 0.
      if (entry.getUint32(8, true) !== 0xffff_ffff) continue;
      if (new DataView(bytes.buffer, bytes.byteOffset).getUint16(10, true) !== 0xffff) continue;
      entry.setUint32(8, 0x0001_0002, true);
      entry.setUint32(12, 0x0000_0001, true);
    }
    return { kind: "drop" };
  });
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assertInstanceOf(error, DeadlineError);
  assert(
    error.message.includes(
      "entry 1 of completion queue 1 holds a completion with the wrong phase tag (SQID 1, SQHD 2",
    ),
    error.message,
  );
  await endsWell(rig, driver);
});

/** A drive that says that it aborted a read, and goes on with it for a long time. */
async function inDoubt(rig: PolledRig, driver: PolledDriver, command: Command): Promise<Error> {
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 60_000 });
  rig.fault("nvme:admin:decode", OPCODE.abort, { kind: "claim" });
  return await failureOf(driver.submit(command));
}

Deno.test("what completes after it was given up is dropped, and does not land in memory of others", async () => {
  const { rig, driver } = await open();
  const late = readCommand(driver, 1);
  const memory = rig.allocated.at(-1);
  const error = await inDoubt(rig, driver, late);
  assert(error.message.includes("its memory stays out of use"), error.message);
  late.data[Symbol.dispose]();
  assert(memory && rig.live.has(memory), "the drive may still write to it");
  const again = Array.from({ length: 8 }, () => driver.allocate(4096));
  // Commands go on while the drive completes the lost one.
  for (let count = 0; rig.clock.now() < 100_000 && count < 4000; count++) {
    const command = readCommand(driver, 9, { blocks: 1 });
    assertEquals(await driver.submit(command), SUCCESS);
    command.data[Symbol.dispose]();
    await rig.clock.pause(100);
  }
  assertEquals(late.data.bytes[0], 2, "the drive has written it by now");
  assert(again.every(({ bytes }) => bytes.every((byte) => byte === 0)));
  assertEquals(enabled(rig), 1, "no reset");
  assert(rig.live.has(memory), "not before a reset");
  for (const buffer of again) buffer[Symbol.dispose]();
  await endsWell(rig, driver);
  assertEquals(rig.live.has(memory), false);
});

Deno.test("the identifier of a command in doubt is not used again before a reset", async () => {
  const { rig, driver } = await open({ queueEntries: 4 });
  const cids: number[] = [];
  rig.attach("nvme:io:fetch", ({ cid }) => void cids.push(cid));
  const late = readCommand(driver, 1);
  await inDoubt(rig, driver, late);
  const [doubtful] = cids.splice(0);
  for (let count = 0; count < 20; count++) {
    await driver.submit({ queue: "io", opcode: OPCODE.read, nsid: 1, cdw12: 0, data: late.data });
  }
  assertEquals(cids.length, 20);
  assert(!cids.includes(doubtful ?? -1));
  // A reset makes it free.
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  await failureOf(driver.submit(readCommand(driver, 1)));
  cids.length = 0;
  for (let count = 0; count < 3; count++) {
    await driver.submit({ queue: "io", opcode: OPCODE.read, nsid: 1, cdw12: 0, data: late.data });
  }
  assertEquals(cids, [0, 1, 2]);
  await endsWell(rig, driver);
});

Deno.test("a command in doubt that would leave no identifier takes a reset", async () => {
  const { rig, driver } = await open({ queueEntries: 2 });
  const error = await inDoubt(rig, driver, readCommand(driver, 1));
  assert(error.message.includes("a controller reset ended it"), error.message);
  await endsWell(rig, driver);
});

Deno.test("memory that was given back during a command is free after the reset that ends it", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  const command = readCommand(driver, 1);
  const memory = rig.allocated.at(-1);
  const failed = failureOf(driver.submit(command));
  await rig.clock.pause(0);
  await rig.clock.pause(0);
  command.data[Symbol.dispose]();
  assert(memory && rig.live.has(memory));
  await failed;
  assertEquals(rig.live.has(memory), false);
  await endsWell(rig, driver);
});

Deno.test("commands that wait for room go on after a reset, in queues that are made anew", async () => {
  const { rig, driver } = await open({ queueEntries: 2 });
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  const commands = Array.from({ length: 5 }, (_, at) => readCommand(driver, at, { blocks: 1 }));
  const results = await Promise.allSettled(commands.map((command) => driver.submit(command)));
  assertEquals(results.map(({ status }) => status), [
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  assertEquals(commands.map(({ data }) => data.bytes[0]), [1, 2, 3, 4, 5]);
  await endsWell(rig, driver);
});

Deno.test("a feed ends with the error of its first lost command, after the others", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  const feed = feedOf(Array.from({ length: 200 }, (_, at) => readCommand(driver, at % 32)));
  const error = await failureOf(driver.run(feed));
  assertInstanceOf(error, DeadlineError);
  // All but the lost one, since it was only noticed after its timeout.
  assertEquals(feed.completions.length, 199);
  await endsWell(rig, driver);
});

Deno.test("a command of the driver itself that is lost is recovered from like any other", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 16);
  const driver = await rig.open();
  rig.fault("nvme:admin:writeback", 0x05, { kind: "drop" });
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assert(error.message.includes("Create I/O Completion Queue (05h)"), error.message);
  await endsWell(rig, driver);
});

Deno.test("an answered Abort that did not abort is not taken for one that did", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 60_000 });
  rig.fault("nvme:admin:decode", OPCODE.abort, NOT_ABORTED);
  const error = await failureOf(driver.submit(readCommand(driver, 1)));
  assert(error.message.includes("a controller reset ended it"), error.message);
  await endsWell(rig, driver);
});

Deno.test("a few commands in doubt are the most: the next takes a reset, which frees their memory", async () => {
  const { rig, driver } = await open();
  const late = Array.from({ length: 5 }, (_, slba) => readCommand(driver, slba));
  const said: boolean[] = [];
  for (const command of late) {
    const { message } = await inDoubt(rig, driver, command);
    said.push(message.includes("its memory stays out of use"));
    command.data[Symbol.dispose]();
  }
  assertEquals(said, [true, true, true, true, false]);
  assertEquals(enabled(rig), 2);
  await endsWell(rig, driver);
});

Deno.test("a feed that hears of losses goes on: of the command that was late, and of those lost along", async () => {
  const { rig, driver } = await open();
  rig.fault("nvme:io:writeback", OPCODE.read, { kind: "drop" });
  let held = 2;
  rig.attach("nvme:io:decode", ({ command: { opcode, cdw10 } }) => {
    if (opcode !== OPCODE.read || cdw10 === 0 || held === 0) return undefined;
    held--;
    return { kind: "delay", ms: 40_000 };
  });
  const commands = Array.from({ length: 4 }, (_, slba) => ({
    ...readCommand(driver, slba),
    ...(slba === 0 ? {} : { timeoutMs: 60_000 }),
  }));
  const feed = feedOf(commands);
  const losses: unknown[] = [];
  await driver.run({
    next: () => feed.next(),
    done: (command, completion) => feed.done(command, completion),
    lost: ({ cdw10 }, { loss }) => void losses.push([cdw10, loss]),
  });
  assertEquals(losses, [[0, "late"], [1, "along"], [2, "along"]]);
  assertEquals(feed.completions.map(([command]) => command), commands.slice(3));
  await endsWell(rig, driver);
});
