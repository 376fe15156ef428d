// What a callback gave, held against what it may give: plug-ins are programs of others, and what
// they answer is believed only after it has been looked at, field by field.

import { isThenable, sentenceOf } from "./describe.ts";
import type { Claim, Decided, Disconnect, Mutate, StatusParts, TapCompletion } from "./verdict.ts";
import {
  array,
  type Check,
  dword,
  fieldsOf,
  flag,
  inRange,
  isRecord,
  number,
  oneOf,
  type Read,
  register,
  u64,
  VerdictError,
} from "./verdict_fields.ts";

/** How often a completion can be posted; 0 withholds it. */
export const MOST_COPIES = 16;

const STATUS_PARTS: Read<StatusParts> = {
  type: inRange(0, 0x7),
  code: inRange(0, 0xff),
  retryDelay: inRange(0, 0x3),
  more: flag,
  doNotRetry: flag,
};

const statusField = inRange(0, 0x7fff);

/** The 15-bit field, or its parts of which type and code must be there. */
const status: Check<number | StatusParts> = (given, name) => {
  if (!isRecord(given)) return statusField(given, name);
  const { type, code, ...rest } = fieldsOf(given, STATUS_PARTS, name);
  if (type === undefined || code === undefined) {
    throw new VerdictError(`${name} without a type and a code`);
  }
  return { type, code, ...rest };
};

/** Fields of the command format [BASE-2.1 §4.1, Fig. 92]; flags are put together from any part. */
const COMMAND: Read<NonNullable<Mutate["command"]>> = {
  opcode: inRange(0, 0xff),
  flags: (given, name) => {
    if (!isRecord(given)) throw new VerdictError(`${name} that is no object`);
    const parts = fieldsOf(given, FLAGS, name);
    const { value = 0 } = parts;
    const { fuse = value & 0x3, psdt = value >>> 6 } = parts;
    return { value: (value & 0x3c) | psdt << 6 | fuse, fuse, psdt };
  },
  cid: inRange(0, 0xffff),
  nsid: dword,
  cdw2: dword,
  cdw3: dword,
  mptr: u64,
  prp1: u64,
  prp2: u64,
  cdw10: dword,
  cdw11: dword,
  cdw12: dword,
  cdw13: dword,
  cdw14: dword,
  cdw15: dword,
};

const FLAGS: Read<{ value: number; fuse: number; psdt: number }> = {
  value: inRange(0, 0xff),
  fuse: inRange(0, 0x3),
  psdt: inRange(0, 0x3),
};

const COMPLETION: Read<TapCompletion> = {
  status: statusField,
  dw0: dword,
  dw1: dword,
  cid: inRange(0, 0xffff),
  sqid: inRange(0, 0xffff),
  copies: inRange(0, MOST_COPIES),
};

const CLAIM: Read<Omit<Claim, "kind">> = {
  status,
  dw0: dword,
  dw1: dword,
  data: array,
  value: register,
};

const MUTATE: Read<Omit<Mutate, "kind">> = {
  command: (given, name) => named(given, COMMAND, name),
  completion: (given, name) => named(given, COMPLETION, name),
  data: array,
  metadata: array,
  value: register,
  // Any number will do: the media takes what lies in the namespace.
  lba: number,
  count: number,
  header: array,
  corrupt: oneOf("header-digest", "data-digest"),
};

const DISCONNECT: Read<Omit<Disconnect, "kind">> = {
  how: oneOf("close", "reset", "terminate"),
  // Fatal Error Status of a C2HTermReq [TCP-1.1 §3.6.2.2].
  fes: inRange(1, 6),
};

const finite: Check<number> = (given, name) => {
  const found = number(given, name);
  if (Number.isFinite(found)) return found;
  throw new VerdictError(`${name} ${found}, which is no time`);
};

/**
 * A verdict that can be believed, made of its own fields alone: numbers are in range, those of 32
 * bits cut to them, those of 64 bits bigints. Or a sentence of what is wrong, after which who gave
 * it: `gave a verdict with status 'x', ...`. Never throws.
 */
export function checkVerdict(given: unknown): Decided | string {
  try {
    return checked(given);
  } catch (error) {
    if (error instanceof VerdictError) return `gave a verdict with ${error.message}`;
    return "gave a verdict that cannot be read";
  }
}

/**
 * What a deferred command is completed with, as `checkVerdict`; its kind may be left out, and
 * nothing at all means the way it would have gone.
 */
export function checkClaim(given: unknown): Claim | undefined | string {
  if (given === undefined || given === null) return undefined;
  try {
    if (!isRecord(given)) throw new VerdictError(sentenceOf(given));
    const { kind = "claim" } = given;
    if (kind !== "claim") throw new VerdictError(`kind ${sentenceOf(kind)}`);
    return { kind, ...fieldsOf(given, CLAIM) };
  } catch (error) {
    const why = error instanceof VerdictError ? error.message : "what cannot be read";
    return `completed a command with ${why}`;
  }
}

function checked(given: unknown): Decided | string {
  if (given === undefined || given === null) return { kind: "continue" };
  if (!isRecord(given)) return `gave ${sentenceOf(given)}, which is no verdict`;
  if (isThenable(given)) return "gave a promise where a verdict was expected";
  const { kind } = given;
  switch (kind) {
    case "continue":
    case "drop":
    case "defer":
      return { kind };
    case "claim":
      return { kind, ...fieldsOf(given, CLAIM) };
    case "mutate":
      return { kind, ...fieldsOf(given, MUTATE) };
    case "disconnect":
      return { kind, ...fieldsOf(given, DISCONNECT) };
    case "delay":
      return { kind, ms: finite(given.ms, "ms") };
    default:
      return `gave an unknown verdict ${sentenceOf(kind)}`;
  }
}

/** As `fieldsOf`, for what must be an object without other fields. */
function named<T>(given: unknown, read: Read<T>, name: string): Partial<T> {
  if (!isRecord(given)) throw new VerdictError(`${name} that is no object`);
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(read, key));
  if (unknown !== undefined) throw new VerdictError(`${name}.${unknown}, which is no field`);
  return fieldsOf(given, read, name);
}
