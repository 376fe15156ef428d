// The fields that all Identify Namespace data structures share.

import { assertEquals } from "@std/assert";
import type { Codec } from "../../../src/layout/mod.ts";
import { FPI, KPIOS, NMIC, NSATTR, RESCAP } from "../../../src/spec/identify/namespace_fields.ts";

function text<T>(codec: Codec<T, never>, octet: number): string {
  return codec.text(codec.get(new DataView(Uint8Array.of(octet).buffer), 0));
}

Deno.test("NMIC says who may share the namespace", () => {
  assertEquals([0, 1, 3].map((octet) => text(NMIC, octet)), [
    "private",
    "shared",
    "shared, dispersed",
  ]);
});

Deno.test("FPI says how much of a format remains, where the drive can tell", () => {
  assertEquals([0x00, 0x19, 0x80, 0x99].map((octet) => text(FPI, octet)), [
    "not supported",
    "not supported",
    "no format in progress",
    "25 % remaining",
  ]);
});

Deno.test("the others list what they have", () => {
  assertEquals(text(NSATTR, 1), "write protected");
  assertEquals(text(KPIOS, 3), "enabled, supported");
  assertEquals(text(RESCAP, 0x03), "persist through power loss, write exclusive");
});
