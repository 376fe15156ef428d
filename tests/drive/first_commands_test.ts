// What a drive answers before all of its code is loaded. No import here may bring that code.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { VirtualDrive } from "../../src/drive/drive.ts";
import { directTransport } from "../../src/drive/face/direct.ts";
import { isFirst } from "../../src/drive/first_commands.ts";
import type { Submission } from "../../src/drive/pipeline/exchange.ts";
import { preset, presetNames } from "../../src/drive/presets.ts";
import { hasRest } from "../../src/drive/rest.ts";
import type { Transport } from "../../src/transport/transport.ts";

const IDENTIFY = 0x06;
const GET_LOG_PAGE = 0x02;
const PAGE_BYTES = 4096;
const SMART_BYTES = 512;

function driveOf(name: string): VirtualDrive {
  const personality = preset(name);
  assert(personality);
  return new VirtualDrive({ personality, now: () => 1_700_000_000_000, seed: 1 });
}

async function ask(
  transport: Transport,
  opcode: number,
  cdw10: number,
  length: number,
): Promise<{ readonly status: number; readonly bytes: Uint8Array }> {
  using data = transport.allocate(length);
  const { status } = await transport.submit({
    queue: "admin",
    opcode,
    cdw10,
    direction: "in",
    data,
  });
  return { status, bytes: data.bytes.slice() };
}

/** Identify Controller and the SMART page of a new drive. */
async function healthOf(name: string) {
  const transport = directTransport(driveOf(name), `virtual:${name}`);
  const numd = SMART_BYTES / 4 - 1;
  return [
    await ask(transport, IDENTIFY, 0x01, PAGE_BYTES),
    await ask(transport, GET_LOG_PAGE, 0x02 | (numd << 16), SMART_BYTES),
  ];
}

Deno.test("only Identify Controller and the SMART page are first commands", () => {
  assert(isFirst({ queue: "admin", opcode: IDENTIFY, cdw10: 0x01 }));
  assert(isFirst({ queue: "admin", opcode: GET_LOG_PAGE, cdw10: 0x007f0002 }));
  assertEquals(isFirst({ queue: "admin", opcode: IDENTIFY, cdw10: 0x00 }), false);
  assertEquals(isFirst({ queue: "admin", opcode: GET_LOG_PAGE, cdw10: 0x007f0001 }), false);
  assertEquals(isFirst({ queue: "admin", opcode: 0x0a, cdw10: 0x01 }), false);
  assertEquals(isFirst({ queue: "io", opcode: GET_LOG_PAGE, cdw10: 0x02 }), false);
});

Deno.test("a drive answers its first commands alone, and all others once it is whole", async () => {
  const names = presetNames();
  const alone = [];
  for (const name of names) alone.push(await healthOf(name));
  assertEquals(hasRest(), false);

  const drive = driveOf("");
  assertThrows(
    () => drive.first.submit({ queue: "admin", sqid: 0, entry: { opcode: 0x0a } } as Submission),
    Error,
    "loaded before it is sent",
  );

  const transport = directTransport(drive, "virtual:");
  const list = await ask(transport, IDENTIFY, 0x02, PAGE_BYTES);
  assert(hasRest());
  assertEquals(list.status, 0);
  assertEquals(new DataView(list.bytes.buffer).getUint32(0, true), 1);

  for (const [at, name] of names.entries()) assertEquals(await healthOf(name), alone[at], name);
});
