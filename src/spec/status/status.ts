// The status field of a completion: how people write it, and what it means.

import { decodeStatus, encodeStatus, FIELD_MAX, type Status, TYPE } from "./field.ts";
import { statusInfo } from "./lookup.ts";
import type { StatusContext } from "./lookup.ts";

export { decodeStatus, encodeStatus } from "./field.ts";
export type { Status, StatusParts } from "./field.ts";
export {
  allStatuses,
  statusesByName,
  statusInfo,
  statusMeanings,
  statusTypeName,
} from "./lookup.ts";
export type { StatusContext } from "./lookup.ts";
export type { Outcome, StatusInfo } from "./table.ts";

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
