// NVM sets, domains, granularities.

import { assertEquals } from "@std/assert";
import { fromCount } from "../../../src/layout/mod.ts";
import {
  DomainEntry,
  DomainList,
  GranularityDescriptor,
  GranularityList,
  listedDomains,
  listedGranularities,
  listedNvmSets,
  NvmSetEntry,
  NvmSetList,
} from "../../../src/spec/identify/resource_lists.ts";
import {
  DOMAIN_LIST_IMAGE,
  GRANULARITY_LIST_IMAGE,
  NVM_SET_LIST_IMAGE,
} from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import {
  DOMAIN_ENTRY_WITNESS,
  DOMAIN_LIST_WITNESS,
  GRANULARITY_LIST_WITNESS,
  GRANULARITY_WITNESS,
  NVM_SET_ENTRY_WITNESS,
  NVM_SET_LIST_WITNESS,
} from "./witness.ts";

const SET_1 = {
  nsetid: 1,
  endgid: 1,
  r4krt: 800,
  ows: 131_072,
  tnvmsc: 1_000_204_886_016n,
  unvmsc: 2n ** 64n + 1n,
};

const DOMAIN_1 = { did: 1, tdc: 1_000_204_886_016n, udc: 2n ** 64n, megdc: 2_000_409_772_032n };

const GIB = 2n ** 30n;

structureTests(NvmSetEntry, {
  bytes: NVM_SET_LIST_IMAGE.subarray(128, 256),
  decoded: SET_1,
  encoded: SET_1,
});
structureTests(NvmSetList, {
  bytes: NVM_SET_LIST_IMAGE,
  decoded: { nument: 2 },
  encoded: { nument: 2, entries: [SET_1, { nsetid: 3, endgid: 2 }] },
});
structureTests(DomainEntry, {
  bytes: DOMAIN_LIST_IMAGE.subarray(128, 256),
  decoded: DOMAIN_1,
  encoded: DOMAIN_1,
});
structureTests(DomainList, {
  bytes: DOMAIN_LIST_IMAGE,
  decoded: { nument: 1 },
  encoded: { nument: 1, entries: [DOMAIN_1] },
});
structureTests(GranularityDescriptor, {
  bytes: GRANULARITY_LIST_IMAGE.subarray(32, 48),
  decoded: { nsg: GIB, ncg: 2n * GIB },
  encoded: { nsg: GIB, ncg: 2n * GIB },
});
structureTests(GranularityList, {
  bytes: GRANULARITY_LIST_IMAGE,
  decoded: { nga: { value: 1, gdm: true }, nd: fromCount(2, 64) },
  encoded: {
    nga: { gdm: true },
    nd: 1,
    ngd: [
      { nsg: GIB, ncg: 2n * GIB },
      { nsg: 2n ** 20n },
      ...Array.from({ length: 61 }, () => ({})),
      { nsg: 1n, ncg: 2n },
    ],
  },
});

witnessTests(NvmSetEntry, NVM_SET_ENTRY_WITNESS);
witnessTests(NvmSetList, NVM_SET_LIST_WITNESS);
witnessTests(DomainEntry, DOMAIN_ENTRY_WITNESS);
witnessTests(DomainList, DOMAIN_LIST_WITNESS);
witnessTests(GranularityDescriptor, GRANULARITY_WITNESS);
witnessTests(GranularityList, GRANULARITY_LIST_WITNESS);

Deno.test("listedNvmSets(), listedDomains() and listedGranularities() return those in use", () => {
  const sets = listedNvmSets(NvmSetList.decode(NVM_SET_LIST_IMAGE));
  assertEquals(sets.map(({ nsetid }) => nsetid), [1, 3]);
  const domains = listedDomains(DomainList.decode(DOMAIN_LIST_IMAGE));
  assertEquals(domains.map(({ did }) => did), [1]);
  const granularities = listedGranularities(GranularityList.decode(GRANULARITY_LIST_IMAGE));
  assertEquals(granularities.map(({ nsg }) => nsg), [GIB, 2n ** 20n]);
});

Deno.test("listedNvmSets() does not believe a count beyond the page", () => {
  assertEquals(listedNvmSets(NvmSetList.decode(new Uint8Array(4096).fill(0xff))).length, 31);
});

Deno.test("NvmSetEntry reads in plain words", () => {
  assertEquals(texts(NvmSetEntry, NVM_SET_LIST_IMAGE.subarray(128, 256)), {
    nsetid: "1",
    endgid: "1",
    r4krt: "80 µs",
    ows: "131 kB (131,072 bytes)",
    tnvmsc: "1.00 TB (1,000,204,886,016 bytes)",
    unvmsc: "18.4 EB (18,446,744,073,709,551,617 bytes)",
  });
});
