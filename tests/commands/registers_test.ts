// nvmectl registers: every register decoded, for people, for scripts and as bytes.

import { assert, assertEquals } from "@std/assert";
import type { JsonObject } from "../../src/layout/mod.ts";
import { registers } from "../../src/commands/registers.ts";
import { runCommand, virtualDrive } from "../support/context.ts";

Deno.test("registers shows fields with their units, zero ones too", async () => {
  const { transport } = virtualDrive();
  const { text } = await runCommand(registers, [], { drive: transport });
  assert(/CAP +00h +0x[0-9a-f]{16} +most entries of a queue: 1024/.test(text), text);
  assert(/time to become ready: 10000 ms/.test(text));
  assert(/smallest page: 4096 bytes, largest page: 65536 bytes/.test(text));
  assert(/VS +08h +0x00020100 +2\.1\.0/.test(text));
  assert(/CSTS +1Ch +0x00000001 +ready/.test(text));
});

Deno.test("registers -v shows every bit with its meaning", async () => {
  const { transport } = virtualDrive();
  const { text } = await runCommand(registers, ["-v"], { drive: transport });
  assert(/CC: Controller Configuration/.test(text));
  assert(/bits 19:16 +submission entry: 64 bytes/.test(text), text);
  assert(/bit 57 +controller memory buffer: no/.test(text));
  assert(/bits 51:48 +smallest page: 4096 bytes/.test(text));
});

Deno.test("registers -o json has values, exact digits and fields by the specification's names", async () => {
  const { transport } = virtualDrive();
  const { report } = await runCommand(registers, [], { drive: transport });
  assertEquals(report.json["model"], "memory");
  const found = report.json["registers"] as Record<string, JsonObject>;
  assertEquals(Object.keys(found).slice(0, 5), ["cap", "vs", "intms", "intmc", "cc"]);
  const { cap, vs, asq } = found;
  assertEquals([cap?.["offset"], cap?.["width"]], [0, 8]);
  assertEquals(`0x0${BigInt(String(cap?.["value_s"])).toString(16)}`, cap?.["hex"]);
  const fields = cap?.["fields"] as JsonObject;
  assertEquals([fields["mqes"], fields["to"], fields["mpsmax"], fields["cqr"]], [
    1023,
    20,
    4,
    true,
  ]);
  assertEquals(vs?.["text"], "2.1.0");
  assertEquals(asq?.["fields"], undefined);
});

Deno.test("registers -o raw is the register space below the doorbells", async () => {
  const { drive, transport } = virtualDrive("old");
  const { report } = await runCommand(registers, ["-o", "raw"], { drive: transport });
  assertEquals(report.raw?.length, 4096);
  const view = new DataView((report.raw ?? new Uint8Array(4096)).slice().buffer);
  assertEquals(view.getUint32(8, true), drive.personality.version);
});
