// The data structures of features against literal bytes. The places were typed from libnvme's
// `types.h` where no other source is named.

import { assertEquals } from "@std/assert";
import * as d from "../../../src/spec/feature/data.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { dwordTests } from "../dwords.ts";
import { witnessTests } from "../log/witness.ts";

dwordTests(
  d.TimestampData,
  "00 b0 0c 5f 8d 01 03",
  { timestamp: 0x018d_5f0c_b000, attributes: { stopped: true, origin: 1 } },
  "nvme_timestamp, and nvme-cli's printer",
  "timestamp@0:6 attributes@6:1 attributes.stopped#0:1 attributes.origin#1:3",
);
dwordTests(
  d.HostBehaviorData,
  "01 01 01 01 1c 00",
  { acre: 1, etdas: 1, lbafee: 1, hdisns: 1, cdfe: 0x1c },
  "nvme_feat_host_behavior",
  "acre@0:1 etdas@1:1 lbafee@2:1 hdisns@3:1 cdfe@4:2",
);

const IDLE = { itps: 3, itpt: 100 };
const DEEP = { itps: 4, itpt: 0x12345 };
structureTests(d.PowerTransitionData, {
  bytes: page(256, { 0: "18 64", 8: "20 45 23 01" }),
  decoded: {
    entries: [
      { ...IDLE, value: 0x6418n },
      { ...DEEP, value: 0x0123_4520n },
      ...Array.from({ length: 30 }, () => ({ itps: 0, itpt: 0, value: 0n })),
    ],
  },
  encoded: { entries: [IDLE, DEEP] },
});
witnessTests(d.PowerTransitionData, {
  source: "nvme_feat_auto_pst and enum nvme_apst_entry",
  facts: "entries@0:256 entries.itps#3:5 entries.itpt#8:24",
});

dwordTests(
  d.HostMemoryBufferData,
  "00 40 00 00 00 10 20 30 01 00 00 00 08",
  { hsize: 0x4000, hmdla: 0x1_3020_1000n, hmdlec: 8 },
  "nvme_host_mem_buf_attrs, where the address is hmdlal and hmdlau",
  "hsize@0:4 hmdla@4:8 hmdlec@12:4",
);
dwordTests(
  d.HostMemoryDescriptor,
  "00 10 20 30 01 00 00 00 00 02",
  { badd: 0x1_3020_1000n, bsize: 512 },
  "linux, nvme_host_mem_buf_desc",
  "badd@0:8 bsize@8:4",
);

const GUID = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
const RANGE = { type: 1, attrb: { lbaro: true, hlbar: false }, slba: 256n, nlb: 1023n, guid: GUID };
dwordTests(
  d.LbaRange,
  `01 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00
   ff 03 00 00 00 00 00 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10`,
  RANGE,
  "nvme_lba_range_type_entry",
  `type@0:1 attrb@1:1 attrb.lbaro#0:1 attrb.hlbar#1:1 slba@16:8 nlb@24:8 guid@32:16`,
);
structureTests(d.LbaRangeData, {
  bytes: page(4096, { 64: "02 02", 80: "08" }),
  decoded: {},
  encoded: { ranges: [{}, { type: 2, attrb: { hlbar: true }, slba: 8 }] },
});
witnessTests(d.LbaRangeData, { source: "nvme_lba_range_type", facts: "ranges@0:4096" });

structureTests(d.DeterministicThresholdData, {
  bytes: page(512, { 0: "05 c0", 32: "10 27", 40: "e8 03", 48: "00 00 01" }),
  decoded: { dtwinrt: 10_000n, dtwinwt: 1000n, dtwintt: 65_536n },
  encoded: {
    ee: { reads: true, time: true, exceeded: true, excursion: true },
    dtwinrt: 10_000,
    dtwinwt: 1000,
    dtwintt: 65_536,
  },
});
// The bits of ee: enum nvme_nvmset_pl_events, which has the same events.
witnessTests(d.DeterministicThresholdData, {
  source: "nvme_plm_config",
  facts: `ee@0:2 ee.reads#0:1 ee.writes#1:1 ee.time#2:1 ee.exceeded#14:1 ee.excursion#15:1
    dtwinrt@32:8 dtwinwt@40:8 dtwintt@48:8`,
});

dwordTests(
  d.PlacementEventDescriptor,
  "80 01",
  { fdpet: 0x80, fdpeta: { fdpee: true } },
  "nvme_fdp_supported_event_desc",
  "fdpet@0:1 fdpeta@1:1 fdpeta.fdpee#0:1",
);

