// Every feature of the base specification and of the NVM and Key Value command sets: what Set
// Features takes, and what Get Features gives.

import type { List, Struct } from "../../layout/mod.ts";
import * as data from "./data.ts";
import * as dwords from "./dwords.ts";
import * as nvm from "./nvm_dwords.ts";

/** What one value of a feature holds for [BASE-2.1 §5.1.25, Fig. 385]. */
export type FeatureScope =
  | "controller"
  | "namespace"
  | "NVM set"
  | "endurance group"
  | "reclaim unit handle"
  | "domain"
  | "controller data queue"
  | "NVM subsystem";

type AnyStruct = Struct<object, unknown>;

/** What the two commands transfer beside their dwords. */
export interface FeatureData {
  /** What Get Features gives; a list where the command says how many. */
  readonly structure: AnyStruct | List<object, unknown>;
  /** Other forms, by what dword 11 says. */
  readonly others?: readonly AnyStruct[];
  /** Whether Set Features takes the same structure; otherwise it transfers none, or another. */
  readonly set: boolean;
}

/** One feature. */
export interface FeatureInfo {
  readonly fid: number;
  /** Words joined by dashes, unique. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly scope: FeatureScope;
  readonly cite: string;
  /** The first revision of the specification with this feature, where sure. */
  readonly since?: string;
  /** Dwords 11 and up of Set Features; none for one whose value is only a data structure. */
  readonly dwords?: AnyStruct;
  /** Dwords 11 and up of Get Features, where they select a value. */
  readonly select?: AnyStruct;
  /** Dword 0 that Get Features answers with, where it is not dword 11 of Set Features. */
  readonly result?: AnyStruct;
  /** Set Features answers with dword 0 too. */
  readonly answers?: true;
  readonly data?: FeatureData;
}

type Parts = Partial<
  Record<"dwords" | "select" | "result", unknown> & {
    readonly aliases: readonly string[];
    readonly since: string;
    readonly answers: true;
    readonly data: {
      readonly structure: unknown;
      readonly others?: readonly unknown[];
      readonly set?: false;
    };
  }
>;

function feature(
  fid: number,
  name: string,
  title: string,
  scope: FeatureScope,
  cite: string,
  { aliases = [], data: transfer, ...parts }: Parts,
): FeatureInfo {
  const { structure, others, set = true } = transfer ?? {};
  return {
    fid,
    name,
    aliases,
    title,
    scope,
    cite,
    ...parts,
    ...(structure ? { data: { structure, set, ...(others ? { others } : {}) } } : {}),
  } as FeatureInfo;
}

