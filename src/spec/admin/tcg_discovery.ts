// TCG Level 0 Discovery: what a self-encrypting drive says of itself before anybody has logged in.
// Security Receive with protocol 01h and protocol specific 0001h. Everything is big-endian.

import {
  at,
  bit,
  bits,
  bytes,
  coded,
  type Names,
  range,
  reserved,
  type Struct,
  struct,
  u8,
} from "../../layout/mod.ts";
import { u16be, u32be, u64be } from "./big_endian.ts";

/** The ComID of Level 0 Discovery, the protocol specific field of protocol 01h. */
export const LEVEL_0_COMID = 0x0001;

/** The features, by the code of their descriptor [OPAL-2.02 §3.1.1]. */
export const TCG_FEATURE = {
  tper: 0x0001,
  locking: 0x0002,
  geometry: 0x0003,
  enterprise: 0x0100,
  opal1: 0x0200,
  singleUser: 0x0201,
  dataStore: 0x0202,
  opal2: 0x0203,
  opalite: 0x0301,
  pyrite1: 0x0302,
  pyrite2: 0x0303,
  ruby: 0x0304,
  blockSid: 0x0402,
  namespaces: 0x0403,
  dataRemoval: 0x0404,
} as const;

/** The names of the features. */
export const TCG_FEATURE_NAMES: Names = {
  [TCG_FEATURE.tper]: "TPer",
  [TCG_FEATURE.locking]: "locking",
  [TCG_FEATURE.geometry]: "geometry",
  [TCG_FEATURE.enterprise]: "Enterprise SSC",
  [TCG_FEATURE.opal1]: "Opal SSC 1",
  [TCG_FEATURE.singleUser]: "single user mode",
  [TCG_FEATURE.dataStore]: "additional DataStore tables",
  [TCG_FEATURE.opal2]: "Opal SSC 2",
  [TCG_FEATURE.opalite]: "Opalite SSC",
  [TCG_FEATURE.pyrite1]: "Pyrite SSC 1",
  [TCG_FEATURE.pyrite2]: "Pyrite SSC 2",
  [TCG_FEATURE.ruby]: "Ruby SSC",
  [TCG_FEATURE.blockSid]: "Block SID authentication",
  [TCG_FEATURE.namespaces]: "configurable namespace locking",
  [TCG_FEATURE.dataRemoval]: "supported data removal mechanisms",
};

/** What stands before the descriptors. `length` counts the bytes behind itself. */
export const DiscoveryHeader = struct(
  "Level 0 Discovery Header",
  48,
  "[OPAL-2.02 §3.1.1.1]",
  [
    at(0, 3, "length", u32be, "Bytes that follow"),
    at(4, 5, "major", u16be, "Major revision"),
    at(6, 7, "minor", u16be, "Minor revision"),
    reserved(8, 15),
    at(16, 47, "vendor", bytes(32), "Vendor specific"),
  ],
);

/** What stands before decoded descriptors. */
export type DiscoveryHeader = ReturnType<typeof DiscoveryHeader.decode>;

const CODE = coded(u16be, TCG_FEATURE_NAMES);
const VERSION = bits(u8, { version: range(7, 4, "version") });

/** The first rows of every descriptor. `length` counts the bytes behind these four. */
const HEAD = [
  at(0, 1, "code", CODE, "Feature"),
  at(2, 2, "version", VERSION, "Version"),
  at(3, 3, "length", u8, "Bytes that follow"),
] as const;

/** The first four bytes of every descriptor. */
export const FeatureHeader = struct("TCG Feature Descriptor", 4, "[TCG-2.01 §3.3.6]", HEAD);

/** The decoded first bytes of a descriptor. */
export type FeatureHeader = ReturnType<typeof FeatureHeader.decode>;

/** TPer. */
export const TperFeature = struct("TPer Feature Descriptor", 16, "[OPAL-2.02 §3.1.1.2]", [
  ...HEAD,
  at(
    4,
    4,
    "flags",
    bits(u8, {
      sync: bit(0, "synchronous protocol"),
      async: bit(1, "asynchronous protocol"),
      ackNak: bit(2, "ACK/NAK"),
      buffers: bit(3, "buffer management"),
      streaming: bit(4, "streaming"),
      comId: bit(6, "ComID management"),
    }),
    "Communication",
  ),
  reserved(5, 15),
]);

