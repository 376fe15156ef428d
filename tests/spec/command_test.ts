// The submission queue entry against literal bytes.

import { assertEquals } from "@std/assert";
import { nextRandom } from "../../src/drive/random.ts";
import { decodeSubmission, SubmissionEntry } from "../../src/spec/command.ts";
import { page } from "../golden/log/page.ts";
import { structureTests } from "../support/structure.ts";
import { SUBMISSION_WITNESS, witnessTests } from "./log/witness.ts";

/** Get Log Page 02h of all namespaces, 512 bytes, to two pages of memory. */
const GET_SMART = page(64, {
  0: "02 00 34 12",
  4: "ff ff ff ff",
  24: "00 10 00 00 01 00 00 00",
  32: "00 20 00 00 01 00 00 00",
  40: "02 00 7f 00",
});

structureTests(SubmissionEntry, {
  bytes: GET_SMART,
  decoded: {
    opcode: 0x02,
    flags: { value: 0, fuse: 0, psdt: 0 },
    cid: 0x1234,
    nsid: 0xffffffff,
    cdw2: 0,
    cdw3: 0,
    mptr: 0n,
    prp1: 0x1_0000_1000n,
    prp2: 0x1_0000_2000n,
    cdw10: 0x007f0002,
    cdw11: 0,
    cdw12: 0,
    cdw13: 0,
    cdw14: 0,
    cdw15: 0,
  },
  encoded: {
    opcode: 0x02,
    cid: 0x1234,
    nsid: 0xffffffff,
    prp1: 0x1_0000_1000n,
    prp2: 0x1_0000_2000n,
    cdw10: 0x007f0002,
  },
});

witnessTests(SubmissionEntry, SUBMISSION_WITNESS);

Deno.test("SubmissionEntry keeps every field apart", () => {
  const bytes = page(64, {
    0: "05 42 cd ab",
    4: "04 03 02 01",
    8: "14 13 12 11",
    12: "24 23 22 21",
    16: "38 37 36 35 34 33 32 31",
    24: "48 47 46 45 44 43 42 41",
    32: "58 57 56 55 54 53 52 51",
    40: "64 63 62 61",
    44: "74 73 72 71",
    48: "84 83 82 81",
    52: "94 93 92 91",
    56: "a4 a3 a2 a1",
    60: "b4 b3 b2 b1",
  });
  const entry = {
    opcode: 0x05,
    flags: { value: 0x42, fuse: 2, psdt: 1 },
    cid: 0xabcd,
    nsid: 0x01020304,
    cdw2: 0x11121314,
    cdw3: 0x21222324,
    mptr: 0x3132333435363738n,
    prp1: 0x4142434445464748n,
    prp2: 0x5152535455565758n,
    cdw10: 0x61626364,
    cdw11: 0x71727374,
    cdw12: 0x81828384,
    cdw13: 0x91929394,
    cdw14: 0xa1a2a3a4,
    cdw15: 0xb1b2b3b4,
  };
  assertEquals<unknown>(SubmissionEntry.decode(bytes), entry);
  assertEquals(SubmissionEntry.encode(entry), new Uint8Array(bytes));
});

Deno.test("SubmissionEntry says in words how a command points at its data", () => {
  const { codec } = SubmissionEntry.row("flags");
  assertEquals(
    codec.text({ value: 0x41, fuse: 1, psdt: 1 }),
    "fused operation: first of a fused pair, data transfer: SGLs, metadata in one buffer",
  );
});

Deno.test("decodeSubmission() is SubmissionEntry.get(), wherever the entry stands", () => {
  const random = { random: 5 };
  for (let round = 0; round < 2_000; round++) {
    const offset = round % 7;
    // Some entries have pointers of zero, for which there is a shorter way.
    const zeros = round % 3 === 0 ? 40 : 0;
    const bytes = Uint8Array.from(
      { length: offset + 64 },
      (_, at) => at - offset < zeros ? 0 : Math.floor(nextRandom(random) * 256),
    );
    const view = new DataView(bytes.buffer);
    assertEquals(decodeSubmission(view, offset), SubmissionEntry.get(view, offset));
  }
});
