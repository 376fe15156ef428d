// The table-driven structure: what it accepts as a definition, and that bytes survive both ways.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  array,
  ascii,
  at,
  bit,
  bits,
  coded,
  kelvin,
  LayoutError,
  measured,
  range,
  reserved,
  struct,
  TruncatedError,
  u128,
  u16,
  u8,
} from "../../src/layout/mod.ts";

const Point = struct("Point", 4, "[BASE-2.1 §1]", [
  at(0, 1, "x", u16, "X"),
  at(2, 3, "y", u16, "Y"),
]);

const Sample = struct("Sample", 64, "[BASE-2.1 §1]", [
  at(
    0,
    0,
    "flags",
    bits(u8, { low: bit(0, "low bit"), mode: range(3, 1, "mode", { names: { 2: "two" } }) }),
    "Flags",
  ),
  at(1, 2, "temperatureNow", measured(u16, kelvin), "Temperature"),
  at(3, 3, "state", coded(u8, { 1: "one" }), "State"),
  at(4, 11, "serial", ascii(8), "Serial"),
  at(12, 27, "counter", u128, "Counter"),
  at(28, 39, "points", array(Point, 3), "Points"),
  reserved(40, 63),
]);

const golden = {
  flags: { low: true, mode: 2 },
  temperatureNow: 309,
  state: 1,
  serial: "AB",
  counter: 2n ** 127n + 1n,
  points: [{ x: 1, y: 2 }],
};

Deno.test("struct() refuses a gap between two rows", () => {
  assertThrows(
    () => struct("Gap", 3, "", [at(0, 0, "a", u8, "A"), at(2, 2, "b", u8, "B")]),
    LayoutError,
    '"b" starts at byte 2, previous row ends at 0',
  );
});

Deno.test("struct() refuses a row wider than its codec", () => {
  assertThrows(
    () => struct("Wide", 2, "", [at(0, 1, "a", u8, "A")]),
    LayoutError,
    '"a" spans 2 bytes, its codec reads 1',
  );
});

Deno.test("struct() refuses rows that do not fill the size", () => {
  assertThrows(
    () => struct("Short", 2, "", [at(0, 0, "a", u8, "A")]),
    LayoutError,
    "rows cover 1 bytes, spec size is 2",
  );
});

Deno.test("struct() refuses a name that stands twice", () => {
  assertThrows(
    () => struct("Twice", 2, "", [at(0, 0, "a", u8, "A"), at(1, 1, "a", u8, "A")]),
    LayoutError,
    '"a" stands twice',
  );
});

Deno.test("Struct.encode() then decode() keeps every field, and types are inferred", () => {
  const value = Sample.decode(Sample.encode(golden));
  const low: boolean = value.flags.low;
  const counter: bigint = value.counter;
  assertEquals(low, true);
  assertEquals(counter, 2n ** 127n + 1n);
  assertEquals(value.flags, { value: 5, low: true, mode: 2 });
  assertEquals(value.points, [{ x: 1, y: 2 }, { x: 0, y: 0 }, { x: 0, y: 0 }]);
  assertEquals(value.serial, "AB");
  assertEquals(Sample.encode(value), Sample.encode(golden));
});

Deno.test("Struct.encode() leaves reserved bytes zero in a dirty buffer", () => {
  const bytes = new Uint8Array(64).fill(0xa5);
  Sample.put(new DataView(bytes.buffer), 0, {});
  assert(bytes.every((byte, at) => byte === (at >= 4 && at < 12 ? 0 : 0)));
});

Deno.test("Struct.decode() names the shortfall of truncated bytes", () => {
  const error = assertThrows(
    () => Sample.decode(new Uint8Array(63)),
    TruncatedError,
    "Cannot decode Sample: 63 bytes, need 64",
  );
  assertEquals(error.needed, 64);
});

Deno.test("Struct.decode() reads a view that does not start at byte 0 of its buffer", () => {
  const whole = new Uint8Array(100);
  whole.set(Sample.encode(golden), 7);
  assertEquals(Sample.decode(whole.subarray(7)).counter, 2n ** 127n + 1n);
});

Deno.test("Struct.json() gives snake_case keys, coded pairs, Celsius and exact digits", () => {
  const json = Sample.json(Sample.decode(Sample.encode(golden)));
  assertEquals(json["temperature_now"], 309);
  assertEquals(json["temperature_now_celsius"], 36);
  assertEquals(json["state"], { value: 1, text: "one" });
  assertEquals(json["counter"], Number(2n ** 127n + 1n));
  assertEquals(json["counter_s"], (2n ** 127n + 1n).toString());
  assertEquals(json["flags"], {
    value: 5,
    text: "low bit, mode: two",
    low: true,
    mode: { value: 2, text: "two" },
  });
});

Deno.test("Struct.fields() carries label and text in the structure's order", () => {
  const fields = Sample.fields(Sample.decode(Sample.encode(golden)));
  assertEquals(fields.map(({ key }) => key).slice(0, 3), ["flags", "temperature_now", "state"]);
  assertEquals(fields[1]?.text, "36 °C (309 K)");
});

Deno.test("decodeOnly reads the named fields as decode does, and nothing else", () => {
  const bytes = Sample.encode({ temperatureNow: 300, counter: 7n, state: 1 });
  const { temperatureNow, counter } = Sample.decode(bytes);
  assertEquals(Sample.decodeOnly(bytes, "counter", "temperatureNow"), { counter, temperatureNow });
  assertThrows(() => Sample.decodeOnly(bytes.subarray(1), "counter"), TruncatedError);
});
