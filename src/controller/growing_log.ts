// Log pages whose length stands in the page: a first look, the rest, and a second look at whether
// the page has changed in between.

import { interrupted, StatusError, UnsupportedError } from "../errors.ts";
import { formatBinaryBytes } from "../layout/mod.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import type { Growth, LogContext } from "../spec/log/log_page.ts";
import { GENERIC } from "../spec/status/generic.ts";
import type { Drive } from "./drive.ts";
import { type LogRequest, readLogBytes } from "./log.ts";

/** The page is held in memory as a whole. */
const MOST_BYTES = 2 ** 30;
/** Of a page that is read by one command: four million namespaces. */
const MOST_AT_ONCE_BYTES = 2 ** 24;

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
  readonly controller: Pick<IdentifyController, "ver">;
  readonly purpose: string;
  /** Ends it between two pieces; a context that was made is released all the same. */
  readonly signal?: AbortSignal | undefined;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The page's bytes. The event that announced it is kept until all has been read. Where the page
 * needs a context and the caller asks for no action of its own, one is made and released again.
 *
 * @throws UnsupportedError for a page that is larger than what is read at once
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

/** Reads the page until its generation is the same afterwards as before. */
async function readConsistently(read: GrowingRead): Promise<Bytes> {
  const { growth, first } = read;
  const later = first.lsp === undefined ? {} : { lsp: first.lsp & ~(growth.once ?? 0) };
  for (let attempt = 1;; attempt++) {
    const head = await ask(read, attempt === 1 ? {} : later);
    const bytes = await grow(read, head, later);
    const one = bytes.length <= head.length;
    if (one && (first.rae || growth.context)) return bytes;
    // This look also lets the drive forget the event, unless it is to be kept.
    const again = await ask(read, { ...later, rae: first.rae ?? false });
    if (growth.generation(again) === growth.generation(bytes) || attempt === ATTEMPTS) return bytes;
  }
}

/** All of the page, of which `head` is the beginning. */
async function grow(
  read: GrowingRead,
  head: Bytes,
  later: Pick<LogRequest, "lsp">,
): Promise<Bytes> {
  const { growth } = read;
  let bytes = head;
  for (let extent = growth.extent(bytes);; extent = growth.extent(bytes)) {
    if (extent <= bytes.length) return bytes.slice(0, extent);
    checkSize(read, extent);
    const length = Math.ceil(extent / 4) * 4;
    bytes = growth.fromStart ? await ask(read, { ...later, length, atOnce: true }) : joined(
      bytes,
      await ask(read, {
        ...later,
        offset: BigInt(bytes.length),
        length: length - bytes.length,
      }),
    );
  }
}

function checkSize({ purpose, growth }: GrowingRead, extent: number): void {
  if (extent <= (growth.fromStart ? MOST_AT_ONCE_BYTES : MOST_BYTES)) return;
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
