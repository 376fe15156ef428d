// A drive one can ask things of.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { commandName, refusal } from "../../src/controller/refusal.ts";
import { StatusError, UnreachableError } from "../../src/errors.ts";
import type { Command } from "../../src/transport/transport.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const IDENTIFY: Command = { queue: "admin", opcode: 0x06 };
const COMMIT: Command = { queue: "admin", opcode: 0x10 };

function answering(...script: readonly Exchange[]): Drive {
  return new Drive(scriptedTransport(script));
}

function withStatus(status: number): Drive {
  return answering({ expect: {}, status, result: 3n });
}

Deno.test("a drive has the target and namespace of its transport", () => {
  const drive = new Drive(scriptedTransport([], { target: "/dev/nvme0n2", nsid: 2 }));
  assertEquals([drive.target, drive.nsid], ["/dev/nvme0n2", 2]);
  assertEquals(answering().nsid, undefined);
});

Deno.test("submit() brings any status back as an answer", async () => {
  assertEquals(await withStatus(0x4002).submit(IDENTIFY), { status: 0x4002, result: 3n });
});

Deno.test("submit() keeps the command's own time limit, unless the user set one", async () => {
  const script = [{ expect: { timeoutMs: 60_000 } }, { expect: { timeoutMs: 60_000 } }];
  await new Drive(scriptedTransport(script)).submit({ ...IDENTIFY, timeoutMs: 60_000 });
  const limited = new Drive(
    scriptedTransport([{ expect: { timeoutMs: 5000 } }, { expect: { timeoutMs: 5000 } }]),
    { timeoutMs: 5000 },
  );
  await limited.submit({ ...IDENTIFY, timeoutMs: 60_000 });
  await limited.submit(IDENTIFY);
});

Deno.test("execute() says what was tried, the status by name, and what to do", async () => {
  const error = await assertRejects(
    () => withStatus(0x610a).execute({ queue: "admin", opcode: 0x80 }, "format namespace 1"),
    StatusError,
  );
  assertStringIncludes(
    error.message,
    "Cannot format namespace 1: the drive answered Invalid Format (01h/0Ah): ",
  );
  assertEquals([error.status, error.exitCode], [0x610a, 3]);
  assertEquals(typeof error.next, "string");
});

Deno.test("execute() takes a firmware image that waits for a reset as success", async () => {
  for (const code of [0x0b, 0x10, 0x11]) {
    const status = 0x100 | code;
    assertEquals(
      await withStatus(status).execute(COMMIT, "commit"),
      { status, result: 3n },
      "and hands on which reset it waits for",
    );
  }
});

Deno.test("execute() takes success as success whatever the bits beside the code say", async () => {
  for (const status of [0x2000, 0x4000, 0x1800, 0x7800]) {
    assertEquals((await withStatus(status).execute(IDENTIFY, "identify")).status, status);
  }
});

Deno.test("execute() refuses a code that nobody knows", async () => {
  await assertRejects(() => withStatus(0x7ff).execute(IDENTIFY, "identify"), StatusError);
});

Deno.test("read() asks for data in, and returns exactly the bytes asked for", async () => {
  const drive = answering({
    expect: { opcode: 0x06, direction: "in", length: 12 },
    data: Uint8Array.of(1, 2, 3),
  });
  const bytes = await drive.read({ ...IDENTIFY, length: 12 }, "identify it");
  assertEquals(bytes, Uint8Array.of(1, 2, 3, ...new Uint8Array(9)));
  assertEquals(bytes.buffer.byteLength, 12, "a copy: the drive's buffer is given back");
});

Deno.test("read() gives its buffer back even when the drive refuses", async () => {
  const inner = scriptedTransport([{ expect: {}, status: 2 }]);
  let disposed = 0;
  const drive = new Drive({
    ...inner,
    allocate: (length) => ({
      bytes: new Uint8Array(length),
      [Symbol.dispose]: () => void disposed++,
    }),
  });
  await assertRejects(() => drive.read({ ...IDENTIFY, length: 4 }, "identify it"), StatusError);
  assertEquals(disposed, 1);
});

Deno.test("once() asks once, also when asked again before the answer is there", async () => {
  const drive = answering();
  let asked = 0;
  const ask = (): Promise<number> => drive.once("key", () => Promise.resolve(++asked));
  assertEquals(await Promise.all([ask(), ask()]), [1, 1]);
  assertEquals(await ask(), 1);
  assertEquals(await drive.once("other", () => Promise.resolve(5)), 5);
});

Deno.test("once() does not remember a failure", async () => {
  const drive = answering();
  const gone = (): Promise<number> => Promise.reject(new UnreachableError("Cannot reach it"));
  await assertRejects(() => drive.once("key", gone), UnreachableError);
  assertEquals(await drive.once("key", () => Promise.resolve(2)), 2);
});

Deno.test("forget() makes once() ask again, and a late failure spoils nothing", async () => {
  const drive = answering();
  const late = Promise.withResolvers<number>();
  const failing = drive.once("key", () => late.promise);
  drive.forget();
  assertEquals(await drive.once("key", () => Promise.resolve(2)), 2);
  late.reject(new UnreachableError("Cannot reach it"));
  await assertRejects(() => failing, UnreachableError);
  assertEquals(await drive.once("key", () => Promise.resolve(3)), 2);
});

Deno.test("disposing of a drive closes its transport", async () => {
  let closed = 0;
  {
    await using _drive = new Drive({
      ...scriptedTransport([]),
      [Symbol.asyncDispose]: () => {
        closed++;
        return Promise.resolve();
      },
    });
  }
  assertEquals(closed, 1);
});

Deno.test("refusal() knows which command a status belongs to", () => {
  const read: Command = { queue: "io", opcode: 0x02 };
  const error = refusal(read, 0x281, "read block 5");
  assertStringIncludes(
    error.message,
    "Cannot read block 5: the drive answered Unrecovered Read Error",
  );
});

Deno.test("commandName() is the specification's, by queue", () => {
  assertEquals(commandName(IDENTIFY), "Identify");
  assertEquals(commandName({ queue: "io", opcode: 0x02 }), "Read");
  assertEquals(commandName({ queue: "admin", opcode: 0x02 }), "Get Log Page");
  assertEquals(commandName({ queue: "admin", opcode: 0xc1 }), "vendor specific (C1h)");
});
