// How a command is refused: the status, and which part of the command is to blame.

import type { StatusInfo } from "../spec/status/table.ts";

/** The part of a status that a refusal needs; every row of the status tables has it. */
export type RefusalStatus = Pick<StatusInfo, "type" | "code" | "name"> & {
  /** The same command would fail again; where it is not said, the status decides. */
  readonly doNotRetry?: boolean;
};

/** What a refusal may say beside its status. */
export interface Blame {
  /** Where the offending value starts, as `inDword` gives it; none where no value is at fault. */
  readonly location?: number;
  /** The first logical block that the refusal is about. */
  readonly lba?: bigint;
  /** Dword 0 of the completion, for a status that gives it a meaning. */
  readonly dw0?: number;
  /** Command Specific Information in the error log. */
  readonly specific?: bigint;
  /** The error log gets no entry, as the command's definition wants it. */
  readonly unlogged?: boolean;
}

/** In an error log entry: no one parameter is at fault [BASE-2.1 §5.1.12.1.2, Fig. 205]. */
export const NO_LOCATION = 0xffff;

/** Ends the execution of a command; the pipeline turns it into the completion's status. */
export class Refusal {
  constructor(readonly status: RefusalStatus, readonly blame: Blame = {}) {}
}

/** Refuses the command that is being executed. */
export function refuse(status: RefusalStatus, blame: Blame = {}): never {
  throw new Refusal(status, blame);
}

/**
 * A Parameter Error Location [BASE-2.1 §5.1.12.1.2, Fig. 205]: the byte of the submission queue
 * entry in bits 7:0 and the bit of that byte in bits 10:8, here of bit `bit` of command dword
 * `dword` (dword 1 is the namespace identifier).
 */
export function inDword(dword: number, bit = 0): number {
  return (4 * dword + (bit >> 3)) | ((bit & 7) << 8);
}

/** The location of the namespace identifier. */
export const IN_NSID: number = inDword(1);
