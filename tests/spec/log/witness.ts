// The second witness: where fields stand according to other people's headers, and the check that
// our tables, which were typed from the specification, say the same.

import { assert, assertEquals } from "@std/assert";
import type { Struct } from "../../../src/layout/mod.ts";

/**
 * Facts about one structure. `field@offset:size` is a place in bytes; `field.piece#low:width` is a
 * place in bits of the field, or of the field's elements where it is an array.
 */
export interface Witness {
  /** Where the facts were read. */
  readonly source: string;
  readonly facts: string;
}

/** SPDK `include/spdk/nvme_spec.h`, struct spdk_nvme_cmd. */
export const SUBMISSION_WITNESS: Witness = {
  source: "spdk_nvme_cmd",
  facts: `
    opcode@0:1 flags@1:1 cid@2:2 nsid@4:4 cdw2@8:4 cdw3@12:4 mptr@16:8 prp1@24:8 prp2@32:8
    cdw10@40:4 cdw11@44:4 cdw12@48:4 cdw13@52:4 cdw14@56:4 cdw15@60:4
    flags.fuse#0:2 flags.psdt#6:2`,
};

/** SPDK, struct spdk_nvme_cpl and spdk_nvme_status. */
export const COMPLETION_WITNESS: Witness = {
  source: "spdk_nvme_cpl",
  facts: `
    dw0@0:4 dw1@4:4 sqhd@8:2 sqid@10:2 cid@12:2 status@14:2
    status.phase#0:1 status.code#1:8 status.type#9:3 status.retryDelay#12:2 status.more#14:1
    status.doNotRetry#15:1`,
};

/** Linux `include/linux/nvme.h`, struct nvme_get_log_page_command, from byte 40 on; libnvme. */
export const GET_LOG_PAGE_WITNESS: Witness = {
  source: "nvme_get_log_page_command",
  facts: `
    cdw10@0:4 cdw11@4:4 lpo@8:8 cdw14@16:4
    cdw10.lid#0:8 cdw10.lsp#8:7 cdw10.rae#15:1 cdw10.numdl#16:16
    cdw11.numdu#0:16 cdw11.lsi#16:16 cdw14.uuidIndex#0:7 cdw14.ot#23:1 cdw14.csi#24:8`,
};

/** SPDK, struct spdk_nvme_supported_log_pages. */
export const SUPPORTED_WITNESS: Witness = {
  source: "spdk_nvme_supported_log_pages",
  facts: "pages@0:1024 pages.supported#0:1 pages.indexOffset#1:1 pages.specific#16:16",
};

/** SPDK, struct spdk_nvme_error_information_entry; what 2.0 added, libnvme nvme_error_log_page. */
export const ERROR_WITNESS: Witness = {
  source: "spdk_nvme_error_information_entry",
  facts: `
    errorCount@0:8 sqid@8:2 cid@10:2 status@12:2 parameterErrorLocation@14:2 lba@16:8 nsid@24:4
    vendorLogPage@28:1 transportType@29:1 commandSet@30:1 opcode@31:1 commandSpecific@32:8
    transportSpecific@40:2 version@63:1
    parameterErrorLocation.byte#0:8 parameterErrorLocation.bit#8:3
    status.phase#0:1 status.code#1:8 status.type#9:3 status.retryDelay#12:2 status.more#14:1
    status.doNotRetry#15:1`,
};

/** SPDK, struct spdk_nvme_health_information_page up to byte 215, then FreeBSD's of that name. */
export const SMART_WITNESS: Witness = {
  source: "spdk_nvme_health_information_page",
  facts: `
    criticalWarning@0:1 compositeTemperature@1:2 availableSpare@3:1 availableSpareThreshold@4:1
    percentageUsed@5:1 enduranceGroupCriticalWarning@6:1 dataUnitsRead@32:16
    dataUnitsWritten@48:16 hostReadCommands@64:16 hostWriteCommands@80:16
    controllerBusyTime@96:16 powerCycles@112:16 powerOnHours@128:16 unsafeShutdowns@144:16
    mediaErrors@160:16 errorLogEntries@176:16 warningTemperatureTime@192:4
    criticalTemperatureTime@196:4 temperatureSensors@200:16 thermalTransitions1@216:4
    thermalTransitions2@220:4 thermalTime1@224:4 thermalTime2@228:4
    criticalWarning.availableSpare#0:1 criticalWarning.temperature#1:1
    criticalWarning.reliability#2:1 criticalWarning.readOnly#3:1
    criticalWarning.volatileBackup#4:1 criticalWarning.persistentMemory#5:1
    enduranceGroupCriticalWarning.availableSpare#0:1
    enduranceGroupCriticalWarning.reliability#2:1 enduranceGroupCriticalWarning.readOnly#3:1`,
};

