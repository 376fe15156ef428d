// The kinds of failure, and the one table of exit statuses.

/** Exit statuses of every verb. */
export const EXIT = {
  /** Done, and what was found is good. */
  ok: 0,
  /** Done, and the drive answered "bad": health, a failed self-test, damage found. */
  bad: 1,
  /** What was typed cannot be done. */
  usage: 2,
  /** The drive refused: an NVMe status. */
  refused: 3,
  /** The drive cannot be reached: no device, permission, timeout, gone. */
  unreachable: 4,
  /** Refused for safety before anything was sent. */
  unsafe: 5,
  /** A fault of nvmectl itself (EX_SOFTWARE of sysexits.h). */
  fault: 70,
  /** Ended by SIGHUP: the terminal is gone. */
  hungUp: 129,
  /** Ended by SIGINT. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

/** One of the exit statuses. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/**
 * A failure that nvmectl understands. Anything else that is thrown is a fault of nvmectl itself.
 */
export abstract class NvmectlError extends Error {
  abstract readonly exitCode: ExitCode;
  /** The kind's name in JSON. */
  abstract readonly kind: string;
  /** The one next step for the operator, where there is one. */
  readonly next: string | undefined;

  constructor(
    message: string,
    { next, cause }: { next?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.next = next;
  }
}

/** What was typed cannot be done as typed. */
export class UsageError extends NvmectlError {
  override readonly exitCode = EXIT.usage;
  override readonly kind = "usage";
}

/** The drive completed the command with a status other than success. */
export class StatusError extends NvmectlError {
  override readonly exitCode = EXIT.refused;
  override readonly kind = "status";
  /**
   * @param message what was tried, and the status by name
   * @param status the 15-bit status field, without the phase bit
   */
  constructor(
    message: string,
    readonly status: number,
    options: { next?: string | undefined } = {},
  ) {
    super(message, options);
  }
}

/** The drive says, before it is asked, that it cannot do this; nothing was sent. */
export class UnsupportedError extends NvmectlError {
  override readonly exitCode = EXIT.refused;
  override readonly kind = "unsupported";
}

/**
 * Why commands that were under way got no answer: `late` for one that took too long itself,
 * `along` for those that ended with it or with the controller, `drive` where the drive was given
 * up with all that it had.
 */
export type Loss = "late" | "along" | "drive";

/** The drive, or the kernel in front of it, could not be reached. */
export class UnreachableError extends NvmectlError {
  override readonly exitCode = EXIT.unreachable;
  override readonly kind: string = "unreachable";
  /** The operating system's error, where one is behind this: `EACCES`. */
  readonly code: string | undefined;
  /** Set where it is about commands that were under way, and not about the way to the drive. */
  readonly loss: Loss | undefined;

  constructor(
    message: string,
    options: {
      next?: string | undefined;
      code?: string | undefined;
      cause?: unknown;
      loss?: Loss | undefined;
    } = {},
  ) {
    super(message, options);
    this.code = options.code;
    this.loss = options.loss;
  }
}

/** Something that was waited for did not come in time. */
export class DeadlineError extends UnreachableError {
  override readonly kind = "deadline";
  constructor(
    readonly waitingFor: string,
    readonly limitMs: number,
    { found = `nothing after ${limitMs} ms`, next, loss }: {
      found?: string;
      next?: string | undefined;
      loss?: Loss | undefined;
    } = {},
  ) {
    super(`Cannot wait longer for ${waitingFor}: ${found}`, { next, loss });
  }
}

/** A drive's answer does not have the structure it must have. */
export class MalformedError extends UnreachableError {
  override readonly kind = "malformed";
}

/** The drive did what was asked, but its answer could not be written where it should go. */
export class OutputError extends NvmectlError {
  override readonly exitCode = EXIT.unreachable;
  override readonly kind = "output";
}

/** Refused because it could destroy something; nothing was sent. */
export class SafetyError extends NvmectlError {
  override readonly exitCode = EXIT.unsafe;
  override readonly kind = "safety";
}

/** Ended by a signal. The message says what the drive goes on doing. */
export class InterruptedError extends NvmectlError {
  override readonly kind = "interrupted";
  constructor(
    message: string,
    override readonly exitCode: ExitCode = EXIT.interrupted,
    options: { next?: string | undefined } = {},
  ) {
    super(message, options);
  }
}

/**
 * The error that ends a wait on a signal: what the drive goes on doing, and how to see or stop it.
 */
export function interrupted(signal: AbortSignal, doing: string, next: string): InterruptedError {
  const { reason } = signal;
  const exit = reason instanceof InterruptedError ? reason.exitCode : EXIT.interrupted;
  return new InterruptedError(doing, exit, { next });
}

/**
 * A condition that this program guarantees did not hold: a fault of nvmectl, never of the drive.
 */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** Throws AssertionFailure unless `condition` holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}
