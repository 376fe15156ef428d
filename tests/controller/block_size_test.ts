// The bytes of a logical block, by whichever format a namespace has.

import { assertEquals, assertRejects } from "@std/assert";
import { logicalBlockSize } from "../../src/controller/block_size.ts";
import { Drive } from "../../src/controller/drive.ts";
import { UnsupportedError } from "../../src/errors.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { virtualDrive } from "../support/context.ts";
import { scriptedTransport } from "../support/scripted.ts";

/** Format N has blocks of 2^(9 + N mod 8) bytes; metadata must not count. */
function exponent(format: number): number {
  return 9 + format % 8;
}

function driveWith(flbas: number, formats: number): Drive {
  const lbaf = Array.from({ length: formats }, (_, at) => ({ lbads: exponent(at), ms: 8 }));
  const data = IdentifyNamespace.encode({ nsze: 1000n, flbas, nlbaf: formats - 1, lbaf });
  return new Drive(scriptedTransport([{ expect: { opcode: 0x06, nsid: 1, cdw10: 0 }, data }]));
}

Deno.test("each of the 64 formats has the size that its entry says", async () => {
  for (let format = 0; format < 64; format++) {
    // Bits 3:0 and 6:5 are the index; bit 4 says where metadata is.
    const flbas = (format & 0xf) | 0x10 | ((format >> 4) << 5);
    assertEquals(await logicalBlockSize(driveWith(flbas, 64), 1), 2 ** exponent(format));
  }
});

Deno.test("the upper bits of the index count only where there are more than 16 formats", async () => {
  assertEquals(await logicalBlockSize(driveWith(0x63, 16), 1), 2 ** exponent(3));
  assertEquals(await logicalBlockSize(driveWith(0x21, 18), 1), 2 ** exponent(17));
});

Deno.test("a namespace that is not active has no block size", async () => {
  await assertRejects(
    () => logicalBlockSize(new Drive(virtualDrive().transport), 2),
    UnsupportedError,
    "no such active namespace",
  );
  await assertRejects(() => logicalBlockSize(driveWith(5, 4), 1), UnsupportedError);
});
