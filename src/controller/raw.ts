// A command that somebody composed by hand: its name, which way its data goes, its completion.

import { interrupted, UsageError } from "../errors.ts";
import {
  adminOpcode,
  type DataDirection,
  fabricsType,
  formatOpcode,
  ioOpcode,
  opcodeDirection,
  type OpcodeInfo,
} from "../spec/opcode.ts";
import { decodeStatus, statusInfo } from "../spec/status/status.ts";
import type { Command, Completion, DataBuffer, Queue } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { refusal } from "./refusal.ts";

const FABRICS = 0x7f;
const ASYNC_EVENT_REQUEST = 0x0c;

/** A command without its data. */
export type RawCommand = Omit<Command, "data" | "metadata" | "direction" | "slow">;

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

/** What the specification says of a command; a Fabrics command is its type's. */
export function rawInfo({ queue, opcode, nsid = 0 }: RawCommand): OpcodeInfo {
  // The Fabrics command type stands where other commands have their namespace [BASE-2.1 §6].
  if (opcode === FABRICS) return fabricsType(nsid & 0xff);
  return queue === "admin" ? adminOpcode(opcode) : ioOpcode(opcode);
}

/** How people call the command: `admin command 06h (Identify)`. */
export function rawTitle(command: RawCommand): string {
  const { name, known } = rawInfo(command);
  const number = `${queueText(command.queue)} command ${formatOpcode(command.opcode)}`;
  return known ? `${number} (${name})` : `${name.replace(/ \(.*\)$/, "")} ${number}`;
}

function queueText(queue: Queue): string {
  return queue === "admin" ? "admin" : "I/O";
}

/** Which way the command's data goes, by bits 1:0 of what says so. */
export function rawDirection({ opcode, nsid = 0 }: RawCommand): DataDirection {
  return opcodeDirection(opcode === FABRICS ? nsid & 0xff : opcode);
}

const DIRECTION_TEXT: Readonly<Record<DataDirection, string>> = {
  none: "no data",
  out: "data from the host to the controller",
  in: "data from the controller to the host",
  bidirectional: "data either way",
};

/**
 * Throws UsageError where the transfer contradicts the opcode: the kernel and the controller take
 * the direction from the opcode's bits 1:0, so data would go the wrong way.
 */
export function checkTransfer(command: RawCommand, transfer: RawTransfer): void {
  const title = rawTitle(command);
  const wanted = directionOf(transfer);
  if (wanted === undefined) {
    throw new UsageError(`Cannot send ${title}: data and metadata go in both directions`, {
      next: "a command moves its data and its metadata in one direction: give --*-in or --*-out",
    });
  }
  const data = transfer.dataIn ?? transfer.dataOut?.length;
  const metadata = transfer.metadataIn ?? transfer.metadataOut?.length;
  if (data === 0 || metadata === 0) {
    throw new UsageError(`Cannot send ${title}: ${data === 0 ? "data" : "metadata"} of 0 bytes`);
  }
  if (metadata !== undefined && data === undefined) {
    throw new UsageError(
      `Cannot send ${title}: metadata without data, need --data-in or --data-out`,
    );
  }
  const has = rawDirection(command);
  if (wanted === "none" || has === "bidirectional" || has === wanted) return;
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
  const waits = command.queue === "admin" && command.opcode === ASYNC_EVENT_REQUEST;
  return !known || effect !== "read" || waits;
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
