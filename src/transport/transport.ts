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

/**
 * What a reset resets: this controller, or the NVM subsystem with all its controllers
 * [BASE-2.1 §3.7].
 */
export type ResetKind = "controller" | "subsystem";

/** What kind of thing carries the commands. */
export type TransportKind = "passthrough" | "virtual" | "polled" | "tcp" | "scripted";

/**
 * Commands to be carried out as fast as they go, several at a time. Both functions are called in
 * the middle of things and must be quick; what they throw ends the run and reaches its caller.
 */
export interface Feed {
  /** The next command; undefined when there is none now, which may change with `done()`. */
  next(): Command | undefined;
  /** What became of a command of this feed. Its buffers may be used again at once. */
  done(command: Command, completion: Completion): void;
  /**
   * A command of this feed got no answer, and the drive takes others: the loss is `late` or
   * `along`. Its buffers must be disposed of, because the drive may still write to them. Without
   * this function such a command ends the run.
   */
  lost?(command: Command, error: LostCommand): void;
}

/** What a command ends with that got no answer itself, or was lost along with another. */
export interface LostCommand extends Error {
  readonly loss: "late" | "along";
}

/** Whether the error is about one command alone, after which others may be answered. */
export function isLostCommand(error: unknown): error is LostCommand {
  return error instanceof Error && "loss" in error &&
    (error.loss === "late" || error.loss === "along");
}

/** The controller's registers (PCIe) or properties (fabrics) [BASE-2.1 §3.1.4]. */
export interface RegisterAccess {
  /** `memory` is PCIe, `message` is fabrics: which registers there can be. */
  readonly model: "memory" | "message";
  /**
   * Reads the 4 or 8 bytes at an offset; undefined where the controller refuses the property. A
   * device that is gone reads as all ones.
   */
  read(offset: number, width: 4 | 8): Promise<bigint | undefined>;
}

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
  /**
   * Carries out what the feed gives until it gives no more and nothing is under way. Absent where
   * commands go one at a time; `carryOut()` then does it by `submit`.
   */
  run?(feed: Feed): Promise<void>;
  /** Reads the controller's registers; UnreachableError where that cannot be done here. */
  registers?(): Promise<RegisterAccess>;
  /**
   * Resets the controller or the NVM subsystem and returns when commands are taken again.
   * UnreachableError where that cannot be done here, or the controller does not come back.
   */
  reset?(kind: ResetKind): Promise<void>;
  /** Tells whoever sits between us and the drive to look at its namespaces again. */
  rescan?(): void | Promise<void>;
  /**
   * Takes somebody who sees every command when it stands in its queue, until the transport is
   * closed. Before the first command; only a driver of our own has this.
   */
  watch?(watch: Watch): void;
}

/** Whose idea a command was. */
export type Origin = "caller" | "driver";

/** A register was accessed. */
export interface RegisterUse {
  readonly access: "read" | "write";
  /** Bytes from the start of the registers. */
  readonly offset: number;
  readonly width: 4 | 8;
  readonly value: bigint;
}

/** Where a command stands in a submission queue. */
export interface Posted {
  readonly sqid: number;
  readonly cid: number;
  readonly prp1: bigint;
  readonly prp2: bigint;
  readonly origin: Origin;
}

/** Sees what a driver of our own does, also by itself. None of this may throw. */
export interface Watch {
  /** A command stands in its queue. What is returned hears how it ends, at most once. */
  posted(command: Command, posted: Posted): WatchedEnd;
  /** A register, doorbells excepted. What is read over and over with one answer comes once. */
  register(use: RegisterUse): void;
}

/** Hears how a command ended. */
export interface WatchedEnd {
  /** @param phase the phase tag of the entry in the completion queue */
  completed(completion: Completion, phase: 0 | 1): void;
  failed(error: unknown): void;
}

/** Carries out a feed over any transport. */
export async function carryOut(transport: Transport, feed: Feed): Promise<void> {
  if (transport.run) return await transport.run(feed);
  for (let command = feed.next(); command !== undefined; command = feed.next()) {
    let completion: Completion;
    try {
      completion = await transport.submit(command);
    } catch (error) {
      if (feed.lost === undefined || !isLostCommand(error)) throw error;
      feed.lost(command, error);
      continue;
    }
    feed.done(command, completion);
  }
}

/** A transport around another: sees every command, may log, change or answer it. */
export interface Layer {
  submit(command: Command, next: (command: Command) => Promise<Completion>): Promise<Completion>;
  /** Stands around what `registers` gives; passed on when left out. */
  registers?(access: RegisterAccess): RegisterAccess;
  /** Stands in the way of `reset` too; passed on when left out. */
  reset?(kind: ResetKind, next: (kind: ResetKind) => Promise<void>): Promise<void>;
  /** Stands in the way of `rescan` too; passed on when left out. */
  rescan?(next: () => void | Promise<void>): void | Promise<void>;
  /** In place of `submit`, where the transport can be watched. */
  readonly watch?: Watch;
}

/**
 * `inner` with `layer` around its submission; everything else stays `inner`'s, except that a feed
 * goes command by command, so that the layer sees each of them.
 */
export function wrap(inner: Transport, layer: Layer): Transport {
  const open = inner.registers?.bind(inner);
  const watched = inner.watch !== undefined && layer.watch !== undefined;
  if (layer.watch) inner.watch?.(layer.watch);
  return {
    kind: inner.kind,
    target: inner.target,
    ...(inner.nsid === undefined ? {} : { nsid: inner.nsid }),
    allocate: (length) => inner.allocate(length),
    ...(watched && inner.run ? { run: (feed) => inner.run?.(feed) ?? Promise.resolve() } : {}),
    submit: watched
      ? (command) => inner.submit(command)
      : (command) => layer.submit(command, (changed) => inner.submit(changed)),
    ...(open ? { registers: async () => registers(await open(), layer) } : {}),
    ...(inner.reset ? { reset: (kind) => reset(inner, layer, kind) } : {}),
    ...(inner.rescan ? { rescan: () => rescan(inner, layer) } : {}),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

function registers(access: RegisterAccess, layer: Layer): RegisterAccess {
  return layer.registers ? layer.registers(access) : access;
}

async function reset(inner: Transport, layer: Layer, kind: ResetKind): Promise<void> {
  const next = async (changed: ResetKind): Promise<void> => await inner.reset?.(changed);
  return await (layer.reset ? layer.reset(kind, next) : next(kind));
}

function rescan(inner: Transport, layer: Layer): void | Promise<void> {
  const next = (): void | Promise<void> => inner.rescan?.();
  return layer.rescan ? layer.rescan(next) : next();
}
