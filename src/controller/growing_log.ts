// Log pages whose length stands in the page: a first look, the rest, and a second look at whether
// the page has changed in between.

import { interrupted, StatusError, UnreachableError, UnsupportedError } from "../errors.ts";
import { formatBinaryBytes } from "../layout/mod.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import type { Growth, LogContext } from "../spec/log/log_page.ts";
import { GENERIC } from "../spec/status/generic.ts";
import type { Drive } from "./drive.ts";
import { LOG_CHUNK_BYTES, type LogRequest, readLogBytes, WITHOUT_OFFSET_MAX_BYTES } from "./log.ts";
import { isTooMuch, transferLimit } from "./transfer_limit.ts";

/** The page is held in memory as a whole. */
const MOST_BYTES = 2 ** 30;
/** Of a page that is read by one command where one moves that much: four million namespaces. */
const MOST_FROM_START_BYTES = 2 ** 24;

/** What is left where neither one command nor an offset reaches all of an ANA page. */
function lessOf({ first }: GrowingRead): string {
  const beginning = "--length reads a beginning";
  return first.lsp ? beginning : `${beginning}; --groups-only leaves the namespaces out`;
}

/** How often a page is read that changes while it is read. */
const ATTEMPTS = 3;

/** The first revision whose drives join a reporting context that there is. */
const JOINS_SINCE_MAJOR = 2;

const STATUS_CODE_MASK = 0x7ff;

