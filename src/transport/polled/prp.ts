// Physical Region Pages: where a command's data is, page by page [BASE-2.1 §4.3.1].

import { invariant, UsageError } from "../../errors.ts";

/** Data as the drive sees it: without a gap from its first byte on. */
export interface DataPlace {
  /** A multiple of 4, at most 2^53 - 1. */
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

/** Memory for the list of one command, without a gap either. */
export interface PrpListArea {
  readonly words: Uint32Array;
  /** Where the drive sees the first of them: a multiple of 8. */
  readonly address: number;
}

const ENTRY_BYTES = 8;
const WORDS_PER_ENTRY = 2;
const HIGH = 0x1_0000_0000;
/** Lists are in pages of the smallest size, whatever the controller's page is. */
const LIST_UNIT = 4096;
/** Dwords 6 to 9 of a submission queue entry: PRP1 and PRP2. */
export const PRP1_WORD = 6;
export const PRP2_WORD = 8;

/**
 * An address as a number: exact to 2^53, beyond which no IOMMU of today translates.
 *
 * @throws {UsageError} for one beyond
 */
export function dmaAddress(iova: bigint): number {
  if (iova <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(iova);
  throw new UsageError(
    `Cannot use the address 0x${iova.toString(16)} for the drive: need one below 2^53`,
    { next: "Choose a smaller --iova-base" },
  );
}

/**
 * Bytes that lists take at most for `length` bytes of data, wherever those begin, in an area whose
 * address is a multiple of 4096.
 */
export function prpListBytes(length: number, pageBytes: number): number {
  const entries = Math.ceil(length / pageBytes);
  if (entries <= 1) return 0;
  // A page that the list goes on after has a pointer; the first page may be as small as the unit.
  const pointers = Math.ceil(entries / (pageBytes / ENTRY_BYTES - 1));
  const single = LIST_UNIT / ENTRY_BYTES;
  const needed = entries <= single ? entries : entries + pointers;
  return Math.ceil(needed * ENTRY_BYTES / LIST_UNIT) * LIST_UNIT;
}

/**
 * Writes PRP1 and PRP2 of the submission queue entry at `words[at]`, and the list, if it takes one.
 * Allocates nothing. All pages are whole but the first and the last. The last entry in a page of
 * the list points to the list's next page only if more than one remains [BASE-2.1 §4.3.1].
 *
 * @param pageBytes the page that CC.MPS stands for
 * @param list must be large enough: `prpListBytes()`
 */
export function putPrps(
  words: Uint32Array,
  at: number,
  data: DataPlace,
  pageBytes: number,
  list: PrpListArea,
): void {
  const { address, length } = data;
  if (length === 0) return;
  const offset = modulo(address, pageBytes);
  invariant((offset & 3) === 0, "data begins at a dword");
  put(words, at + PRP1_WORD, address);
  // Small numbers first: most data is in one page, and this is done for every command.
  const end = offset + length;
  if (end <= pageBytes) return;
  const second = address - offset + pageBytes;
  if (end <= 2 * pageBytes) return put(words, at + PRP2_WORD, second);
  put(words, at + PRP2_WORD, list.address);
  putList(list, second, address + length, pageBytes);
}

/** The addresses of the pages from `first` to `end`. */
function putList({ words, address }: PrpListArea, first: number, end: number, page: number): void {
  let left = Math.ceil((end - first) / page);
  let at = 0;
  // Entries to the end of the list's own page.
  let room = (page - modulo(address, page)) / ENTRY_BYTES;
  let next = first;
  while (left > 0) {
    if (room === 1 && left > 1) {
      put(words, at, address + (at + WORDS_PER_ENTRY) * 4);
      room = page / ENTRY_BYTES;
    } else {
      put(words, at, next);
      next += page;
      left--;
      room--;
    }
    at += WORDS_PER_ENTRY;
  }
  invariant(at <= words.length, "a list fits into its area");
}

function put(words: Uint32Array, at: number, address: number): void {
  words[at] = address;
  words[at + 1] = address / HIGH;
}

/** `address` modulo a power of two that is less than 2^32. */
function modulo(address: number, power: number): number {
  return (address & (power - 1)) >>> 0;
}
