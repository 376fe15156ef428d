// Messages of others lose the keys that they quote.

import { assertEquals } from "@std/assert";
import { redactKeys } from "../../src/keys/redact.ts";

const HEX = "5512DBB6737D0106F65975B773DFB011FFC344BCF442E2DD6D8BC4870B5D5B03";

Deno.test("redactKeys() takes out keys in interchange form, also cut short or broken", () => {
  for (
    const key of [
      "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:",
      "DHHC-1:00:ia6z",
      "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:",
      "NVMeTLSkey-9:zz:==",
    ]
  ) {
    const name = key.slice(0, key.indexOf("-") + 1);
    assertEquals(redactKeys(`Cannot use "${key}": no`), `Cannot use "${name}[redacted]": no`);
  }
});

Deno.test("redactKeys() takes out long hexadecimal numbers, and leaves short ones", () => {
  assertEquals(redactKeys(`--secret ${HEX} is`), "--secret [redacted] is");
  const harmless = "uuid f81d4fae-7dec-11d0-a765-00a0c91e6bf6, eui 0123456789abcdef, 0x2002";
  assertEquals(redactKeys(harmless), harmless);
});
