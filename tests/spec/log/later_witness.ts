// The second witness of pages that came after revision 1.2.

import type { Witness } from "./witness.ts";

/** libnvme `src/nvme/types.h`, struct nvme_timestamp; its bits, revision 2.3's Figure 415. */
export const TIMESTAMP_WITNESS: Witness = {
  source: "nvme_timestamp",
  facts: "timestamp@0:6 attributes@6:1 attributes.stopped#0:1 attributes.origin#1:3",
};

/** libnvme, struct nvme_telemetry_log; illumos `sys/nvme.h`, nvme_telemetry_log_t. */
export const TELEMETRY_HOST_WITNESS: Witness = {
  source: "nvme_telemetry_log",
  facts: `
    lid@0:1 ieee@5:3 area1LastBlock@8:2 area2LastBlock@10:2 area3LastBlock@12:2
    area4LastBlock@16:4 scope@380:1 hostGeneration@381:1 controllerAvailable@382:1
    controllerGeneration@383:1 reason@384:128`,
};

/** The same, with the union at byte 381 for the page of the controller. */
export const TELEMETRY_CONTROLLER_WITNESS: Witness = {
  source: "nvme_telemetry_log",
  facts: `
    lid@0:1 ieee@5:3 area1LastBlock@8:2 area2LastBlock@10:2 area3LastBlock@12:2
    area4LastBlock@16:4 scope@381:1 controllerAvailable@382:1 controllerGeneration@383:1
    reason@384:128`,
};

/** libnvme, struct nvme_endurance_group_log and enum nvme_eg_critical_warning_flags. */
export const ENDURANCE_WITNESS: Witness = {
  source: "nvme_endurance_group_log",
  facts: `
    criticalWarning@0:1 features@1:1 availableSpare@3:1 availableSpareThreshold@4:1
    percentageUsed@5:1 domain@6:2 enduranceEstimate@32:16 dataRead@48:16 dataWritten@64:16
    mediaWritten@80:16 hostReadCommands@96:16 hostWriteCommands@112:16 mediaErrors@128:16
    errorLogEntries@144:16 totalCapacity@160:16 unallocatedCapacity@176:16
    criticalWarning.availableSpare#0:1 criticalWarning.reliability#2:1
    criticalWarning.readOnly#3:1 features.rotational#0:1`,
};

/** SPDK, struct spdk_nvme_ana_page. */
export const ANA_WITNESS: Witness = {
  source: "spdk_nvme_ana_page",
  facts: "changeCount@0:8 groupCount@8:2",
};

/** SPDK, struct spdk_nvme_ana_group_descriptor. */
export const ANA_GROUP_WITNESS: Witness = {
  source: "spdk_nvme_ana_group_descriptor",
  facts: "group@0:4 nsidCount@4:4 changeCount@8:8 access@16:1 access.state#0:4",
};

/** libnvme, struct nvme_lba_status_log. */
export const LBA_STATUS_WITNESS: Witness = {
  source: "nvme_lba_status_log",
  facts: "length@0:4 namespaceCount@4:4 unrecoverable@8:4 generation@14:2",
};

/** libnvme, struct nvme_lbas_ns_element. */
export const LBA_STATUS_ELEMENT_WITNESS: Witness = {
  source: "nvme_lbas_ns_element",
  facts: "nsid@0:4 rangeCount@4:4 action@8:1",
};

/** libnvme, struct nvme_lba_rd. */
export const LBA_RANGE_WITNESS: Witness = {
  source: "nvme_lba_rd",
  facts: "start@0:8 blocks@8:4",
};

/** SPDK, struct spdk_nvme_feature_ids_effects_log_page. */
export const FEATURE_EFFECTS_WITNESS: Witness = {
  source: "spdk_nvme_feature_ids_effects_log_page",
  facts: `
    features@0:1024 features.supported#0:1 features.userData#1:1 features.namespaceCapability#2:1
    features.namespaceInventory#3:1 features.controllerCapability#4:1 features.uuidSelection#19:1
    features.scope#20:12`,
};

/** libnvme, struct nvme_mi_cmd_supported_effects_log and its enum. */
export const MI_EFFECTS_WITNESS: Witness = {
  source: "nvme_mi_cmd_supported_effects_log",
  facts: `
    commands@0:1024 commands.supported#0:1 commands.userData#1:1 commands.namespaceCapability#2:1
    commands.namespaceInventory#3:1 commands.controllerCapability#4:1 commands.scope#20:12`,
};

/** SPDK, struct spdk_nvme_reservation_notification_log. */
export const RESERVATION_WITNESS: Witness = {
  source: "spdk_nvme_reservation_notification_log",
  facts: "count@0:8 type@8:1 available@9:1 nsid@12:4",
};

/** libnvme, struct nvme_sanitize_log_page, enums nvme_sanitize_sstat and nvme_sanitize_ssi. */
export const SANITIZE_WITNESS: Witness = {
  source: "nvme_sanitize_log_page",
  facts: `
    progress@0:2 status@2:2 cdw10@4:4 overwriteTime@8:4 blockEraseTime@12:4 cryptoEraseTime@16:4
    overwriteNoDeallocateTime@20:4 blockEraseNoDeallocateTime@24:4
    cryptoEraseNoDeallocateTime@28:4 deallocationTime@32:4 state@36:1
    status.operation#0:3 status.passes#3:5 status.globalDataErased#8:1
    status.verificationCanceled#9:1 state.current#0:4 state.failed#4:4`,
};

/** SPDK `include/spdk/nvmf_spec.h`, struct spdk_nvmf_discovery_log_page. */
export const DISCOVERY_WITNESS: Witness = {
  source: "spdk_nvmf_discovery_log_page",
  facts: `
    generation@0:8 recordCount@8:8 recordFormat@16:2 flags@18:1 length@20:4
    flags.extended#0:1 flags.portLocal#1:1 flags.allSubsystems#2:1`,
};

/**
 * SPDK, struct spdk_nvmf_discovery_log_page_entry; flags from libnvme, enum nvmf_disc_eflags and
 * nvmf_treq; authentication and zero host identifier, revision 2.3's Figure 310.
 */
export const DISCOVERY_ENTRY_WITNESS: Witness = {
  source: "spdk_nvmf_discovery_log_page_entry",
  facts: `
    transport@0:1 addressFamily@1:1 subsystemType@2:1 requirements@3:1 port@4:2 controller@6:2
    adminQueueSize@8:2 flags@10:2 service@32:32 subnqn@256:256 address@512:256 tsas@768:256
    requirements.secureChannel#0:2 requirements.flowControlDisable#2:1
    requirements.zeroHostId#3:1 requirements.authentication#4:2
    flags.duplicate#0:1 flags.persistent#1:1 flags.noCentral#2:1`,
};

/** libnvme, struct nvme_lba_status. */
export const LBA_STATUS_LIST_WITNESS: Witness = {
  source: "nvme_lba_status",
  facts: "descriptorCount@0:4 completion@4:1",
};

/** libnvme, struct nvme_lba_status_desc; its bits, NVM Command Set revision 1.0, Figure 112. */
export const LBA_STATUS_DESCRIPTOR_WITNESS: Witness = {
  source: "nvme_lba_status_desc",
  facts: "start@0:8 blocks@8:4 status@13:1 status.unrecovered#0:1 status.writtenUncorrectable#1:1",
};
