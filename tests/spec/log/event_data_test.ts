// The fixed parts of what persistent events carry.

import {
  ChangeNamespaceEvent,
  ControllerReset,
  EnduranceWarningInformation,
  FirmwareCommitEvent,
  FormatCompletionEvent,
  FormatStartEvent,
  HardwareErrorEvent,
  PcieErrorInformation,
  PowerLossInformation,
  ReadyTimeoutInformation,
  ResetEventHeader,
  SanitizeCompletionEvent,
  SanitizeStartEvent,
  SetFeatureEvent,
  ThermalExcursionEvent,
  TimestampChangeEvent,
  VendorEventDescriptor,
} from "../../../src/spec/log/event_data.ts";
import * as image from "../../golden/log/event_images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import * as witness from "./event_witness.ts";
import { witnessTests } from "./witness.ts";

const COMMIT = {
  oldRevision: "1A",
  newRevision: "1B",
  action: 3,
  slot: 2,
  statusCodeType: 1,
  statusCode: 0x14,
  vendorCode: 0xf00d,
};
structureTests(FirmwareCommitEvent, {
  bytes: image.FIRMWARE_COMMIT_IMAGE,
  decoded: COMMIT,
  encoded: COMMIT,
});
witnessTests(FirmwareCommitEvent, witness.FIRMWARE_COMMIT_WITNESS);

structureTests(TimestampChangeEvent, {
  bytes: image.TIMESTAMP_CHANGE_IMAGE,
  decoded: {
    previous: { timestamp: 1500, attributes: { value: 0, stopped: false, origin: 0 } },
    sinceReset: 1500n,
  },
  encoded: { previous: { timestamp: 1500 }, sinceReset: 1500n },
});
witnessTests(TimestampChangeEvent, witness.TIMESTAMP_CHANGE_WITNESS);

structureTests(ResetEventHeader, {
  bytes: page(8, { 0: "31 42 20 20 20 20 20 20" }),
  decoded: { revision: "1B" },
  encoded: { revision: "1B" },
});

const RESET = { controller: 1, firmware: 1, powerCycle: 42, powerOnTime: 3_600_000n };
const TIME = { timestamp: 1_722_816_000_000, attributes: { value: 2, stopped: false, origin: 1 } };
structureTests(ControllerReset, {
  bytes: image.CONTROLLER_RESET_IMAGE,
  decoded: { ...RESET, operations: { value: 1, formatting: true }, timestamp: TIME },
  encoded: { ...RESET, operations: { formatting: true }, timestamp: TIME },
});
witnessTests(ControllerReset, witness.CONTROLLER_RESET_WITNESS);

const NAMESPACE = {
  size: 2048n,
  capacity: 2048n,
  flbas: 0x11,
  dps: 1,
  nmic: 2,
  anaGroup: 4,
  nvmSet: 5,
  enduranceGroup: 6,
  nsid: 3,
};
structureTests(ChangeNamespaceEvent, {
  bytes: image.CHANGE_NAMESPACE_IMAGE,
  decoded: { ...NAMESPACE, cdw10: { value: 0, select: 0 } },
  encoded: NAMESPACE,
});
witnessTests(ChangeNamespaceEvent, witness.CHANGE_NAMESPACE_WITNESS);

const START = { nsid: 0xffffffff, fna: 6, cdw10: 0x201 };
structureTests(FormatStartEvent, {
  bytes: image.FORMAT_START_IMAGE,
  decoded: START,
  encoded: START,
});
witnessTests(FormatStartEvent, witness.FORMAT_START_WITNESS);

const COMPLETION = {
  nsid: 1,
  smallestProgress: 40,
  vendorInformation: 0xabcd,
  status: { status: 0x06, phase: false },
};
structureTests(FormatCompletionEvent, {
  bytes: image.FORMAT_COMPLETION_IMAGE,
  decoded: { ...COMPLETION, formatStatus: { value: 3, error: true, incomplete: true } },
  encoded: { ...COMPLETION, formatStatus: { error: true, incomplete: true } },
});
witnessTests(FormatCompletionEvent, witness.FORMAT_COMPLETION_WITNESS);

