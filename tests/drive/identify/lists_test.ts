// Tests of the lists of Identify, and of what all namespaces have in common.

import { assert, assertEquals } from "@std/assert";
import { variant } from "../../../src/drive/personality.ts";
import { formatUuid } from "../../../src/spec/identify/codecs.ts";
import { listedNamespaces, NamespaceList } from "../../../src/spec/identify/identify_lists.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import {
  IdentifyNamespaceIndependent,
} from "../../../src/spec/identify/identify_namespace_independent.ts";
import { GranularityList, listedGranularities } from "../../../src/spec/identify/resource_lists.ts";
import { listedUuids, UuidList } from "../../../src/spec/identify/uuid_list.ts";
import { Bench, INVALID_FIELD, OK, personality } from "../bench.ts";

const ALL = 0xffff_ffff;
const WRONG_SET = "01h/2Ch";

Deno.test("The granularity is said once, or for each format where blocks do not fill it", async () => {
  const even = variant(personality(""), {
    formats: [{ dataBytes: 512, metadataBytes: 0, performance: 0 }],
  });
  const one = GranularityList.decode((await new Bench(even).identify(0x16)).data);
  assertEquals(one.nga.gdm, false);
  assertEquals(listedGranularities(one).map(({ nsg }) => nsg), [1_048_576n]);
  const bench = new Bench();
  const each = GranularityList.decode((await bench.identify(0x16)).data);
  assertEquals([each.nga.gdm, listedGranularities(each).length], [true, 5]);
  assertEquals(listedGranularities(each)[2], { nsg: 1_032_192n, ncg: 1_032_192n });
  const wrong = { cdw10: 0x16, cdw11: 0x0100_0000 };
  await bench.refuses("admin", 0x06, wrong, { status: WRONG_SET, byte: 47 });
});

Deno.test("The UUID list has the drive's UUIDs in their order", async () => {
  const list = UuidList.decode((await new Bench().identify(0x17)).data);
  assertEquals(listedUuids(list).map(({ index, entry }) => [index, formatUuid(entry.uuid)]), [
    [1, "c194d55b-e094-4794-a21d-29998f56be6f"],
  ]);
});

Deno.test("Identify 00h of all namespaces says what each has, and no size", async () => {
  const { status, data } = await new Bench().identify(0x00, { nsid: ALL });
  assertEquals(status, OK);
  const { nsze, nvmcap, nlbaf, mc, eui64 } = IdentifyNamespace.decode(data);
  assertEquals([nsze, nvmcap, nlbaf as number], [0n, 0n, 4]);
  assert(mc.mtelbas && eui64.every((byte) => byte === 0));
  const plain = await new Bench("no-selftest").identify(0x00, { nsid: ALL });
  assertEquals(plain.status, "00h/0Bh");
});

Deno.test("Identify 09h and 0Ah are about a format that the drive has", async () => {
  const bench = new Bench();
  for (const cns of [0x09, 0x0a]) {
    assertEquals((await bench.identify(cns, { cdw11: 4 })).status, OK);
    const expected = { status: INVALID_FIELD, byte: 44 };
    await bench.refuses("admin", 0x06, { cdw10: cns, cdw11: 5 }, expected);
  }
});

Deno.test("Identify 1Ah, 1Bh and 1Fh know namespaces that are not attached", async () => {
  const bench = new Bench("namespaces");
  const list = NamespaceList.decode((await bench.identify(0x1a, { nsid: 3 })).data);
  assertEquals(listedNamespaces(list), [4, 5, 9]);
  assertEquals((await bench.identify(0x1b, { nsid: 5 })).status, OK);
  const inactive = IdentifyNamespaceIndependent.decode(
    (await bench.identify(0x1f, { nsid: 5 })).data,
  );
  assert(inactive.nstat.nrdy);
  const free = await bench.identify(0x1f, { nsid: 6 });
  assert(free.status === OK && free.data.every((byte) => byte === 0));
});
