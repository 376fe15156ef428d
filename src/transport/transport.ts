// The seam between what one can ask of a drive and how the question travels.

/** The two kinds of queue a command can go to. */
export type Queue = "admin" | "io";

/** Which way a command's data goes, seen from the host. */
export type Direction = "none" | "in" | "out";

/**
 * Memory that a drive may read or write: at least 4 KiB of whole pages, whatever length was asked
 * for, because some drives write past the length they were given. Only `Transport.allocate` makes
 * it.
 */
export interface DataBuffer extends Disposable {
  /** Exactly the length that was asked for. Do not keep it beyond the buffer's disposal. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One command, as the controller will see it. Numbers are unsigned; fields left out are zero. */
export interface Command {
  readonly queue: Queue;
  readonly opcode: number;
  readonly flags?: number;
  readonly nsid?: number;
  readonly cdw2?: number;
  readonly cdw3?: number;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
  readonly cdw13?: number;
  readonly cdw14?: number;
  readonly cdw15?: number;
  /** Which way `data` goes; `none` when there is none. */
  readonly direction?: Direction;
  readonly data?: DataBuffer;
  readonly metadata?: DataBuffer;
  /** How long the drive may take; the transport's own limit when left out. */
  readonly timeoutMs?: number;
  /**
   * May take long enough that timers and signals must go on meanwhile: a format, an unknown one.
   */
  readonly slow?: boolean;
}

/** What came back. A status other than zero is an answer, not an exception. */
export interface Completion {
  /**
   * The 15-bit status field without the phase bit: SC 7:0, SCT 10:8, CRD 12:11, More 13, DNR 14.
   */
  readonly status: number;
  /** Completion dwords 0 (low half) and 1 (high half). */
  readonly result: bigint;
}

/** What kind of thing carries the commands. */
export type TransportKind = "passthrough" | "virtual" | "polled" | "tcp" | "scripted";

/**
 * Carries commands to one controller. A completed command resolves whatever its status; only a
 * command that got no answer rejects, with UnreachableError or DeadlineError.
 */
export interface Transport extends AsyncDisposable {
  readonly kind: TransportKind;
  /** The drive's name for people: `/dev/nvme0`, `virtual:`. */
  readonly target: string;
  /** The namespace that the target itself names (`/dev/nvme0n1`), if it names one. */
  readonly nsid?: number;
  /** Memory for a command's data or metadata, zeroed. */
  allocate(length: number): DataBuffer;
  /** Sends one command and waits for its completion. */
  submit(command: Command): Promise<Completion>;
  /** Tells whoever sits between us and the drive to look at its namespaces again. */
  rescan?(): void | Promise<void>;
}

/** A transport around another: sees every command, may log, change or answer it. */
export interface Layer {
  submit(command: Command, next: (command: Command) => Promise<Completion>): Promise<Completion>;
  /** Stands in the way of `rescan` too; passed on when left out. */
  rescan?(next: () => void | Promise<void>): void | Promise<void>;
}

/** `inner` with `layer` around its submission; everything else stays `inner`'s. */
export function wrap(inner: Transport, layer: Layer): Transport {
  return {
    kind: inner.kind,
    target: inner.target,
    ...(inner.nsid === undefined ? {} : { nsid: inner.nsid }),
    allocate: (length) => inner.allocate(length),
    submit: (command) => layer.submit(command, (changed) => inner.submit(changed)),
    ...(inner.rescan ? { rescan: () => rescan(inner, layer) } : {}),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

function rescan(inner: Transport, layer: Layer): void | Promise<void> {
  const next = (): void | Promise<void> => inner.rescan?.();
  return layer.rescan ? layer.rescan(next) : next();
}
