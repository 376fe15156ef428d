// Log pages: read in pieces that every drive can transfer, decoded by their table.

import { invariant, UnsupportedError } from "../errors.ts";
import { dwordsOf, getLogPageDwords } from "../spec/log/get_log_page.ts";
import { type LogPage, logPageNsid } from "../spec/log/log_page.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";

const GET_LOG_PAGE = 0x02;

/**
 * Bytes asked for at once. One page of 4 KiB is the smallest limit that a drive may have (MDTS
 * counts in pages of at least 4 KiB), so it needs no look at MDTS.
 */
export const LOG_CHUNK_BYTES = 4096;

/**
 * What a drive without extended data (LPA bit 2 clear: those before revision 1.2.1) can be asked
 * for: NUMD has 12 bits there, and an offset is ignored [BASE-2.1 §5.1.13.2.1, Fig. 312].
 */
export const WITHOUT_OFFSET_MAX_BYTES = 4096 * 4;

/** What to read of which log page. */
export interface LogRequest {
  readonly lid: number;
  /** Bytes to read; a multiple of 4. */
  readonly length: number;
  /** Where to start, in bytes; a multiple of 4. */
  readonly offset?: bigint;
  readonly nsid?: number;
  /** Log Specific Parameter. */
  readonly lsp?: number;
  /** Log Specific Identifier. */
  readonly lsi?: number;
  /** Keep the asynchronous event of the page even after the last piece. */
  readonly rae?: boolean;
  readonly uuidIndex?: number;
  readonly csi?: number;
  /** In one command however long it is: for pages that drives send from their start only. */
  readonly atOnce?: boolean;
}

/**
 * The bytes of a log page. Every piece but the last retains the page's asynchronous event, so that
 * the event is not cleared before all of the page has been read; the last does as the caller says.
 *
 * @throws UnsupportedError for what lies beyond the reach of a drive that knows no offsets
 */
export async function readLogBytes(
  drive: Drive,
  { lid, length, offset = 0n, nsid = ALL_NAMESPACES, rae = false, atOnce, ...rest }: LogRequest,
  purpose: string,
  beforeEach: () => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  invariant(length > 0 && length % 4 === 0, "a log page is read in whole dwords");
  const piece = atOnce ? length : await pieceBytes(drive, { length, offset }, purpose);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += piece) {
    beforeEach();
    const part = Math.min(piece, length - at);
    const last = at + part === length;
    const dwords = getLogPageDwords({
      lid,
      numd: dwordsOf(part),
      lpo: offset + BigInt(at),
      rae: last ? rae : true,
      ...rest,
    });
    const command = {
      queue: "admin",
      opcode: GET_LOG_PAGE,
      nsid,
      ...dwords,
      length: part,
    } as const;
    bytes.set(await drive.read(command, purpose), at);
  }
  return bytes;
}

async function pieceBytes(
  drive: Drive,
  { length, offset }: { readonly length: number; readonly offset: bigint },
  purpose: string,
): Promise<number> {
  if (length <= LOG_CHUNK_BYTES && offset === 0n) return LOG_CHUNK_BYTES;
  const { lpa } = await identifyController(drive);
  if (lpa.lpeds) return LOG_CHUNK_BYTES;
  if (length <= WITHOUT_OFFSET_MAX_BYTES && offset === 0n) return length;
  throw new UnsupportedError(
    `Cannot ${purpose}: the drive sends only the first ${WITHOUT_OFFSET_MAX_BYTES} bytes of a page ` +
      "(no extended data, LPA bit 2)",
  );
}

/** What may be said about how to read a registered page. */
export type PageRequest =
  & {
    readonly nsid?: number | undefined;
    /** Ends the reading of a page that states its own length, between two pieces. */
    readonly signal?: AbortSignal | undefined;
  }
  & Partial<Pick<LogRequest, "lsp" | "lsi" | "rae" | "uuidIndex" | "csi">>;

/**
 * The bytes of a registered log page, all of them: also where only the page's beginning tells how
 * many there are.
 *
 * @throws UnsupportedError for a page that is larger than what is read at once
 */
export async function readPageBytes(
  drive: Drive,
  page: LogPage,
  request: PageRequest,
  purpose: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const controller = await identifyController(drive);
  const { nsid, lsi = page.lsi, signal, ...rest } = request;
  const whole = {
    lid: page.lid,
    length: page.length(controller),
    nsid: logPageNsid(page, nsid),
    ...(lsi === undefined ? {} : { lsi }),
    ...rest,
  };
  const { growth } = page;
  if (!growth) return await readLogBytes(drive, whole, purpose);
  const { readGrowing } = await import("./growing_log.ts");
  return await readGrowing({ drive, growth, first: whole, controller, purpose, signal });
}

/**
 * A registered log page, whole: its bytes and what they say.
 *
 * @example
 * ```ts
 * import { LbaStatusPage, open, readLog } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { value } = await readLog(drive, LbaStatusPage);
 * console.log(value);
 * ```
 */
export async function readLog<T>(
  drive: Drive,
  page: LogPage<T>,
  request: PageRequest = {},
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly value: T }> {
  const purpose = `read the ${page.title} log of ${drive.target}`;
  const bytes = await readPageBytes(drive, page, request, purpose);
  return { bytes, value: page.decode(bytes) };
}
