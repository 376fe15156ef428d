// Get LBA Status: which blocks may be lost, asked for until there is nothing left to tell.

import { MalformedError, UnsupportedError, UsageError } from "../errors.ts";
import { LBA_STATUS_ACTION, LbaStatusDwords } from "../spec/admin/lba_status.ts";
import {
  decodeLbaStatus,
  type LbaStatus,
  LbaStatusDescriptor,
  LbaStatusList,
  type LbaStatusRange,
} from "../spec/lba_status.ts";
import { composeDwords } from "../spec/words.ts";
import type { Drive } from "./drive.ts";
import { identifyController, identifyNamespace } from "./identify.ts";

const GET_LBA_STATUS = 0x86;
/** One page: what every drive can transfer. */
const ANSWER_BYTES = 4096;
const ROOM = Math.floor((ANSWER_BYTES - LbaStatusList.size) / LbaStatusDescriptor.size);
/** RL has 16 bits, in which 0 means all that is left. */
const LONGEST_RANGE = 0xffffn;
/** Why an answer ended, by CMPC [NVM-1.1 §4.2.1]. */
const COMPLETION = { unknown: 0, cut: 1, whole: 2 } as const;
/** The kernel gives up after 60 s by itself, and resets a drive that is only looking. */
const SCAN_TIMEOUT_MS = 600_000;
/** A drive that finds nothing more, and does not say that it is done, is asked so often. */
const IDLE_ANSWERS = 8;

/** What is looked for. */
export type LbaStatusAction = keyof typeof LBA_STATUS_ACTION;

/** Which blocks of which namespace. */
export interface LbaStatusQuestion {
  readonly nsid: number;
  readonly action: LbaStatusAction;
  /** The first block. */
  readonly start: bigint;
  /** How many; at least 1. */
  readonly blocks: bigint;
}

/** What is told meanwhile. */
export interface LbaStatusWatch {
  readonly signal?: AbortSignal;
  /** How far it has come: 0 to 1. */
  onProgress?(fraction: number): void;
}

/**
 * The part of a namespace that somebody means: by default all of it.
 *
 * @throws UsageError for blocks that the namespace does not have
 */
export async function lbaRange(
  drive: Drive,
  nsid: number,
  { start = 0n, blocks }: {
    readonly start?: bigint | undefined;
    readonly blocks?: bigint | undefined;
  },
): Promise<Pick<LbaStatusQuestion, "start" | "blocks">> {
  const { nsze } = await identifyNamespace(drive, nsid);
  const count = blocks ?? nsze - start;
  if (count < 1n || start + count > nsze) {
    throw new UsageError(
      nsze === 0n
        ? `Cannot look at namespace ${nsid}: ${drive.target} has no such active namespace`
        : `Cannot look at ${blocks === undefined ? "" : `${blocks} `}blocks from ${start} on: ` +
          `namespace ${nsid} has ${nsze}`,
    );
  }
  return { start, blocks: count };
}

/**
 * The ranges of blocks that the action finds, ascending, within the blocks of the question. Asked
 * in pieces that every drive can transfer, going on behind what was told until the drive says that
 * it was all, or tells of blocks that nobody asked for.
 *
 * @throws UnsupportedError for a drive without the command (OACS, bit 9); MalformedError for one
 * that never comes to an end; the signal's reason when it fires
 *
 * @example
 * ```ts
 * import { getLbaStatus, lbaRange, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const all = { nsid: 1, ...await lbaRange(drive, 1, {}) };
 * for (const { start, blocks } of await getLbaStatus(drive, { action: "tracked", ...all })) {
 *   console.log(start, blocks);
 * }
 * ```
 */
