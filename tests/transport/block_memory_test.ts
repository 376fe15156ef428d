// How much memory commands need that move blocks.

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../src/errors.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import {
  type BlockShape,
  blockShape,
  movesBlocks,
  requireBlockMemory,
} from "../../src/transport/block_memory.ts";
import type { Command, DataBuffer } from "../../src/transport/transport.ts";

const PLAIN: BlockShape = {
  blockBytes: 512,
  metadataBytes: 0,
  extended: false,
  protectionOnly: false,
};
const PRACT = 1 << 29;

function buffer(length: number): DataBuffer {
  return { bytes: new Uint8Array(length), [Symbol.dispose]: () => {} };
}

/** Whether a command for so many blocks may go with so much memory. */
function goes(
  shape: Partial<BlockShape>,
  { blocks = 1, data = 0, metadata, flags = 0, opcode = 0x02 }: {
    readonly blocks?: number;
    readonly data?: number;
    readonly metadata?: number;
    readonly flags?: number;
    readonly opcode?: number;
  },
): boolean {
  const command: Command = {
    queue: "io",
    opcode,
    nsid: 1,
    cdw12: (blocks - 1) | flags,
    ...(data === 0 ? {} : { data: buffer(data) }),
    ...(metadata === undefined ? {} : { metadata: buffer(metadata) }),
  };
  try {
    requireBlockMemory(command, { ...PLAIN, ...shape });
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

Deno.test("requireBlockMemory() wants data to the last page, which the drive is given as a whole", () => {
  assertEquals(goes({}, { blocks: 8, data: 4096 }), true);
  assertEquals(goes({}, { blocks: 8, data: 1 }), true);
  assertEquals(goes({}, { blocks: 8 }), false);
  assertEquals(goes({}, { blocks: 9, data: 4096 }), false);
  assertEquals(goes({}, { blocks: 0x1_0000, data: 0x200_0000 }), true);
  assertEquals(goes({}, { blocks: 0x1_0000, data: 0x1ff_f000 }), false);
  assertEquals(goes({ blockBytes: 4096 }, { blocks: 2, data: 4096 }), false);
});

Deno.test("requireBlockMemory() wants every byte of separate metadata, and none where there is none", () => {
  const shape = { metadataBytes: 8 };
  assertEquals(goes(shape, { blocks: 8, data: 4096, metadata: 64 }), true);
  assertEquals(goes(shape, { blocks: 8, data: 4096, metadata: 63 }), false);
  assertEquals(goes(shape, { blocks: 8, data: 4096 }), false);
  assertEquals(goes({}, { blocks: 8, data: 4096 }), true);
});

Deno.test("requireBlockMemory() wants room for metadata behind the data of each block", () => {
  const shape = { metadataBytes: 64, extended: true };
  assertEquals(goes(shape, { blocks: 7, data: 7 * 576 }), true);
  assertEquals(goes(shape, { blocks: 8, data: 4096 }), false);
  assertEquals(goes(shape, { blocks: 8, data: 8 * 576 }), true);
});

Deno.test("requireBlockMemory() wants none for what the drive makes and checks by itself", () => {
  for (const extended of [false, true]) {
    const shape = { metadataBytes: 8, extended, protectionOnly: true };
    assertEquals(goes(shape, { blocks: 8, data: 4096, flags: PRACT }), true);
    assertEquals(goes(shape, { blocks: 8, data: 4096 }), false);
    // Metadata that is more than protection information is moved all the same.
    const more = { ...shape, metadataBytes: 16, protectionOnly: false };
    assertEquals(goes(more, { blocks: 8, data: 4096, flags: PRACT }), false);
  }
});

Deno.test("requireBlockMemory() looks at commands that move blocks, and at no others", () => {
  const moving = Array.from({ length: 256 }, (_, opcode) => opcode)
    .filter((opcode) => movesBlocks({ queue: "io", opcode }));
  assertEquals(moving, [0x01, 0x02, 0x05, 0x7d]);
  assertEquals(movesBlocks({ queue: "admin", opcode: 0x02 }), false);
  for (const opcode of [0x00, 0x04, 0x08, 0x09, 0x0c]) assertEquals(goes({}, { opcode }), true);
  const error = assertThrows(
    () => requireBlockMemory({ queue: "io", opcode: 0x05, nsid: 3, cdw12: 9 }, PLAIN),
    UsageError,
  );
  assertEquals(
    [error.message, error.next],
    [
      "Cannot send Compare (05h, namespace 3) with memory for 0 bytes: the drive transfers 5120",
      "give it a length of 5120 or more, or ask for fewer blocks",
    ],
  );
});

Deno.test("blockShape() knows formats by their index, and namespaces without blocks", () => {
  const lbaf = [{ ms: 0, lbads: 9 }, { ms: 8, lbads: 12 }, { ms: 16, lbads: 12 }];
  const shape = (flbas: object, dps: object = {}, nsze = 8n): BlockShape | undefined =>
    blockShape(IdentifyNamespace.encode({ nsze, nlbaf: 2, lbaf, flbas, dps }));
  assertEquals(shape({ fidxl: 0 }), PLAIN);
  assertEquals(shape({ fidxl: 1 }, { pit: 1 }), {
    blockBytes: 4096,
    metadataBytes: 8,
    extended: false,
    protectionOnly: true,
  });
  assertEquals(shape({ fidxl: 1 })?.protectionOnly, false);
  assertEquals(shape({ fidxl: 2, mtelba: true }, { pit: 1 }), {
    blockBytes: 4096,
    metadataBytes: 16,
    extended: true,
    protectionOnly: false,
  });
  assertEquals(shape({ fidxl: 0 }, {}, 0n), undefined);
  assertEquals(blockShape(new Uint8Array(4096)), undefined);
});