/** What is read of which drive. */
export interface GrowingRead {
  readonly drive: Drive;
  readonly growth: Growth;
  /** The first look. */
  readonly first: LogRequest;
  readonly controller: Pick<IdentifyController, "ver" | "lpa" | "mdts">;
  readonly purpose: string;
  /** Ends it between two pieces; a context that was made is released all the same. */
  readonly signal?: AbortSignal | undefined;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The page's bytes. The event that announced it is kept until all has been read. Where the page
 * needs a context and the caller asks for no action of its own, one is made and released again.
 *
 * @throws UnsupportedError for a page that is larger than what is read at once; UnreachableError
 * for one that has to be read in pieces, and changes every time
 */
export async function readGrowing(read: GrowingRead): Promise<Bytes> {
  const { growth: { context }, first } = read;
  if (!context || first.lsp !== undefined) return await readConsistently(read);
  const { ours, lsp } = await enter(read, context);
  const release = (): Promise<Bytes> =>
    ask({ ...read, signal: undefined }, { lsp: context.release });
  try {
    const bytes = await readConsistently({ ...read, first: { ...first, lsp } });
    if (ours) await release();
    return bytes;
  } catch (error) {
    // The failure itself matters more than a context that stays behind it.
    if (ours) await release().catch(() => undefined);
    throw error;
  }
}

/** Makes a context, or finds that there is one; `ours` are those that nobody else reads from. */
async function enter(
  read: GrowingRead,
  context: LogContext,
): Promise<{ readonly ours: boolean; readonly lsp: number }> {
  const lsp = context.join;
  if (read.controller.ver.mjr >= JOINS_SINCE_MAJOR) {
    try {
      const bytes = await ask(read, { lsp: context.establishOrJoin });
      return { ours: !context.joined(bytes), lsp };
    } catch (error) {
      // Some that claim to be of that revision have the actions of the one before.
      if (!hasStatus(error, GENERIC.invalidField.code)) throw error;
    }
  }
  try {
    await ask(read, { lsp: context.establish });
    return { ours: true, lsp };
  } catch (error) {
    if (!hasStatus(error, GENERIC.sequenceError.code)) throw error;
    return { ours: false, lsp };
  }
}

function hasStatus(error: unknown, code: number): boolean {
  return error instanceof StatusError && (error.status & STATUS_CODE_MASK) === code;
}

/** What reading a page once gave. */
interface Grown {
  /** The page, of which the beginning may be older than the rest. */
  readonly bytes: Bytes;
  /** Put together from pieces whose fit nothing but the generation can tell. */
  readonly pieces?: boolean;
  /** Why it is not whole: also what comes of a page that changed between two pieces. */
  readonly torn?: unknown;
}

/** Reads the page until its generation is the same afterwards as before. */
async function readConsistently(read: GrowingRead): Promise<Bytes> {
  const { growth, first } = read;
  const later = first.lsp === undefined ? {} : { lsp: first.lsp & ~(growth.once ?? 0) };
  for (let attempt = 1;; attempt++) {
    const head = await ask(read, attempt === 1 ? {} : later);
    const { bytes, pieces, torn } = growth.fromStart
      ? await growFromStart(read, head, later)
      : await grow(read, head, later);
    const one = bytes.length <= head.length;
    if (one && !torn && (first.rae || growth.context)) return bytes;
    // This look also lets the drive forget the event, unless it is to be kept.
    const again = await ask(read, { ...later, rae: torn ? true : first.rae ?? false });
    const moved = growth.generation(again) !== growth.generation(bytes);
    if (torn && !moved) throw torn;
    if (!moved || (attempt === ATTEMPTS && !pieces)) return bytes;
    if (attempt === ATTEMPTS) throw moving(read);
  }
}

function moving({ purpose }: GrowingRead): UnreachableError {
  return new UnreachableError(
    `Cannot ${purpose}: it changed each of the ${ATTEMPTS} times that it was read in pieces`,
    { next: "try again when it has come to rest" },
  );
}

/** Asks for more of a page until it has all that it says of its length, or `more` gives nothing. */
async function extended(
  read: GrowingRead,
  head: Bytes,
  more: (bytes: Bytes, extent: number) => Promise<Bytes | undefined>,
): Promise<{ readonly bytes: Bytes; readonly whole: boolean }> {
  const { growth } = read;
  let bytes = head;
  for (let extent = growth.extent(bytes);; extent = growth.extent(bytes)) {
    if (extent <= bytes.length) return { bytes: bytes.slice(0, extent), whole: true };
    checkSize(read, extent);
    const longer = await more(bytes, extent);
    if (longer === undefined) return { bytes, whole: false };
    bytes = longer;
  }
}

/** All of the page, of which `head` is the beginning. */
async function grow(
  read: GrowingRead,
  head: Bytes,
  later: Pick<LogRequest, "lsp">,
): Promise<Grown> {
  return await extended(read, head, async (bytes, extent) => {
    const length = inDwords(extent) - bytes.length;
    return joined(bytes, await ask(read, { ...later, offset: BigInt(bytes.length), length }));
  });
}

/** The same by one command, or in pieces where the page is longer than one moves. */
async function growFromStart(
  read: GrowingRead,
  head: Bytes,
  later: Pick<LogRequest, "lsp">,
): Promise<Grown> {
  const { bytes, whole } = await extended(read, head, async (known, extent) => {
    // What the page tells of its length may be little each time, where it has many parts.
    const least = known === head ? 0 : 2 * known.length;
    return await atOnce(read, { ...later, length: inDwords(extent), least });
  });
  return whole ? { bytes } : await growInPieces(read, bytes, later);
}

/**
 * So much of the page by one command, `least` bytes where it moves those; undefined where that is
 * too much, and pieces may do.
 */
async function atOnce(
  read: GrowingRead,
  { length, least, ...later }: Pick<LogRequest, "lsp"> & {
    readonly length: number;
    readonly least: number;
  },
): Promise<Bytes | undefined> {
  const { controller, controller: { lpa: { lpeds } } } = read;
  const most = Math.min(transferLimit(controller), lpeds ? Infinity : WITHOUT_OFFSET_MAX_BYTES);
  if (length > most) {
    if (lpeds) return undefined;
    throw withoutOffsets(read, length, most);
  }
  try {
    return await ask(read, {
      ...later,
      length: Math.max(length, Math.min(least, most)),
      atOnce: true,
    });
  } catch (error) {
    if (lpeds && isTooMuch(error)) return undefined;
    throw error;
  }
}

/**
 * The rest in whole pieces, so that one which is the page's beginning again is told from all
 * others.
 */
async function growInPieces(
  read: GrowingRead,
  head: Bytes,
  later: Pick<LogRequest, "lsp">,
): Promise<Grown> {
  const beginning = head.subarray(0, LOG_CHUNK_BYTES);
  try {
    const { bytes } = await extended(read, head, async (known, extent) => {
      const length = Math.ceil((extent - known.length) / LOG_CHUNK_BYTES) * LOG_CHUNK_BYTES;
      const rest = await ask(read, { ...later, offset: BigInt(known.length), length });
      if (beginning.every((byte, at) => rest[at] === byte)) throw ignoredOffset(read);
      return joined(known, rest);
    });
    return { bytes, pieces: true };
  } catch (error) {
    const maybe = error instanceof UnsupportedError || hasStatus(error, GENERIC.invalidField.code);
    if (!maybe) throw error;
    return { bytes: head, pieces: true, torn: error };
  }
}

function withoutOffsets(read: GrowingRead, length: number, most: number): UnsupportedError {
  const { purpose, drive } = read;
  // NUMD has 12 bits where there is no extended data.
  const by = most < WITHOUT_OFFSET_MAX_BYTES ? "MDTS" : "LPA bit 2";
  return new UnsupportedError(
    `Cannot ${purpose}: it has ${formatBinaryBytes(length)} or more, of which ${drive.target} ` +
      `sends ${
        formatBinaryBytes(most)
      } by one command (${by}), and it takes no offsets (LPA bit 2)`,
    { next: lessOf(read) },
  );
}

function ignoredOffset(read: GrowingRead): UnsupportedError {
  const { purpose, drive } = read;
  return new UnsupportedError(
    `Cannot ${purpose}: it is longer than one command moves, and ${drive.target} sends its ` +
      "beginning whatever the offset, although it claims to take offsets (LPA bit 2)",
    { next: lessOf(read) },
  );
}

function inDwords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function checkSize({ purpose, growth }: GrowingRead, extent: number): void {
  if (extent <= (growth.fromStart ? MOST_FROM_START_BYTES : MOST_BYTES)) return;
  throw new UnsupportedError(
    `Cannot ${purpose}: the page says that it has ${
      formatBinaryBytes(extent)
    }, more than is read ` +
      "at once",
    { next: "use --length, with --offset, for a part of it" },
  );
}

/** Part of the page, its event kept unless the caller says otherwise. */
function ask(
  { drive, first, purpose, signal }: GrowingRead,
  part: Partial<LogRequest>,
): Promise<Bytes> {
  const stop = (): void => {
    if (!signal?.aborted) return;
    throw interrupted(signal, `Stopped before the end: ${purpose}`, "nothing is left behind");
  };
  return readLogBytes(drive, { ...first, rae: true, ...part }, purpose, stop);
}

function joined(head: Bytes, tail: Bytes): Bytes {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
