// What the events of the persistent event log carry, as far as it has a fixed layout.

import {
  ascii,
  at,
  bit,
  bits,
  bytes,
  coded,
  hex,
  measured,
  milliseconds,
  range,
  reserved,
  struct,
  u128,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { statusWord } from "../completion.ts";
import { enduranceWarning } from "./endurance.ts";
import { sanitizeProgress, sanitizeStatus } from "./sanitize.ts";
import { Timestamp } from "./timestamp.ts";

/** Firmware Commit: event type 02h. */
export const FirmwareCommitEvent = struct(
  "Firmware Commit Event",
  22,
  "[BASE-2.1 §5.1.12.1.14.2.2, Fig. 231]",
  [
    at(0, 7, "oldRevision", ascii(8), "Active before"),
    at(8, 15, "newRevision", ascii(8), "Asked to become active"),
    at(16, 16, "action", u8, "Commit action"),
    at(17, 17, "slot", u8, "Firmware slot"),
    at(18, 18, "statusCodeType", u8, "Status code type"),
    at(19, 19, "statusCode", u8, "Status code"),
    at(20, 21, "vendorCode", hex(u16), "Vendor's result code"),
  ],
);

/** Timestamp Change: event type 03h. The new time is that of the event itself. */
export const TimestampChangeEvent = struct(
  "Timestamp Change Event",
  16,
  "[BASE-2.1 §5.1.12.1.14.2.3, Fig. 232]",
  [
    at(0, 7, "previous", Timestamp, "Time before the change"),
    at(8, 15, "sinceReset", measured(u64, milliseconds), "Since the last reset"),
  ],
);

/** What stands before the list of controllers: event type 04h. */
export const ResetEventHeader = struct(
  "Power-on or Reset Event",
  8,
  "[BASE-2.1 §5.1.12.1.14.2.4, Fig. 233]",
  [at(0, 7, "revision", ascii(8), "Firmware that runs now")],
);

/** What happened to the firmware at a reset [BASE-2.1 §5.1.12.1.14.2.4, Fig. 234]. */
export const RESET_FIRMWARE_NAMES = {
  0: "no firmware activated",
  1: "firmware activated",
  2: "firmware failed to activate",
} as const;

/** One controller at a power-on or reset: what event type 04h lists. */
export const ControllerReset = struct(
  "Controller Reset Information",
  36,
  "[BASE-2.1 §5.1.12.1.14.2.4, Fig. 234]",
  [
    at(0, 1, "controller", hex(u16), "Controller"),
    at(2, 2, "firmware", coded(u8, RESET_FIRMWARE_NAMES), "Firmware"),
    at(3, 3, "operations", bits(u8, { formatting: bit(0, "a format") }), "In progress"),
    reserved(4, 15),
    at(16, 19, "powerCycle", u32, "Power cycle"),
    at(20, 27, "powerOnTime", measured(u64, milliseconds), "Power on time"),
    at(28, 35, "timestamp", Timestamp, "Controller's time"),
  ],
);

/** Change Namespace: event type 06h. */
export const ChangeNamespaceEvent = struct(
  "Change Namespace Event",
  48,
  "[BASE-2.1 §5.1.12.1.14.2.6, Fig. 240]",
  [
    at(
      0,
      3,
      "cdw10",
      bits(u32, {
        select: range(3, 0, "operation", { names: { 0: "create", 1: "delete" } }),
      }),
      "Command dword 10",
    ),
    reserved(4, 7),
    at(8, 15, "size", u64, "Size in blocks"),
    reserved(16, 23),
    at(24, 31, "capacity", u64, "Capacity in blocks"),
    at(32, 32, "flbas", hex(u8), "Formatted LBA size"),
    at(33, 33, "dps", hex(u8), "Data protection settings"),
    at(34, 34, "nmic", hex(u8), "Sharing capabilities"),
    reserved(35, 35),
    at(36, 39, "anaGroup", u32, "ANA group"),
    at(40, 41, "nvmSet", u16, "NVM set"),
    at(42, 43, "enduranceGroup", u16, "Endurance group"),
    at(44, 47, "nsid", u32, "Namespace"),
  ],
);

/** Format NVM Start: event type 07h. */
export const FormatStartEvent = struct(
  "Format NVM Start Event",
  12,
  "[BASE-2.1 §5.1.12.1.14.2.7, Fig. 241]",
  [
    at(0, 3, "nsid", u32, "Namespace"),
    at(4, 4, "fna", hex(u8), "Format attributes of the drive"),
    reserved(5, 7),
    at(8, 11, "cdw10", hex(u32), "Command dword 10"),
  ],
);

/** Format NVM Completion: event type 08h. */
export const FormatCompletionEvent = struct(
  "Format NVM Completion Event",
  12,
  "[BASE-2.1 §5.1.12.1.14.2.8, Fig. 242]",
  [
    at(0, 3, "nsid", u32, "Namespace"),
    at(4, 4, "smallestProgress", u8, "Percent that remained, smallest seen"),
    at(
      5,
      5,
      "formatStatus",
      bits(u8, { error: bit(0, "failed"), incomplete: bit(1, "some data changed") }),
      "Format status",
    ),
    at(6, 7, "vendorInformation", hex(u16), "Vendor's information"),
    at(8, 9, "status", statusWord, "Status of the command"),
    reserved(10, 11),
  ],
);

/** Sanitize Start: event type 09h. */
export const SanitizeStartEvent = struct(
  "Sanitize Start Event",
  12,
  "[BASE-2.1 §5.1.12.1.14.2.9, Fig. 243]",
  [
    at(0, 3, "sanicap", hex(u32), "Sanitize capabilities"),
    at(4, 7, "cdw10", hex(u32), "Command dword 10"),
    at(8, 11, "cdw11", hex(u32), "Command dword 11"),
  ],
);

/** Sanitize Completion: event type 0Ah. */
export const SanitizeCompletionEvent = struct(
  "Sanitize Completion Event",
  8,
  "[BASE-2.1 §5.1.12.1.14.2.10, Fig. 244]",
  [
    at(0, 1, "progress", sanitizeProgress, "Progress"),
    at(2, 3, "status", sanitizeStatus, "Status"),
    at(4, 5, "vendorInformation", hex(u16), "Vendor's information"),
    reserved(6, 7),
  ],
);

/** Which threshold was crossed [BASE-2.1 §5.1.12.1.14.2.13, Fig. 248]. */
export const THERMAL_THRESHOLD_NAMES = {
  0x01: "warning temperature reached",
  0x02: "critical temperature reached",
  0x03: "thermal management temperature 1 reached",
  0x04: "thermal management temperature 2 reached",
  0x05: "the vendor's throttling began",
  0x88: "temperature normal again",
  0x89: "throttling ended",
  0xb0: "under temperature threshold reached",
} as const;

/** Thermal Excursion: event type 0Dh. */
export const ThermalExcursionEvent = struct(
  "Thermal Excursion Event",
  2,
  "[BASE-2.1 §5.1.12.1.14.2.13, Fig. 248]",
  [
    at(0, 0, "beyond", u8, "Kelvins away from the threshold"),
    at(1, 1, "threshold", coded(u8, THERMAL_THRESHOLD_NAMES), "Threshold"),
  ],
);

/** Additional information of the hardware errors 01h to 03h. */
export const PcieErrorInformation = struct(
  "PCIe Error Information",
  80,
  "[BASE-2.1 §5.1.12.1.14.2.5, Fig. 238]",
  [
    at(0, 1, "deviceStatus", hex(u16), "Device status register"),
    at(2, 2, "aer", bits(u8, { supported: bit(0, "supported") }), "Advanced error reporting"),
    reserved(3, 15),
    at(16, 31, "errorStatus", bytes(16), "AER error status"),
    at(32, 47, "errorMask", bytes(16), "AER error mask"),
    at(48, 63, "headerLog", bytes(16), "AER header log register"),
    at(64, 79, "tlpPrefixLog", bytes(16), "AER TLP prefix log register"),
  ],
);

/** Additional information of hardware error 07h. */
export const EnduranceWarningInformation = struct(
  "Endurance Group Warning Information",
  4,
  "[BASE-2.1 §5.1.12.1.14.2.5, Fig. 236]",
  [
    at(0, 0, "criticalWarning", enduranceWarning, "Critical warning"),
    reserved(1, 1),
    at(2, 3, "group", u16, "Endurance group"),
  ],
);

/** Additional information of hardware error 08h. */
export const PowerLossInformation = struct(
  "Unexpected Power Loss Information",
  17,
  "[BASE-2.1 §5.1.12.1.14.2.5, Fig. 237]",
  [
    at(0, 15, "losses", u128, "Unexpected power losses"),
    at(16, 16, "cause", bits(u8, { outOfBand: bit(0, "out-of-band activity") }), "Cause"),
  ],
);

/** Additional information of hardware error 0Bh. */
export const ReadyTimeoutInformation = struct(
  "Controller Ready Timeout Information",
  4,
  "[BASE-2.1 §5.1.12.1.14.2.5, Fig. 239]",
  [
    at(
      0,
      0,
      "state",
      bits(u8, {
        independentOfMedia: bit(0, "to be ready without media"),
        namespaceNotReady: bit(1, "a namespace was not ready"),
        adminMediaNotReady: bit(2, "media for admin commands were not ready"),
        notReady: bit(3, "the controller was not ready"),
      }),
      "State",
    ),
    reserved(1, 3),
  ],
);

/** What stands before the additional information of a hardware error: event type 05h. */
export const HardwareErrorEvent = struct(
  "NVM Subsystem Hardware Error Event",
  4,
  "[BASE-2.1 §5.1.12.1.14.2.5, Fig. 235]",
  [at(0, 1, "code", hex(u16), "Hardware error"), reserved(2, 3)],
);

/** What stands before the dwords and bytes of a Set Features command: event type 0Bh. */
export const SetFeatureEvent = struct(
  "Set Feature Event",
  4,
  "[BASE-2.1 §5.1.12.1.14.2.11, Fig. 246]",
  [
    at(
      0,
      3,
      "layout",
      bits(u32, {
        dwords: range(2, 0, "command dwords"),
        completion: bit(3, "completion dword 0 logged"),
        memory: range(31, 16, "bytes of data"),
      }),
      "Layout",
    ),
  ],
);

/** What the data of a vendor's event are [BASE-2.1 §5.1.12.1.14.2.15, Fig. 251]. */
export const VENDOR_DATA_NAMES = {
  1: "event name",
  2: "text",
  3: "binary",
  4: "signed integer",
} as const;

/** What stands before the data of one descriptor of a vendor's event: event type DEh. */
export const VendorEventDescriptor = struct(
  "Vendor Specific Event Descriptor",
  6,
  "[BASE-2.1 §5.1.12.1.14.2.15, Fig. 250]",
  [
    at(0, 1, "code", hex(u16), "Vendor's event code"),
    at(2, 2, "type", coded(u8, VENDOR_DATA_NAMES), "Type of the data"),
    at(3, 3, "uuidIndex", u8, "UUID index"),
    at(4, 5, "length", u16, "Bytes of data"),
  ],
);
