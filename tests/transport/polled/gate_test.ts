// The gate before the submission queues: who decides, how often, and about what.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SafetyError, UsageError } from "../../../src/errors.ts";
import { Gate } from "../../../src/transport/polled/gate.ts";
import type { Command } from "../../../src/transport/transport.ts";

const READ: Command = { queue: "io", opcode: 0x02, nsid: 1 };
const WRITE: Command = { queue: "io", opcode: 0x01, nsid: 1 };
const CREATE: Command = { queue: "admin", opcode: 0x05 };

Deno.test("reads pass without anybody being asked", async () => {
  const gate = new Gate(() => Promise.reject(new Error("asked")));
  assertEquals(await gate.admit(READ), READ);
  gate.pass(READ, "caller");
  gate.pass(READ, "caller");
});

Deno.test("without somebody who decides, only reads pass", async () => {
  const gate = new Gate();
  const error = await assertRejects(() => gate.admit(WRITE), SafetyError);
  assertEquals(
    error.message,
    "Cannot send Write (01h, namespace 1): our own driver only reads, unless it is told otherwise",
  );
  assert(error.next?.includes("--allow-write"));
  assertThrows(() => gate.pass(WRITE, "caller"), SafetyError);
});

Deno.test("what was allowed passes once, and only the copy that was asked about", async () => {
  const asked: Command[] = [];
  const gate = new Gate((command) => Promise.resolve(void asked.push(command)));
  const admitted = await gate.admit(WRITE);
  assertEquals(asked, [WRITE]);
  assert(asked[0] === admitted && admitted !== WRITE);
  assert(Object.isFrozen(admitted));
  assertThrows(() => gate.pass(WRITE, "caller"), SafetyError);
  gate.pass(admitted, "caller");
  assertThrows(() => gate.pass(admitted, "caller"), SafetyError);
});

Deno.test("one that was refused does not pass, whatever the refusal was", async () => {
  const gate = new Gate(() => Promise.reject(new RangeError("no")));
  await assertRejects(() => gate.admit(WRITE), RangeError, "no");
  assertThrows(() => gate.pass(WRITE, "caller"), SafetyError);
});

Deno.test("the driver's own commands pass for the driver alone, and nobody is asked", async () => {
  const gate = new Gate(() => Promise.resolve());
  gate.pass(CREATE, "driver");
  assertThrows(() => gate.pass(CREATE, "caller"), SafetyError);
  const error = await assertRejects(() => gate.admit(CREATE), SafetyError);
  assert(error.message.startsWith("Cannot send Create I/O Completion Queue (05h)"));
  assertThrows(() => gate.pass(WRITE, "driver"), SafetyError);
  assertThrows(() => gate.pass(READ, "driver"), SafetyError);
});

Deno.test("fused commands and SGLs do not pass, reserved flags do", () => {
  const gate = new Gate();
  for (const flags of [0x01, 0x02, 0x03, 0x40, 0x80, 0xc0, 0x100, 0x1_0000, -4, 4.5, NaN]) {
    assertThrows(() => gate.pass({ ...READ, flags }, "caller"), UsageError);
  }
  gate.pass({ ...READ, flags: 0x3c }, "caller");
});

Deno.test("a command that nobody knows is named by its opcode", async () => {
  const error = await assertRejects(
    () => new Gate().admit({ queue: "admin", opcode: 0xc5, nsid: 0xffff_ffff }),
    SafetyError,
  );
  assert(error.message.startsWith("Cannot send the admin command (C5h):"), error.message);
});
