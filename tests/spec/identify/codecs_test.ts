// The codecs that Identify data structures share.

import { assertEquals } from "@std/assert";
import {
  bit,
  bits,
  bytes,
  type Codec,
  measured,
  u16,
  u32,
  u64,
  u8,
} from "../../../src/layout/mod.ts";
import {
  countUnlessZero,
  formatUuid,
  oui,
  sparse,
  specificationVersion,
  uuid,
  vendorSpecific,
  whenZero,
  worded,
} from "../../../src/spec/identify/codecs.ts";
import { logicalBlocks } from "../../../src/spec/identify/units.ts";

function decode<T>(codec: Codec<T, never>, ...octets: readonly number[]): T {
  return codec.get(new DataView(Uint8Array.from(octets).buffer), 0);
}

const FLAGS = bits(u8, { first: bit(0, "first"), second: bit(1, "second") });

Deno.test("worded() changes the text for people and in JSON, and keeps the pieces", () => {
  const codec = worded(FLAGS, ({ first }) => first ? "one" : "other");
  const value = decode(codec, 0x02);
  assertEquals(codec.text(value), "other");
  assertEquals(codec.json(value), { value: 2, text: "other", first: false, second: true });
  assertEquals(codec.parts?.map(({ name }) => name), ["first", "second"]);
});

Deno.test("whenZero() only speaks of zero", () => {
  const codec = whenZero(FLAGS, "not supported");
  assertEquals(codec.text(decode(codec, 0x00)), "not supported");
  assertEquals(codec.text(decode(codec, 0x01)), "first");
  assertEquals(codec.text(decode(codec, 0x80)), "reserved bits 0x80");
});

Deno.test("countUnlessZero() counts from one, and lets zero mean something", () => {
  const codec = countUnlessZero(measured(u16, logicalBlocks), "no boundary");
  assertEquals(codec.text(decode(codec, 0, 0)), "no boundary");
  assertEquals(codec.text(decode(codec, 1, 0)), "2 blocks");
  assertEquals(codec.json(decode(codec, 1, 0)), 1);
});

Deno.test("sparse() leaves out what is empty behind the last entry, not before it", () => {
  const codec = sparse(u8, 4, (value) => value === 0);
  const values = decode(codec, 0, 7, 0, 0);
  assertEquals(values, [0, 7, 0, 0]);
  assertEquals(codec.text(values), "0: 0; 1: 7");
  assertEquals(codec.json(values), [0, 7]);
  assertEquals(codec.text([0, 0, 0, 0]), "none");
});

Deno.test("vendorSpecific() says nothing in JSON where there is nothing", () => {
  const codec = vendorSpecific(bytes(2));
  assertEquals(codec.json(decode(codec, 0, 0)), null);
  assertEquals(codec.json(decode(codec, 0, 1)), "0001");
});

Deno.test("oui reads little-endian and is written as the IEEE writes it", () => {
  const value = decode(oui, 0x38, 0x25, 0x00);
  assertEquals(value, 0x002538);
  assertEquals(oui.text(value), "00-25-38");
  assertEquals(oui.text(0), "none");
});

Deno.test("uuid keeps the order of the bytes", () => {
  const octets = Array.from({ length: 16 }, (_, at) => at * 17);
  const value = decode(uuid, ...octets);
  assertEquals(uuid.text(value), "00112233-4455-6677-8899-aabbccddeeff");
  assertEquals(uuid.json(value), "00112233-4455-6677-8899-aabbccddeeff");
  assertEquals(uuid.text(new Uint8Array(16)), "none");
  assertEquals(formatUuid(new Uint8Array(16)), "00000000-0000-0000-0000-000000000000");
});

Deno.test("specificationVersion reads as people say it", () => {
  const value = decode(specificationVersion, 0x00, 0x01, 0x02, 0x00);
  assertEquals(specificationVersion.text(value), "2.1.0");
  assertEquals(
    specificationVersion.text(decode(specificationVersion, 1, 2, 1, 0)),
    "1.2.1",
  );
  assertEquals(value.value, u32.get(new DataView(Uint8Array.of(0, 1, 2, 0).buffer), 0));
});

Deno.test("sparse() takes an element for empty only where none of its bits is set", () => {
  const codec = sparse(u64, 3, (value) => value === 0n);
  const bytes = new Uint8Array(codec.size);
  const values = [1n << 63n, 0n, 1n];
  const view = new DataView(bytes.buffer);
  codec.put(view, 0, values);
  assertEquals(codec.get(view, 0), values);
});
