// What kind of drive a virtual drive is: everything about it that no command changes. Plain data,
// so that a personality can be written down in a file.

import type { SmartLog } from "../spec/log/smart.ts";
import type { Recording } from "../spec/recording.ts";
import type { FirmwareAbilities, History, SanitizeAbilities } from "./model/abilities.ts";

/** Commands that a drive may lack; Identify, logs, features, flush, read and write are given. */
export type OptionalCommand =
  | "self-test"
  | "format"
  | "compare"
  | "dataset-management"
  | "write-zeroes"
  | "verify"
  | "write-uncorrectable"
  | "copy"
  | "get-lba-status"
  | "namespace-management"
  | "firmware"
  | "sanitize"
  | "security"
  | "directives"
  | "keep-alive"
  | "doorbell-buffer";

/** A block format that a namespace can be formatted with. */
export interface LbaFormat {
  /** Data bytes in a block: a power of two, 512 to 65,536. */
  readonly dataBytes: number;
  readonly metadataBytes: number;
  /** Relative performance: 0 is best, 3 is degraded. */
  readonly performance: 0 | 1 | 2 | 3;
}

/** How formats may be chosen, and what Format NVM does beyond the namespace that it names. */
export interface Formatting {
  /** Metadata may be the tail of each block (MSET 1), or have a buffer of its own (MSET 0). */
  readonly metadata: readonly ("inline" | "separate")[];
  /** Types of protection information, 1 to 3. */
  readonly protection: readonly (1 | 2 | 3)[];
  /** Protection information may be the first or the last bytes of the metadata. */
  readonly protectionAt: readonly ("first" | "last")[];
  readonly cryptoErase: boolean;
  /** A format is a format of every namespace. */
  readonly formatsAll: boolean;
  /** A secure erase is an erasure of every namespace. */
  readonly erasesAll: boolean;
  /** Format NVM takes the broadcast namespace identifier. */
  readonly broadcast: boolean;
}

/** A namespace as it leaves the factory. */
export interface NamespacePlan {
  readonly nsid: number;
  /** Bytes of media set aside for data and metadata. */
  readonly capacityBytes: number;
  /** Index into the drive's formats. */
  readonly format: number;
  readonly metadataInline?: boolean;
  /** Type of protection information, 0 for none. */
  readonly protection?: 0 | 1 | 2 | 3;
  readonly protectionFirst?: boolean;
  /** Whether the controllers see it; a namespace that they do not see is inactive. */
  readonly attached?: boolean;
  /** The ANA group that it is in; 1 when left out. */
  readonly anaGroup?: number;
}

/** The drive's health on its first day here. Counters go on from these. */
export interface Health {
  /** Percent. */
  readonly spare: number;
  readonly spareThreshold: number;
  readonly percentageUsed: number;
  /** Terabytes that can be written before 100 percent are used. */
  readonly enduranceTerabytes: number;
  /** Kelvin, around which the composite temperature moves by `temperatureSwingK`. */
  readonly temperatureK: number;
  readonly temperatureSwingK: number;
  /** Warning and critical composite temperature thresholds; zero for none. */
  readonly warningK: number;
  readonly criticalK: number;
  /** What each temperature sensor shows above the composite temperature. */
  readonly sensorOffsetsK: readonly number[];
  readonly powerOnHours: number;
  readonly powerCycles: number;
  readonly unsafeShutdowns: number;
  readonly mediaErrors: number;
  readonly errorLogEntries: number;
  /** Units of 512,000 bytes. */
  readonly dataUnitsRead: number;
  readonly dataUnitsWritten: number;
  readonly hostReads: number;
  readonly hostWrites: number;
  readonly busyMinutes: number;
  readonly warningMinutes: number;
  readonly criticalMinutes: number;
  readonly readOnly: boolean;
  readonly degraded: boolean;
}

/** Where a self-test finds something. */
export interface SelfTestFailure {
  readonly segment: number;
  readonly nsid?: number;
  readonly lba?: number;
  /** Status Code Type and Status Code of what went wrong. */
  readonly statusCodeType?: number;
  readonly statusCode?: number;
  /** The vendor specific word of the result. */
  readonly vendorSpecific?: number;
}

