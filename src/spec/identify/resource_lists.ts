// What an NVM subsystem divides its storage into: NVM sets (CNS 04h), domains (18h), and the
// granularity of namespaces (16h).

import {
  array,
  at,
  bit,
  bits,
  byteCount,
  except,
  measured,
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
import { hundredNanoseconds } from "./units.ts";

const LIST_ENTRIES = 31;
const GRANULARITIES = 64;
const CAPACITY = measured(u128, byteCount);
const GRANULARITY = except(measured(u64, byteCount), 0n, "not reported");

/** An NVM Set Attributes Entry. */
export const NvmSetEntry = struct(
  "NVM Set Attributes Entry",
  128,
  "[BASE-2.1 §5.1.13.2.4, Fig. 318]",
  [
    at(0, 1, "nsetid", u16, "NVM set"),
    at(2, 3, "endgid", u16, "Endurance group"),
    reserved(4, 7),
    at(8, 11, "r4krt", measured(u32, hundredNanoseconds), "Random 4 KiB read, typical"),
    at(12, 15, "ows", except(measured(u32, byteCount), 0, "not reported"), "Optimal write size"),
    at(16, 31, "tnvmsc", CAPACITY, "Total capacity"),
    at(32, 47, "unvmsc", CAPACITY, "Unallocated capacity"),
    reserved(48, 127),
  ],
);

/** A decoded NVM Set Attributes Entry. */
export type NvmSetEntry = ReturnType<typeof NvmSetEntry.decode>;

/** The NVM Set List (CNS 04h): a count, then the sets, ascending. */
export const NvmSetList = struct(
  "NVM Set List",
  4096,
  "[BASE-2.1 §5.1.13.2.4, Fig. 317]",
  [
    at(0, 0, "nument", u8, "NVM sets"),
    reserved(1, 127),
    at(128, 4095, "entries", array(NvmSetEntry, LIST_ENTRIES), "NVM set attributes"),
  ],
);

/** A decoded NVM Set List. */
export type NvmSetList = ReturnType<typeof NvmSetList.decode>;

/** The NVM sets of a list. */
export function listedNvmSets({ nument, entries }: NvmSetList): readonly NvmSetEntry[] {
  return entries.slice(0, nument);
}

/** A Domain Attributes Entry. */
export const DomainEntry = struct(
  "Domain Attributes Entry",
  128,
  "[BASE-2.1 §5.1.13.2.15, Fig. 324]",
  [
    at(0, 1, "did", u16, "Domain"),
    reserved(2, 15),
    at(16, 31, "tdc", CAPACITY, "Total capacity"),
    at(32, 47, "udc", CAPACITY, "Unallocated capacity"),
    at(48, 63, "megdc", except(CAPACITY, 0n, "not reported"), "Largest endurance group"),
    reserved(64, 127),
  ],
);

/** A decoded Domain Attributes Entry. */
export type DomainEntry = ReturnType<typeof DomainEntry.decode>;

/** The Domain List (CNS 18h): a count, then the domains, ascending. */
export const DomainList = struct(
  "Domain List",
  4096,
  "[BASE-2.1 §5.1.13.2.15, Fig. 323]",
  [
    at(0, 0, "nument", u8, "Domains"),
    reserved(1, 127),
    at(128, 4095, "entries", array(DomainEntry, LIST_ENTRIES), "Domain attributes"),
  ],
);

/** A decoded Domain List. */
export type DomainList = ReturnType<typeof DomainList.decode>;

/** The domains of a list. */
export function listedDomains({ nument, entries }: DomainList): readonly DomainEntry[] {
  return entries.slice(0, nument);
}

/** A Namespace Granularity Descriptor. */
export const GranularityDescriptor = struct(
  "Namespace Granularity Descriptor",
  16,
  "[NVM-1.1 §4.1.5.8]",
  [
    at(0, 7, "nsg", GRANULARITY, "Size granularity"),
    at(8, 15, "ncg", GRANULARITY, "Capacity granularity"),
  ],
);

/** A decoded Namespace Granularity Descriptor. */
export type GranularityDescriptor = ReturnType<typeof GranularityDescriptor.decode>;

/**
 * The Namespace Granularity List (CNS 16h). A controller of which the host has not enabled
 * extended LBA formats fills 16 descriptors only.
 */
export const GranularityList = struct(
  "Namespace Granularity List",
  4096,
  "[NVM-1.1 §4.1.5.8]",
  [
    at(0, 3, "nga", bits(u32, { gdm: bit(0, "one for each LBA format") }), "Attributes"),
    at(4, 4, "nd", zeroBasedCount(u8), "Descriptors"),
    reserved(5, 31),
    at(32, 1055, "ngd", array(GranularityDescriptor, GRANULARITIES), "Granularities"),
    reserved(1056, 4095),
  ],
);

/** A decoded Namespace Granularity List. */
export type GranularityList = ReturnType<typeof GranularityList.decode>;

/** The granularities: one for all LBA formats, or one for each by its index. */
export function listedGranularities(
  { nd, ngd }: GranularityList,
): readonly GranularityDescriptor[] {
  return ngd.slice(0, toCount(nd));
}
