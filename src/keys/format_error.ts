// Why a key is refused, by name.

import { UsageError } from "../errors.ts";

/** What can be wrong with a key or a secret. */
export type KeyProblem =
  | "empty"
  | "space"
  | "sign"
  | "prefix"
  | "character"
  | "odd"
  | "header"
  | "version"
  | "hash"
  | "separator"
  | "terminator"
  | "base64"
  | "length"
  | "crc"
  | "nqn"
  | "identity";

/**
 * A key, a secret or a name that cannot be used. The message never holds any of it.
 *
 * @example
 * ```ts
 * import { KeyFormatError, readDhchapSecret } from "nvmectl";
 * import { assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => readDhchapSecret("DHHC-2:00:AAAA:"), KeyFormatError);
 * if (error.problem !== "version") throw error;
 * ```
 */
export class KeyFormatError extends UsageError {
  constructor(
    /** What is wrong, for programs. */
    readonly problem: KeyProblem,
    message: string,
    options: { next?: string | undefined } = {},
  ) {
    super(message, options);
  }
}
