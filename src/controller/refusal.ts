// What a drive's status means for the one who asked: an error with its name and next step.

import { StatusError } from "../errors.ts";
import { adminOpcode, ioOpcode } from "../spec/opcode.ts";
import { decodeStatus, formatStatus, statusInfo } from "../spec/status/status.ts";
import type { Command } from "../transport/transport.ts";

/** The error for a status that is one; undefined for success, also success that needs a reset. */
export function refusalOf(
  command: Command,
  field: number,
  purpose: string,
): StatusError | undefined {
  const { type, code } = decodeStatus(field);
  const { outcome } = statusInfo(type, code, { queue: command.queue, opcode: command.opcode });
  return outcome === "error" ? refusal(command, field, purpose) : undefined;
}

/** The error for a status other than success: what was tried, the status by name, the next step. */
export function refusal(command: Command, field: number, purpose: string): StatusError {
  const status = decodeStatus(field);
  const context = { queue: command.queue, opcode: command.opcode };
  const { meaning, next } = statusInfo(status.type, status.code, context);
  return new StatusError(
    `Cannot ${purpose}: the drive answered ${formatStatus(status, context)}: ${meaning}`,
    field,
    { next },
  );
}

/** The specification's name of a command's opcode. */
export function commandName(command: Command): string {
  const info = command.queue === "admin" ? adminOpcode(command.opcode) : ioOpcode(command.opcode);
  return info.name;
}
