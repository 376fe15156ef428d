// The status field of a completion: its bits, how people write it, and what it means.

import { statusInfo } from "./lookup.ts";
import type { StatusContext } from "./lookup.ts";

export {
  allStatuses,
  statusesByName,
  statusInfo,
  statusMeanings,
  statusTypeName,
} from "./lookup.ts";
export type { StatusContext } from "./lookup.ts";
export type { Outcome, StatusInfo } from "./table.ts";

/**
 * A status field taken apart [BASE-2.1 §4.2.3, Fig. 100]. The field here is 15 bits wide, without
 * the phase bit, as Linux hands it to user space and prints it: every bit stands 17 places lower
 * than in completion dword 3.
 */
export interface Status {
  /** All 15 bits. */
  readonly field: number;
  /** Status Code Type, bits 10:8. */
  readonly type: number;
  /** Status Code, bits 7:0. */
  readonly code: number;
  /** Command Retry Delay, bits 12:11: which of CRDT1 to CRDT3 to wait before a retry; 0 is none. */
  readonly retryDelay: number;
  /** Bit 13: the Error Information log says more. */
  readonly more: boolean;
  /** Bit 14: the same command will fail again. */
  readonly doNotRetry: boolean;
}

/** The parts from which a status field is put together; what is left out is zero. */
export interface StatusParts {
  readonly type: number;
  readonly code: number;
  readonly retryDelay?: number;
  readonly more?: boolean;
  readonly doNotRetry?: boolean;
}

const CODE = { shift: 0, max: 0xff };
const TYPE = { shift: 8, max: 0x7 };
const RETRY_DELAY = { shift: 11, max: 0x3 };
const MORE = 0x2000;
const DO_NOT_RETRY = 0x4000;
const FIELD_MAX = 0x7fff;

/**
 * Takes a 15-bit status field apart.
 *
 * @throws {RangeError} when the number has more than 15 bits: it still has its phase bit, or is an
 * errno
 */
export function decodeStatus(field: number): Status {
  if (!isUnsigned(field, FIELD_MAX)) {
    throw new RangeError(`Cannot decode status field: found ${field}, need an integer of 15 bits`);
  }
  return {
    field,
    type: field >>> TYPE.shift & TYPE.max,
    code: field >>> CODE.shift & CODE.max,
    retryDelay: field >>> RETRY_DELAY.shift & RETRY_DELAY.max,
    more: (field & MORE) !== 0,
    doNotRetry: (field & DO_NOT_RETRY) !== 0,
  };
}

/**
 * Puts a 15-bit status field together.
 *
 * @throws {RangeError} when a part does not fit its bits
 */
export function encodeStatus(
  { type, code, retryDelay = 0, more = false, doNotRetry = false }: StatusParts,
): number {
  return place("type", type, TYPE) | place("code", code, CODE) |
    place("retry delay", retryDelay, RETRY_DELAY) | (more ? MORE : 0) |
    (doNotRetry ? DO_NOT_RETRY : 0);
}

/** The code by name and number: `Invalid Format (01h/0Ah)`; with `flags` its other bits follow. */
export function formatStatus(
  status: Status,
  context: StatusContext = {},
  detail: "name" | "flags" = "name",
): string {
  const { name } = statusInfo(status.type, status.code, context);
  const text = `${name} (${formatStatusCode(status)})`;
  return detail === "name" ? text : text + formatFlags(status);
}

/** Type and code as the specification writes numbers: `01h/0Ah`. */
export function formatStatusCode({ type, code }: Pick<Status, "type" | "code">): string {
  return `${hexByte(type)}h/${hexByte(code)}h`;
}

// The ways in which a status is met: as the specification and this program write it, as people type
// it, as the kernel's log has it, and as the field that Linux hands over.
const PAIR = /^([0-9a-f]{1,2})h\s*\/\s*([0-9a-f]{1,2})h$/i;
const PREFIXED_PAIR = /^0x([0-9a-f]{1,2})\s*\/\s*0x([0-9a-f]{1,2})$/i;
const KERNEL_PAIR = /^\(?sct 0x([0-9a-f]{1,2}) \/ sc 0x([0-9a-f]{1,2})\)?((?: (?:DNR|MORE))*)$/i;
const FIELD = /^(?:0x([0-9a-f]{1,4})|([0-9a-f]{1,4})h)$/i;

/**
 * Reads a status as people write it: the field (`0x2002`, `10Ah`), type and code (`01h/0Ah`,
 * `0x1/0xa`), or the kernel log's `sct 0x2 / sc 0x81 DNR`. Undefined for anything else; a bare
 * number is, since nobody can tell whether it is hexadecimal.
 */
export function parseStatus(text: string): Status | undefined {
  const trimmed = text.trim();
  const [, bare, suffixed] = FIELD.exec(trimmed) ?? [];
  const digits = bare ?? suffixed;
  if (digits !== undefined) {
    const field = parseInt(digits, 16);
    return field <= FIELD_MAX ? decodeStatus(field) : undefined;
  }
  const pair = PAIR.exec(trimmed) ?? PREFIXED_PAIR.exec(trimmed) ?? KERNEL_PAIR.exec(trimmed);
  const [, typeDigits, codeDigits, flags = ""] = pair ?? [];
  if (typeDigits === undefined || codeDigits === undefined) return undefined;
  const type = parseInt(typeDigits, 16);
  if (type > TYPE.max) return undefined;
  return decodeStatus(encodeStatus({
    type,
    code: parseInt(codeDigits, 16),
    more: /MORE/i.test(flags),
    doNotRetry: /DNR/i.test(flags),
  }));
}

function formatFlags({ retryDelay, more, doNotRetry }: Status): string {
  return (retryDelay === 0 ? "" : `, retry after CRDT${retryDelay}`) +
    (more ? ", more in the error log" : "") + (doNotRetry ? ", do not retry" : "");
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function place(
  name: string,
  value: number,
  { shift, max }: { readonly shift: number; readonly max: number },
): number {
  if (!isUnsigned(value, max)) {
    throw new RangeError(`Cannot encode status ${name}: found ${value}, need 0 to ${max}`);
  }
  return value << shift;
}
