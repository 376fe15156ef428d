// The library's own ways in: opening with layers, passing commands through.

import { assertEquals, assertRejects } from "@std/assert";
import { identifyController } from "../src/controller/identify.ts";
import { StatusError, UnreachableError, UsageError } from "../src/errors.ts";
import { open, submitPassthru, submitPassthru64 } from "../src/library.ts";
import type { Layer } from "../src/transport/transport.ts";

function named(name: string, log: string[]): Layer {
  return {
    submit(command, next) {
      log.push(name);
      return next(command);
    },
  };
}

Deno.test("a program's layers stand around every command, the first one outermost", async () => {
  const log: string[] = [];
  const layers = [named("outer", log), named("inner", log)];
  await using drive = await open("virtual:", { layers });
  await identifyController(drive);
  assertEquals(log, ["outer", "inner"]);
});

Deno.test("a layer can answer for the drive, as a fault would", async () => {
  const failing: Layer = { submit: () => Promise.resolve({ status: 0x06, result: 0n }) };
  await using drive = await open("virtual:", { layers: [failing] });
  await assertRejects(() => identifyController(drive), StatusError, "Internal Error");
});

Deno.test("what cannot name a drive is a usage error, what leads to none is unreachable", async () => {
  await assertRejects(() => open("ftp:x"), UsageError, "there is no target of the kind ftp:");
  await assertRejects(() => open("virtual:nonsense"), UsageError);
});

Deno.test("a refusal is an answer to whoever passes commands through", async () => {
  await using drive = await open("virtual:");
  const { status } = await submitPassthru(drive, { queue: "admin", opcode: 0x7e });
  assertEquals(status & 0x7ff, 0x01, "Invalid Command Opcode");
});

Deno.test("results have 32 or 64 bits", async () => {
  const wide: Layer = {
    submit: () => Promise.resolve({ status: 0, result: 0x1_0000_0002n }),
  };
  await using drive = await open("virtual:", { layers: [wide] });
  const command = { queue: "admin", opcode: 0xc0 } as const;
  assertEquals((await submitPassthru(drive, command)).result, 2);
  assertEquals((await submitPassthru64(drive, command)).result, 0x1_0000_0002n);
});

Deno.test("a drive that goes away is an error of its own kind", async () => {
  const gone: Layer = { submit: () => Promise.reject(new UnreachableError("Cannot reach it")) };
  await using drive = await open("virtual:", { layers: [gone] });
  await assertRejects(
    () => submitPassthru(drive, { queue: "admin", opcode: 0x0a }),
    UnreachableError,
  );
});