/** A decoded TPer descriptor. */
export type TperFeature = ReturnType<typeof TperFeature.decode>;

/** Locking. */
export const LockingFeature = struct("Locking Feature Descriptor", 16, "[OPAL-2.02 §3.1.1.3]", [
  ...HEAD,
  at(
    4,
    4,
    "flags",
    bits(u8, {
      supported: bit(0, "supported"),
      enabled: bit(1, "enabled"),
      locked: bit(2, "locked"),
      encryption: bit(3, "media encryption"),
      mbrEnabled: bit(4, "MBR shadow enabled"),
      mbrDone: bit(5, "MBR shadow done"),
      mbrAbsent: bit(6, "no MBR shadow"),
      hardwareReset: bit(7, "locks on a hardware reset"),
    }),
    "State",
  ),
  reserved(5, 15),
]);

/** A decoded Locking descriptor. */
export type LockingFeature = ReturnType<typeof LockingFeature.decode>;

/** Geometry: how locking ranges must be aligned. */
export const GeometryFeature = struct(
  "Geometry Reporting Feature Descriptor",
  32,
  "[OPAL-2.02 §3.1.1.4]",
  [
    ...HEAD,
    at(4, 4, "flags", bits(u8, { align: bit(0, "ranges must be aligned") }), "Alignment"),
    reserved(5, 11),
    at(12, 15, "blockBytes", u32be, "Logical block, bytes"),
    at(16, 23, "granularity", u64be, "Alignment, blocks"),
    at(24, 31, "lowestAligned", u64be, "First aligned block"),
  ],
);

/** A decoded Geometry descriptor. */
export type GeometryFeature = ReturnType<typeof GeometryFeature.decode>;

const CROSSING = bits(u8, { absent: bit(0, "ranges must not be crossed") });

/** Enterprise SSC and Opal SSC 1. */
export const EnterpriseFeature = struct(
  "Enterprise SSC Feature Descriptor",
  20,
  "[TCG-2.01 §3.3.6]",
  [
    ...HEAD,
    at(4, 5, "comId", u16be, "First ComID"),
    at(6, 7, "comIds", u16be, "ComIDs"),
    at(8, 8, "crossing", CROSSING, "Range crossing"),
    reserved(9, 19),
  ],
);

/** A decoded Enterprise SSC descriptor. */
export type EnterpriseFeature = ReturnType<typeof EnterpriseFeature.decode>;

/** Opal SSC 2. */
export const OpalFeature = struct("Opal SSC V2 Feature Descriptor", 20, "[OPAL-2.02 §3.1.1.5]", [
  ...HEAD,
  at(4, 5, "comId", u16be, "First ComID"),
  at(6, 7, "comIds", u16be, "ComIDs"),
  at(8, 8, "crossing", CROSSING, "Range crossing"),
  at(9, 10, "admins", u16be, "Locking SP admin authorities"),
  at(11, 12, "users", u16be, "Locking SP user authorities"),
  at(13, 13, "initialPin", u8, "SID at first: 0 as MSID"),
  at(14, 14, "revertedPin", u8, "SID after a revert: 0 as MSID"),
  reserved(15, 19),
]);

/** A decoded Opal SSC 2 descriptor. */
export type OpalFeature = ReturnType<typeof OpalFeature.decode>;

/** Pyrite, Opalite and Ruby SSC: as Opal's, but without ranges and authorities to count. */
export const PyriteFeature = struct("Pyrite SSC Feature Descriptor", 20, "[TCG-2.01 §3.3.6]", [
  ...HEAD,
  at(4, 5, "comId", u16be, "First ComID"),
  at(6, 7, "comIds", u16be, "ComIDs"),
  reserved(8, 12),
  at(13, 13, "initialPin", u8, "SID at first: 0 as MSID"),
  at(14, 14, "revertedPin", u8, "SID after a revert: 0 as MSID"),
  reserved(15, 19),
]);

/** A decoded Pyrite SSC descriptor. */
export type PyriteFeature = ReturnType<typeof PyriteFeature.decode>;

