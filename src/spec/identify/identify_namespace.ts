// Identify Namespace (CNS 00h, 09h, 11h): size, format and identity of a namespace of blocks.

import {
  at,
  bit,
  bits,
  byteCount,
  bytes,
  except,
  identifier,
  measured,
  range,
  reserved,
  struct,
  toCount,
  u128,
  u16,
  u32,
  u64,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { countUnlessZero, sparse, vendorSpecific, worded } from "./codecs.ts";
import { blockBytes, formatIndex, LbaFormat, MAX_FORMATS } from "./lba_format.ts";
import { FPI, KPIOS, NMIC, NSATTR, RESCAP } from "./namespace_fields.ts";
import { logicalBlocks } from "./units.ts";

export * from "./lba_format.ts";

const BLOCKS = measured(u16, logicalBlocks);
const ZERO_BASED_BLOCKS = zeroBasedCount(BLOCKS);
const AS_CONTROLLER = countUnlessZero(BLOCKS, "as the controller says");
const BOUNDARY = countUnlessZero(BLOCKS, "no boundary");
const COUNTED_BLOCKS = measured(u64, logicalBlocks);

const NSFEAT = bits(u8, {
  thinp: bit(0, "thin provisioning"),
  nsabp: bit(1, "atomic sizes of its own"),
  dae: bit(2, "deallocated or unwritten block error"),
  uidreuse: bit(3, "NGUID and EUI64 are never reused"),
  optperf: range(5, 4, "optimal write sizes", {
    names: {
      0: "not reported",
      1: "with NPDG",
      2: "with NPDGL and NPDAL",
      3: "with NPDG, NPDGL and NPDAL",
    },
  }),
  mam: bit(6, "multiple atomicity mode"),
  optrperf: bit(7, "optimal read sizes"),
});

const FLBAS_BITS = bits(u8, {
  fidxl: range(3, 0, "format index, lower bits"),
  mtelba: bit(4, "metadata at the end of the block"),
  fidxu: range(6, 5, "format index, upper bits"),
});

const FLBAS = worded(FLBAS_BITS, (flbas) => {
  const index = `format ${formatIndex(flbas)}`;
  return flbas.mtelba ? `${index}, metadata at the end of the block` : index;
});

const MC = bits(u8, {
  mtelbas: bit(0, "at the end of the block"),
  mtsbs: bit(1, "in a separate buffer"),
});

const DPC = bits(u8, {
  pit1s: bit(0, "type 1"),
  pit2s: bit(1, "type 2"),
  pit3s: bit(2, "type 3"),
  piifb: bit(3, "in the first bytes of the metadata"),
  piilb: bit(4, "in the last bytes of the metadata"),
});

const DPS = worded(
  bits(u8, {
    pit: range(2, 0, "type"),
    pip: bit(3, "in the first bytes of the metadata"),
  }),
  ({ pit, pip }) => {
    if (pit === 0) return "not enabled";
    return `type ${pit}, in the ${pip ? "first" : "last"} bytes of the metadata`;
  },
);

const DLFEAT = bits(u8, {
  drb: range(2, 0, "deallocated blocks read", {
    names: { 0: "not reported", 1: "all 00h", 2: "all FFh" },
  }),
  wzds: bit(3, "Write Zeroes can deallocate"),
  gds: bit(4, "their guard is a CRC"),
});

/**
 * The Identify Namespace data structure of the NVM Command Set; `since` of a field is the revision
 * of the Base Specification, of which the NVM Command Set was a part before 2.0.
 */
export const IdentifyNamespace = struct(
  "Identify Namespace",
  4096,
  "[NVM-1.1 §4.1.5.1, Fig. 114]",
  [
    at(0, 7, "nsze", COUNTED_BLOCKS, "Size", { brief: true }),
    at(8, 15, "ncap", COUNTED_BLOCKS, "Capacity", { brief: true }),
    at(16, 23, "nuse", COUNTED_BLOCKS, "Utilization", { brief: true }),
    at(24, 24, "nsfeat", NSFEAT, "Features"),
    at(25, 25, "nlbaf", zeroBasedCount(u8), "LBA formats"),
    at(26, 26, "flbas", FLBAS, "Formatted LBA size", { brief: true }),
    at(27, 27, "mc", MC, "Metadata transfer"),
    at(28, 28, "dpc", DPC, "Protection information, possible"),
    at(29, 29, "dps", DPS, "Protection information", { brief: true }),
    at(30, 30, "nmic", NMIC, "Sharing", { brief: true, since: "1.1" }),
    at(31, 31, "rescap", RESCAP, "Reservations", { since: "1.1" }),
    at(32, 32, "fpi", FPI, "Format progress", { since: "1.2" }),
    at(33, 33, "dlfeat", DLFEAT, "Deallocation", { since: "1.3" }),
    at(34, 35, "nawun", AS_CONTROLLER, "Atomic write unit, normal", { since: "1.2" }),
    at(36, 37, "nawupf", AS_CONTROLLER, "Atomic write unit, power fail", { since: "1.2" }),
    at(38, 39, "nacwu", AS_CONTROLLER, "Atomic compare and write unit", { since: "1.2" }),
    at(40, 41, "nabsn", BOUNDARY, "Atomic boundary, normal", { since: "1.2" }),
    at(42, 43, "nabo", u16, "Atomic boundary offset", { since: "1.2" }),
    at(44, 45, "nabspf", BOUNDARY, "Atomic boundary, power fail", { since: "1.2" }),
    at(46, 47, "noiob", except(BLOCKS, 0, "not reported"), "Optimal I/O boundary", {
      since: "1.3",
    }),
    at(48, 63, "nvmcap", except(measured(u128, byteCount), 0n, "not reported"), "NVM capacity", {
      brief: true,
      since: "1.2",
    }),
    at(64, 65, "npwg", ZERO_BASED_BLOCKS, "Preferred write granularity", { since: "1.4" }),
    at(66, 67, "npwa", ZERO_BASED_BLOCKS, "Preferred write alignment", { since: "1.4" }),
    at(68, 69, "npdg", ZERO_BASED_BLOCKS, "Preferred deallocate granularity", { since: "1.4" }),
    at(70, 71, "npda", ZERO_BASED_BLOCKS, "Preferred deallocate alignment", { since: "1.4" }),
    at(72, 73, "nows", ZERO_BASED_BLOCKS, "Optimal write size", { since: "1.4" }),
    at(74, 75, "mssrl", BLOCKS, "Longest source range of a Copy", { since: "2.0" }),
    at(76, 79, "mcl", measured(u32, logicalBlocks), "Longest Copy", { since: "2.0" }),
    at(80, 80, "msrc", zeroBasedCount(u8), "Source ranges of a Copy", { since: "2.0" }),
    at(81, 81, "kpios", KPIOS, "Key per I/O", { since: "2.1" }),
    at(82, 82, "nulbaf", u8, "LBA formats with attributes of their own"),
    reserved(83, 83),
    at(
      84,
      87,
      "kpiodaag",
      zeroBasedCount(measured(u32, logicalBlocks)),
      "Key per I/O alignment and granularity",
      { since: "2.1" },
    ),
    reserved(88, 91),
    at(92, 95, "anagrpid", u32, "ANA group identifier", { since: "1.4" }),
    reserved(96, 98),
    at(99, 99, "nsattr", NSATTR, "Attributes", { brief: true, since: "1.4" }),
    at(100, 101, "nvmsetid", u16, "NVM set identifier", { since: "1.4" }),
    at(102, 103, "endgid", u16, "Endurance group identifier", { since: "1.4" }),
    at(104, 119, "nguid", identifier(16), "NGUID", { brief: true, since: "1.2" }),
    at(120, 127, "eui64", identifier(8), "EUI-64", { brief: true, since: "1.1" }),
    at(
      128,
      383,
      "lbaf",
      sparse(LbaFormat, MAX_FORMATS, ({ value }) => value === 0),
      "LBA formats",
      { brief: true },
    ),
    at(384, 4095, "vs", vendorSpecific(bytes(3712)), "Vendor specific"),
  ],
);

/** A decoded Identify Namespace data structure; all zero for a namespace that is not active. */
export type IdentifyNamespace = ReturnType<typeof IdentifyNamespace.decode>;

/** What says how many formats there are, and what they are. */
type Formats = Pick<IdentifyNamespace, "nlbaf" | "nulbaf" | "lbaf">;

/** A format that one may ask the drive for. */
export interface SupportedFormat {
  /** Its index in the format list, which is what Format NVM takes. */
  readonly index: number;
  readonly format: LbaFormat;
  /** Bytes of data in a block. */
  readonly blockBytes: number;
  /** Bytes of metadata with each block. */
  readonly metadataBytes: number;
}

/** How many formats the namespace describes, whether or not they are available now. */
export function formatCount({ nlbaf, nulbaf }: Omit<Formats, "lbaf">): number {
  return Math.min(toCount(nlbaf) + nulbaf, MAX_FORMATS);
}

/** The formats that are available, in the order of their index. */
export function supportedFormats(namespace: Formats): readonly SupportedFormat[] {
  return namespace.lbaf.slice(0, formatCount(namespace)).flatMap((format, index) => {
    const size = blockBytes(format);
    return size === 0 ? [] : [{ index, format, blockBytes: size, metadataBytes: format.ms }];
  });
}

/** The format that the namespace has now; undefined for a namespace that is not active. */
export function currentFormat(
  namespace: Formats & Pick<IdentifyNamespace, "flbas">,
): SupportedFormat | undefined {
  const index = formatIndex(namespace.flbas, formatCount(namespace));
  return supportedFormats(namespace).find((format) => format.index === index);
}
