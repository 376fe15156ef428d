// The structure behind HKDF-Expand-Label, byte by byte.

import { assertEquals, assertThrows } from "@std/assert";
import { KeyFormatError } from "../../src/keys/format_error.ts";
import { compatibleHkdfLabel, hkdfLabel } from "../../src/keys/hkdf_label.ts";

const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

Deno.test("hkdfLabel() is the length big-endian, then label and context with their lengths", () => {
  const label = { label: "HostNQN", context: "nqn.x", length: 48 };
  assertEquals(text(hkdfLabel(label)), "\x00\x30\x0dtls13 HostNQN\x05nqn.x");
});

Deno.test("compatibleHkdfLabel() is the length little-endian, then both without lengths", () => {
  const label = { label: "HostNQN", context: "nqn.x", length: 0x130 };
  assertEquals(text(compatibleHkdfLabel(label)), "\x30\x01tls13 HostNQNnqn.x");
});

Deno.test("a context of 255 bytes fits, one of 256 is refused, in both forms", () => {
  for (const form of [hkdfLabel, compatibleHkdfLabel]) {
    form({ label: "x", context: "a".repeat(255), length: 32 });
    const error = assertThrows(
      () => form({ label: "x", context: "a".repeat(256), length: 32 }),
      KeyFormatError,
      "256 bytes",
    );
    assertEquals(error.problem, "identity");
  }
});
