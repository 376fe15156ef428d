// Names of hosts and subsystems, as far as keys depend on them.

import { KeyFormatError } from "./format_error.ts";

/** The longest name, in bytes [BASE-2.1 §4.7]. */
const NQN_BYTES_MAX = 223;

/**
 * Throws unless a name can be part of a key's identity: 1 to 223 bytes without spaces or controls,
 * because the identity separates its parts by spaces. Whether it has the form `nqn.…` is not asked.
 *
 * @param whose `host` or `subsystem`, for the error
 * @throws {KeyFormatError} `nqn`
 */
export function checkNqn(nqn: string, whose: string): void {
  const bytes = new TextEncoder().encode(nqn).length;
  const refuse = (found: string): KeyFormatError =>
    new KeyFormatError("nqn", `Cannot use the ${whose} NQN: ${found}`);
  if (bytes === 0) throw refuse("it is empty");
  if (bytes > NQN_BYTES_MAX) throw refuse(`it has ${bytes} bytes, need 1 to ${NQN_BYTES_MAX}`);
  // deno-lint-ignore no-control-regex
  if (/[\s\u0000-\u001f\u007f]/u.test(nqn)) throw refuse("it has a space or a control character");
}
