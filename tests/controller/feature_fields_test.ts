// Fields of features by name, as somebody types them.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  assignField,
  fieldHelp,
  fieldNames,
  hasField,
  parseAssignment,
} from "../../src/controller/feature_fields.ts";
import { UsageError } from "../../src/errors.ts";
import { type Struct, Struct as StructClass } from "../../src/layout/mod.ts";
import {
  HostIdentifierData,
  LbaRangeData,
  NamespaceLabelData,
  PowerTransitionData,
} from "../../src/spec/feature/data.ts";
import {
  HostMemoryBufferDwords,
  TemperatureThresholdDwords,
  VolatileWriteCacheDwords,
  WriteProtectionDwords,
} from "../../src/spec/feature/dwords.ts";
import { ErrorRecoveryDwords } from "../../src/spec/feature/nvm_dwords.ts";
import { FEATURES } from "../../src/spec/feature/registry.ts";

type AnyStruct = Struct<object, unknown>;

/** The bytes of a structure after assignments, the first 32-bit word of them. */
function assigned(structure: unknown, ...typed: readonly string[]): Uint8Array {
  const { size } = structure as AnyStruct;
  const bytes = new Uint8Array(size);
  for (const one of typed) {
    assignField({ structure: structure as AnyStruct, bytes }, parseAssignment(one));
  }
  return bytes;
}

function word(structure: unknown, ...typed: readonly string[]): number {
  return new DataView(assigned(structure, ...typed).buffer).getUint32(0, true);
}

Deno.test("numbers, names of codes, and units are taken for a piece of a dword", () => {
  const values: readonly (readonly [typed: string, dword: number])[] = [
    ["tmpth=353", 353],
    ["tmpth=0x161", 353],
    ["TMPTH=353K", 353],
    ["tmpth=80C", 353],
    ["tmpth=-10C", 263],
    ["tmpth=-273C", 0],
    ["tmpth=80 °C", 353],
    ["tmpsel=3", 3 << 16],
    ["tmpsel=sensor 3", 3 << 16],
    ["tmpsel=sensor-3", 3 << 16],
    ["tmpsel=all-sensors", 0xf << 16],
    ["thsel=under", 1 << 20],
    ["tmpthh=7", 7 << 22],
  ];
  for (const [typed, dword] of values) {
    assertEquals(word(TemperatureThresholdDwords, typed), dword, typed);
  }
  assertEquals(
    word(TemperatureThresholdDwords, "tmpth=80C", "tmpsel=1", "thsel=1"),
    0x0011_0161,
  );
});

Deno.test("bits are yes or no, in any of their words", () => {
  for (const yes of ["1", "yes", "on", "true", "enabled", "ON"]) {
    assertEquals(word(VolatileWriteCacheDwords, `wce=${yes}`), 1, yes);
  }
  for (const no of ["0", "no", "off", "false", "disabled"]) {
    assertEquals(word(VolatileWriteCacheDwords, "wce=1", `wce=${no}`), 0, no);
  }
});

Deno.test("times are whole numbers of the field's unit", () => {
  assertEquals(word(ErrorRecoveryDwords, "tler=5s"), 50);
  assertEquals(word(ErrorRecoveryDwords, "tler=1.5min"), 900);
  assertEquals(word(ErrorRecoveryDwords, "tler=50"), 50);
  assertThrows(
    () => word(ErrorRecoveryDwords, "tler=50ms"),
    UsageError,
    "a time in steps of 100 ms",
  );
});