/** The features, by identifier. */
export const FEATURES: readonly FeatureInfo[] = [
  feature(0x01, "arbitration", "Arbitration", "controller", "[BASE-2.1 §5.1.25.1.1]", {
    since: "1.0",
    dwords: dwords.ArbitrationDwords,
  }),
  feature(0x02, "power-management", "Power Management", "controller", "[BASE-2.1 §5.1.25.1.2]", {
    since: "1.0",
    aliases: ["power"],
    dwords: dwords.PowerManagementDwords,
  }),
  feature(0x03, "lba-range-type", "LBA Range Type", "namespace", "[NVM-1.1 §4.1.3.1]", {
    since: "1.0",
    dwords: nvm.LbaRangeTypeDwords,
    result: nvm.LbaRangeTypeResult,
    data: { structure: data.LbaRangeData },
  }),
  feature(
    0x04,
    "temperature-threshold",
    "Temperature Threshold",
    "controller",
    "[BASE-2.1 §5.1.25.1.3]",
    {
      since: "1.0",
      dwords: dwords.TemperatureThresholdDwords,
      select: dwords.TemperatureThresholdDwords,
    },
  ),
  feature(0x05, "error-recovery", "Error Recovery", "namespace", "[NVM-1.1 §4.1.3.2]", {
    since: "1.0",
    dwords: nvm.ErrorRecoveryDwords,
  }),
  feature(
    0x06,
    "volatile-write-cache",
    "Volatile Write Cache",
    "controller",
    "[BASE-2.1 §5.1.25.1.4]",
    { since: "1.0", aliases: ["write-cache", "vwc"], dwords: dwords.VolatileWriteCacheDwords },
  ),
  feature(0x07, "number-of-queues", "Number of Queues", "controller", "[BASE-2.1 §5.1.25.2.1]", {
    since: "1.0",
    aliases: ["queues"],
    dwords: dwords.NumberOfQueuesDwords,
    result: dwords.NumberOfQueuesResult,
    answers: true,
  }),
  feature(
    0x08,
    "interrupt-coalescing",
    "Interrupt Coalescing",
    "controller",
    "[BASE-2.1 §5.1.25.2.2]",
    { since: "1.0", dwords: dwords.InterruptCoalescingDwords },
  ),
  feature(
    0x09,
    "interrupt-vector",
    "Interrupt Vector Configuration",
    "controller",
    "[BASE-2.1 §5.1.25.2.3]",
    {
      since: "1.0",
      dwords: dwords.InterruptVectorDwords,
      select: dwords.InterruptVectorDwords,
    },
  ),
  feature(0x0a, "write-atomicity", "Write Atomicity Normal", "controller", "[NVM-1.1 §4.1.3.3]", {
    since: "1.0",
    dwords: nvm.WriteAtomicityDwords,
  }),
  feature(
    0x0b,
    "async-events",
    "Asynchronous Event Configuration",
    "controller",
    "[BASE-2.1 §5.1.25.1.5]",
    { since: "1.0", dwords: dwords.AsyncEventConfigurationDwords },
  ),
  feature(
    0x0c,
    "autonomous-power",
    "Autonomous Power State Transition",
    "controller",
    "[BASE-2.1 §5.1.25.1.6]",
    {
      since: "1.1",
      aliases: ["apst"],
      dwords: dwords.AutonomousPowerDwords,
      data: { structure: data.PowerTransitionData },
    },
  ),
  feature(
    0x0d,
    "host-memory-buffer",
    "Host Memory Buffer",
    "controller",
    "[BASE-2.1 §5.1.25.2.4]",
    {
      since: "1.2",
      aliases: ["hmb"],
      dwords: dwords.HostMemoryBufferDwords,
      result: dwords.HostMemoryBufferResult,
      data: { structure: data.HostMemoryBufferData, set: false },
    },
  ),
  feature(0x0e, "timestamp", "Timestamp", "controller", "[BASE-2.1 §5.1.25.1.7]", {
    since: "1.3",
    data: { structure: data.TimestampData },
  }),
  feature(0x0f, "keep-alive", "Keep Alive Timer", "controller", "[BASE-2.1 §5.1.25.1.8]", {
    aliases: ["kato"],
    dwords: dwords.KeepAliveDwords,
  }),
  feature(
    0x10,
    "thermal-management",
    "Host Controlled Thermal Management",
    "controller",
    "[BASE-2.1 §5.1.25.1.9]",
    { since: "1.3", aliases: ["hctm"], dwords: dwords.ThermalManagementDwords },
  ),
  feature(
    0x11,
    "non-operational-power",
    "Non-Operational Power State Config",
    "controller",
    "[BASE-2.1 §5.1.25.1.10]",
    { since: "1.3", dwords: dwords.NonOperationalPowerDwords },
  ),
  feature(
    0x12,
    "read-recovery-level",
    "Read Recovery Level Config",
    "NVM set",
    "[BASE-2.1 §5.1.25.1.11]",
    {
      since: "1.4",
      dwords: dwords.ReadRecoveryLevelDwords,
      select: dwords.NvmSetSelect,
      result: dwords.ReadRecoveryLevelResult,
    },
  ),
  feature(
    0x13,
    "predictable-latency",
    "Predictable Latency Mode Config",
    "NVM set",
    "[BASE-2.1 §5.1.25.1.12]",
    {
      since: "1.4",
      dwords: dwords.PredictableLatencyDwords,
      select: dwords.NvmSetSelect,
      result: dwords.PredictableLatencyResult,
      data: { structure: data.DeterministicThresholdData },
    },
  ),
  feature(
    0x14,
    "predictable-latency-window",
    "Predictable Latency Mode Window",
    "NVM set",
    "[BASE-2.1 §5.1.25.1.13]",
    {
      since: "1.4",
      dwords: dwords.LatencyWindowDwords,
      select: dwords.NvmSetSelect,
      result: dwords.LatencyWindowResult,
    },
  ),
  feature(
    0x15,
    "lba-status",
    "LBA Status Information Attributes",
    "controller",
    "[NVM-1.1 §4.1.3.5]",
    { since: "1.4", dwords: nvm.LbaStatusDwords, answers: true },
  ),
  feature(
    0x16,
    "host-behavior",
    "Host Behavior Support",
    "controller",
    "[BASE-2.1 §5.1.25.1.14]",
    { since: "1.4", data: { structure: data.HostBehaviorData } },
  ),
  feature(0x17, "sanitize-config", "Sanitize Config", "NVM subsystem", "[BASE-2.1 §5.1.25.1.15]", {
    since: "1.4",
    dwords: dwords.SanitizeConfigDwords,
  }),
  feature(
    0x18,
    "endurance-group-events",
    "Endurance Group Event Configuration",
    "endurance group",
    "[BASE-2.1 §5.1.25.1.16]",
    {
      since: "1.4",
      dwords: dwords.EnduranceGroupEventDwords,
      select: dwords.EnduranceGroupSelect,
    },
  ),
  feature(
    0x19,
    "command-set-profile",
    "I/O Command Set Profile",
    "controller",
    "[BASE-2.1 §5.1.25.1.17]",
    { since: "2.0", dwords: dwords.CommandSetProfileDwords },
  ),
  feature(0x1a, "spinup", "Spinup Control", "NVM subsystem", "[BASE-2.1 §5.1.25.1.18]", {
    since: "2.0",
    dwords: dwords.SpinupDwords,
  }),
  feature(
    0x1b,
    "power-loss-signaling",
    "Power Loss Signaling Config",
    "domain",
    "[BASE-2.1 §5.1.25.1.19]",
    { since: "2.1", dwords: dwords.PowerLossSignalingDwords },
  ),
  feature(
    0x1c,
    "performance",
    "Performance Characteristics",
    "namespace",
    "[NVM-1.1 §4.1.3.7]",
    {
      since: "2.1",
      dwords: nvm.PerformanceDwords,
      select: nvm.PerformanceDwords,
      data: {
        structure: data.StandardPerformanceData,
        others: [data.PerformanceIdentifiersData, data.VendorPerformanceData],
      },
    },
  ),
  feature(
    0x1d,
    "data-placement",
    "Flexible Data Placement",
    "endurance group",
    "[BASE-2.1 §5.1.25.1.20]",
    {
      since: "2.1",
      aliases: ["fdp"],
      dwords: dwords.FlexibleDataPlacementDwords,
      select: dwords.EnduranceGroupSelect,
      result: dwords.FlexibleDataPlacementResult,
    },
  ),
  feature(
    0x1e,
    "data-placement-events",
    "Flexible Data Placement Events",
    "reclaim unit handle",
    "[BASE-2.1 §5.1.25.1.21]",
    {
      since: "2.1",
      aliases: ["fdp-events"],
      dwords: dwords.PlacementEventDwords,
      select: dwords.PlacementEventSelect,
      data: { structure: data.PlacementEventData, set: false },
    },
  ),
  feature(
    0x1f,
    "namespace-label",
    "Namespace Admin Label",
    "namespace",
    "[BASE-2.1 §5.1.25.1.22]",
    { since: "2.1", data: { structure: data.NamespaceLabelData } },
  ),
  feature(0x20, "key-value", "Key Value Configuration", "namespace", "[KV-1.1 §4.1.3.1]", {
    since: "2.0",
    dwords: nvm.KeyValueDwords,
  }),
  feature(
    0x21,
    "controller-data-queue",
    "Controller Data Queue",
    "controller data queue",
    "[BASE-2.1 §5.1.25.1.23]",
    {
      since: "2.1",
      aliases: ["cdq"],
      dwords: dwords.ControllerDataQueueDwords,
      select: dwords.ControllerDataQueueDwords,
      data: { structure: data.ControllerDataQueueData, set: false },
    },
  ),
  feature(
    0x78,
    "management-controller-address",
    "Embedded Management Controller Address",
    "NVM subsystem",
    "[BASE-2.1 §5.1.25.1.24]",
    { data: { structure: data.ManagementAddressData } },
  ),
  feature(
    0x79,
    "management-agent-address",
    "Host Management Agent Address",
    "NVM subsystem",
    "[BASE-2.1 §5.1.25.1.25]",
    { data: { structure: data.ManagementAddressData } },
  ),
  feature(
    0x7d,
    "enhanced-controller-metadata",
    "Enhanced Controller Metadata",
    "controller",
    "[BASE-2.1 §5.1.25.1.26]",
    {
      dwords: dwords.HostMetadataDwords,
      select: dwords.HostMetadataSelect,
      data: { structure: data.HostMetadataData },
    },
  ),
  feature(
    0x7e,
    "controller-metadata",
    "Controller Metadata",
    "controller",
    "[BASE-2.1 §5.1.25.1.26]",
    {
      dwords: dwords.HostMetadataDwords,
      select: dwords.HostMetadataSelect,
      data: { structure: data.HostMetadataData },
    },
  ),
  feature(
    0x7f,
    "namespace-metadata",
    "Namespace Metadata",
    "namespace",
    "[BASE-2.1 §5.1.25.1.26]",
    {
      dwords: dwords.HostMetadataDwords,
      select: dwords.HostMetadataSelect,
      data: { structure: data.HostMetadataData },
    },
  ),
  feature(
    0x80,
    "software-progress",
    "Software Progress Marker",
    "controller",
    "[BASE-2.1 §5.1.25.1.27]",
    { since: "1.0", dwords: dwords.SoftwareProgressDwords },
  ),
  feature(0x81, "host-identifier", "Host Identifier", "controller", "[BASE-2.1 §5.1.25.1.28]", {
    since: "1.1",
    aliases: ["host-id"],
    dwords: dwords.HostIdentifierDwords,
    select: dwords.HostIdentifierDwords,
    data: { structure: data.HostIdentifierData, others: [data.ExtendedHostIdentifierData] },
  }),
  feature(
    0x82,
    "reservation-notification",
    "Reservation Notification Mask",
    "namespace",
    "[BASE-2.1 §5.1.25.1.29]",
    { since: "1.1", dwords: dwords.ReservationNotificationDwords },
  ),
  feature(
    0x83,
    "reservation-persistence",
    "Reservation Persistence",
    "namespace",
    "[BASE-2.1 §5.1.25.1.30]",
    { since: "1.1", dwords: dwords.ReservationPersistenceDwords },
  ),
  feature(
    0x84,
    "write-protection",
    "Namespace Write Protection Config",
    "namespace",
    "[BASE-2.1 §5.1.25.1.31]",
    { since: "1.4", dwords: dwords.WriteProtectionDwords },
  ),
  feature(
    0x85,
    "boot-partition-protection",
    "Boot Partition Write Protection Config",
    "controller",
    "[BASE-2.1 §5.1.25.1.32]",
    { dwords: dwords.BootPartitionProtectionDwords },
  ),
];

const BY_FID: ReadonlyMap<number, FeatureInfo> = new Map(
  FEATURES.map((info) => [info.fid, info]),
);

const BY_NAME: ReadonlyMap<string, FeatureInfo> = new Map(
  FEATURES.flatMap((info) => [info.name, ...info.aliases].map((name) => [name, info])),
);

/** The feature of an identifier, or of one of its names; undefined for one not listed. */
export function findFeature(key: number | string): FeatureInfo | undefined {
  return typeof key === "number" ? BY_FID.get(key) : BY_NAME.get(key.toLowerCase());
}

/** What is asked of Get Features, by SEL [BASE-2.1 §5.1.11, Fig. 192]. */
export const FEATURE_SELECT = { current: 0, default: 1, saved: 2, capabilities: 3 } as const;

/** The first vendor specific feature [BASE-2.1 §5.1.25, Fig. 385]. */
export const VENDOR_FEATURE = 0xc0;
