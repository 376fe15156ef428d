// Data offsets and alignments.

import { assertEquals, assertThrows } from "@std/assert";
import { checkedFraming, dataOffset, PLAIN_FRAMING } from "../../src/tcp/framing.ts";

Deno.test("dataOffset() is the next multiple of the alignment, as the specification's examples", () => {
  // [TCP-1.1 §3.3]: CPDA 0Fh needs 40 bytes of padding behind a header of 24, HPDA 03h needs 8.
  assertEquals(dataOffset(24, 64), 24 + 40);
  assertEquals(dataOffset(24, 16), 24 + 8);
  assertEquals(dataOffset(24, 4), 24);
  assertEquals(dataOffset(28, 12), 36);
  assertEquals(dataOffset(76, 128), 128);
});

Deno.test("checkedFraming() takes exactly the alignments that HPDA and CPDA can say", () => {
  for (let alignment = -4; alignment <= 136; alignment++) {
    const framing = { ...PLAIN_FRAMING, alignment };
    if (alignment >= 4 && alignment <= 128 && alignment % 4 === 0) {
      assertEquals(checkedFraming(framing), framing);
    } else {
      assertThrows(() => checkedFraming(framing), RangeError, "need 4 to 128, by 4");
    }
  }
  assertThrows(() => checkedFraming({ ...PLAIN_FRAMING, alignment: NaN }), RangeError);
});