/** SPDK, struct spdk_nvme_firmware_page. */
export const FIRMWARE_WITNESS: Witness = {
  source: "spdk_nvme_firmware_page",
  facts: "activeFirmware@0:1 revisions@8:56 activeFirmware.slot#0:3 activeFirmware.nextSlot#4:3",
};

/** FreeBSD `sys/dev/nvme/nvme.h`, struct nvme_ns_list. */
export const CHANGED_NAMESPACES_WITNESS: Witness = {
  source: "nvme_ns_list",
  facts: "identifiers@0:4096",
};

/** SPDK, struct spdk_nvme_cmds_and_effect_log_page; CSER from libnvme. */
export const EFFECTS_WITNESS: Witness = {
  source: "spdk_nvme_cmds_and_effect_log_page",
  facts: `admin@0:1024 io@1024:1024 ${
    ["admin", "io"].map((half) => `
    ${half}.supported#0:1 ${half}.blockContent#1:1 ${half}.namespaceCapability#2:1
    ${half}.namespaceInventory#3:1 ${half}.controllerCapability#4:1 ${half}.relaxation#14:2
    ${half}.execution#16:3 ${half}.uuidSelection#19:1 ${half}.namespaceScope#20:1
    ${half}.controllerScope#21:1 ${half}.nvmSetScope#22:1 ${half}.enduranceGroupScope#23:1
    ${half}.domainScope#24:1 ${half}.subsystemScope#25:1`).join("")
  }`,
};

/** FreeBSD, struct nvme_device_self_test_page. */
export const SELF_TEST_WITNESS: Witness = {
  source: "nvme_device_self_test_page",
  facts: `
    current@0:1 completion@1:1 results@4:560 current.operation#0:4 completion.percent#0:7`,
};

/** FreeBSD, the member `result` of struct nvme_device_self_test_page; its bits, Wireshark. */
export const SELF_TEST_ENTRY_WITNESS: Witness = {
  source: "nvme_device_self_test_page.result",
  facts: `
    status@0:1 segment@1:1 valid@2:1 powerOnHours@4:8 nsid@12:4 failingLba@16:8
    statusCodeType@24:1 statusCode@25:1 vendorSpecific@26:2
    status.result#0:4 status.code#4:4 valid.nsid#0:1 valid.failingLba#1:1
    valid.statusCodeType#2:1 valid.statusCode#3:1 statusCodeType.type#0:3`,
};

const BYTE_FACT = /^(\w+)@(\d+):(\d+)$/;
const BIT_FACT = /^(\w+)\.(\w+)#(\d+):(\d+)$/;

/** Registers the test that a table and its witness agree, with no field left without a fact. */
export function witnessTests(
  structure: Struct<object, unknown>,
  { source, facts }: Witness,
): void {
  Deno.test(`${structure.title} agrees with ${source}`, () => {
    const seen = new Set<string>();
    for (const fact of facts.split(/\s+/).filter(Boolean)) {
      seen.add(fact.slice(0, fact.search(/[@#]/)));
      checkFact(structure, fact);
    }
    for (const place of placesOf(structure)) assert(seen.has(place), `${place} has no fact`);
  });
}

function rowOf(structure: Struct<object, unknown>, name: string) {
  const row = structure.rows.find((candidate) => candidate.name === name);
  assert(row, `${structure.title} has no field ${name}`);
  return row;
}

function checkFact(structure: Struct<object, unknown>, fact: string): void {
  const [, field, offset, size] = BYTE_FACT.exec(fact) ?? [];
  if (field !== undefined) {
    const { first, last } = rowOf(structure, field);
    assertEquals(`${field}@${first}:${last - first + 1}`, `${field}@${offset}:${size}`);
    return;
  }
  const [, word, piece, low, width] = BIT_FACT.exec(fact) ?? [];
  assert(word !== undefined && piece !== undefined, `${fact} is not a fact`);
  const position = partsOf(structure, word).find(({ name }) => name === piece)?.position;
  const high = Number(low) + Number(width) - 1;
  assertEquals(
    `${word}.${piece} ${position}`,
    `${word}.${piece} ${high === Number(low) ? low : `${high}:${low}`}`,
  );
}

function partsOf(structure: Struct<object, unknown>, name: string) {
  const { codec } = rowOf(structure, name);
  return codec.parts ?? codec.item?.parts ?? [];
}

function placesOf(structure: Struct<object, unknown>): readonly string[] {
  return structure.rows.filter(({ name }) => name !== "").flatMap(({ name }) => [
    name,
    ...partsOf(structure, name).map((part) => `${name}.${part.name}`),
  ]);
}
