// Commands composed by hand: direction, transfer, completion.

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  checkOwner,
  checkTransfer,
  maySlow,
  type RawCommand,
  rawDirection,
  rawTitle,
  type RawTransfer,
  sendRaw,
} from "../../src/controller/raw.ts";
import { InterruptedError, StatusError, UnsupportedError, UsageError } from "../../src/errors.ts";
import type { Completion, Transport } from "../../src/transport/transport.ts";
import { scriptedTransport } from "../support/scripted.ts";

const IDENTIFY: RawCommand = { queue: "admin", opcode: 0x06, cdw10: 1 };
const BYTES = Uint8Array.of(1, 2, 3, 4);

Deno.test("rawTitle() names a defined command, and says what an undefined one is", () => {
  assertEquals(rawTitle(IDENTIFY), "admin command 06h (Identify)");
  assertEquals(rawTitle({ queue: "io", opcode: 0x02 }), "I/O command 02h (Read)");
  assertEquals(rawTitle({ queue: "admin", opcode: 0xc2 }), "vendor specific admin command C2h");
  assertEquals(rawTitle({ queue: "admin", opcode: 0x03 }), "unknown admin command 03h");
  assertEquals(
    rawTitle({ queue: "admin", opcode: 0x7f, nsid: 4 }),
    "admin command 7Fh (Property Get)",
  );
});

Deno.test("rawDirection() goes by bits 1:0, and by the type of a Fabrics command", () => {
  const of = (opcode: number, nsid = 0): string => rawDirection({ queue: "admin", opcode, nsid });
  assertEquals([of(0xc0), of(0xc1), of(0xc2), of(0xc3)], ["none", "out", "in", "bidirectional"]);
  assertEquals([of(0x7f, 0x05), of(0x7f, 0x06), of(0x7f, 0x04)], ["out", "in", "none"]);
});

Deno.test("checkTransfer() lets through what agrees with the opcode", () => {
  const allowed: readonly (readonly [number, RawTransfer])[] = [
    [0xc0, {}],
    [0xc1, { dataOut: BYTES }],
    [0xc1, { dataOut: BYTES, metadataOut: BYTES }],
    [0xc2, { dataIn: 3 }],
    [0xc3, { dataOut: BYTES }],
  ];
  for (const [opcode, transfer] of allowed) checkTransfer({ queue: "admin", opcode }, transfer);
});

Deno.test("checkTransfer() refuses data that would go the wrong way, and says why", () => {
  const refused: readonly (readonly [number, RawTransfer, string])[] = [
    [0x06, { dataOut: BYTES }, "say data from the controller to the host"],
    [0x09, { dataIn: 4096 }, "say data from the host to the controller"],
    [0x80, { dataIn: 4096 }, "say no data"],
    [0xc3, { dataIn: 4, dataOut: BYTES }, "both directions"],
    [0xc3, { dataIn: 4 }, "say data either way"],
    [0xc2, { dataIn: 4, metadataOut: BYTES }, "both directions"],
    [0xc2, { metadataIn: 4 }, "metadata without data"],
    [0xc1, { dataOut: new Uint8Array() }, "data of 0 bytes"],
    [0xc1, { dataOut: BYTES, metadataOut: new Uint8Array() }, "metadata of 0 bytes"],
  ];
  for (const [opcode, transfer, text] of refused) {
    const error = assertThrows(
      () => checkTransfer({ queue: "admin", opcode }, transfer),
      UsageError,
    );
    assertStringIncludes(error.message, text);
  }
});

Deno.test("checkTransfer() demands the memory that the command moves, and names how much", () => {
  const refused: readonly (readonly [RawCommand, RawTransfer, string])[] = [
    [IDENTIFY, {}, "(Identify) with no data: it moves 4096 bytes"],
    [IDENTIFY, { dataIn: 4095 }, "with 4095 bytes of data: it moves 4096 bytes"],
    [{ queue: "admin", opcode: 0x02, cdw10: 0x007f0002 }, { dataIn: 508 }, "it moves 512 bytes"],
    [{ queue: "admin", opcode: 0x11, cdw10: 1 }, { dataOut: BYTES }, "it moves 8 bytes"],
    [{ queue: "admin", opcode: 0xc2 }, {}, "with no data: bits 1:0 say that it has data"],
    [{ queue: "admin", opcode: 0xc1 }, {}, "bits 1:0 say that it has data"],
    [{ queue: "io", opcode: 0xc3 }, {}, "bits 1:0 say that it has data"],
    [{ queue: "admin", opcode: 0x0a, cdw10: 0xff }, {}, "bits 1:0 say that it has data"],
  ];
  for (const [command, transfer, text] of refused) {
    const error = assertThrows(() => checkTransfer(command, transfer), UsageError);
    assertStringIncludes(error.message, text);
    assertStringIncludes(error.next ?? "", "memory");
  }
  checkTransfer(IDENTIFY, { dataIn: 4096 });
  checkTransfer(IDENTIFY, { dataIn: 8192 });
  checkTransfer({ queue: "admin", opcode: 0x0a, cdw10: 7 }, {});
});

Deno.test("checkTransfer() demands the metadata that goes in a buffer of its own", () => {
  const shape = { blockBytes: 512, metadataBytes: 8, inline: false, protectionBytes: 8 };
  const read: RawCommand = { queue: "io", opcode: 0x02, cdw12: 1 };
  const check = (transfer: RawTransfer): void => checkTransfer(read, transfer, { shape });
  const error = assertThrows(() => check({ dataIn: 1024 }), UsageError);
  assertStringIncludes(error.message, "with no metadata: it moves 16 bytes");
  assertStringIncludes(error.next ?? "", "--metadata-in 16");
  assertThrows(() => check({ dataIn: 1024, metadataIn: 15 }), UsageError, "it moves 16 bytes");
  check({ dataIn: 1024, metadataIn: 16 });
});