structureTests(d.NamespaceLabelData, {
  bytes: page(256, { 0: "64 61 74 61" }),
  decoded: { label: "data" },
  encoded: { label: "data" },
});
witnessTests(d.NamespaceLabelData, {
  source: "SPDK, SPDK_NVMF_ADMIN_LABEL_MAX_LEN",
  facts: "label@0:256",
});
dwordTests(
  d.ControllerDataQueueData,
  "10 00 00 00 20",
  { hp: 16, tpt: 32 },
  "nvme_lm_ctrl_data_queue_fid_data",
  "hp@0:4 tpt@4:4",
);
structureTests(d.ManagementAddressData, {
  bytes: page(512, { 4: "68 74 74 70 3a" }),
  decoded: { address: "http:" },
  encoded: { address: "http:" },
});
witnessTests(d.ManagementAddressData, {
  source: "one source",
  facts: "address@4:508",
});

const ELEMENTS = new Uint8Array(4094);
ELEMENTS.set([0x02, 0x01, 0x03, 0x00, 0x61, 0x62, 0x63]);
structureTests(d.HostMetadataData, {
  bytes: page(4096, { 0: "01", 2: "02 01 03 00 61 62 63" }),
  decoded: { nmed: 1, elements: ELEMENTS },
  encoded: { nmed: 1, elements: ELEMENTS },
});
witnessTests(d.HostMetadataData, {
  source: "nvme_host_metadata",
  facts: "nmed@0:1 elements@2:4094",
});
dwordTests(
  d.MetadataElement,
  "02 01 03 00",
  { type: { et: 2 }, revision: { er: 1 }, elen: 3 },
  "nvme_metadata_element_desc, and nvme-cli's printer",
  "type@0:1 type.et#0:6 revision@1:1 revision.er#0:4 elen@2:2",
);

const HOST = Uint8Array.from({ length: 16 }, (_, at) => 0xf0 + at);
structureTests(d.HostIdentifierData, {
  bytes: HOST.subarray(0, 8),
  decoded: { hostId: HOST.slice(0, 8) },
  encoded: { hostId: HOST.slice(0, 8) },
});
witnessTests(d.HostIdentifierData, { source: "spdk, 64-bit host id", facts: "hostId@0:8" });
structureTests(d.ExtendedHostIdentifierData, {
  bytes: HOST,
  decoded: { hostId: HOST },
  encoded: { hostId: HOST },
});
witnessTests(d.ExtendedHostIdentifierData, {
  source: "spdk, 128-bit host id",
  facts: "hostId@0:16",
});

dwordTests(
  d.StandardPerformanceData,
  "00 00 00 00 0d",
  { r4karl: 0x0d },
  "nvme_std_perf_attr",
  "r4karl@4:1",
);
structureTests(d.PerformanceIdentifiersData, {
  bytes: page(4096, { 0: "02 05 03", 16: "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10" }),
  decoded: { attrtyp: { value: 2, attrtyp: 2 }, msvspa: 5, usvspa: 3 },
  encoded: { attrtyp: { attrtyp: 2 }, msvspa: 5, usvspa: 3, identifiers: [GUID] },
});
witnessTests(d.PerformanceIdentifiersData, {
  source: "nvme_perf_attr_id_list",
  facts: "attrtyp@0:1 attrtyp.attrtyp#0:3 msvspa@1:1 usvspa@2:1 identifiers@16:1008",
});
const VENDOR = new Uint8Array(4064);
VENDOR[0] = 0xaa;
structureTests(d.VendorPerformanceData, {
  bytes: page(4096, { 0: "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10", 30: "01 00 aa" }),
  decoded: { paid: GUID, attrl: 1, vs: VENDOR },
  encoded: { paid: GUID, attrl: 1, vs: VENDOR },
});
witnessTests(d.VendorPerformanceData, {
  source: "nvme_vs_perf_attr",
  facts: "paid@0:16 attrl@30:2 vs@32:4064",
});

Deno.test("StandardPerformanceData names its ranges as libnvme does", () => {
  const text = (r4karl: number): string | undefined => {
    const value = d.StandardPerformanceData.decode(d.StandardPerformanceData.encode({ r4karl }));
    return d.StandardPerformanceData.fields(value)[0]?.text;
  };
  assertEquals([0x00, 0x01, 0x07, 0x0d, 0x17, 0x18].map(text), [
    "not reported",
    "from 100 s",
    "from 100 ms",
    "from 100 µs",
    "from 1 ns",
    "unknown (0x18)",
  ]);
});

Deno.test("PlacementEventData decodes as many events as there are", () => {
  const events = d.PlacementEventData.decode(Uint8Array.of(0, 1, 0x80, 0));
  assertEquals(events.map(({ fdpet, fdpeta }) => [fdpet, fdpeta.fdpee]), [[0, true], [
    0x80,
    false,
  ]]);
});
