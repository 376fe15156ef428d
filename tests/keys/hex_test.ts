// Hexadecimal secrets: read exactly, or refused by the name of what is wrong.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { KeyFormatError } from "../../src/keys/format_error.ts";
import { readHexSecret } from "../../src/keys/hex.ts";

Deno.test("readHexSecret() reads digits of either case", () => {
  using secret = readHexSecret("00fFA5");
  assertEquals(secret.bytes(), new Uint8Array([0x00, 0xff, 0xa5]));
});

Deno.test("readHexSecret() names what is wrong, and never the secret", () => {
  for (
    const [wrong, problem] of [
      ["", "empty"],
      ["abc", "odd"],
      ["ab cd", "space"],
      [" abcd", "space"],
      ["abcd\n", "space"],
      ["+abcd", "sign"],
      ["-abcd", "sign"],
      ["ab-cd0", "sign"],
      ["0xabcd", "prefix"],
      ["abXd", "character"],
      ["x0abcd", "character"],
      ["abcdé", "character"],
      ["5512DBB6_737D0106", "character"],
    ] as const
  ) {
    const error = assertThrows(() => readHexSecret(wrong), KeyFormatError);
    assertEquals([error.problem, wrong], [problem, wrong]);
    if (wrong.length > 1) assert(!error.message.includes(wrong.trim()), error.message);
  }
});
