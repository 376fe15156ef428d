// How much a command makes the drive transfer at least, as far as its own dwords say so.

import { ADMIN_COMMANDS, NVM_COMMANDS } from "../../spec/opcode.ts";
import type { Command } from "../transport.ts";

const IDENTIFY_BYTES = 4096;
/** No block is smaller [NVM-1.1 §4.1.5.1, Fig. 114]. */
const SMALLEST_BLOCK_BYTES = 512;
const DWORD_BYTES = 4;
/** What a PRP entry names: a page, to whose end a drive may write. */
const PAGE_BYTES = 4096;

/**
 * Bytes that the drive transfers at least; 0 for a command that does not say. Reads and compares
 * say it in blocks of which the smallest is assumed.
 */
export function leastBytes({ queue, opcode, cdw10 = 0, cdw11 = 0, cdw12 = 0 }: Command): number {
  if (queue === "io") {
    const moves = opcode === NVM_COMMANDS.read.opcode || opcode === NVM_COMMANDS.compare.opcode;
    return moves ? ((cdw12 & 0xffff) + 1) * SMALLEST_BLOCK_BYTES : 0;
  }
  switch (opcode) {
    case ADMIN_COMMANDS.identify.opcode:
      return IDENTIFY_BYTES;
    case ADMIN_COMMANDS.getLogPage.opcode:
      // NUMDL and NUMDU, 0's based [BASE-2.1 §5.1.12, Fig. 197].
      return ((cdw10 >>> 16) + (cdw11 & 0xffff) * 0x1_0000 + 1) * DWORD_BYTES;
    case ADMIN_COMMANDS.getLbaStatus.opcode:
      return (cdw12 + 1) * DWORD_BYTES;
    default:
      return 0;
  }
}

/** Bytes that PRP entries for `length` bytes give the drive: to the end of the last page. */
export function namedBytes(length: number): number {
  return Math.ceil(length / PAGE_BYTES) * PAGE_BYTES;
}
