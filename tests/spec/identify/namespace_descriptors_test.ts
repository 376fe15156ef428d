// Namespace Identification Descriptors.

import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeNamespaceDescriptors,
  descriptorJson,
  descriptorText,
  descriptorTypeText,
  encodeNamespaceDescriptors,
  NamespaceDescriptorHeader,
  NIDT,
} from "../../../src/spec/identify/namespace_descriptors.ts";
import { DESCRIPTORS_IMAGE } from "../../golden/identify/images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { DESCRIPTOR_WITNESS } from "./witness.ts";

structureTests(NamespaceDescriptorHeader, {
  bytes: Uint8Array.of(2, 16, 0, 0),
  decoded: { nidt: 2, nidl: 16 },
  encoded: { nidt: 2, nidl: 16 },
});

witnessTests(NamespaceDescriptorHeader, DESCRIPTOR_WITNESS);

Deno.test("decodeNamespaceDescriptors() finds all four identifiers", () => {
  const found = decodeNamespaceDescriptors(DESCRIPTORS_IMAGE);
  assertEquals(found.map((one) => [one.nidt, descriptorTypeText(one), descriptorText(one)]), [
    [NIDT.eui64, "EUI-64", "abcdef0123456789"],
    [NIDT.nguid, "NGUID", "fedcba9876543210abcdef0123456789"],
    [NIDT.uuid, "UUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    [NIDT.csi, "command set", "Zoned Namespace Command Set"],
  ]);
});

Deno.test("encodeNamespaceDescriptors() is the way back", () => {
  assertEquals(
    encodeNamespaceDescriptors(decodeNamespaceDescriptors(DESCRIPTORS_IMAGE)),
    DESCRIPTORS_IMAGE,
  );
});

Deno.test("decodeNamespaceDescriptors() keeps what it does not know", () => {
  const bytes = page(4096, { 0: "7f 03 00 00 0a 0b 0c 04 01 00 00 05" });
  const found = decodeNamespaceDescriptors(bytes);
  assertEquals(found.map((one) => [descriptorTypeText(one), descriptorText(one)]), [
    ["type 127", "0a0b0c"],
    ["command set", "command set 0x05"],
  ]);
});

Deno.test("decodeNamespaceDescriptors() ends at a length that a known type cannot have", () => {
  const short = page(4096, { 0: "04 01 00 00 00 01 04 00 00 01 02 03 04" });
  assertEquals(decodeNamespaceDescriptors(short).length, 1);
  const long = page(4096, { 0: "03 20 00 00 01" });
  assertEquals(decodeNamespaceDescriptors(long), []);
});

Deno.test("decodeNamespaceDescriptors() ends at an identifier that goes on behind the page", () => {
  const bytes = page(4096, { 4080: "7f 0d 00 00" });
  const filled = Uint8Array.from(bytes);
  // 15 descriptors of 255 + 4 bytes, then one of 191 + 4, end at byte 4080.
  for (let at = 0; at < 15; at++) filled.set([0x7f, 255], at * 259);
  filled.set([0x7f, 191], 15 * 259);
  assertEquals(decodeNamespaceDescriptors(filled).length, 16);
  filled.set([0x7f, 12], 4080);
  assertEquals(decodeNamespaceDescriptors(filled).length, 17);
});

Deno.test("decodeNamespaceDescriptors() takes bytes of any length and content", () => {
  assertEquals(decodeNamespaceDescriptors(new Uint8Array(0)), []);
  assertEquals(decodeNamespaceDescriptors(Uint8Array.of(1, 8, 0)), []);
  assertEquals(decodeNamespaceDescriptors(Uint8Array.of(1, 8, 0, 0, 1, 2)), []);
  assertEquals(decodeNamespaceDescriptors(new Uint8Array(4096)), []);
  assertEquals(decodeNamespaceDescriptors(new Uint8Array(4096).fill(0xff)).length, 15);
});

Deno.test("encodeNamespaceDescriptors() refuses what a list cannot hold", () => {
  assertThrows(
    () => encodeNamespaceDescriptors([{ nidt: 1, nid: new Uint8Array(0) }]),
    RangeError,
    "Cannot encode a namespace identifier of 0 bytes at byte 0: need 1 to",
  );
  const many = Array.from({ length: 17 }, () => ({ nidt: 9, nid: new Uint8Array(240) }));
  assertThrows(() => encodeNamespaceDescriptors(many), RangeError, "of 240 bytes at byte 3904");
  assertThrows(
    () => encodeNamespaceDescriptors([{ nidt: 9, nid: new Uint8Array(256) }]),
    RangeError,
  );
});

Deno.test("descriptorJson() writes identifiers as they are usually written", () => {
  const [, , uuid] = decodeNamespaceDescriptors(DESCRIPTORS_IMAGE);
  assertEquals(uuid && descriptorJson(uuid), {
    nidt: { value: 3, text: "UUID" },
    nidl: 16,
    nid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  });
});
