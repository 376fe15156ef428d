// Identify Controller, bytes 512 to 1023: I/O commands, namespaces, migration, and the NQN.

import {
  asciiz,
  at,
  bit,
  bits,
  byteExponent,
  except,
  measured,
  minutes,
  range,
  reserved,
  u128,
  u16,
  u32,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { days, fourKibExponent, logicalBlocks } from "./units.ts";

const NOT_REPORTED = "not reported";

const SQES = bits(u8, {
  minsqes: range(3, 0, "required", { unit: byteExponent }),
  maxsqes: range(7, 4, "maximum", { unit: byteExponent }),
});

const CQES = bits(u8, {
  mincqes: range(3, 0, "required", { unit: byteExponent }),
  maxcqes: range(7, 4, "maximum", { unit: byteExponent }),
});

const ONCS = bits(u16, {
  nvmcmps: bit(0, "Compare"),
  nvmwusv: bit(1, "Write Uncorrectable"),
  nvmdsmsv: bit(2, "Dataset Management"),
  nvmwzsv: bit(3, "Write Zeroes"),
  ssfs: bit(4, "saved and selected features"),
  reservs: bit(5, "reservations"),
  tss: bit(6, "Timestamp"),
  nvmvfys: bit(7, "Verify"),
  nvmcpys: bit(8, "Copy"),
  nvmcsa: bit(9, "single atomic write of a Copy"),
  nvmafc: bit(10, "every Copy is a fast one"),
  maxwzd: bit(11, "larger Write Zeroes with Deallocate"),
  nszs: bit(12, "Write Zeroes of a whole namespace"),
});

const FUSES = bits(u16, { fcws: bit(0, "Compare and Write") });

const FNA = bits(u8, {
  fns: bit(0, "format affects all namespaces"),
  sens: bit(1, "secure erase affects all namespaces"),
  cryes: bit(2, "cryptographic erase"),
  fnvmbs: bit(3, "no format of NSID FFFFFFFFh"),
});

const VWC = bits(u8, {
  vwcp: bit(0, "present"),
  fb: range(2, 1, "Flush of NSID FFFFFFFFh", {
    names: { 0: "not indicated", 2: "not supported", 3: "supported" },
  }),
});

const ICSVSCC = bits(u8, { snvscf: bit(0, "all use the standard format") });

const NWPC = bits(u8, {
  nwpwps: bit(0, "write protect"),
  wpupcs: bit(1, "until power cycle"),
  pwps: bit(2, "permanent"),
});

const OCFS = bits(u16, {
  cdf0s: bit(0, "format 0h"),
  cdf1s: bit(1, "format 1h"),
  cdf2s: bit(2, "format 2h"),
  cdf3s: bit(3, "format 3h"),
  cdf4s: bit(4, "format 4h"),
});

const SGLS = bits(u32, {
  sgls: range(1, 0, "SGLs", {
    names: { 0: "not supported", 1: "supported", 2: "supported, dword aligned" },
  }),
  ksdbds: bit(2, "keyed data block descriptor"),
  sdt: range(15, 8, "recommended descriptors"),
  sbbds: bit(16, "bit bucket descriptor"),
  mba: bit(17, "byte aligned metadata buffer"),
  lldts: bit(18, "length larger than the transfer"),
  msds: bit(19, "SGL in the metadata pointer"),
  saos: bit(20, "address as an offset"),
  tsdbds: bit(21, "transport data block descriptor"),
});

const TRATTR = bits(u8, {
  thmcs: bit(0, "host memory changes"),
  tudcs: bit(1, "user data changes"),
  mrtll: bit(2, "lengths must be powers of two"),
});

const ATOMIC_BLOCKS = zeroBasedCount(measured(u16, logicalBlocks));

/** NVM Command Set Attributes, for all I/O command sets now [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const IO_ROWS = [
  at(512, 512, "sqes", SQES, "I/O submission queue entry size"),
  at(513, 513, "cqes", CQES, "I/O completion queue entry size"),
  at(514, 515, "maxcmd", except(u16, 0, NOT_REPORTED), "Outstanding commands per queue", {
    since: "1.2.1",
  }),
  at(516, 519, "nn", u32, "Highest namespace identifier", { brief: true }),
  at(520, 521, "oncs", ONCS, "Optional I/O commands", { brief: true }),
  at(522, 523, "fuses", FUSES, "Fused operations"),
  at(524, 524, "fna", FNA, "Format NVM attributes", { brief: true }),
  at(525, 525, "vwc", VWC, "Volatile write cache", { brief: true }),
  at(526, 527, "awun", ATOMIC_BLOCKS, "Atomic write unit, normal"),
  at(528, 529, "awupf", ATOMIC_BLOCKS, "Atomic write unit, power fail"),
  at(530, 530, "icsvscc", ICSVSCC, "Vendor specific I/O commands"),
  at(531, 531, "nwpc", NWPC, "Namespace write protection", { since: "1.4" }),
  at(532, 533, "acwu", ATOMIC_BLOCKS, "Atomic compare and write unit", { since: "1.1" }),
  // Revision 2.1 calls it CDFS; everybody else still knows the old name.
  at(534, 535, "ocfs", OCFS, "Copy descriptor formats", { since: "2.0" }),
  at(536, 539, "sgls", SGLS, "Scatter-gather lists", { since: "1.1" }),
  at(540, 543, "mnan", except(u32, 0, "as many as the highest identifier"), "Most namespaces", {
    since: "1.4",
  }),
  at(
    544,
    559,
    "maxdna",
    except(u128, 0n, "no maximum"),
    "Most namespace attachments in the domain",
    { since: "2.0" },
  ),
  at(
    560,
    563,
    "maxcna",
    except(u32, 0, "no maximum"),
    "Most namespace attachments to the controller",
    { since: "2.0" },
  ),
  at(564, 567, "oaqd", except(u32, 0, NOT_REPORTED), "Optimal aggregated queue depth"),
  at(568, 568, "rhiri", except(measured(u8, days), 0, NOT_REPORTED), "Refresh interval", {
    since: "2.1",
  }),
  at(569, 569, "hirt", except(measured(u8, minutes), 0, NOT_REPORTED), "Refresh time", {
    since: "2.1",
  }),
  at(570, 571, "cmmrtd", u16, "Memory range tracking descriptors, controller", { since: "2.1" }),
  at(572, 573, "nmmrtd", u16, "Memory range tracking descriptors, subsystem", { since: "2.1" }),
  at(574, 574, "minmrtg", measured(u8, fourKibExponent), "Memory tracking granularity, smallest", {
    since: "2.1",
  }),
  at(575, 575, "maxmrtg", measured(u8, fourKibExponent), "Memory tracking granularity, largest", {
    since: "2.1",
  }),
  at(576, 576, "trattr", TRATTR, "Change tracking", { since: "2.1" }),
  reserved(577, 577),
  at(578, 579, "mcudmq", u16, "User data migration queues, controller", { since: "2.1" }),
  at(580, 581, "mnsudmq", u16, "User data migration queues, subsystem", { since: "2.1" }),
  at(582, 583, "mcmr", except(u16, 0, NOT_REPORTED), "Controller data queue memory ranges", {
    since: "2.1",
  }),
  at(
    584,
    585,
    "nmcmr",
    except(u16, 0, NOT_REPORTED),
    "Controller data queue memory ranges, subsystem",
    { since: "2.1" },
  ),
  at(586, 587, "mcdqpc", except(u16, 0, NOT_REPORTED), "Controller data queue PRPs", {
    since: "2.1",
  }),
  reserved(588, 767),
  at(768, 1023, "subnqn", asciiz(256), "NVM subsystem NQN", { brief: true, since: "1.2.1" }),
] as const;
