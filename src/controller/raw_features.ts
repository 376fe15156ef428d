// What Get Features and Set Features move, and which features put more than settings at stake.

/** Bytes that a feature moves; `some` where only its definition elsewhere could tell. */
export type FeatureBytes = number | "some";

const LBA_RANGE_TYPE = 0x03;
const HOST_MEMORY_BUFFER = 0x0d;
const FDP_EVENTS = 0x1e;
const CONTROLLER_DATA_QUEUE = 0x21;
const HOST_IDENTIFIER = 0x81;
/** Get Features, SEL: what the feature can do, told in the completion alone. */
const SUPPORTED_CAPABILITIES = 3;

/** Data structures of one size either way, by feature [BASE-2.1 §5.1.25.1] and [NVM-1.1 §4.1.3]. */
const STRUCTURES: ReadonlyMap<number, number> = new Map([
  [LBA_RANGE_TYPE, 4096],
  // Autonomous Power State Transition.
  [0x0c, 256],
  // Timestamp.
  [0x0e, 8],
  // Predictable Latency Mode Config; its window, 14h, is one dword.
  [0x13, 512],
  // Host Behavior Support.
  [0x16, 512],
  // Performance Characteristics.
  [0x1c, 4096],
  // Namespace Admin Label.
  [0x1f, 256],
  // Embedded Management Controller Address, Host Management Agent Address.
  [0x78, 512],
  [0x79, 512],
  // Enhanced Controller Metadata, Controller Metadata, Namespace Metadata.
  [0x7d, 4096],
  [0x7e, 4096],
  [0x7f, 4096],
]);

/** Whether the specification defines the feature [BASE-2.1 §5.1.25]. */
export function isDefinedFeature(fid: number): boolean {
  return (fid >= 0x01 && fid <= 0x21) || fid === 0x78 || fid === 0x79 ||
    (fid >= 0x7d && fid <= 0x85);
}

/** What of a command tells its feature. */
interface FeatureCommand {
  readonly cdw10?: number;
  readonly cdw11?: number;
}

/** Bytes that a Get Features brings: the Feature Identifier and SEL are in dword 10. */
export function getFeatureBytes({ cdw10 = 0, cdw11 = 0 }: FeatureCommand): FeatureBytes {
  const fid = cdw10 & 0xff;
  if ((cdw10 >>> 8 & 0x7) === SUPPORTED_CAPABILITIES) return 0;
  // The attributes of the host's memory, which only a Get Features moves.
  if (fid === HOST_MEMORY_BUFFER) return 4096;
  // Descriptors of two bytes, as many as NOET asks for.
  if (fid === FDP_EVENTS) return 2 * (cdw11 >>> 16 & 0xff);
  // Head pointer and tail pointer trigger, which a Set Features has in its dwords.
  return fid === CONTROLLER_DATA_QUEUE ? 8 : structureBytes(fid, cdw11);
}

/** Bytes that a Set Features sends. */
export function setFeatureBytes({ cdw10 = 0, cdw11 = 0 }: FeatureCommand): FeatureBytes {
  const fid = cdw10 & 0xff;
  // Event types of one byte, as many as NOET says.
  return fid === FDP_EVENTS ? cdw11 >>> 16 & 0xff : structureBytes(fid, cdw11);
}

function structureBytes(fid: number, cdw11: number): FeatureBytes {
  // EXHID: the identifier of 128 bits [BASE-2.1 §5.1.25.1].
  if (fid === HOST_IDENTIFIER) return (cdw11 & 1) === 1 ? 16 : 8;
  return STRUCTURES.get(fid) ?? (isDefinedFeature(fid) ? 0 : "some");
}

/**
 * Features that are no mere settings: memory of the host that the drive writes, what commands and
 * formats mean, and write protection that a reset may not undo.
 */
const GRAVE_FEATURES: ReadonlyMap<number, string> = new Map([
  [HOST_MEMORY_BUFFER, "which lets the drive write to memory of the host"],
  [0x16, "which changes what formats and commands mean"],
  [0x84, "which may write protect a namespace for good"],
  [0x85, "which may write protect or open the boot partitions for good"],
]);

/** Why a Set Features of this feature needs a confirmation; undefined where it does not. */
export function graveFeature(fid: number): string | undefined {
  return GRAVE_FEATURES.get(fid) ??
    (isDefinedFeature(fid) ? undefined : "which sets a feature that only its vendor knows");
}