/** How self-tests go. */
export interface SelfTests {
  readonly shortMs: number;
  readonly extendedMs: number;
  /** Without it there is no vendor specific self-test. */
  readonly vendorMs?: number;
  readonly vendorFailure?: SelfTestFailure;
  readonly shortFailure?: SelfTestFailure;
  readonly extendedFailure?: SelfTestFailure;
}

/** Sizes and numbers that Identify Controller reports. */
export interface Limits {
  /** Largest data transfer as a power of two of 4 KiB pages; zero for no limit. */
  readonly mdts: number;
  /** Entries in the error log, 1 to 256. */
  readonly errorEntries: number;
  /** Asynchronous Event Requests, and Aborts, that may be outstanding. */
  readonly asyncEvents: number;
  readonly aborts: number;
  /** I/O queues of each kind. */
  readonly queues: number;
  /** The highest namespace identifier. */
  readonly namespaces: number;
}

/** How much one Copy may copy [NVM-1.1 §4.1.5.1, Fig. 114]. */
export interface CopyLimits {
  /** Blocks in one source range (MSSRL), and in all of them (MCL). */
  readonly rangeBlocks: number;
  readonly blocks: number;
  /** Source ranges (MSRC), 1 to 256. */
  readonly ranges: number;
}

/** How much of one Dataset Management command is looked at [NVM-1.1 §3.3.3.1]; none is zero. */
export interface DatasetLimits {
  /** Ranges (DMRL), 1 to 255. */
  readonly ranges: number;
  /** Blocks in one range (DMRSL), and in all of them (DMSL). */
  readonly rangeBlocks: number;
  readonly blocks: number;
}

/** How a drive with several controllers reaches its namespaces [BASE-2.1 §8.1.1]. */
export interface Ana {
  /** Groups, numbered from 1. */
  readonly groups: number;
  /** The longest a group stays in transition, in seconds. */
  readonly transitionSeconds: number;
  /** Groups that a controller does not reach optimally at first: state by `group@controller`. */
  readonly states?: Readonly<Record<string, AnaState>>;
}

/** Asymmetric Namespace Access states [BASE-2.1 §8.1.1.3]. */
export type AnaState =
  | "optimized"
  | "non-optimized"
  | "inaccessible"
  | "persistent-loss"
  | "change";

/** Temperatures that Host Controlled Thermal Management may be given, in kelvin. */
export interface ThermalManagement {
  readonly lowestK: number;
  readonly highestK: number;
}

/** A power state: watts of at most `milliwatts`, and how it is entered and left. */
export interface PowerState {
  readonly milliwatts: number;
  readonly operational: boolean;
  readonly entryUs: number;
  readonly exitUs: number;
}

