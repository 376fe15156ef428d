// Tests of the direct face.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError, UnreachableError } from "../../../src/errors.ts";
import { directTransport } from "../../../src/drive/face/direct.ts";
import { Bench, OK } from "../bench.ts";

Deno.test("directTransport().allocate() gives whole zeroed pages of at least 4 KiB", () => {
  const { transport } = new Bench();
  for (const [length, pages] of [[0, 1], [1, 1], [4096, 1], [4097, 2], [512, 1]] as const) {
    using buffer = transport.allocate(length);
    assertEquals(buffer.bytes.length, length);
    assertEquals(buffer.bytes.buffer.byteLength, pages * 4096);
    assert(new Uint8Array(buffer.bytes.buffer).every((byte) => byte === 0));
  }
});

Deno.test("directTransport() moves no more than there is room for", async () => {
  const bench = new Bench();
  const short = await bench.identify(0x01, { length: 10 });
  const whole = await bench.identify(0x01);
  assertEquals(short.status, OK);
  assertEquals(short.data, whole.data.slice(0, 10));
});

Deno.test("directTransport() reads what a host did not give as zeros", async () => {
  const bench = new Bench();
  const out = new Uint8Array(100).fill(7);
  assertEquals((await bench.io(0x01, { nsid: 1, out })).status, OK);
  const { data } = await bench.io(0x02, { nsid: 1, length: 512 });
  assertEquals(data.slice(0, 100), out);
  assert(data.slice(100).every((byte) => byte === 0));
});

Deno.test("directTransport() completes commands without any buffer", async () => {
  const { transport } = new Bench();
  assertEquals(await transport.submit({ queue: "admin", opcode: 0x06, cdw10: 1 }), {
    status: 0,
    result: 0n,
  });
});

Deno.test("directTransport() lets several transports share a drive", async () => {
  const bench = new Bench();
  const other = directTransport(bench.drive, "virtual:again");
  assertEquals([other.kind, other.target], ["virtual", "virtual:again"]);
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512).fill(9) });
  using data = other.allocate(512);
  await other.submit({ queue: "io", opcode: 0x02, nsid: 1, data, direction: "in" });
  assert(data.bytes.every((byte) => byte === 9));
});

Deno.test("directTransport() rejects what is pending when it is closed", async () => {
  const bench = new Bench();
  const pending = bench.transport.submit({ queue: "admin", opcode: 0x0c });
  await bench.transport[Symbol.asyncDispose]();
  await assertRejects(() => pending, UnreachableError);
  await assertRejects(
    () => bench.transport.submit({ queue: "admin", opcode: 0x06, cdw10: 1 }),
    UnreachableError,
    "closed",
  );
  assertEquals(bench.drive.first.outstanding.asyncEvents.length, 0);
});

Deno.test("directTransport().registers() shows a controller that its host has enabled", async () => {
  const bench = new Bench();
  const access = await bench.transport.registers?.();
  assert(access);
  assertEquals(access.model, "memory");
  const cap = await access.read(0x00, 8);
  assertEquals(cap, bench.drive.first.registers.read(0x00, 8));
  assertEquals(await access.read(0x08, 4), BigInt(bench.drive.personality.version));
  assertEquals([await access.read(0x14, 4), await access.read(0x1c, 4)], [0x0046_0001n, 1n]);
  // What a host with registers has configured is shown as it is.
  bench.drive.first.registers.write(0x14, 4, 0x0046_0001n | (1n << 7n));
  assertEquals(await access.read(0x14, 4), 0x0046_0081n);
});

Deno.test("directTransport() gives a command up that never ends, after its time", async () => {
  const bench = new Bench();
  const transport = directTransport(bench.drive, "virtual:");
  bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "drop" }));
  const read = { queue: "io", opcode: 0x02, nsid: 1, data: transport.allocate(512) } as const;
  for (const limitMs of [30_000, 500]) {
    let ended = false;
    const command = { ...read, timeoutMs: limitMs };
    const error = assertRejects(() => transport.submit(command), DeadlineError);
    error.then(() => ended = true);
    await bench.advance(limitMs - 1);
    assertEquals(ended, false);
    await bench.advance(1);
    const { message, loss } = await error;
    assertEquals([message.endsWith(`nothing after ${limitMs} ms`), loss], [true, "late"]);
  }
  // What waits for an event has no limit, where none is given.
  const event = transport.submit({ queue: "admin", opcode: 0x0c });
  await bench.advance(1e6);
  await transport[Symbol.asyncDispose]();
  const { loss } = await assertRejects(() => event, UnreachableError, "went away");
  assertEquals(loss, "late");
});
