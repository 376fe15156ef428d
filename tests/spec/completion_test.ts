// The completion queue entry, and the status word with and without its phase tag.

import { assertEquals, assertThrows } from "@std/assert";
import {
  CompletionEntry,
  mergeStatusWord,
  splitStatusWord,
  statusWord,
} from "../../src/spec/completion.ts";
import { page } from "../golden/log/page.ts";
import { structureTests } from "../support/structure.ts";
import { COMPLETION_WITNESS, witnessTests } from "./log/witness.ts";

/** A Read that met an unrecovered read error: more in the error log, do not retry, phase 1. */
const FAILED_READ = page(16, {
  0: "44 33 22 11",
  4: "88 77 66 55",
  8: "0a 00 03 00",
  12: "2a 01 03 c5",
});

structureTests(CompletionEntry, {
  bytes: FAILED_READ,
  decoded: {
    dw0: 0x11223344,
    dw1: 0x55667788,
    sqhd: 10,
    sqid: 3,
    cid: 0x012a,
    status: { status: 0x6281, phase: true },
  },
  encoded: {
    dw0: 0x11223344,
    dw1: 0x55667788,
    sqhd: 10,
    sqid: 3,
    cid: 0x012a,
    status: { status: 0x6281, phase: true },
  },
});

witnessTests(CompletionEntry, COMPLETION_WITNESS);

Deno.test("splitStatusWord() takes the phase tag off bit 0", () => {
  assertEquals(splitStatusWord(0x0000), { status: 0x0000, phase: false });
  assertEquals(splitStatusWord(0x0001), { status: 0x0000, phase: true });
  assertEquals(splitStatusWord(0xc503), { status: 0x6281, phase: true });
  assertEquals(splitStatusWord(0xfffe), { status: 0x7fff, phase: false });
});

Deno.test("mergeStatusWord() puts Do Not Retry and More at bits 15 and 14", () => {
  assertEquals(mergeStatusWord({ status: 0x4000 }), 0x8000);
  assertEquals(mergeStatusWord({ status: 0x2000, phase: true }), 0x4001);
  assertEquals(mergeStatusWord({}), 0);
});

Deno.test("mergeStatusWord() refuses a status that still has its phase tag's bit", () => {
  assertThrows(
    () => mergeStatusWord({ status: 0x8000 }),
    RangeError,
    "Cannot encode status 32768: need an integer 0 to 0x7fff",
  );
});

Deno.test("statusWord puts the 15-bit field and its pieces into JSON", () => {
  assertEquals(statusWord.json({ status: 0x6281, phase: true }), {
    value: 0x6281,
    text: "Unrecovered Read Error (02h/81h)",
    type: 2,
    code: 0x81,
    retry_delay: 0,
    more: true,
    do_not_retry: true,
    phase: true,
  });
});

Deno.test("statusWord names its pieces in words", () => {
  const value = { status: 0x7a81, phase: true };
  assertEquals(statusWord.parts?.map((part) => [part.name, part.text(value)]), [
    ["phase", "1"],
    ["code", "81h"],
    ["type", "2h"],
    ["retryDelay", "3"],
    ["more", "yes"],
    ["doNotRetry", "yes"],
  ]);
});
