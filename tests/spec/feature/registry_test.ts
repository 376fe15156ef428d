// The registry of features: complete, without two of one name, and each in its document.

import { assert, assertEquals } from "@std/assert";
import { List } from "../../../src/layout/mod.ts";
import { FEATURES, findFeature, VENDOR_FEATURE } from "../../../src/spec/feature/registry.ts";
import { parseCitation } from "../../../src/spec/references.ts";

/** libnvme, enum nvme_features_id. */
const IDENTIFIERS = `
  01 ARBITRATION 02 POWER_MGMT 03 LBA_RANGE 04 TEMP_THRESH 05 ERR_RECOVERY 06 VOLATILE_WC
  07 NUM_QUEUES 08 IRQ_COALESCE 09 IRQ_CONFIG 0a WRITE_ATOMIC 0b ASYNC_EVENT 0c AUTO_PST
  0d HOST_MEM_BUF 0e TIMESTAMP 0f KATO 10 HCTM 11 NOPSC 12 RRL 13 PLM_CONFIG 14 PLM_WINDOW
  15 LBA_STS_INTERVAL 16 HOST_BEHAVIOR 17 SANITIZE 18 ENDURANCE_EVT_CFG 19 IOCS_PROFILE
  1a SPINUP_CONTROL 1b POWER_LOSS_SIGNAL 1c PERF_CHARACTERISTICS 1d FDP 1e FDP_EVENTS
  1f NS_ADMIN_LABEL 20 KEY_VALUE 21 CTRL_DATA_QUEUE 78 EMB_MGMT_CTRL_ADDR
  79 HOST_MGMT_AGENT_ADDR 7d ENH_CTRL_METADATA 7e CTRL_METADATA 7f NS_METADATA 80 SW_PROGRESS
  81 HOST_ID 82 RESV_MASK 83 RESV_PERSIST 84 WRITE_PROTECT 85 BP_WRITE_PROTECT`;

Deno.test("FEATURES has the features that libnvme knows, in order", () => {
  const words = IDENTIFIERS.trim().split(/\s+/);
  const theirs = words.filter((_, at) => at % 2 === 0).map((text) => Number.parseInt(text, 16));
  assertEquals(FEATURES.map(({ fid }) => fid), theirs);
});

Deno.test("FEATURES has no name twice, and every name is a word for a command line", () => {
  const names = FEATURES.flatMap(({ name, aliases }) => [name, ...aliases]);
  assertEquals(new Set(names).size, names.length);
  for (const name of names) assert(/^[a-z]+(-[a-z]+)*$/.test(name), name);
});

Deno.test("FEATURES cites documents that exist", () => {
  for (const { cite, dwords, select, result, data } of FEATURES) {
    for (const text of [cite, dwords?.cite, select?.cite, result?.cite, data?.structure.cite]) {
      if (text !== undefined) parseCitation(text);
    }
  }
});

Deno.test("FEATURES gives each feature a value: dwords, data or both", () => {
  for (const { name, dwords, data, fid } of FEATURES) {
    assert(dwords !== undefined || data !== undefined, name);
    assert(fid > 0 && fid < VENDOR_FEATURE, name);
  }
});

Deno.test("FEATURES have dwords that fit behind dword 10, and a result of one dword", () => {
  for (const { name, dwords, select, result } of FEATURES) {
    for (const structure of [dwords, select]) {
      if (structure) assert(structure.size % 4 === 0 && structure.size <= 20, name);
    }
    if (result) assertEquals(result.size, 4, name);
  }
});

Deno.test("FEATURES transfer data where the specification says so", () => {
  const both = FEATURES.filter(({ data }) => data?.set).map(({ fid }) => fid);
  const getOnly = FEATURES.filter(({ data }) => data && !data.set).map(({ fid }) => fid);
  assertEquals(
    both,
    [0x03, 0x0c, 0x0e, 0x13, 0x16, 0x1c, 0x1f, 0x78, 0x79, 0x7d, 0x7e, 0x7f, 0x81],
  );
  assertEquals(getOnly, [0x0d, 0x1e, 0x21]);
  assert(findFeature(0x1e)?.data?.structure instanceof List);
});

Deno.test("findFeature() finds features by identifier, name and alias", () => {
  assertEquals(findFeature(0x02)?.name, "power-management");
  assertEquals(findFeature("Power-Management")?.fid, 0x02);
  assertEquals(findFeature("apst")?.fid, 0x0c);
  assertEquals(findFeature(0x22), undefined);
  assertEquals(findFeature("nonsense"), undefined);
});
