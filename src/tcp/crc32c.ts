// CRC32C, the checksum of NVMe/TCP's header and data digests.

import { byteAt } from "./bytes.ts";

/** The Castagnoli polynomial 1EDC6F41h, lowest bit first [RFC-3720 §12.1]. */
const POLYNOMIAL = 0x82f63b78;

/**
 * Eight tables of 256 sums, one behind the other: table `n` holds what a byte does to the sum when
 * `n` zero bytes follow it. Built on first use: most invocations of the program never need it.
 */
let tables: Uint32Array | undefined;

/**
 * The CRC32C of `bytes` from `start` up to `end` [TCP-1.1 §3.3.1.1]. On the wire it stands with its
 * lowest byte first.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return updateCrc32c(0, bytes, start, end);
}

/**
 * The CRC32C of everything that gave `before` followed by `bytes` from `start` up to `end`: a
 * message may come in pieces of any size, and the CRC32C of nothing is 0.
 *
 * Eight bytes at a time. They are loaded one by one: as fast as whole words on long messages,
 * twice as fast on headers, and alignment and byte order do not matter. The four lookups that do
 * not need the previous sum stand first, so that they do not wait for it.
 */
export function updateCrc32c(
  before: number,
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): number {
  const table = tables ??= buildTables();
  let sum = ~before;
  let at = start;
  for (const eights = end - 7; at < eights; at += 8) {
    const late = entry(table, 0x300 | byteAt(bytes, at + 4)) ^
      entry(table, 0x200 | byteAt(bytes, at + 5)) ^
      entry(table, 0x100 | byteAt(bytes, at + 6)) ^
      entry(table, byteAt(bytes, at + 7));
    sum ^= byteAt(bytes, at) | byteAt(bytes, at + 1) << 8 | byteAt(bytes, at + 2) << 16 |
      byteAt(bytes, at + 3) << 24;
    const first = entry(table, 0x700 | sum & 0xff) ^ entry(table, 0x600 | sum >>> 8 & 0xff);
    sum = first ^ (entry(table, 0x500 | sum >>> 16 & 0xff) ^ entry(table, 0x400 | sum >>> 24)) ^
      late;
  }
  for (; at < end; at++) sum = sum >>> 8 ^ entry(table, (sum ^ byteAt(bytes, at)) & 0xff);
  return ~sum >>> 0;
}

// Not `byteAt` once more: one function for both kinds of array would be half as fast.
function entry(table: Uint32Array, index: number): number {
  return table[index] ?? 0;
}

function buildTables(): Uint32Array {
  const table = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? sum >>> 1 ^ POLYNOMIAL : sum >>> 1;
    table[byte] = sum;
  }
  for (let at = 256; at < table.length; at++) {
    const one = entry(table, at - 256);
    table[at] = one >>> 8 ^ entry(table, one & 0xff);
  }
  return table;
}