Deno.test("fields of data structures are found in lists, and in what is within", () => {
  const power = PowerTransitionData.decode(
    assigned(PowerTransitionData, "entries[31].itps=4", "entries[31].itpt=2s", "entries[0].itps=3"),
  );
  assertEquals([power.entries[0]?.itps, power.entries[31]?.itps], [3, 4]);
  assertEquals(power.entries[31]?.itpt, 2000);
  const { ranges } = LbaRangeData.decode(assigned(
    LbaRangeData,
    "ranges[1].type=1",
    "ranges[1].nlb=0xffffffffffff",
    "ranges[1].hlbar=yes",
    "ranges[1].guid=6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  ));
  assertEquals(ranges[1]?.nlb, 0xffff_ffff_ffffn);
  assertEquals([ranges[1]?.type, ranges[1]?.attrb.hlbar], [1, true]);
  assertEquals(ranges[1]?.guid[0], 0x6b);
});

Deno.test("text is UTF-8, identifiers are hexadecimal digits of their length", () => {
  const label = assigned(NamespaceLabelData, "label=Daten für später");
  assertEquals(new TextDecoder().decode(label).replaceAll("\0", ""), "Daten für später");
  assertEquals(
    assigned(HostIdentifierData, "host_id=0x0102030405060708"),
    Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  );
  assertThrows(
    () => assigned(HostIdentifierData, "hostId=0102"),
    UsageError,
    "need 16 hexadecimal digits",
  );
  assertThrows(
    () => assigned(NamespaceLabelData, `label=${"x".repeat(257)}`),
    UsageError,
    "257 characters",
  );
});

Deno.test("whole fields of several dwords are numbers of up to 64 bits", () => {
  const bytes = assigned(HostMemoryBufferDwords, "hmdla=0x1122334455667788", "hsize=0x100");
  const { hmdla, hsize } = HostMemoryBufferDwords.decode(bytes);
  assertEquals([hmdla, hsize], [0x1122334455667788n, 0x100]);
});

Deno.test("what is no value of the field is refused with what would be one", () => {
  const refusals: readonly (readonly [structure: unknown, typed: string, message: string])[] = [
    [WriteProtectionDwords, "wps=locked", "one of not protected, protected"],
    [WriteProtectionDwords, "wps=8", "does not fit 2:0"],
    [TemperatureThresholdDwords, "tmpth=80F", "degrees such as 80C"],
    [TemperatureThresholdDwords, "tmpth=80.5C", "degrees such as 80C"],
    [TemperatureThresholdDwords, "tmpth=-274C", "degrees such as 80C"],
    [TemperatureThresholdDwords, "tmpth=-1K", "degrees such as 80C"],
    [TemperatureThresholdDwords, "tmpth=-1", "a whole number"],
    [VolatileWriteCacheDwords, "wce=maybe", "need yes or no"],
    [VolatileWriteCacheDwords, "cdw12=1", "has no such field"],
    [PowerTransitionData, "entries[32].itps=1", "has no such field"],
    [PowerTransitionData, "entries.itps=1", "has no such field"],
    [HostMemoryBufferDwords, "hsize=many", "a whole number"],
    [HostMemoryBufferDwords, "hsize=0x100000000", "as u32"],
    [LbaRangeData, "ranges[0]=1", "a field of it"],
  ];
  for (const [structure, typed, message] of refusals) {
    assertThrows(() => assigned(structure, typed), UsageError, message);
  }
});

Deno.test("an assignment is a field, a sign and a value", () => {
  assertEquals(parseAssignment(" label = a=b "), { path: "label", text: "a=b" });
  for (const typed of ["tmpth", "=353", ""]) {
    assertThrows(() => parseAssignment(typed), UsageError, "need FIELD=VALUE");
  }
});

Deno.test("the fields of a structure can be listed, with what they are", () => {
  assertEquals(fieldNames(TemperatureThresholdDwords as AnyStruct), [
    "tmpth",
    "tmpsel",
    "thsel",
    "tmpthh",
  ]);
  const help = fieldHelp(WriteProtectionDwords as AnyStruct).join();
  assertEquals(help.startsWith("wps (state: not protected, protected"), true, help);
  assertEquals(fieldHelp(PowerTransitionData as AnyStruct)[0], "entries[N].itps (to power state)");
  assertEquals(fieldHelp(LbaRangeData as AnyStruct), ["ranges[N].* (Ranges)"]);
  assertEquals(hasField(PowerTransitionData as AnyStruct, "entries[3].itpt"), true);
  assertEquals(hasField(PowerTransitionData as AnyStruct, "itpt"), false);
});

/** Every field of a structure as it is typed, with a value other than zero that it can have. */
function typedFields(structure: AnyStruct): readonly (readonly [path: string, text: string])[] {
  const zero = structure.fields(structure.decode(new Uint8Array(structure.size)));
  return zero.flatMap(({ key, row: { codec } }) => {
    const one = codec.item ?? codec;
    const value = one.get(new DataView(new ArrayBuffer(one.size)), 0);
    const path = codec.item ? `${key}[0]` : key;
    if (one instanceof StructClass) {
      return typedFields(one).map(([inner, text]) => [`${path}.${inner}`, text] as const);
    }
    const outer = codec.item ? `${path}.` : "";
    if (one.parts) return one.parts.map(({ name }) => [`${outer}${name}`, "1"] as const);
    if (typeof value === "string") return [[path, "x"] as const];
    return [[path, value instanceof Uint8Array ? "01".repeat(one.size) : "1"] as const];
  });
}

Deno.test("every field of every feature can be set by its name, and is none of the others", () => {
  let tried = 0;
  for (const { name, dwords, data } of FEATURES) {
    const settable = data?.set ? [data.structure, ...data.others ?? []] : [];
    for (const structure of [dwords, ...settable]) {
      if (!(structure instanceof StructClass)) continue;
      const taken = new Uint8Array(structure.size);
      for (const [path, text] of typedFields(structure)) {
        const bytes = assigned(structure, `${path}=${text}`);
        assert(bytes.some((byte) => byte !== 0), `${name}: ${path} was set`);
        const free = bytes.every((byte, at) => (byte & (taken[at] ?? 0)) === 0);
        assert(free, `${name}: ${path} has bits of its own`);
        bytes.forEach((byte, at) => taken[at] = (taken[at] ?? 0) | byte);
        const again = new Uint8Array(structure.encode(structure.decode(bytes)));
        assertEquals(again, bytes, `${name}: ${path} is read as it was set`);
        tried++;
      }
    }
  }
  assert(tried > 100, `${tried} fields`);
});
