// Secrets show themselves to nobody by accident, and are gone when disposed of.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../src/errors.ts";
import { Secret, secretText } from "../../src/keys/secret.ts";

Deno.test("a Secret prints, joins, inspects and serializes as [redacted]", () => {
  using secret = secretText("hunter2");
  const shown = [
    String(secret),
    `${secret}`,
    "" + secret,
    JSON.stringify({ secret }),
    Deno.inspect(secret),
    Deno.inspect({ nested: [secret] }, { depth: 9, showHidden: true }),
    JSON.stringify(Object.entries(secret)),
  ];
  for (const text of shown) {
    assert(!text.includes("hunter2") && !text.includes("104"), text);
  }
  assertEquals(shown[3], '{"secret":"[redacted]"}');
});

Deno.test("a disposed Secret has overwritten its bytes with zeros, and refuses to be used", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const secret = new Secret(bytes);
  secret[Symbol.dispose]();
  assertEquals(bytes, new Uint8Array(3));
  assertEquals(secret.length, 0);
  assertThrows(() => secret.bytes(), AssertionFailure);
  secret[Symbol.dispose]();
});

Deno.test("Secret.copyOf() leaves the original alone", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  Secret.copyOf(bytes)[Symbol.dispose]();
  assertEquals(bytes, new Uint8Array([1, 2, 3]));
});

Deno.test("Secret.equals() compares all bytes, and lengths", () => {
  using secret = secretText("abc");
  using same = secretText("abc");
  using other = secretText("abd");
  using longer = secretText("abcd");
  assertEquals([same, other, longer].map((one) => secret.equals(one)), [true, false, false]);
});

Deno.test("Secret.text() and hex() are for what was asked for", () => {
  using secret = secretText("a\u0001");
  assertEquals([secret.text(), secret.hex()], ["a\u0001", "6101"]);
});
