// The loop that polls, under a drive that goes wrong in every way at random: whoever waits hears
// something, what is said to be read is right, and memory is nobody else's.

import { setImmediate } from "node:timers";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DeadlineError, NvmectlError, UsageError } from "../../../src/errors.ts";
import { systemPollClock } from "../../../src/open/poll_clock.ts";
import { nextRandom } from "../../../src/drive/random.ts";
import type { RegisterTap, Verdict } from "../../../src/drive/tap/verdict.ts";
import { CSTS, REGISTERS } from "../../../src/spec/registers.ts";
import type { PolledDriver } from "../../../src/transport/polled/driver.ts";
import { numberAt, OPCODE, PolledRig, readCommand, writeBlocks } from "../../support/polled.ts";

const BLOCKS = 64;
const COMMANDS = 400;

type Below = (bound: number) => number;

/** What may become of a read, and of an Abort. */
function verdicts(rig: PolledRig, below: Below): readonly (() => Verdict)[] {
  return [
    () => ({ kind: "drop" }),
    () => ({ kind: "delay", ms: 1 + below(2000) }),
    () => ({ kind: "delay", ms: 29_000 + below(10_000) }),
    () => ({ kind: "claim", status: 0x0281 }),
    () => ({ kind: "mutate", completion: { cid: below(0x1_0000) } }),
    () => ({ kind: "mutate", completion: { sqid: below(3) } }),
    () => ({ kind: "mutate", completion: { copies: 2 + below(3) } }),
    () => {
      rig.bench.drive.first.registers.fail();
      return { kind: "drop" };
    },
  ];
}

/** Lets one command in so many go wrong. */
function goWrong(rig: PolledRig, below: Below, oneIn: number): void {
  const ways = verdicts(rig, below);
  const afterData = ["nvme:io:decode", "nvme:io:writeback"] as const;
  for (const tap of afterData) {
    rig.attach(tap, ({ command }) => {
      if (command.opcode === OPCODE.read && below(oneIn) === 0) return ways[below(ways.length)]?.();
    });
  }
  rig.attach("nvme:admin:decode", ({ command }) => {
    if (command.opcode !== OPCODE.abort) return;
    return [undefined, { kind: "drop" }, { kind: "claim" }, { kind: "claim", dw0: 1 }][below(4)] as
      | Verdict
      | undefined;
  });
}

