// The second witness of the persistent event log. Of the additional information of hardware errors
// and of vendors' descriptors no header has structures; they rest on the figures alone.

import type { Witness } from "./witness.ts";

/** libnvme `src/nvme/types.h`, struct nvme_persistent_event_log; illumos, nvme_pev_log_t. */
export const PERSISTENT_EVENT_LOG_WITNESS: Witness = {
  source: "nvme_persistent_event_log",
  facts: `
    lid@0:1 eventCount@4:4 length@8:8 revision@16:1 headerLength@18:2 timestamp@20:8
    powerOnHours@28:16 powerCycles@44:8 vendor@52:2 subsystemVendor@54:2 serialNumber@56:20
    modelNumber@76:40 subnqn@116:256 generation@372:2 context@374:4 supported@480:32
    context.port#0:16 context.portType#16:2 context.existed#18:1`,
};

/** libnvme, struct nvme_persistent_event_entry. */
export const PERSISTENT_EVENT_WITNESS: Witness = {
  source: "nvme_persistent_event_entry",
  facts: `
    type@0:1 revision@1:1 headerLength@2:1 information@3:1 controller@4:2 timestamp@6:8 port@14:2
    vendorLength@20:2 length@22:2 information.portType#0:2`,
};

/** libnvme, struct nvme_fw_commit_event. */
export const FIRMWARE_COMMIT_WITNESS: Witness = {
  source: "nvme_fw_commit_event",
  facts: `
    oldRevision@0:8 newRevision@8:8 action@16:1 slot@17:1 statusCodeType@18:1 statusCode@19:1
    vendorCode@20:2`,
};

/** libnvme, struct nvme_time_stamp_change_event. */
export const TIMESTAMP_CHANGE_WITNESS: Witness = {
  source: "nvme_time_stamp_change_event",
  facts: "previous@0:8 sinceReset@8:8",
};

/** libnvme, struct nvme_power_on_reset_info_list; its bit, revision 2.3's Figure 238. */
export const CONTROLLER_RESET_WITNESS: Witness = {
  source: "nvme_power_on_reset_info_list",
  facts: `
    controller@0:2 firmware@2:1 operations@3:1 powerCycle@16:4 powerOnTime@20:8 timestamp@28:8
    operations.formatting#0:1`,
};

/** libnvme, struct nvme_change_ns_event, which has a hole for the endurance group. */
export const CHANGE_NAMESPACE_WITNESS: Witness = {
  source: "nvme_change_ns_event",
  facts: `
    cdw10@0:4 size@8:8 capacity@24:8 flbas@32:1 dps@33:1 nmic@34:1 anaGroup@36:4 nvmSet@40:2
    enduranceGroup@42:2 nsid@44:4 cdw10.select#0:4`,
};

/** libnvme, struct nvme_format_nvm_start_event. */
export const FORMAT_START_WITNESS: Witness = {
  source: "nvme_format_nvm_start_event",
  facts: "nsid@0:4 fna@4:1 cdw10@8:4",
};

/** libnvme, struct nvme_format_nvm_compln_event; its bits, revision 2.3; the status, Fig. 100. */
export const FORMAT_COMPLETION_WITNESS: Witness = {
  source: "nvme_format_nvm_compln_event",
  facts: `
    nsid@0:4 smallestProgress@4:1 formatStatus@5:1 vendorInformation@6:2 status@8:2
    formatStatus.error#0:1 formatStatus.incomplete#1:1
    status.phase#0:1 status.code#1:8 status.type#9:3 status.retryDelay#12:2 status.more#14:1
    status.doNotRetry#15:1`,
};

/** libnvme, struct nvme_sanitize_start_event. */
export const SANITIZE_START_WITNESS: Witness = {
  source: "nvme_sanitize_start_event",
  facts: "sanicap@0:4 cdw10@4:4 cdw11@8:4",
};

/** libnvme, struct nvme_sanitize_compln_event and enum nvme_sanitize_sstat. */
export const SANITIZE_COMPLETION_WITNESS: Witness = {
  source: "nvme_sanitize_compln_event",
  facts: `
    progress@0:2 status@2:2 vendorInformation@4:2 status.operation#0:3 status.passes#3:5
    status.globalDataErased#8:1 status.verificationCanceled#9:1`,
};

/** libnvme, struct nvme_set_feature_event and enum nvme_set_feat_event_layout. */
export const SET_FEATURE_WITNESS: Witness = {
  source: "nvme_set_feature_event",
  facts: "layout@0:4 layout.dwords#0:3 layout.completion#3:1 layout.memory#16:16",
};

/** libnvme, struct nvme_thermal_exc_event. */
export const THERMAL_EXCURSION_WITNESS: Witness = {
  source: "nvme_thermal_exc_event",
  facts: "beyond@0:1 threshold@1:1",
};

/** libnvme, struct nvme_nss_hw_err_event. */
export const HARDWARE_ERROR_WITNESS: Witness = {
  source: "nvme_nss_hw_err_event",
  facts: "code@0:2",
};