export async function getLbaStatus(
  drive: Drive,
  question: LbaStatusQuestion,
  { signal, onProgress }: LbaStatusWatch = {},
): Promise<readonly LbaStatusRange[]> {
  await checkSupport(drive);
  const { nsze } = await identifyNamespace(drive, question.nsid);
  const end = question.start + question.blocks;
  const found: LbaStatusRange[] = [];
  let idle = 0;
  for (let next = question.start; next < end;) {
    signal?.throwIfAborted();
    const length = rangeLength(question.action, { next, end, nsze });
    const answer = await ask(drive, question, { next, length });
    const told = answer.ranges.map((range) => within(range, next, end))
      .filter((range) => range !== undefined);
    for (const range of told) add(found, range);
    const reached = reachedBy(answer, { next, length, end });
    idle = reached === next ? idle + 1 : 0;
    if (idle === IDLE_ANSWERS) throw endless(drive, next);
    next = reached;
    onProgress?.(Number(next - question.start) / Number(question.blocks));
  }
  return found;
}

async function checkSupport(drive: Drive): Promise<void> {
  const { oacs } = await identifyController(drive);
  if (oacs.glss) return;
  throw new UnsupportedError(
    `Cannot get the LBA status of ${drive.target}: it does not have the command (OACS, bit 9)`,
    { next: "nvmectl read --skip-errors finds blocks that cannot be read, by reading them" },
  );
}

/**
 * RL of the next question, 0 for all that is left: what was not asked for is not scanned, which
 * takes long; of what is known already it is left out of the answer.
 */
function rangeLength(
  action: LbaStatusAction,
  { next, end, nsze }: { readonly next: bigint; readonly end: bigint; readonly nsze: bigint },
): bigint {
  const left = end - next;
  if (end === nsze || (action !== "scan" && left > LONGEST_RANGE)) return 0n;
  return left < LONGEST_RANGE ? left : LONGEST_RANGE;
}

async function ask(
  drive: Drive,
  { nsid, action }: LbaStatusQuestion,
  { next, length }: { readonly next: bigint; readonly length: bigint },
): Promise<LbaStatus> {
  const dwords = composeDwords(LbaStatusDwords, {
    slba: next,
    mndw: ANSWER_BYTES / 4 - 1,
    cdw13: { rl: Number(length), atype: LBA_STATUS_ACTION[action] },
  });
  const bytes = await drive.read(
    {
      queue: "admin",
      opcode: GET_LBA_STATUS,
      nsid,
      ...dwords,
      length: ANSWER_BYTES,
      ...(action === "scan" ? { timeoutMs: SCAN_TIMEOUT_MS, slow: true } : {}),
    },
    `get the LBA status of namespace ${nsid} of ${drive.target}`,
  );
  return decodeLbaStatus(bytes);
}

/** What of a range lies in what was asked for; undefined where nothing does. */
function within(range: LbaStatusRange, from: bigint, end: bigint): LbaStatusRange | undefined {
  const start = range.start > from ? range.start : from;
  const last = range.start + BigInt(range.blocks);
  const stop = last < end ? last : end;
  return start < stop ? { ...range, start, blocks: Number(stop - start) } : undefined;
}

/** Ranges of the same status that touch are one: also those that a question cut apart. */
function add(found: LbaStatusRange[], range: LbaStatusRange): void {
  const last = found.at(-1);
  const same = last && last.start + BigInt(last.blocks) === range.start &&
    last.unrecovered === range.unrecovered &&
    last.writtenUncorrectable === range.writtenUncorrectable;
  if (last && same) found[found.length - 1] = { ...last, blocks: last.blocks + range.blocks };
  else found.push(range);
}

/** The block up to which an answer tells everything. */
function reachedBy(
  { completion, ranges }: LbaStatus,
  { next, length, end }: { readonly next: bigint; readonly length: bigint; readonly end: bigint },
): bigint {
  const asked = length === 0n ? end : next + length;
  const last = ranges.at(-1);
  const behind = last === undefined ? next : last.start + BigInt(last.blocks);
  const told = behind < next ? next : behind < end ? behind : end;
  // One that does not say why it ended has told everything unless its answer was full.
  const cut = completion === COMPLETION.cut ||
    (completion === COMPLETION.unknown && ranges.length >= ROOM);
  return cut ? told : asked;
}

function endless({ target }: Drive, at: bigint): MalformedError {
  return new MalformedError(
    `Cannot get on with the LBA status of ${target}: it says that there is more from block ${at} ` +
      "on, and tells nothing of it",
    { next: "nvmectl lba-status --lba N looks at the blocks behind it" },
  );
}