/** One read and what it brought: right, refused or lost, but never wrong. */
async function readOne(driver: PolledDriver, below: Below): Promise<"read" | "refused" | "lost"> {
  const slba = below(BLOCKS);
  const command = readCommand(driver, slba, { blocks: 1 });
  using data = command.data;
  try {
    const { status } = await driver.submit(command);
    if (status !== 0) return "refused";
    assertEquals(numberAt(data.bytes, 0), slba + 1);
    return "read";
  } catch (error) {
    assert(error instanceof NvmectlError, String(error));
    return "lost";
  }
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`whatever a drive does wrong, every read ends and none is wrong (seed ${seed})`, async () => {
    const random = { random: seed };
    const below: Below = (bound) => Math.floor(nextRandom(random) * bound);
    const rig = new PolledRig({ queueEntries: 2 + below(30) });
    await writeBlocks(rig.bench, BLOCKS);
    const driver = await rig.open();
    goWrong(rig, below, 40);
    const found: Record<string, number> = {};
    const work = async (): Promise<void> => {
      for (let count = 0; count < COMMANDS / 8; count++) {
        const end = await readOne(driver, below);
        found[end] = (found[end] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    assertEquals(Object.values(found).reduce((sum, count) => sum + count), COMMANDS);
    assert((found["read"] ?? 0) > COMMANDS / 4, JSON.stringify(found));
    assert((found["lost"] ?? 0) > 0, JSON.stringify(found));
    // In the end it is well again.
    rig.bench.drive.taps.detach("nvme:io:decode");
    rig.bench.drive.taps.detach("nvme:io:writeback");
    rig.bench.drive.taps.detach("nvme:admin:decode");
    await driver.close();
    assertEquals([rig.live.size, rig.closed], [0, 1]);
  });
}

Deno.test("a feed goes on at full depth while single commands come and go", async () => {
  const rig = new PolledRig({ queueEntries: 8 });
  await writeBlocks(rig.bench, BLOCKS);
  const driver = await rig.open();
  let most = 0;
  let sent = 0;
  let under = 0;
  const running = driver.run({
    next() {
      if (sent === 2000) return undefined;
      most = Math.max(most, ++under);
      return readCommand(driver, sent++ % BLOCKS, { blocks: 1 });
    },
    done({ data }) {
      under--;
      data?.[Symbol.dispose]();
    },
  });
  for (let count = 0; count < 50; count++) await readOne(driver, (bound) => count % bound);
  await running;
  // Seven in the queue, and one that was taken and waits.
  assert(most >= 7 && most <= 8, `${most}`);
  await driver.close();
  assertEquals(rig.live.size, 0);
});

Deno.test("whoever hands buffers back later gets a turn at once, though others are under way", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, BLOCKS);
  const driver = await rig.open();
  await readOne(driver, () => 0);
  // The first stays under way all the time; the other comes back when a promise has settled.
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 5000 });
  const free = [0, 1].map((slba) => readCommand(driver, slba, { blocks: 1 }));
  let count = 0;
  const before = rig.clock.looks;
  await driver.run({
    next: () => count < 50 ? free.shift() : undefined,
    done(command) {
      count++;
      Promise.resolve().then(() => free.push(command as typeof free[number]));
    },
  });
  // With no turn before the end of a slice there are as many looks at the clock as a slice has.
  assert(rig.clock.looks - before < 2000, `${rig.clock.looks - before} looks`);
  assert(count >= 50);
  await driver.close();
});

Deno.test("whoever sends the next command when one has ended needs no turn of the event loop", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, BLOCKS);
  const driver = await rig.open();
  const work = async (): Promise<void> => {
    for (let count = 0; count < 50; count++) {
      // Some steps between the commands, as in any program.
      for (let step = 0; step < 20; step++) await undefined;
      assertEquals(await readOne(driver, () => count), "read");
    }
  };
  await work();
  for (const workers of [1, 8]) {
    const { pauses } = rig.clock;
    const before = rig.doorbells;
    await Promise.all(Array.from({ length: workers }, work));
    assert(rig.clock.pauses - pauses < 10, `${rig.clock.pauses - pauses} pauses`);
    const doorbells = (rig.doorbells - before) / (50 * workers);
    assert(doorbells < 1.1 * 2 / workers, `${doorbells} doorbells for a command`);
  }
  await driver.close();
});

Deno.test("whoever has something else to do than to send gets a turn at once", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, BLOCKS);
  const driver = await rig.open();
  await readOne(driver, () => 0);
  // One stays under way all the time, so that there is something to poll for.
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 5000 });
  const slow = readOne(driver, () => 1);
  const before = rig.clock.looks;
  for (let count = 0; count < 20; count++) {
    assertEquals(await readOne(driver, () => count), "read");
    await new Promise((resolve) => setImmediate(resolve));
  }
  // With no turn before the end of a slice there are as many looks at the clock as a slice has.
  assert(rig.clock.looks - before < 400, `${rig.clock.looks - before} looks`);
  assertEquals(await slow, "read");
  await driver.close();
});

/** What keeps a driver busy without a turn of the event loop; each says when it is to end. */
const BUSY: Readonly<
  Record<string, (driver: PolledDriver, isOver: () => boolean) => Promise<void>>
