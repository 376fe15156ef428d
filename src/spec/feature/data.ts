// The data structures that Set Features and Get Features transfer.

import {
  array,
  asciiz,
  at,
  bit,
  bits,
  bytes,
  coded,
  hex,
  identifier,
  List,
  milliseconds,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { uuid } from "../identify/codecs.ts";
import { bits64 } from "../words.ts";

/** The Timestamp data structure. A host sets the time; the attributes are the controller's. */
export { Timestamp as TimestampData } from "../log/timestamp.ts";

/** The bits of CDFE: copy descriptor formats 2h to 4h [BASE-2.1 §5.1.25.1.14, Fig. 407]. */
export const COPY_FORMAT_ENABLE = { format2: 0x04, format3: 0x08, format4: 0x10 } as const;

/** The Host Behavior Support data structure: what the host is ready for. */
export const HostBehaviorData = struct(
  "Host Behavior Support",
  512,
  "[BASE-2.1 §5.1.25.1.14, Fig. 407]",
  [
    at(0, 0, "acre", u8, "Advanced command retry"),
    at(1, 1, "etdas", u8, "Telemetry data area 4"),
    at(2, 2, "lbafee", u8, "LBA format extension"),
    at(3, 3, "hdisns", u8, "Dispersed namespaces"),
    at(4, 5, "cdfe", u16, "Copy descriptor formats"),
    reserved(6, 511),
  ],
);

/** A decoded Host Behavior Support data structure. */
export type HostBehaviorData = ReturnType<typeof HostBehaviorData.decode>;

const POWER_STATES = 32;

/** Where a power state leads after a time without commands; a time of zero leads nowhere. */
const transition = bits64({
  itps: range(7, 3, "to power state"),
  itpt: range(31, 8, "after", { unit: milliseconds }),
});

/** The Autonomous Power State Transition data structure: an entry for each power state. */
export const PowerTransitionData = struct(
  "Autonomous Power State Transition",
  256,
  "[BASE-2.1 §5.1.25.1.6, Fig. 393]",
  [at(0, 255, "entries", array(transition, POWER_STATES), "Power states 0 to 31")],
);

/** A decoded Autonomous Power State Transition data structure. */
export type PowerTransitionData = ReturnType<typeof PowerTransitionData.decode>;

/** What Get Features of Host Memory Buffer transfers. */
export const HostMemoryBufferData = struct(
  "Host Memory Buffer attributes",
  4096,
  "[BASE-2.1 §5.1.25.2.4, Fig. 455]",
  [
    at(0, 3, "hsize", u32, "Size, pages"),
    at(4, 11, "hmdla", hex(u64), "Address of the descriptor list"),
    at(12, 15, "hmdlec", u32, "Entries of the descriptor list"),
    reserved(16, 4095),
  ],
);

/** Decoded attributes of the host memory buffer. */
export type HostMemoryBufferData = ReturnType<typeof HostMemoryBufferData.decode>;

/** One piece of the host memory buffer. */
export const HostMemoryDescriptor = struct(
  "Host Memory Buffer Descriptor Entry",
  16,
  "[BASE-2.1 §5.1.25.2.4, Fig. 453]",
  [
    at(0, 7, "badd", hex(u64), "Address"),
    at(8, 11, "bsize", u32, "Size, pages"),
    reserved(12, 15),
  ],
);

/** A decoded piece of the host memory buffer. */
export type HostMemoryDescriptor = ReturnType<typeof HostMemoryDescriptor.decode>;

/** What a range of blocks is used for, by its type [NVM-1.1 §4.1.3.1]. */
export const LBA_RANGE_NAMES: Names = {
  0: "general purpose",
  1: "filesystem",
  2: "RAID",
  3: "cache",
  4: "page or swap file",
};

/** A range of blocks. `nlb` is 0's based. */
export const LbaRange = struct("LBA Range Type entry", 64, "[NVM-1.1 §4.1.3.1]", [
  at(0, 0, "type", coded(u8, LBA_RANGE_NAMES), "Type"),
  at(
    1,
    1,
    "attrb",
    bits(u8, { lbaro: bit(0, "may be overwritten"), hlbar: bit(1, "hidden") }),
    "Attributes",
  ),
  reserved(2, 15),
  at(16, 23, "slba", u64, "First block"),
  at(24, 31, "nlb", u64, "Blocks, 0's based"),
  at(32, 47, "guid", uuid, "Unique identifier"),
  reserved(48, 63),
]);

/** A decoded range of blocks. */
export type LbaRange = ReturnType<typeof LbaRange.decode>;

const LBA_RANGES = 64;

/** The LBA Range Type data structure. */
export const LbaRangeData = struct("LBA Range Type", 4096, "[NVM-1.1 §4.1.3.1]", [
  at(0, 4095, "ranges", array(LbaRange, LBA_RANGES), "Ranges"),
]);

/** A decoded LBA Range Type data structure. */
export type LbaRangeData = ReturnType<typeof LbaRangeData.decode>;

/** The Deterministic Threshold Configuration data structure. */
export const DeterministicThresholdData = struct(
  "Deterministic Threshold Configuration",
  512,
  "[BASE-2.1 §5.1.25.1.12, Fig. 404]",
  [
    at(
      0,
      1,
      "ee",
      bits(u16, {
        reads: bit(0, "reads left"),
        writes: bit(1, "writes left"),
        time: bit(2, "time left"),
        exceeded: bit(14, "left because a typical value was exceeded"),
        excursion: bit(15, "left because of a deterministic excursion"),
      }),
      "Events",
    ),
    reserved(2, 31),
    at(32, 39, "dtwinrt", u64, "Reads, 4 KiB"),
    at(40, 47, "dtwinwt", u64, "Writes, optimal size"),
    at(48, 55, "dtwintt", u64, "Time, ms"),
    reserved(56, 511),
  ],
);

/** A decoded Deterministic Threshold Configuration data structure. */
export type DeterministicThresholdData = ReturnType<typeof DeterministicThresholdData.decode>;

/** What is known of a Flexible Data Placement event type. */
export const PlacementEventDescriptor = struct(
  "Supported FDP Event Descriptor",
  2,
  "[BASE-2.1 §5.1.25.1.21, Fig. 422]",
  [
    at(0, 0, "fdpet", hex(u8), "Event type"),
    at(1, 1, "fdpeta", bits(u8, { fdpee: bit(0, "enabled") }), "Attributes"),
  ],
);

/** A decoded descriptor of an event type. */
export type PlacementEventDescriptor = ReturnType<typeof PlacementEventDescriptor.decode>;

/** What Get Features of Flexible Data Placement Events transfers. Set Features sends bare types. */
export const PlacementEventData = new List(
  "Flexible Data Placement Events",
  "[BASE-2.1 §5.1.25.1.21, Fig. 421]",
  PlacementEventDescriptor,
);

/** The Namespace Admin Label data structure. */
export const NamespaceLabelData = struct(
  "Namespace Admin Label",
  256,
  "[BASE-2.1 §5.1.25.1.22, Fig. 423]",
  [at(0, 255, "label", asciiz(256), "Label, UTF-8")],
);

/** A decoded Namespace Admin Label data structure. */
export type NamespaceLabelData = ReturnType<typeof NamespaceLabelData.decode>;

/** What Get Features of Controller Data Queue transfers. */
export const ControllerDataQueueData = struct(
  "Controller Data Queue",
  512,
  "[BASE-2.1 §5.1.25.1.23, Fig. 427]",
  [
    at(0, 3, "hp", u32, "Head pointer"),
    at(4, 7, "tpt", u32, "Tail pointer trigger"),
    reserved(8, 511),
  ],
);

/** A decoded Controller Data Queue data structure. */
export type ControllerDataQueueData = ReturnType<typeof ControllerDataQueueData.decode>;

/** The address of a management controller, or of a management agent of the host. */
export const ManagementAddressData = struct(
  "Management Address",
  512,
  "[BASE-2.1 §5.1.25.1.24, Fig. 428]",
  [
    reserved(0, 3),
    at(4, 511, "address", asciiz(508), "Address, a URI"),
  ],
);

/** A decoded address. */
export type ManagementAddressData = ReturnType<typeof ManagementAddressData.decode>;

/** Metadata of the host: a count, then elements one behind the other. */
export const HostMetadataData = struct(
  "Host Metadata",
  4096,
  "[BASE-2.1 §5.1.25.1.26, Fig. 432]",
  [
    at(0, 0, "nmed", u8, "Elements"),
    reserved(1, 1),
    at(2, 4095, "elements", bytes(4094), "Metadata elements"),
  ],
);

/** Decoded metadata of the host. */
export type HostMetadataData = ReturnType<typeof HostMetadataData.decode>;

/** What stands before the value of a metadata element. */
export const MetadataElement = struct(
  "Metadata Element Descriptor",
  4,
  "[BASE-2.1 §5.1.25.1.26, Fig. 433]",
  [
    at(0, 0, "type", bits(u8, { et: range(5, 0, "element type") }), "Type"),
    at(1, 1, "revision", bits(u8, { er: range(3, 0, "element revision") }), "Revision"),
    at(2, 3, "elen", u16, "Bytes of the value"),
  ],
);

/** What stands before a decoded metadata element. */
export type MetadataElement = ReturnType<typeof MetadataElement.decode>;

/** The Host Identifier data structure of 64 bits. */
export const HostIdentifierData = struct(
  "Host Identifier",
  8,
  "[BASE-2.1 §5.1.25.1.28, Fig. 438]",
  [at(0, 7, "hostId", identifier(8), "Host identifier")],
);

/** A decoded Host Identifier of 64 bits. */
export type HostIdentifierData = ReturnType<typeof HostIdentifierData.decode>;

/** The Host Identifier data structure of 128 bits. */
export const ExtendedHostIdentifierData = struct(
  "Extended Host Identifier",
  16,
  "[BASE-2.1 §5.1.25.1.28, Fig. 438]",
  [at(0, 15, "hostId", identifier(16), "Host identifier")],
);

/** A decoded Host Identifier of 128 bits. */
export type ExtendedHostIdentifierData = ReturnType<typeof ExtendedHostIdentifierData.decode>;

/** Random 4 KiB read latency: each code is a range that begins here. */
const LATENCY_NAMES: Names = Object.fromEntries([
  [0, "not reported"],
  ..."100 s,50 s,10 s,5 s,1 s,500 ms,100 ms,50 ms,10 ms,5 ms,1 ms,500 µs,100 µs,50 µs,10 µs,5 µs,1 µs,500 ns,100 ns,50 ns,10 ns,5 ns,1 ns"
    .split(",").map((from, index) => [index + 1, `from ${from}`]),
]);

/** The standard performance attribute. */
export const StandardPerformanceData = struct(
  "Standard Performance Attribute",
  4096,
  "[NVM-1.1 §4.1.3.7.1]",
  [
    reserved(0, 3),
    at(4, 4, "r4karl", coded(u8, LATENCY_NAMES), "Random 4 KiB read latency"),
    reserved(5, 4095),
  ],
);

/** A decoded standard performance attribute. */
export type StandardPerformanceData = ReturnType<typeof StandardPerformanceData.decode>;

const VENDOR_ATTRIBUTES = 63;

/** Which vendor specific performance attributes there are. */
export const PerformanceIdentifiersData = struct(
  "Performance Attribute Identifier List",
  4096,
  "[NVM-1.1 §4.1.3.7.2]",
  [
    at(0, 0, "attrtyp", bits(u8, { attrtyp: range(2, 0, "values") }), "Attribute type"),
    at(1, 1, "msvspa", u8, "Most that can be saved"),
    at(2, 2, "usvspa", u8, "Not yet saved"),
    reserved(3, 15),
    at(16, 1023, "identifiers", array(uuid, VENDOR_ATTRIBUTES), "Attributes C1h to FFh"),
    reserved(1024, 4095),
  ],
);

/** A decoded list of performance attributes. */
export type PerformanceIdentifiersData = ReturnType<typeof PerformanceIdentifiersData.decode>;

/** A vendor specific performance attribute. */
export const VendorPerformanceData = struct(
  "Vendor Specific Performance Attribute",
  4096,
  "[NVM-1.1 §4.1.3.7.3]",
  [
    at(0, 15, "paid", uuid, "Attribute identifier"),
    reserved(16, 29),
    at(30, 31, "attrl", u16, "Bytes of the attribute"),
    at(32, 4095, "vs", bytes(4064), "Attribute"),
  ],
);

/** A decoded vendor specific performance attribute. */
export type VendorPerformanceData = ReturnType<typeof VendorPerformanceData.decode>;
