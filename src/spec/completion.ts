// The completion queue entry, and the 16-bit word that holds a status and the phase tag.

import {
  at,
  type Codec,
  hex,
  type JsonObject,
  type Part,
  struct,
  u16,
  u32,
} from "../layout/mod.ts";
import { decodeStatus, formatStatus } from "./status/status.ts";

/** A status and the phase tag that travels in the same word. */
export interface StatusWord {
  /**
   * The 15-bit status field without the phase tag, as Linux hands it over:
   * SC 7:0, SCT 10:8, CRD 12:11, More 13, Do Not Retry 14.
   */
  readonly status: number;
  /** The phase tag: the word's bit 0. */
  readonly phase: boolean;
}

/** Splits the word of bytes 14 and 15 of a completion: the phase tag is bit 0, the status above. */
export function splitStatusWord(word: number): StatusWord {
  return { status: word >>> 1, phase: (word & 1) === 1 };
}

/** Puts a 15-bit status and a phase tag together. Throws RangeError for a wider status. */
export function mergeStatusWord({ status = 0, phase = false }: Partial<StatusWord>): number {
  if (!Number.isInteger(status) || status < 0 || status > 0x7fff) {
    throw new RangeError(`Cannot encode status ${status}: need an integer 0 to 0x7fff`);
  }
  return status << 1 | Number(phase);
}

/** The pieces at their places in the 16-bit word: one above their places in the 15-bit field. */
const STATUS_PARTS: readonly Part<StatusWord>[] = [
  piece("phase", "phase tag", "0", ({ phase }) => phase ? "1" : "0"),
  piece("code", "status code", "8:1", ({ status }) => hexDigits(decodeStatus(status).code, 2)),
  piece(
    "type",
    "status code type",
    "11:9",
    ({ status }) => hexDigits(decodeStatus(status).type, 1),
  ),
  piece(
    "retryDelay",
    "command retry delay",
    "13:12",
    ({ status }) => `${decodeStatus(status).retryDelay}`,
  ),
  piece("more", "more", "14", ({ status }) => decodeStatus(status).more ? "yes" : "no"),
  piece(
    "doNotRetry",
    "do not retry",
    "15",
    ({ status }) => decodeStatus(status).doNotRetry ? "yes" : "no",
  ),
];

function piece(
  name: string,
  label: string,
  position: string,
  text: (value: StatusWord) => string,
): Part<StatusWord> {
  return { name, label, position, text };
}

function hexDigits(value: number, digits: number): string {
  return `${value.toString(16).toUpperCase().padStart(digits, "0")}h`;
}

/**
 * Status and phase tag in one 16-bit word [BASE-2.1 §4.2.3, Fig. 100]: completion queue entries
 * have it, and so do the entries of the error log. In JSON `value` is the 15-bit status field.
 */
export const statusWord: Codec<StatusWord, Partial<StatusWord>> = {
  size: u16.size,
  type: "status and phase, u16",
  parts: STATUS_PARTS,
  get: (view, offset) => splitStatusWord(u16.get(view, offset)),
  put: (view, offset, value) => u16.put(view, offset, mergeStatusWord(value)),
  text: ({ status }) => formatStatus(decodeStatus(status), {}, "flags"),
  json: statusWordJson,
};

function statusWordJson({ status, phase }: StatusWord): JsonObject {
  const { type, code, retryDelay, more, doNotRetry } = decodeStatus(status);
  return {
    value: status,
    text: formatStatus(decodeStatus(status)),
    type,
    code,
    retry_delay: retryDelay,
    more,
    do_not_retry: doNotRetry,
    phase,
  };
}

/** The common completion queue entry. */
export const CompletionEntry = struct(
  "Completion Queue Entry",
  16,
  "[BASE-2.1 §4.2.1, Fig. 96]",
  [
    at(0, 3, "dw0", hex(u32), "Dword 0, command specific"),
    at(4, 7, "dw1", hex(u32), "Dword 1, command specific"),
    at(8, 9, "sqhd", u16, "Submission queue head"),
    at(10, 11, "sqid", u16, "Submission queue identifier"),
    at(12, 13, "cid", hex(u16), "Command identifier"),
    at(14, 15, "status", statusWord, "Status and phase tag"),
  ],
);

/** A decoded completion queue entry. */
export type CompletionEntry = ReturnType<typeof CompletionEntry.decode>;