> = {
  async "waits for each command"(driver, isOver) {
    while (!isOver()) assertEquals(await readOne(driver, () => 1), "read");
  },
  async "sends what is refused"(driver, isOver) {
    using data = driver.allocate(4096);
    const fused = { ...readCommand(driver, 0), data, flags: 1 };
    while (!isOver()) await assertRejects(() => driver.submit(fused), UsageError);
  },
  async "takes its time with each completion of a feed"(driver, isOver) {
    const free = [readCommand(driver, 0), readCommand(driver, 1)];
    await driver.run({
      next: () => isOver() ? undefined : free.pop(),
      done(command) {
        const end = performance.now() + 1;
        while (performance.now() < end);
        free.push(command as typeof free[number]);
      },
    });
  },
};

for (const [what, keepBusy] of Object.entries(BUSY)) {
  Deno.test(`a program that ${what} still lets timers run`, async () => {
    const abort = new AbortController();
    const rig = new PolledRig({ clock: systemPollClock(), signal: abort.signal });
    await writeBlocks(rig.bench, BLOCKS);
    const driver = await rig.open();
    await readOne(driver, () => 0);
    // One is under way all the time, so that there is always something to poll for.
    rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
    const silent = assertRejects(() => driver.submit(readCommand(driver, 0)), Error, "enough");
    const began = performance.now();
    let fired: number | undefined;
    setTimeout(() => fired = performance.now(), 5);
    await keepBusy(driver, () => fired !== undefined || performance.now() - began > 5000);
    assert(fired !== undefined && fired - began < 1000, `${fired} after ${began}`);
    abort.abort(new Error("enough"));
    await silent;
    await driver.close();
  });
}

Deno.test("a feed that gives nothing while nothing is under way has ended", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  let count = 0;
  await driver.run({ next: () => count++ === 0 ? readCommand(driver, 0) : undefined, done() {} });
  assertEquals(count, 3, "once more after it was sent, and once after it ended");
  await driver.run({ next: () => undefined, done() {} });
  await driver.close();
});

/** A controller that says for a while that its processing is paused. */
function pausedFor(rig: PolledRig, ms: number): void {
  const end = rig.clock.now() + ms;
  rig.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
    const { offset, value } = context as RegisterTap;
    if (offset !== REGISTERS.CSTS.offset || rig.clock.now() >= end) return undefined;
    return { kind: "mutate", value: value | BigInt(CSTS.compose({ pp: true })) };
  });
}

Deno.test("the time in which a drive says that processing is paused is not the command's", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 4);
  const driver = await rig.open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "delay", ms: 49_500 });
  pausedFor(rig, 49_000);
  using data = driver.allocate(4096);
  assertEquals((await driver.submit({ ...readCommand(driver, 1), data })).status, 0);
  assertEquals(numberAt(data.bytes, 0), 2);
  assertEquals(rig.commands.filter((name) => name === "admin 08"), [], "no Abort");
  assertEquals((await driver.close()).clean, true);
});

Deno.test("a drive that stays paused for longer than it may is not waited for", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  rig.fault("nvme:io:decode", OPCODE.read, { kind: "drop" });
  pausedFor(rig, Infinity);
  const before = rig.clock.now();
  await assertRejects(() => driver.submit(readCommand(driver, 1)), DeadlineError);
  const waited = rig.clock.now() - before;
  assert(waited > 60_000 && waited < 100_000, `${waited} ms`);
  await driver.close();
});

Deno.test("a function that somebody else resets in the middle of a command is noticed soon", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 8);
  const driver = await rig.open();
  rig.fault("nvme:io:decode", OPCODE.read, () => {
    rig.backing.reset?.();
    return { kind: "drop" };
  });
  const before = rig.clock.now();
  const command = readCommand(driver, 3);
  const error = await assertRejects(() => driver.submit(command), NvmectlError);
  assertMatch(error.message, /the controller is not ready any more, as after a reset \(RDY 0/);
  assert(rig.clock.now() - before < 1000);
  assertEquals((await driver.submit(command)).status, 0);
  assertEquals(numberAt(command.data.bytes, 0), 4);
  command.data[Symbol.dispose]();
  await driver.close();
});
