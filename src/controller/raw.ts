// A command that somebody composed by hand: its name, which way its data goes, its completion.

import { interrupted, UnsupportedError, UsageError } from "../errors.ts";
import type { DataDirection } from "../spec/opcode.ts";
import { decodeStatus, statusInfo } from "../spec/status/status.ts";
import type { Command, Completion, DataBuffer } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { FABRICS, type RawCommand, rawDirection, rawInfo, rawTitle } from "./raw_command.ts";
import { expectedTransfer, type TransferContext } from "./raw_length.ts";
import { refusal } from "./refusal.ts";

export { type RawCommand, rawDirection, rawInfo, rawTitle } from "./raw_command.ts";
export { type ExpectedTransfer, expectedTransfer, type TransferContext } from "./raw_length.ts";

/** What is to go to the drive and what is wanted back. */
export interface RawTransfer {
  /** Bytes to read. */
  readonly dataIn?: number | undefined;
  readonly dataOut?: Uint8Array | undefined;
  readonly metadataIn?: number | undefined;
  readonly metadataOut?: Uint8Array | undefined;
}

/** What came back. */
export interface RawOutcome extends Completion {
  readonly data?: Uint8Array<ArrayBuffer>;
  readonly metadata?: Uint8Array<ArrayBuffer>;
}

const DIRECTION_TEXT: Readonly<Record<DataDirection, string>> = {
  none: "no data",
  out: "data from the host to the controller",
  in: "data from the controller to the host",
  bidirectional: "data either way",
};

/**
 * Throws UsageError where the transfer contradicts the command: in its direction, which the kernel
 * and the controller take from the opcode's bits 1:0, or by being less than the command moves, so
 * that the drive would go on to memory that nobody gave it.
 */
export function checkTransfer(
  command: RawCommand,
  transfer: RawTransfer,
  context: TransferContext = {},
): void {
  checkDirection(command, transfer);
  const { data, metadata } = expectedTransfer(command, context);
  const has = rawDirection(command) === "in" ? "in" : "out";
  checkLength(command, { what: "data", need: data, has: lengthOf(transfer).data, option: has });
  const given = lengthOf(transfer).metadata;
  checkLength(command, { what: "metadata", need: metadata, has: given, option: has });
}

function lengthOf({ dataIn, dataOut, metadataIn, metadataOut }: RawTransfer): {
  readonly data: number | undefined;
  readonly metadata: number | undefined;
} {
  return { data: dataIn ?? dataOut?.length, metadata: metadataIn ?? metadataOut?.length };
}

/** What of a transfer is checked: how many bytes there are, and how many there must be. */
interface Length {
  readonly what: "data" | "metadata";
  readonly need: number | "some";
  readonly has: number | undefined;
  readonly option: "in" | "out";
}

function checkLength(command: RawCommand, { what, need, has, option }: Length): void {
  if (need === "some" ? has !== undefined : (has ?? 0) >= need) return;
  const flag = `--${what}-${option}`;
  const found = has === undefined ? `no ${what}` : `${has} bytes of ${what}`;
  const title = rawTitle(command);
  if (need === "some") {
    throw new UsageError(`Cannot send ${title} with ${found}: bits 1:0 say that it has data`, {
      next: `give ${flag}, as much as it moves: the drive would use memory that nobody gave it`,
    });
  }
  throw new UsageError(`Cannot send ${title} with ${found}: it moves ${need} bytes`, {
    next: option === "in"
      ? `use ${flag} ${need}: the drive would write to memory that nobody gave it`
      : `use ${flag} with a file of ${need} bytes: the drive would read memory beyond it`,
  });
}

/** Admin commands that take over queues, or memory for the drive to write at its own time. */
const KERNEL_OWNED: ReadonlySet<number> = new Set([0x00, 0x01, 0x04, 0x05, 0x0c, 0x45, 0x7c]);
const ASYNC_EVENT_REQUEST = 0x0c;
const SET_FEATURES = 0x09;
const HOST_MEMORY_BUFFER = 0x0d;

/**
 * Throws UnsupportedError for a command that only whoever owns the controller's queues and memory
 * can send, where that is the kernel: an I/O queue deleted under its driver, or memory that the
 * drive goes on to write after the command, brings the machine down.
 */
export function checkOwner({ transport }: Drive, command: RawCommand): void {
  if (transport.kind !== "passthrough" || command.queue !== "admin") return;
  const { opcode, cdw10 = 0 } = command;
  const buffer = opcode === SET_FEATURES && (cdw10 & 0xff) === HOST_MEMORY_BUFFER;
  if (!buffer && !KERNEL_OWNED.has(opcode)) return;
  const what = opcode === ASYNC_EVENT_REQUEST ? "events" : "the queues and their memory";
  throw new UnsupportedError(
    `Cannot send ${rawTitle(command)}${buffer ? ", Host Memory Buffer," : ""} through ` +
      `${transport.target}: ${what} belong to whoever owns the queues: the kernel`,
    { next: "try it on a virtual drive: virtual:" },
  );
}

