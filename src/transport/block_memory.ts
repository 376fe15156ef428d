// How much memory a command needs that moves blocks of a namespace, by the format that it has.

import { UsageError } from "../errors.ts";
import { currentFormat, IdentifyNamespace } from "../spec/identify/identify_namespace.ts";
import { formatOpcode, ioOpcode, NVM_COMMANDS, ZNS_COMMANDS } from "../spec/opcode.ts";
import type { Command } from "./transport.ts";

/** What a block of a namespace moves as. */
export interface BlockShape {
  /** Bytes of data. */
  readonly blockBytes: number;
  /** Bytes of metadata; 0 where there is none. */
  readonly metadataBytes: number;
  /** The metadata follows the data of each block [NVM-1.1 §4.1.5.1, Fig. 114]. */
  readonly extended: boolean;
  /** The metadata is protection information and nothing else [NVM-1.1 §5.3.2]. */
  readonly protectionOnly: boolean;
}

/** The NLB field has 16 bits and is 0's based [NVM-1.1 §3.3.4]. */
const NLB = 0xffff;
/** Dword 12: the drive makes and checks protection information by itself [NVM-1.1 §3.3.4]. */
const PRACT = 1 << 29;
/**
 * Protection information with a guard of 16 bits [NVM-1.1 §5.3.1]. Of longer ones metadata is asked
 * for also where the drive would not move it.
 */
const PROTECTION_BYTES = 8;
/** What a PRP entry names: a page, to whose end a drive may write. */
const PAGE_BYTES = 4096;

/** Commands that move NLB blocks between the drive and memory. */
const MOVING = [
  NVM_COMMANDS.read,
  NVM_COMMANDS.write,
  NVM_COMMANDS.compare,
  ZNS_COMMANDS.zoneAppend,
];
/** Whether an opcode is one of them: a table, because each command is looked up. */
const MOVES = Array.from({ length: 256 }, (_, at) => MOVING.some(({ opcode }) => opcode === at));

/** Whether a command moves blocks, so that its memory depends on their format. */
export function movesBlocks({ queue, opcode }: Command): boolean {
  return queue === "io" && MOVES[opcode] === true;
}

/** The shape of a namespace's blocks, from Identify Namespace; undefined for one without blocks. */
export function blockShape(identify: Uint8Array<ArrayBuffer>): BlockShape | undefined {
  const namespace = IdentifyNamespace.decode(identify);
  const format = currentFormat(namespace);
  if (namespace.nsze === 0n || format === undefined) return undefined;
  const { blockBytes, metadataBytes } = format;
  return {
    blockBytes,
    metadataBytes,
    extended: metadataBytes > 0 && namespace.flbas.mtelba,
    protectionOnly: metadataBytes === PROTECTION_BYTES && namespace.dps.pit !== 0,
  };
}

/**
 * Refuses a command that moves blocks with less memory than the drive would read or write. Data may
 * lack what is left of its last page, which is given to the drive as a whole.
 *
 * @throws UsageError that says how much is needed
 */
export function requireBlockMemory(command: Command, shape: BlockShape): void {
  if (!movesBlocks(command)) return;
  const { cdw12 = 0, data, metadata } = command;
  const { blockBytes, metadataBytes, extended, protectionOnly } = shape;
  const blocks = (cdw12 & NLB) + 1;
  const moved = protectionOnly && (cdw12 & PRACT) !== 0 ? 0 : metadataBytes;
  const dataBytes = blocks * (extended ? blockBytes + moved : blockBytes);
  const length = data === undefined ? 0 : data.bytes.length;
  if (dataBytes > length && dataBytes > Math.ceil(length / PAGE_BYTES) * PAGE_BYTES) {
    throw tooShort(command, `${length} bytes`, dataBytes);
  }
  if (extended || moved === 0) return;
  const separate = metadata === undefined ? 0 : metadata.bytes.length;
  if (blocks * moved > separate) {
    throw tooShort(command, `${separate} bytes of metadata`, blocks * moved);
  }
}

function tooShort({ opcode, nsid }: Command, found: string, needed: number): UsageError {
  const name = `${ioOpcode(opcode).name} (${formatOpcode(opcode)}, namespace ${nsid})`;
  return new UsageError(
    `Cannot send ${name} with memory for ${found}: the drive transfers ${needed}`,
    { next: `give it a length of ${needed} or more, or ask for fewer blocks` },
  );
}
