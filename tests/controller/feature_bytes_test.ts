// What Set Features sends for a wish, and what a wish must say.

import { assertEquals, assertThrows } from "@std/assert";
import { composeFeature, needsCurrent, selectedBy } from "../../src/controller/feature_bytes.ts";
import { parseAssignment } from "../../src/controller/feature_fields.ts";
import type { FeatureAnswer } from "../../src/controller/feature_value.ts";
import { UsageError } from "../../src/errors.ts";
import { HostBehaviorData, PowerTransitionData } from "../../src/spec/feature/data.ts";
import { findFeature } from "../../src/spec/feature/registry.ts";

const NOTHING = { cdw12: 0, cdw13: 0, cdw14: 0, cdw15: 0, data: undefined };

function feature(fid: number) {
  return { fid, info: findFeature(fid) };
}

function fields(...typed: readonly string[]) {
  return { assignments: typed.map(parseAssignment) };
}

function composed(fid: number, typed: readonly string[], current?: FeatureAnswer) {
  return composeFeature(feature(fid), fields(...typed), current);
}

Deno.test("what a wish does not name stays as the drive has it", () => {
  assertEquals(composed(0x02, ["ps=2"], { dword0: 0x40 }), { cdw11: 0x42, ...NOTHING });
  assertEquals(composed(0x01, ["hpw=9"], { dword0: 0x0302_0107 }), {
    cdw11: 0x0902_0107,
    ...NOTHING,
  });
});

Deno.test("what selects the value comes from the wish, whatever the drive answers with", () => {
  // The drive answers without the sensor that it was asked for, or with another one.
  const current = { dword0: 0x0043_0163 };
  assertEquals(composed(0x04, ["tmpsel=1", "thsel=under", "tmpth=300"], current).cdw11, 0x51_012c);
  assertEquals(selectedBy(feature(0x04), fields("tmpsel=2", "tmpth=300")), 0x2_0000);
  assertEquals(selectedBy(feature(0x09), fields("iv=5", "cd=yes")), 5);
  assertEquals(selectedBy(feature(0x18), { assignments: [], value: 0x4_0002 }), 2);
});

Deno.test("a value as a whole is dword 11, and fields go on top of it", () => {
  const content = { value: 0x0a, ...fields("dulbe=yes") };
  assertEquals(composeFeature(feature(0x05), content, { dword0: 0x64 }).cdw11, 0x1_000a);
  assertEquals(needsCurrent(feature(0x05), content), false);
  assertEquals(needsCurrent(feature(0x05), fields("dulbe=yes")), true);
});

Deno.test("where the answer has another layout, fields of the same name carry over", () => {
  const current = { dword0: 0x0000_0201 };
  const placement = composed(0x1d, ["endgid=3", "fdpcidx=5"], current);
  assertEquals([placement.cdw11, placement.cdw12], [3, 0x0501]);
  const recovery = composed(0x12, ["rrl=8"], { dword0: 4 });
  assertEquals([recovery.cdw11, recovery.cdw12], [0, 8]);
});

Deno.test("what the drive does not tell must be said", () => {
  assertThrows(
    () => composed(0x07, ["nsqr=3"], { dword0: 0x1f_001f }),
    UsageError,
    "the drive does not tell ncqr",
  );
  assertEquals(composed(0x07, ["nsqr=3", "ncqr=3"], { dword0: 0x1f_001f }).cdw11, 0x3_0003);
});

Deno.test("fields of a data structure change what the drive has, and nothing else", () => {
  const kept = HostBehaviorData.encode({ acre: 1, cdfe: 0x0c });
  const { data, cdw11 } = composed(0x16, ["lbafee=1"], { dword0: 0, data: kept });
  assertEquals(cdw11, 0);
  assertEquals(HostBehaviorData.decode(data ?? kept), {
    acre: 1,
    etdas: 0,
    lbafee: 1,
    hdisns: 0,
    cdfe: 0x0c,
  });
});

Deno.test("a table that only its dword changes is sent back as it is", () => {
  const table = PowerTransitionData.encode({ entries: [{ itps: 3, itpt: 500 }] });
  const { cdw11, data } = composed(0x0c, ["apste=on"], { dword0: 0, data: table });
  assertEquals([cdw11, data], [1, table]);
});

Deno.test("a timestamp is sent without what only the drive says of it", () => {
  const current = { dword0: 0, data: new Uint8Array(8).fill(0xff) };
  const { data } = composed(0x0e, ["timestamp=0x010203040506"], current);
  assertEquals(data, Uint8Array.of(6, 5, 4, 3, 2, 1, 0, 0));
});

Deno.test("data as a whole are exactly what the feature takes", () => {
  const content = (data: Uint8Array) => ({ assignments: [], data });
  const of = (fid: number, bytes: number, value?: number) =>
    composeFeature(feature(fid), { ...content(new Uint8Array(bytes)), value }, undefined);
  assertEquals(of(0x0c, 256, 1).data?.length, 256);
  assertEquals(of(0x81, 16, 1).data?.length, 16);
  assertEquals(of(0x1e, 3, 0x03_0000).data?.length, 3, "types of events, as many as NOET says");
  for (const [fid, bytes, value] of [[0x0c, 255, 0], [0x81, 16, 0], [0x1e, 2, 0x03_0000]]) {
    assertThrows(() => of(fid ?? 0, bytes ?? 0, value), UsageError, "bytes of data: it takes");
  }
  assertThrows(() => of(0x06, 4, 1), UsageError, "it takes none");
});

Deno.test("of the metadata of hosts the elements must be given", () => {
  assertThrows(
    () => composed(0x7e, ["ea=add"], { dword0: 0, data: new Uint8Array(4096) }),
    UsageError,
    "which elements is missing",
  );
});

Deno.test("a vendor's feature has no fields, and moves data only where somebody says so", () => {
  const vendor = feature(0xd0);
  assertThrows(() => composed(0xd0, ["x=1"]), UsageError, "has no such field");
  assertThrows(
    () => composeFeature(vendor, { value: 1, assignments: [] }, undefined),
    UsageError,
    "only its vendor knows whether it moves data",
  );
  const silent = { value: 1, assignments: [], noData: true };
  assertEquals(composeFeature(vendor, silent, undefined), { cdw11: 1, ...NOTHING });
  const data = Uint8Array.of(1, 2, 3);
  assertEquals(composeFeature(vendor, { assignments: [], data }, undefined).data, data);
  assertThrows(() => composeFeature(vendor, { ...silent, data }, undefined), UsageError);
  assertThrows(
    () => composeFeature(feature(0x06), { ...silent }, undefined),
    UsageError,
    "what the feature moves is known",
  );
});

Deno.test("a field that the feature does not have is refused with those that it has", () => {
  const error = assertThrows(() => composed(0x06, ["on=1"], { dword0: 0 }), UsageError);
  assertEquals(error.next, "it has wce (enabled)");
});