/** Throws UsageError where data would go another way than the opcode's bits 1:0 say. */
function checkDirection(command: RawCommand, transfer: RawTransfer): void {
  const title = rawTitle(command);
  const wanted = directionOf(transfer);
  if (wanted === undefined) {
    throw new UsageError(`Cannot send ${title}: data and metadata go in both directions`, {
      next: "a command moves its data and its metadata in one direction: give --*-in or --*-out",
    });
  }
  const { data, metadata } = lengthOf(transfer);
  if (data === 0 || metadata === 0) {
    throw new UsageError(`Cannot send ${title}: ${data === 0 ? "data" : "metadata"} of 0 bytes`);
  }
  if (metadata !== undefined && data === undefined) {
    throw new UsageError(
      `Cannot send ${title}: metadata without data, need --data-in or --data-out`,
    );
  }
  const has = rawDirection(command);
  if (wanted === "none" || has === wanted) return;
  // The kernel maps the memory of such a command for the drive to read, never to write.
  if (has === "bidirectional" && wanted === "out") return;
  throw new UsageError(
    `Cannot send ${title} with ${DIRECTION_TEXT[wanted]}: bits 1:0 of ${
      command.opcode === FABRICS ? "its Fabrics command type" : "its opcode"
    } say ${DIRECTION_TEXT[has]}`,
    { next: hintFor(has) },
  );
}

function hintFor(has: DataDirection): string {
  const why = "the kernel and the drive both go by these bits";
  if (has === "none") return `leave out the data options: ${why}`;
  if (has === "bidirectional") {
    return "use --data-out: the kernel lets the drive only read the memory of such a command";
  }
  return `use --data-${has} instead: ${why}, and the data would go the wrong way`;
}

/** The one direction of a transfer; undefined where there are two. */
function directionOf(transfer: RawTransfer): "none" | "in" | "out" | undefined {
  const inward = transfer.dataIn !== undefined || transfer.metadataIn !== undefined;
  const outward = transfer.dataOut !== undefined || transfer.metadataOut !== undefined;
  if (inward && outward) return undefined;
  return inward ? "in" : outward ? "out" : "none";
}

/** Whether the command may take longer than a read: then timers and signals go on meanwhile. */
export function maySlow(command: RawCommand): boolean {
  const { known, effect } = rawInfo(command);
  return !known || effect !== "read";
}

/** What watches a command that may take long. */
export interface RawOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the completion of a command that the drive refuses, before that is thrown. */
  readonly onRefused?: (completion: Completion) => void;
}

/**
 * Sends the command and returns its completion and what it brought.
 * @throws StatusError when the drive refuses
 * @throws InterruptedError when the signal fires first; the drive then goes on
 */
export async function sendRaw(
  drive: Drive,
  command: RawCommand,
  transfer: RawTransfer,
  { signal, onRefused }: RawOptions = {},
): Promise<RawOutcome> {
  using buffers = new DisposableStack();
  const memory = (size: number | undefined): DataBuffer | undefined =>
    size === undefined ? undefined : buffers.use(drive.transport.allocate(size));
  const { dataIn, dataOut, metadataIn, metadataOut } = transfer;
  const data = memory(dataOut?.length ?? dataIn);
  const metadata = memory(metadataOut?.length ?? metadataIn);
  if (dataOut) data?.bytes.set(dataOut);
  if (metadataOut) metadata?.bytes.set(metadataOut);
  const sent: Command = {
    ...command,
    direction: directionOf(transfer) ?? "none",
    slow: maySlow(command),
    ...(data ? { data } : {}),
    ...(metadata ? { metadata } : {}),
  };
  const completion = await unlessInterrupted(drive, sent, signal);
  const { type, code } = decodeStatus(completion.status);
  const { queue, opcode } = command;
  if (statusInfo(type, code, { queue, opcode }).outcome === "error") {
    onRefused?.(completion);
    throw refusal(sent, completion.status, `carry out ${rawTitle(command)} on ${drive.target}`);
  }
  return {
    ...completion,
    ...(data && dataIn !== undefined ? { data: data.bytes.slice() } : {}),
    ...(metadata && metadataIn !== undefined ? { metadata: metadata.bytes.slice() } : {}),
  };
}

/** The command's completion, unless the signal fires first. */
async function unlessInterrupted(
  drive: Drive,
  command: Command,
  signal: AbortSignal | undefined,
): Promise<Completion> {
  signal?.throwIfAborted();
  const completion = drive.submit(command);
  if (signal === undefined) return await completion;
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    // Nobody waits for the answer any more; the error that says so is the one that counts.
    completion.catch(() => {});
    reject(
      interrupted(
        signal,
        `Stopped waiting for ${rawTitle(command)}: ${drive.target} may still be carrying it out`,
        "nothing can take it back; nvmectl health shows when the drive answers again",
      ),
    );
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([completion, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