Deno.test("checkOwner() leaves queues and the host's memory to the kernel", () => {
  const drive = (kind: Transport["kind"]): Drive => new Drive({ ...scriptedTransport([]), kind });
  const owned: readonly RawCommand[] = [
    ...[0x00, 0x01, 0x04, 0x05, 0x0c, 0x45, 0x7c].map((opcode) =>
      ({ queue: "admin", opcode }) as const
    ),
    { queue: "admin", opcode: 0x09, cdw10: 0x8000000d },
  ];
  for (const command of owned) {
    assertThrows(
      () => checkOwner(drive("passthrough"), command),
      UnsupportedError,
      "belong to whoever owns the queues: the kernel",
    );
    checkOwner(drive("virtual"), command);
  }
  checkOwner(drive("passthrough"), { queue: "admin", opcode: 0x09, cdw10: 0x02 });
  checkOwner(drive("passthrough"), { queue: "admin", opcode: 0x0a, cdw10: 0x0d });
  checkOwner(drive("passthrough"), { queue: "io", opcode: 0x01 });
});

Deno.test("maySlow() keeps timers alive for everything but known reads", () => {
  const slow = (opcode: number): boolean => maySlow({ queue: "admin", opcode });
  assertEquals([slow(0x02), slow(0x06), slow(0x0a)], [false, false, false]);
  assertEquals([slow(0x80), slow(0x09), slow(0xc2), slow(0x03)], [true, true, true, true]);
  assertEquals(slow(0x0c), true, "an Asynchronous Event Request waits for an event");
});

Deno.test("sendRaw() sends every dword as it was given and returns data and 64-bit result", async () => {
  const command: RawCommand = {
    queue: "io",
    opcode: 0x92,
    flags: 0x40,
    nsid: 7,
    cdw2: 2,
    cdw3: 3,
    cdw10: 10,
    cdw11: 11,
    cdw12: 12,
    cdw13: 13,
    cdw14: 14,
    cdw15: 0xffffffff,
  };
  const transport = scriptedTransport([{
    expect: { ...command, direction: "in", slow: true, length: 5 },
    data: Uint8Array.of(1, 2, 3, 4, 5),
    result: 0x1122334455667788n,
  }]);
  const outcome = await sendRaw(new Drive(transport), command, { dataIn: 5, metadataIn: 8 });
  assertEquals(outcome.data, Uint8Array.of(1, 2, 3, 4, 5));
  assertEquals(outcome.metadata, new Uint8Array(8));
  assertEquals(outcome.result, 0x1122334455667788n);
});

Deno.test("sendRaw() sends the bytes of data and metadata", async () => {
  const transport = scriptedTransport([{
    expect: { opcode: 0xc1, direction: "out", sent: BYTES, length: 4 },
  }]);
  const command = { queue: "admin", opcode: 0xc1 } as const;
  const outcome = await sendRaw(new Drive(transport), command, {
    dataOut: BYTES,
    metadataOut: Uint8Array.of(9),
  });
  assertEquals(transport.commands[0]?.metadata?.bytes, Uint8Array.of(9));
  assertEquals(outcome, { status: 0, result: 0n });
});

Deno.test("sendRaw() names the status of a refusal, and hands on the result that came with it", async () => {
  const transport = scriptedTransport([{ expect: {}, status: 0x4002, result: 0xbadn }]);
  const seen: bigint[] = [];
  const error = await assertRejects(
    () =>
      sendRaw(new Drive(transport), IDENTIFY, { dataIn: 4096 }, {
        onRefused: ({ result }) => seen.push(result),
      }),
    StatusError,
    "Cannot carry out admin command 06h (Identify) on /dev/nvme9: the drive answered " +
      "Invalid Field in Command (00h/02h)",
  );
  assertEquals(error.status, 0x4002);
  assertEquals(seen, [0xbadn]);
});

Deno.test("sendRaw() counts a status that asks for a reset as success", async () => {
  const transport = scriptedTransport([{ expect: {}, status: 0x10b }]);
  const outcome = await sendRaw(new Drive(transport), { queue: "admin", opcode: 0x10 }, {});
  assertEquals(outcome.status, 0x10b);
});

function silentTransport(): Transport {
  return {
    ...scriptedTransport([]),
    submit: () => new Promise<Completion>(() => {}),
  };
}

Deno.test("sendRaw() stops waiting on a signal and says that the drive goes on", async () => {
  const abort = new AbortController();
  const sent = sendRaw(new Drive(silentTransport()), { queue: "admin", opcode: 0xc0 }, {}, {
    signal: abort.signal,
  });
  abort.abort(new InterruptedError("Interrupted by SIGTERM", 143));
  const error = await assertRejects(() => sent, InterruptedError, "may still be carrying it out");
  assertEquals(error.exitCode, 143);
});

Deno.test("sendRaw() sends nothing once the signal has fired", async () => {
  const transport = scriptedTransport([]);
  const signal = AbortSignal.abort(new InterruptedError("Interrupted by SIGINT"));
  await assertRejects(
    () => sendRaw(new Drive(transport), IDENTIFY, {}, { signal }),
    InterruptedError,
  );
  assertEquals(transport.commands, []);
});
