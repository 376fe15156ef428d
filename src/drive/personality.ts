// What kind of drive a virtual drive is: everything about it that no command changes. Plain data,
// so that a personality can be written down in a file.

import type { SmartLog } from "../spec/log/smart.ts";

/** Commands that a drive may lack; Identify, logs, features, flush, read and write are given. */
export type OptionalCommand =
  | "self-test"
  | "format"
  | "compare"
  | "dataset-management"
  | "write-zeroes"
  | "verify"
  | "keep-alive";

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
}

/** How self-tests go. */
export interface SelfTests {
  readonly shortMs: number;
  readonly extendedMs: number;
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
  /** Controllers of the subsystem; 1 when left out. */
  readonly controllers?: number;
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
  /** Saved feature values by `featureKey`. */
  readonly savedFeatures: Readonly<Record<string, number>>;
  /** The SMART page's bytes are these fields and zeros, whatever the drive's health is. */
  readonly fixedSmart?: FixedSmart;
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