/** A kind of drive. */
export interface Personality {
  /** The name after `virtual:`. */
  readonly name: string;
  /** What is special about it, in one line. */
  readonly summary: string;
  readonly model: string;
  readonly serial: string;
  /** Firmware revisions by slot, slot 1 first; an empty slot is an empty string. */
  readonly firmware: readonly string[];
  /** The slot that runs, 1 to 7. */
  readonly firmwareSlot: number;
  /** Version of the specification: 0x020100 is 2.1. */
  readonly version: number;
  readonly vendorId: number;
  /** IEEE organizationally unique identifier. */
  readonly oui: number;
  /** The NVM subsystem's NQN; one made of the serial number when left out. */
  readonly nqn?: string;
  /** Controllers of the subsystem; 1 when left out. */
  readonly controllers?: number;
  /** Their identifiers; 1 and on when left out. */
  readonly controllerIds?: readonly number[];
  /** How long a controller takes to become ready, and to shut down; no time when left out. */
  readonly readyMs?: number;
  readonly shutdownMs?: number;
  /** The most entries that a queue can have, 2 to 65,536; 1024 when left out. */
  readonly queueEntries?: number;
  /** CAP.DSTRD: doorbells are 2^(2 + n) bytes apart; 0 when left out. */
  readonly doorbellStride?: number;
  /** The PCI device identifier; 0001h when left out. */
  readonly deviceId?: number;
  /** MSI-X vectors; one more than I/O queues when left out. */
  readonly interrupts?: number;
  /** Bytes of controller memory that a host on the bus can use; none when left out. */
  readonly memoryBufferBytes?: number;
  /** Whether I/O commands may point at their data with SGLs in host memory. */
  readonly scatterGather?: boolean;
  readonly limits: Limits;
  readonly commands: readonly OptionalCommand[];
  /** Identify structures (CNS), log pages and features that the drive has. */
  readonly identify: readonly number[];
  readonly logs: readonly number[];
  readonly features: readonly number[];
  /** Log pages can be read from an offset (LPA bit 2). */
  readonly logOffsets: boolean;
  /** Features can be saved, and asked for their default and saved values (ONCS bit 4). */
  readonly savesFeatures: boolean;
  readonly writeCache: boolean;
  /** Bytes of the volatile write cache; 32 MiB when left out. */
  readonly cacheBytes?: number;
  /** Of a drive with Copy; 128 ranges, 256 blocks each, 2048 in all when left out. */
  readonly copy?: CopyLimits;
  /** Without them a drive looks at all of a Dataset Management command. */
  readonly dataset?: DatasetLimits;
  /** Asymmetric namespace access is reported; all paths are equal when left out. */
  readonly ana?: Ana;
  /** All media is endurance group 1. */
  readonly enduranceGroup?: boolean;
  readonly thermalManagement?: ThermalManagement;
  /** Read recovery levels, ascending, with level 4 among them. */
  readonly recoveryLevels?: readonly number[];
  /** UUIDs that a UUID index selects, the first by index 1. */
  readonly uuids?: readonly string[];
  /** What the size of a new namespace best is a multiple of, in bytes. */
  readonly granularityBytes?: number;
  /** Namespaces that one controller sees at most; no limit when left out. */
  readonly attachments?: number;
  /** Total NVM capacity in bytes; zero where the drive does not report one. */
  readonly capacityBytes: number;
  readonly formats: readonly LbaFormat[];
  /** Formats beyond the sixteenth can be enabled (CTRATT bit 15). */
  readonly extendedFormats: boolean;
  readonly formatting: Formatting;
  readonly namespaces: readonly NamespacePlan[];
  readonly powerStates: readonly PowerState[];
  readonly health: Health;
  readonly selfTests: SelfTests;
  /** How long a format takes; no time when left out. */
  readonly formatMs?: number;
  /** Of a drive with Sanitize; `DEFAULT_SANITIZE` when left out. */
  readonly sanitizing?: SanitizeAbilities;
  /** Of a drive with firmware updates; `DEFAULT_FIRMWARE` when left out. */
  readonly firmwareUpdates?: FirmwareAbilities;
  /** Any image is firmware, not only those that `buildFirmwareImage` makes. */
  readonly firmwareAcceptsAny?: boolean;
  /** Bytes of the memory dump in telemetry data area 3; 0 when left out. */
  readonly telemetryDumpBytes?: number;
  readonly history?: History;
  /** Saved feature values by `featureKey`. */
  readonly savedFeatures: Readonly<Record<string, number>>;
  /** The SMART page's bytes are these fields and zeros, whatever the drive's health is. */
  readonly fixedSmart?: FixedSmart;
  /** Answers of the drive that this one is a clone of; `recorded/replay.ts` says when they hold. */
  readonly recorded?: Recording;
}

/** A SMART page that does not come from the model: the fields that are not zero. */
export type FixedSmart = Parameters<typeof SmartLog.encode>[0];

/** Whether a drive of this kind has the command. */
export function has(personality: Personality, command: OptionalCommand): boolean {
  return personality.commands.includes(command);
}

/** A personality that differs from another in parts; health and limits differ field by field. */
export function variant(
  base: Personality,
  changes:
    & Partial<Omit<Personality, "health" | "limits">>
    & { readonly health?: Partial<Health>; readonly limits?: Partial<Limits> },
): Personality {
  return {
    ...base,
    ...changes,
    health: { ...base.health, ...changes.health },
    limits: { ...base.limits, ...changes.limits },
  };
}
