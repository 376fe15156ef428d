// Opening a drive and passing commands through, for programs that import nvmectl.

import { Drive } from "./controller/drive.ts";
import { SafetyError } from "./errors.ts";
import { openTarget } from "./open.ts";
import { type Command, type Completion, type Layer, wrap } from "./transport/transport.ts";

/** How a drive is opened. */
export interface OpenOptions {
  /**
   * What stands around every command, first one outermost: it sees each, may change it, answer it
   * itself, or fail it.
   */
  readonly layers?: readonly Layer[];
  /** The longest that any one command may take, in ms. */
  readonly timeoutMs?: number;
  /** Ends waits at a `pci:` drive, which is shut down in order when it is disposed of. */
  readonly signal?: AbortSignal;
  /** Lets commands through to a `pci:` drive that may change it; they are refused otherwise. */
  readonly allowWrite?: boolean;
  /** Where a `pci:` drive sees our memory begin; 4 GiB, or where there is room. */
  readonly iovaBase?: bigint;
  /** Entries of a `pci:` drive's queues; 64 when left out. */
  readonly queueDepth?: number;
}

/**
 * Opens a drive by the names that the command line takes: `/dev/nvme0`, `nvme0n1`,
 * `/dev/disk/by-id/...`, `serial:NUMBER`, `pci:0000:01:00.0`, `virtual:NAME`; undefined is the
 * machine's only one. Dispose of it with `await using`.
 *
 * @throws UsageError for what cannot name a drive, UnreachableError where it leads to none
 * @example Count the commands that a verb of the library sends
 * ```ts
 * import { identifyController, type Layer, open } from "nvmectl";
 *
 * let sent = 0;
 * const counting: Layer = {
 *   submit(command, next) {
 *     sent++;
 *     return next(command);
 *   },
 * };
 * await using drive = await open("virtual:", { layers: [counting] });
 * const { mn } = await identifyController(drive);
 * if (sent !== 1 || mn === "") throw new Error("one Identify was sent");
 * ```
 */
export async function open(target?: string, options: OpenOptions = {}): Promise<Drive> {
  const { layers = [], timeoutMs, signal, allowWrite = false, iovaBase, queueDepth } = options;
  const { transport } = await openTarget(target, {
    signal: signal ?? new AbortController().signal,
    iovaBase,
    queueDepth,
    authorize: (command) => allowWrite ? Promise.resolve() : Promise.reject(notAllowed(command)),
  });
  const layered = layers.toReversed().reduce(wrap, transport);
  return new Drive(layered, { timeoutMs });
}

function notAllowed({ queue, opcode }: Command): SafetyError {
  return new SafetyError(
    `Cannot send ${queue} opcode 0x${opcode.toString(16)}: our own driver only reads, unless it ` +
      "is told otherwise",
    { next: "open the drive with allowWrite" },
  );
}

/** What a passed-through command came to, with a result of 32 bits. */
export interface PassthruResult {
  /** The status field without the phase bit; zero is success. */
  readonly status: number;
  /** Completion dword 0. */
  readonly result: number;
}

/**
 * Passes a command through and returns whatever the drive answers, a refusal too.
 *
 * @throws UnreachableError where there was no answer
 * @throws UsageError for memory that is less than the blocks take that the command moves
 * @example
 * ```ts
 * import { open, submitPassthru } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * // Get Features, Number of Queues.
 * const { status, result } = await submitPassthru(drive, {
 *   queue: "admin",
 *   opcode: 0x0a,
 *   cdw10: 0x07,
 * });
 * if (status !== 0) throw new Error(`refused: ${status}`);
 * console.log((result & 0xffff) + 1);
 * ```
 */
export async function submitPassthru(drive: Drive, command: Command): Promise<PassthruResult> {
  const { status, result } = await drive.submit(command);
  return { status, result: Number(result & 0xffff_ffffn) };
}

/**
 * The same with all 64 bits of the result: completion dwords 0 and 1.
 *
 * @example
 * ```ts
 * import { open, submitPassthru64 } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { result } = await submitPassthru64(drive, { queue: "admin", opcode: 0x0a, cdw10: 0x07 });
 * console.log(result > 0n);
 * ```
 */
export function submitPassthru64(drive: Drive, command: Command): Promise<Completion> {
  return drive.submit(command);
}