const ERASE = { sanicap: 0x80000007, cdw10: 2, cdw11: 0xbeef };
structureTests(SanitizeStartEvent, {
  bytes: image.SANITIZE_START_IMAGE,
  decoded: ERASE,
  encoded: ERASE,
});
witnessTests(SanitizeStartEvent, witness.SANITIZE_START_WITNESS);

structureTests(SanitizeCompletionEvent, {
  bytes: image.SANITIZE_COMPLETION_IMAGE,
  decoded: {
    progress: 0xffff,
    status: {
      value: 0x101,
      operation: 1,
      passes: 0,
      globalDataErased: true,
      verificationCanceled: false,
    },
    vendorInformation: 0x1234,
  },
  encoded: {
    progress: 0xffff,
    status: { operation: 1, globalDataErased: true },
    vendorInformation: 0x1234,
  },
});
witnessTests(SanitizeCompletionEvent, witness.SANITIZE_COMPLETION_WITNESS);

const THERMAL = { beyond: 5, threshold: 1 };
structureTests(ThermalExcursionEvent, {
  bytes: image.THERMAL_EXCURSION_IMAGE,
  decoded: THERMAL,
  encoded: THERMAL,
});
witnessTests(ThermalExcursionEvent, witness.THERMAL_EXCURSION_WITNESS);

structureTests(HardwareErrorEvent, {
  bytes: page(4, { 0: "09" }),
  decoded: { code: 9 },
  encoded: { code: 9 },
});
witnessTests(HardwareErrorEvent, witness.HARDWARE_ERROR_WITNESS);

const PCIE = {
  deviceStatus: 1,
  errorStatus: page(16, { 0: "41" }),
  errorMask: page(16, { 0: "42" }),
  headerLog: page(16, { 0: "43" }),
  tlpPrefixLog: page(16, { 0: "44" }),
};
structureTests(PcieErrorInformation, {
  bytes: image.PCIE_ERROR_IMAGE,
  decoded: { ...PCIE, aer: { value: 1, supported: true } },
  encoded: { ...PCIE, aer: { supported: true } },
});

structureTests(EnduranceWarningInformation, {
  bytes: image.ENDURANCE_WARNING_IMAGE,
  decoded: {
    criticalWarning: { value: 1, availableSpare: true, reliability: false, readOnly: false },
    group: 2,
  },
  encoded: { criticalWarning: { availableSpare: true }, group: 2 },
});

structureTests(PowerLossInformation, {
  bytes: image.POWER_LOSS_IMAGE,
  decoded: { losses: 12n, cause: { value: 1, outOfBand: true } },
  encoded: { losses: 12, cause: { outOfBand: true } },
});

structureTests(ReadyTimeoutInformation, {
  bytes: image.READY_TIMEOUT_IMAGE,
  decoded: {
    state: {
      value: 2,
      independentOfMedia: false,
      namespaceNotReady: true,
      adminMediaNotReady: false,
      notReady: false,
    },
  },
  encoded: { state: { namespaceNotReady: true } },
});

structureTests(SetFeatureEvent, {
  bytes: image.SET_FEATURE_IMAGE.subarray(0, 4),
  decoded: { layout: { value: 0x4000a, dwords: 2, completion: true, memory: 4 } },
  encoded: { layout: { dwords: 2, completion: true, memory: 4 } },
});
witnessTests(SetFeatureEvent, witness.SET_FEATURE_WITNESS);

const DESCRIPTOR = { code: 0x1001, type: 1, uuidIndex: 2, length: 4 };
structureTests(VendorEventDescriptor, {
  bytes: image.VENDOR_EVENT_IMAGE.subarray(0, 6),
  decoded: DESCRIPTOR,
  encoded: DESCRIPTOR,
});
