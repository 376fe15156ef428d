// Every opcode of both queues on every preset: commands that it says it has, and no others.

import { assertEquals } from "@std/assert";
import { presetNames } from "../../../src/drive/mod.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { EffectsLog } from "../../../src/spec/log/effects.ts";
import { decodeStatus, formatStatusCode } from "../../../src/spec/status/status.ts";
import type { Queue } from "../../../src/transport/transport.ts";
import { Bench, INVALID_OPCODE, personality } from "../bench.ts";
import { OPCODE_ROWS, opcodeRow } from "./opcodes.ts";

const QUEUES: readonly Queue[] = ["admin", "io"];
const OPCODES = Array.from({ length: 256 }, (_, opcode) => opcode);
/** A namespace identifier that does not exist, so that nothing is changed by accident. */
const NOBODY = 0xfffffffe;

/** The status that a bare command ends with; undefined for one that waits. */
function answerTo(
  bench: Bench,
  queue: Queue,
  opcode: number,
  { nsid = NOBODY, cid = opcode }: { readonly nsid?: number; readonly cid?: number } = {},
): string | undefined {
  let status: number | undefined;
  bench.drive.first.submit({
    queue,
    sqid: queue === "admin" ? 0 : 1,
    entry: {
      opcode,
      flags: { value: 0, fuse: 0, psdt: 0 },
      cid,
      nsid,
      cdw2: 0,
      cdw3: 0,
      mptr: 0n,
      prp1: 0n,
      prp2: 0n,
      cdw10: 0,
      cdw11: 0,
      cdw12: 0,
      cdw13: 0,
      cdw14: 0,
      cdw15: 0,
    },
    port: {
      receive: ({ data, metadata }, deliver) =>
        deliver({ data: new Uint8Array(data), metadata: new Uint8Array(metadata) }),
      send: (_payload, sent) => sent(),
      post: (result) => status = result.status,
      drop: () => {},
    },
  });
  return status === undefined ? undefined : formatStatusCode(decodeStatus(status));
}

for (const name of presetNames()) {
  Deno.test(`virtual:${name} has the commands that Identify Controller says, and no others`, async () => {
    const bench = new Bench(name);
    const { data } = await bench.identify(0x01);
    const controller = IdentifyController.decode(data);
    for (const queue of QUEUES) {
      for (const opcode of OPCODES) {
        const has = opcodeRow(queue, opcode)?.has(controller) ?? false;
        const label = `${queue} ${opcode.toString(16)}h`;
        const status = answerTo(bench, queue, opcode);
        assertEquals(status !== INVALID_OPCODE, has, label);
        if (has) continue;
        const { parameterErrorLocation: { byte, bit } } = await bench.lastError();
        assertEquals([byte, bit], [0, 0], label);
      }
    }
  });

  const { logs } = personality(name);
  if (!logs.includes(0x05)) continue;
  Deno.test(`virtual:${name} has the commands that log page 05h says, and no others`, async () => {
    const bench = new Bench(name);
    const effects = EffectsLog.decode((await bench.log(0x05, EffectsLog.size)).data);
    for (const queue of QUEUES) {
      const supported = OPCODES.filter((opcode) => effects[queue][opcode]?.supported);
      const had = OPCODES.filter((opcode) => answerTo(bench, queue, opcode) !== INVALID_OPCODE);
      assertEquals(supported, had, queue);
    }
  });
}

Deno.test("the table of opcodes has each opcode once, in order", () => {
  for (const queue of QUEUES) {
    const opcodes = OPCODE_ROWS.filter((row) => row.queue === queue).map(({ opcode }) => opcode);
    assertEquals(opcodes, [...new Set(opcodes)].toSorted((one, other) => one - other));
  }
});

Deno.test("a command with the identifier of one that waits is refused, and may be sent again", async () => {
  const bench = new Bench();
  const waiting = { nsid: 0, cid: 0x1234 };
  assertEquals(answerTo(bench, "admin", 0x0c, waiting), undefined);
  assertEquals(answerTo(bench, "admin", 0x18, waiting), "00h/03h");
  const { parameterErrorLocation, status, cid } = await bench.lastError();
  assertEquals([parameterErrorLocation.byte, parameterErrorLocation.bit, cid], [2, 0, 0x1234]);
  assertEquals(decodeStatus(status.status).doNotRetry, false);
});
