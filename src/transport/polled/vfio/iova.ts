// Addresses that an IOMMU translates, and where in them the drive's memory goes.

import { UnreachableError, UsageError } from "../../../errors.ts";
import { formatBinaryBytes } from "../../../layout/mod.ts";

/** Where the drive's memory begins unless someone says otherwise: 4 GiB. */
export const DEFAULT_IOVA_BASE = 0x1_0000_0000n;

/** Addresses from `first` to `last`, both included. */
export interface IovaRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** What an IOMMU can map. */
export interface IovaLimits {
  /** Where, in ascending order, without overlap. */
  readonly ranges: readonly IovaRange[];
  /** What every address and length has to be a multiple of: a power of two. */
  readonly unitBytes: bigint;
  /** Mappings that can still be made; undefined where the kernel does not say. */
  readonly mappings: number | undefined;
}

/** All addresses, for kernels that do not say which. */
export const ALL_ADDRESSES: readonly IovaRange[] = [{ first: 0n, last: 2n ** 64n - 1n }];

/** Low addresses are left alone: a null pointer of the drive should hit nothing. */
const LOWEST = 0x1_0000n;
/** Where nothing was asked for, 2 MiB: a large page of most IOMMUs may then serve. */
const OWN_ALIGNMENT = 2n ** 21n;

/** The memory to be placed. */
export interface Placement {
  readonly bytes: number;
  /** `--iova-base`; undefined to have a place chosen. */
  readonly base: bigint | undefined;
}

/** Ranges in ascending order, those that touch or overlap made one. */
export function sortRanges(ranges: readonly IovaRange[]): readonly IovaRange[] {
  const sorted = ranges.filter(({ first, last }) => first <= last)
    .sort((a, b) => a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
  const merged: IovaRange[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1n) {
      const last = range.last > before.last ? range.last : before.last;
      merged[merged.length - 1] = { first: before.first, last };
    } else merged.push(range);
  }
  return merged;
}

/**
 * Where the memory goes: at its base, which is 4 GiB unless given, or where there is room.
 *
 * @throws {UsageError} for a given base that the IOMMU does not have, with the reason
 * @throws {UnreachableError} where there is room nowhere
 */
export function placeArena(limits: IovaLimits, { bytes, base }: Placement): bigint {
  if (base !== undefined) {
    const reason = refusal(limits, base, bytes);
    if (reason === undefined) return base;
    throw new UsageError(
      `Cannot use ${hex(base)} as the base of the drive's memory: ${reason}`,
      { next: advice(limits, bytes) },
    );
  }
  const found = freePlace(limits, bytes);
  if (found !== undefined) return found;
  throw new UnreachableError(
    `Cannot map ${formatBinaryBytes(bytes)} for the drive: the IOMMU has no such room, only ${
      formatRanges(limits.ranges)
    }`,
  );
}

/** Why memory cannot be mapped at a base; undefined where it can be. */
export function refusal(limits: IovaLimits, base: bigint, bytes: number): string | undefined {
  const { ranges, unitBytes } = limits;
  if (base < 0n) return "it is negative";
  if (base % unitBytes !== 0n) {
    return `it is not a multiple of ${unitBytes} bytes, the page of the IOMMU and of this machine`;
  }
  const last = base + BigInt(bytes) - 1n;
  if (ranges.some((range) => range.first <= base && last <= range.last)) {
    // The admin queue would be there, which controllers may take for one that was not set.
    return base === 0n ? "to a drive the address 0 may be none" : undefined;
  }
  const memory = `the memory would end at ${hex(last)}`;
  const [lowest] = ranges;
  const highest = ranges.at(-1);
  if (lowest === undefined || highest === undefined) return "the IOMMU has no addresses";
  if (last > highest.last) {
    return `${memory}, the last address of the IOMMU is ${hex(highest.last)}`;
  }
  if (base < lowest.first) return `the first address of the IOMMU is ${hex(lowest.first)}`;
  for (const [at, { last: end }] of ranges.entries()) {
    const next = ranges[at + 1];
    if (next === undefined || last <= end || next.first <= base) continue;
    return `${memory}, and ${hex(end + 1n)} to ${hex(next.first - 1n)} is a reserved window, ` +
      "as interrupts have one";
  }
  return `${memory}, outside ${formatRanges(ranges)}`;
}

/** `0x0 to 0xfedfffff and 0xfef00000 to 0x7fffffffff`. */
export function formatRanges(ranges: readonly IovaRange[]): string {
  const texts = ranges.map(({ first, last }) => `${hex(first)} to ${hex(last)}`);
  return texts.length === 0 ? "none" : texts.join(" and ");
}

function freePlace(limits: IovaLimits, bytes: number): bigint | undefined {
  const alignment = limits.unitBytes > OWN_ALIGNMENT ? limits.unitBytes : OWN_ALIGNMENT;
  const candidates = limits.ranges.map(({ first }) => {
    const from = first < LOWEST ? LOWEST : first;
    return (from + alignment - 1n) / alignment * alignment;
  });
  return [DEFAULT_IOVA_BASE, ...candidates]
    .find((base) => refusal(limits, base, bytes) === undefined);
}

function advice(limits: IovaLimits, bytes: number): string {
  const usable = `the IOMMU has ${formatRanges(limits.ranges)}`;
  const place = freePlace(limits, bytes);
  return place === undefined ? usable : `${usable}: --iova-base ${hex(place)} would do`;
}

function hex(address: bigint): string {
  return address < 0n ? `-0x${(-address).toString(16)}` : `0x${address.toString(16)}`;
}