/** Single User Mode. */
export const SingleUserFeature = struct(
  "Single User Mode Feature Descriptor",
  16,
  "[OPAL-2.02 §3.1.1]",
  [
    ...HEAD,
    at(4, 7, "objects", u32be, "Locking objects"),
    at(
      8,
      8,
      "flags",
      bits(u8, {
        any: bit(0, "some objects"),
        all: bit(1, "all objects"),
        policy: bit(2, "owned by the admins"),
      }),
      "In single user mode",
    ),
    reserved(9, 15),
  ],
);

/** A decoded Single User Mode descriptor. */
export type SingleUserFeature = ReturnType<typeof SingleUserFeature.decode>;

/** Additional DataStore tables. */
export const DataStoreFeature = struct(
  "DataStore Table Feature Descriptor",
  16,
  "[OPAL-2.02 §3.1.1]",
  [
    ...HEAD,
    reserved(4, 5),
    at(6, 7, "tables", u16be, "Most tables"),
    at(8, 11, "tableBytes", u32be, "Most bytes of all"),
    at(12, 15, "alignment", u32be, "Alignment, bytes"),
  ],
);

/** A decoded DataStore descriptor. */
export type DataStoreFeature = ReturnType<typeof DataStoreFeature.decode>;

/** Block SID Authentication. */
export const BlockSidFeature = struct(
  "Block SID Authentication Feature Descriptor",
  16,
  "[OPAL-2.02 §3.1.1]",
  [
    ...HEAD,
    at(
      4,
      4,
      "flags",
      bits(u8, {
        pinChanged: bit(0, "SID is not MSID"),
        blocked: bit(1, "SID is blocked"),
        freezable: bit(2, "locking can be frozen"),
        frozen: bit(3, "locking is frozen"),
      }),
      "State",
    ),
    at(5, 5, "reset", bits(u8, { hardware: bit(0, "until a hardware reset") }), "Unblocked by"),
    reserved(6, 15),
  ],
);

/** A decoded Block SID Authentication descriptor. */
export type BlockSidFeature = ReturnType<typeof BlockSidFeature.decode>;

const BY_CODE: ReadonlyMap<number, Struct<object, unknown>> = new Map<
  number,
  Struct<object, unknown>
>([
  [TCG_FEATURE.tper, TperFeature],
  [TCG_FEATURE.locking, LockingFeature],
  [TCG_FEATURE.geometry, GeometryFeature],
  [TCG_FEATURE.enterprise, EnterpriseFeature],
  [TCG_FEATURE.opal1, EnterpriseFeature],
  [TCG_FEATURE.singleUser, SingleUserFeature],
  [TCG_FEATURE.dataStore, DataStoreFeature],
  [TCG_FEATURE.opal2, OpalFeature],
  [TCG_FEATURE.opalite, PyriteFeature],
  [TCG_FEATURE.pyrite1, PyriteFeature],
  [TCG_FEATURE.pyrite2, PyriteFeature],
  [TCG_FEATURE.ruby, PyriteFeature],
  [TCG_FEATURE.blockSid, BlockSidFeature],
] as [number, Struct<object, unknown>][]);

/** The structure of a feature's descriptor; undefined for one whose content is not known here. */
export function featureDescriptor(code: number): Struct<object, unknown> | undefined {
  return BY_CODE.get(code);
}

/** A feature descriptor as it lies in an answer: its head, and all of its bytes. */
export interface FeatureDescriptor {
  readonly code: number;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** The descriptors of an answer; one that would go on behind the answer ends the list. */
export function decodeFeatureDescriptors(answer: Uint8Array): readonly FeatureDescriptor[] {
  const found: FeatureDescriptor[] = [];
  const { length } = DiscoveryHeader.decode(answer);
  const end = Math.min(answer.length, length + 4);
  for (let next = DiscoveryHeader.size; next + FeatureHeader.size <= end;) {
    const head = FeatureHeader.decode(answer.subarray(next));
    const behind = next + FeatureHeader.size + head.length;
    if (behind > end) break;
    found.push({
      code: head.code,
      version: head.version.version,
      bytes: answer.slice(next, behind),
    });
    next = behind;
  }
  return found;
}
