// The status field of a completion: its bits.

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
/** Where the Status Code Type is. */
export const TYPE = { shift: 8, max: 0x7 };
const RETRY_DELAY = { shift: 11, max: 0x3 };
const MORE = 0x2000;
const DO_NOT_RETRY = 0x4000;
/** A status field of all ones. */
export const FIELD_MAX = 0x7fff;

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

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
