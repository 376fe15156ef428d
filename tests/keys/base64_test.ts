// Base64 against the examples of its specification and the platform's own.

import { assertEquals, assertThrows } from "@std/assert";
import { decodeBase64, encodeBase64 } from "../../src/keys/base64.ts";
import { KeyFormatError } from "../../src/keys/format_error.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

// RFC 4648 section 10.
const EXAMPLES = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
] as const;

Deno.test("encodeBase64() and decodeBase64() agree with the examples of RFC 4648", () => {
  for (const [plain, encoded] of EXAMPLES) {
    assertEquals(text(encodeBase64(ascii(plain))), encoded);
    assertEquals(text(decodeBase64(ascii(encoded), "a key")), plain);
  }
});

Deno.test("encodeBase64() writes every byte value as the platform does", () => {
  for (const length of [36, 52, 68, 255, 256]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 0xff);
    assertEquals(text(encodeBase64(bytes)), btoa(String.fromCharCode(...bytes)));
    assertEquals(decodeBase64(encodeBase64(bytes), "a key"), bytes);
  }
});

Deno.test("decodeBase64() refuses what is not exactly Base64", () => {
  for (
    const [wrong, said] of [
      ["Zg", "has 2 characters"],
      ["Zm9vY", "has 5 characters"],
      ["Zm-v", "has a character at 3"],
      ["Zm_v", "has a character at 3"],
      ["Z===", "has a character at 2"],
      ["====", "has a character at 1"],
      ["Zg==Zg==", "has a character at 3"],
      ["Zh==", "has bits behind its last byte"],
      ["Zm9=", "has bits behind its last byte"],
    ] as const
  ) {
    const error = assertThrows(() => decodeBase64(ascii(wrong), "a key"), KeyFormatError, said);
    assertEquals(error.problem, "base64");
  }
});
