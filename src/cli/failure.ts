// Failures for people and machines: what was tried, what was found, the one next step.

import { EXIT, type ExitCode, NvmectlError, StatusError, UnreachableError } from "../errors.ts";
import { redactKeys } from "../keys/redact.ts";
import type { JsonObject } from "../layout/mod.ts";
import { decodeStatus, statusInfo } from "../spec/status/status.ts";
import { escapeHostile } from "./render.ts";

/** A failure, ready to be written. */
export interface Failure {
  readonly exit: ExitCode;
  readonly text: string;
  readonly json: JsonObject;
}

/** What to say about anything that was thrown. Keys that a message quotes are taken out of it. */
export function describeFailure(thrown: unknown): Failure {
  // A failure to close something afterwards does not hide why it had to be closed.
  if (thrown instanceof SuppressedError) return describeFailure(thrown.suppressed);
  const error = fromSystem(thrown);
  if (!(error instanceof NvmectlError)) return describeFault(error);
  const exit = error.exitCode;
  const message = redactKeys(error.message);
  const next = error.next === undefined ? undefined : redactKeys(error.next);
  const lines = [`nvmectl: ${escapeHostile(message)}`];
  if (next !== undefined) lines.push(`  Next: ${escapeHostile(next)}`);
  return {
    exit,
    text: lines.join("\n") + "\n",
    json: {
      schema: "nvmectl.error/1",
      kind: error.kind,
      message,
      ...(next === undefined ? {} : { next }),
      ...(error instanceof StatusError ? { status: statusJson(error.status) } : {}),
      ...(error instanceof UnreachableError && error.code ? { code: error.code } : {}),
      exit_status: exit,
    },
  };
}

/** An NVMe status for a machine. */
export function statusJson(field: number): JsonObject {
  const status = decodeStatus(field);
  return {
    value: field,
    text: statusInfo(status.type, status.code).name,
    status_code_type: status.type,
    status_code: status.code,
    more: status.more,
    do_not_retry: status.doNotRetry,
  };
}

/**
 * What ffi/ throws when the kernel or the platform refuses is no fault of nvmectl. ffi/ stands
 * below the kinds of failure and this module may not import it, so its errors are known by name.
 */
function fromSystem(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !/^(SysError|PlatformError)$/.test(thrown.name)) return thrown;
  const code = "code" in thrown ? String(thrown.code) : undefined;
  return new UnreachableError(thrown.message, { code, cause: thrown });
}

function describeFault(error: unknown): Failure {
  const stack = redactKeys(
    error instanceof Error ? error.stack ?? error.message : String(error),
  );
  return {
    exit: EXIT.fault,
    text:
      `nvmectl: this is a fault of nvmectl, not of the drive; please report it with this text\n` +
      `${stack.split("\n").map(escapeHostile).join("\n")}\n`,
    json: { schema: "nvmectl.error/1", kind: "fault", message: stack, exit_status: EXIT.fault },
  };
}
