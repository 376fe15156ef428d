// What the answers of Get Features say.

import { assert, assertEquals } from "@std/assert";
import { decodeFeature, type FeatureAnswer } from "../../src/controller/feature_value.ts";
import {
  ExtendedHostIdentifierData,
  PlacementEventData,
  PowerTransitionData,
  TimestampData,
} from "../../src/spec/feature/data.ts";
import { FEATURES, findFeature } from "../../src/spec/feature/registry.ts";

function text(fid: number, answer: FeatureAnswer, cdw11 = 0): string {
  return decodeFeature(findFeature(fid), answer, { cdw11 }).text;
}

/** Dword 0 of features that are one dword, and what it says; figures 386 to 446. */
const DWORDS: readonly (readonly [fid: number, dword0: number, text: string])[] = [
  [
    0x01,
    0x03020107,
    "burst: no limit, low priority weight: 2, medium priority weight: 3, high priority weight: 4",
  ],
  [0x02, 0x00000041, "power state: 1, workload hint: heavy writes"],
  [0x04, 0x00800163, "threshold: 82 °C (355 K), hysteresis, K: 2"],
  [0x05, 0x0001000a, "time limit: 1 s, deallocated blocks are errors: yes"],
  [0x06, 0x00000001, "enabled: yes"],
  [0x07, 0x001f000f, "submission queues: 16, completion queues: 32"],
  [0x08, 0x00000a03, "completions: 4, time: 1000 µs"],
  [0x09, 0x00010003, "no coalescing: yes"],
  [0x0a, 0x00000001, "only what holds in a power failure: yes"],
  [0x0b, 0x00000101, "critical warnings: 1, attached namespace attributes"],
  [0x0b, 0x00000000, "none"],
  [0x0f, 0x00001388, "Keep alive timeout: 5,000 ms (5 s)"],
  [0x10, 0x014d0000, "heavy throttling from: off, light throttling from: 60 °C (333 K)"],
  [0x11, 0x00000000, "permissive: no"],
  [0x12, 0x00000004, "level: 4"],
  [0x15, 0x8ca00005, "report interval: 500 ms, poll interval: 1 h"],
  [0x17, 0x00000001, "warns instead of refusing: yes"],
  [0x18, 0x000d0001, "critical warnings: 13"],
  [0x1b, 0x00000002, "mode: forced quiescence"],
  [0x80, 0x00000002, "loads before the boot: 2"],
  [0x84, 0x00000003, "state: protected for ever"],
  [0x84, 0x00000007, "state: unknown (0x07)"],
];

Deno.test("dword 0 is decoded with its units, and without what selected the value", () => {
  for (const [fid, dword0, expected] of DWORDS) assertEquals(text(fid, { dword0 }), expected);
});

Deno.test("the pieces stand in JSON by their names, codes with their text", () => {
  const { json, fields } = decodeFeature(findFeature(0x02), { dword0: 0x41 });
  assertEquals(json, {
    value: 0x41,
    text: "power state: 1, workload hint: heavy writes",
    ps: 1,
    wh: { value: 2, text: "heavy writes" },
  });
  assertEquals(fields.map(({ path }) => path), ["ps", "wh"]);
  const threshold = decodeFeature(findFeature(0x04), { dword0: 0x163 }).json;
  assertEquals(Object.keys(threshold), ["value", "text", "tmpth", "tmpthh"]);
});

Deno.test("a data structure is summed up by what of it is not zero", () => {
  const entries = [{ itps: 3, itpt: 100 }, { itps: 3, itpt: 100 }, { itps: 4, itpt: 2000 }];
  const data = PowerTransitionData.encode({ entries: [...entries, { itps: 4, itpt: 1 }] });
  const value = decodeFeature(findFeature(0x0c), { dword0: 1, data });
  assertEquals(value.fields.map(({ path }) => path), [
    "apste",
    "entries[0]",
    "entries[1]",
    "entries[2]",
    "entries[3]",
  ]);
  assert(value.text.startsWith("enabled: yes; Power states 0 to 31 0: to power state: 3"));
  assert(value.text.endsWith("and 1 more"), value.text);
  assertEquals(text(0x0c, { dword0: 0, data: new Uint8Array(256) }), "enabled: no; all zero");
});

Deno.test("a timestamp is a time, or how long ago the reset was", () => {
  const timestamp = Date.UTC(2025, 0, 1);
  const data = TimestampData.encode({ timestamp, attributes: { origin: 1 } });
  assertEquals(text(0x0e, { dword0: 0, data }), "2025-01-01 00:00:00.000Z");
  const reset = TimestampData.encode({ timestamp: 1500 });
  assertEquals(text(0x0e, { dword0: 0, data: reset }), "1,500 ms after a reset");
});

Deno.test("what dword 11 selects decides about the structure of the data", () => {
  const data = ExtendedHostIdentifierData.encode({ hostId: new Uint8Array(16).fill(0xab) });
  assertEquals(text(0x81, { dword0: 1, data }, 1), `Host identifier: ${"ab".repeat(16)}`);
  const standard = new Uint8Array(4096);
  standard[4] = 6;
  assertEquals(
    text(0x1c, { dword0: 0, data: standard }, 0),
    "Random 4 KiB read latency: from 500 ms",
  );
  const identifiers = new Uint8Array(4096);
  identifiers[1] = 4;
  assertEquals(text(0x1c, { dword0: 0, data: identifiers }, 0xc0), "Most that can be saved: 4");
  const vendor = new Uint8Array(4096);
  vendor[30] = 8;
  assertEquals(text(0x1c, { dword0: 0, data: vendor }, 0xc1), "Bytes of the attribute: 8");
});

Deno.test("of the events of a placement handle dword 0 tells how many there are", () => {
  const events = [{ fdpet: 0, fdpeta: { fdpee: true } }, { fdpet: 0x80 }];
  const data = new Uint8Array(510);
  data.set(PlacementEventData.encode(events));
  const { fields, json } = decodeFeature(findFeature(0x1e), { dword0: 2, data });
  assertEquals(fields.length, 2);
  assertEquals((json["data"] as readonly unknown[]).length, 2);
});

Deno.test("a feature that is not known, and data that are cut, are numbers", () => {
  assertEquals(decodeFeature(undefined, { dword0: 0xabcd }).text, "0x0000abcd");
  const cut = decodeFeature(findFeature(0x16), { dword0: 0, data: new Uint8Array(3) });
  assertEquals(cut.fields, []);
  assertEquals(cut.json["data"], null);
});

Deno.test("every feature decodes whatever comes back", () => {
  for (const info of FEATURES) {
    for (const byte of [0x00, 0xff]) {
      const data = info.data ? new Uint8Array(4096).fill(byte) : undefined;
      const answer = { dword0: byte === 0 ? 0 : 0xffff_ffff, ...(data ? { data } : {}) };
      const { text, json } = decodeFeature(info, answer);
      assert(text.length > 0, info.name);
      JSON.stringify(json);
    }
  }
});
