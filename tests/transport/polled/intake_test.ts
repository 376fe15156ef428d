// Feeds beside single commands, and what may leave the driver: only what is allowed, and once.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { SafetyError } from "../../../src/errors.ts";
import type { Command } from "../../../src/transport/transport.ts";
import {
  feedOf,
  numberAt,
  OPCODE,
  PolledRig,
  readCommand,
  writeBlocks,
} from "../../support/polled.ts";

const SUCCESS = { status: 0, result: 0n };

Deno.test("a feed of 20,000 reads wraps its queues many times without losing one", async () => {
  const rig = new PolledRig({ queueEntries: 5 });
  await writeBlocks(rig.bench, 64);
  const driver = await rig.open();
  const buffers = Array.from({ length: 8 }, () => driver.allocate(4096));
  const free = [...buffers];
  let sent = 0;
  let right = 0;
  const { reads } = rig;
  await driver.run({
    next() {
      const data = sent < 20_000 ? free.pop() : undefined;
      if (data === undefined) return undefined;
      const cdw10 = sent++ % 64;
      return { queue: "io", opcode: OPCODE.read, nsid: 1, cdw10, cdw12: 0, data };
    },
    done({ data, cdw10 = 0 }, { status }) {
      if (data === undefined || status !== 0) return;
      if (numberAt(data.bytes, 0) === cdw10 + 1) right++;
      free.push(data as typeof buffers[number]);
    },
  });
  assertEquals([sent, right, free.length], [20_000, 20_000, 8]);
  // The registers that bringing up the queues and pauses have read, not those of 20,000 reads.
  assert(rig.reads - reads < 10, `${rig.reads - reads} reads of registers`);
  await driver.close();
});

Deno.test("a feed and single commands go side by side", async () => {
  const rig = new PolledRig();
  await writeBlocks(rig.bench, 64);
  const driver = await rig.open();
  const feed = feedOf(Array.from({ length: 500 }, (_, at) => readCommand(driver, at % 64)));
  const running = driver.run(feed);
  for (let count = 0; count < 20; count++) {
    using data = driver.allocate(4096);
    const command = { queue: "admin", opcode: OPCODE.identify, cdw10: 1, data } as const;
    assertEquals(await driver.submit(command), SUCCESS);
  }
  await running;
  assertEquals(feed.completions.length, 500);
  await driver.close();
});

Deno.test("what a feed throws ends it, when what is under way has ended", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  for (const where of ["next", "done"] as const) {
    let count = 0;
    const boom = new Error(`thrown by ${where}`);
    const running = driver.run({
      next: () => {
        if (where === "next" && count === 5) throw boom;
        return count++ < 10 ? readCommand(driver, count) : undefined;
      },
      done: () => {
        if (where === "done") throw boom;
      },
    });
    assertEquals(await assertRejects(() => running, Error), boom);
  }
  assertEquals(await driver.submit(readCommand(driver, 0)), SUCCESS);
  await driver.close();
});

Deno.test("a write does not leave the driver, by itself or in a feed", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  const write = { ...readCommand(driver, 0), opcode: OPCODE.write, direction: "out" } as const;
  for (const attempt of [() => driver.submit(write), () => driver.run(feedOf([write]))]) {
    const error = await assertRejects(attempt, SafetyError);
    assert(error.message.startsWith("Cannot send Write (01h, namespace 1)"), error.message);
  }
  assert(!rig.commands.includes("io 01"));
  await driver.close();
});

Deno.test("a write that was allowed leaves once, as it was when it was allowed", async () => {
  const asked: Command[] = [];
  const rig = new PolledRig({ authorize: (command) => Promise.resolve(void asked.push(command)) });
  const driver = await rig.open();
  const write: { -readonly [K in keyof Command]: Command[K] } = {
    ...readCommand(driver, 7, { blocks: 1 }),
    opcode: OPCODE.write,
    direction: "out",
  };
  write.data?.bytes.fill(0x5a);
  const sending = driver.submit(write);
  write.cdw10 = 9;
  assertEquals(await sending, SUCCESS);
  assertEquals(asked.map(({ cdw10 }) => cdw10), [7]);
  const feed = feedOf([write, readCommand(driver, 7, { blocks: 2 }), write]);
  await driver.run(feed);
  assertEquals(feed.completions.map(([{ opcode }, { status }]) => [opcode, status]), [
    [OPCODE.write, 0],
    [OPCODE.read, 0],
    [OPCODE.write, 0],
  ]);
  assertEquals(asked.map(({ cdw10 }) => cdw10), [7, 9, 9]);
  const [, read] = feed.completions;
  assertEquals(read?.[0].data?.bytes[0], 0x5a);
  await driver.close();
});

Deno.test("nothing is sent before it was allowed, and what is refused is never sent", async () => {
  const decision = Promise.withResolvers<void>();
  const rig = new PolledRig({ authorize: () => decision.promise });
  const driver = await rig.open();
  const flush = { queue: "io", opcode: OPCODE.flush, nsid: 1 } as const;
  const sending = driver.submit(flush);
  const feeding = driver.run(feedOf([flush]));
  // Others are not kept waiting.
  assertEquals(await driver.submit(readCommand(driver, 0)), SUCCESS);
  decision.reject(new SafetyError("Cannot send it: the user said no"));
  await assertRejects(() => sending, SafetyError, "the user said no");
  await assertRejects(() => feeding, SafetyError, "the user said no");
  assert(!rig.commands.includes("io 00"));
  await driver.close();
});

Deno.test("nobody waits for a decision after the end", async () => {
  const abort = new AbortController();
  const rig = new PolledRig({ signal: abort.signal, authorize: () => new Promise(() => {}) });
  const driver = await rig.open();
  const sending = driver.submit({ queue: "io", opcode: OPCODE.flush, nsid: 1 });
  abort.abort(new Error("enough"));
  await assertRejects(() => sending, Error, "enough");
  await driver.close();
});

Deno.test("queues and events belong to the driver, whoever allows what", async () => {
  const rig = new PolledRig({ authorize: () => Promise.resolve() });
  const driver = await rig.open();
  const commands = [0x00, 0x01, 0x04, 0x05, 0x0c, 0x45, 0x7c].map((opcode) => ({
    opcode,
    cdw10: 1,
  }));
  for (const command of [...commands, { opcode: 0x09, cdw10: 0x8000_0007 }]) {
    await assertRejects(() => driver.submit({ queue: "admin", ...command }), SafetyError);
  }
  assertEquals(rig.commands, []);
  await driver.close();
});

Deno.test("a reset waits for a feed with commands that have to be allowed, and both end", async () => {
  const rig = new PolledRig();
  const driver = await rig.open({ authorize: () => Promise.resolve() });
  using data = driver.allocate(512);
  const inner = feedOf([
    { queue: "io", opcode: OPCODE.read, nsid: 1, direction: "in", data },
    { queue: "io", opcode: OPCODE.write, nsid: 1, direction: "out", data },
    { queue: "io", opcode: OPCODE.read, nsid: 1, direction: "in", data },
  ]);
  let reset: Promise<void> | undefined;
  const next = (): Command | undefined => {
    const command = inner.next();
    if (command?.opcode === OPCODE.write) reset ??= driver.reset("controller");
    return command;
  };
  await driver.run({ ...inner, next });
  await reset;
  assertEquals(inner.completions.map(([, { status }]) => status), [0, 0, 0]);
  await driver.close();
});
