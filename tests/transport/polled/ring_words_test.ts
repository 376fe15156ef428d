// Entries as words.

import { assertEquals } from "@std/assert";
import { CompletionEntry } from "../../../src/spec/completion.ts";
import { clearEntry, completionText } from "../../../src/transport/polled/ring_words.ts";

Deno.test("clearEntry() zeroes the 64 bytes of one entry and no others", () => {
  const words = new Uint32Array(48).fill(0xa5a5_a5a5);
  clearEntry(new Float64Array(words.buffer), 8);
  assertEquals(
    [...words.keys()].filter((at) => words[at] === 0),
    [...Array(16).keys()].map((at) => at + 16),
  );
});

Deno.test("completionText() says the same as the table of the entry", () => {
  const entry = {
    sqid: 0xfedc,
    sqhd: 0x1234,
    cid: 0xabcd,
    status: { status: 0x4281, phase: true },
  };
  const view = new DataView(CompletionEntry.encode(entry).buffer);
  assertEquals(
    completionText(view.getUint32(8, true), view.getUint32(12, true)),
    "SQID 65244, SQHD 4660, CID 43981, status 4281h",
  );
});
