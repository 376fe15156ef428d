// The direct face: a transport whose commands the drive executes in this process, without queues.

import { DeadlineError, type Loss, UnreachableError } from "../../errors.ts";
import { Slab } from "../../layout/slab.ts";
import type { SubmissionEntry } from "../../spec/command.ts";
import type { Command, Completion, DataBuffer, Transport } from "../../transport/transport.ts";
import type { VirtualController } from "../controller.ts";
import type { VirtualDrive } from "../drive.ts";
import { isFirst } from "../first_commands.ts";
import type { Payload, Port } from "../pipeline/exchange.ts";
import { hasRest } from "../rest.ts";

/** The least memory that a drive is ever given, and what its size is a multiple of. */
const PAGE_BYTES = 4096;
const NOTHING = new Uint8Array(0);
const COPIES = new Slab();
const ADMIN_QUEUE = 0;
/** Where I/O commands appear to come from. */
const IO_QUEUE = 1;

/**
 * A transport to a virtual drive. Any number of them may share a drive; closing one leaves the
 * drive as it is. Commands are executed when they are submitted, or as soon as the part of the
 * drive that they need is loaded; one that waits for an event resolves when the event comes, and
 * rejects when the transport is closed or the drive is reset. Where the drive has timers, one that
 * has a time limit is given up after it.
 *
 * @param target the drive's name for people: `virtual:`
 * @param controller the one to speak to; the first when left out
 */
export function directTransport(
  drive: VirtualDrive,
  target: string,
  controller: VirtualController = drive.first,
): Transport {
  const waiting = new Set<Port>();
  let closed = false;

  async function submitLater(command: Command): Promise<Completion> {
    await loadRest();
    return await submitNow(command);
  }

  function submitNow(command: Command): Promise<Completion> {
    if (closed) {
      return Promise.reject(
        new UnreachableError(`Cannot send a command to ${target}: the transport is closed`),
      );
    }
    return execute(command, { drive, controller, target, waiting });
  }

  return {
    kind: "virtual",
    target,
    allocate,
    submit: (command) => hasRest() || isFirst(command) ? submitNow(command) : submitLater(command),
    async registers() {
      await loadRest();
      const { registersOf } = await import("./direct_registers.ts");
      return registersOf(controller);
    },
    async reset(kind) {
      if (!hasRest()) await loadRest();
      if (kind === "subsystem") drive.resetSubsystem();
      else controller.reset("controller");
    },
    [Symbol.asyncDispose]() {
      closed = true;
      for (const port of [...waiting]) controller.abandon(port);
      return Promise.resolve();
    },
  };
}

/** Has the drive execute a command; while it is under way its port is in `waiting`. */
function execute(
  command: Command,
  { drive, controller, target, waiting }: {
    readonly drive: VirtualDrive;
    readonly controller: VirtualController;
    readonly target: string;
    readonly waiting: Set<Port>;
  },
): Promise<Completion> {
  return new Promise((resolve, reject) => {
    const timer: { cancel?: () => void } = {};
    const lose = (why: string, loss?: Loss): void => {
      waiting.delete(port);
      timer.cancel?.();
      reject(new UnreachableError(`Cannot wait for ${target}: ${why}`, { loss }));
    };
    const port: Port = {
      ...memoryOf(command),
      hostBytes: command.direction === "none" ? 0 : command.data?.bytes.length ?? 0,
      post({ status, dw0, dw1 }) {
        waiting.delete(port);
        timer.cancel?.();
        resolve({ status, result: (BigInt(dw1) << 32n) | BigInt(dw0) });
      },
      drop: () => lose("the command went away without a completion", "late"),
      disconnect: () => lose("the connection was lost"),
    };
    waiting.add(port);
    const sqid = command.queue === "admin" ? ADMIN_QUEUE : IO_QUEUE;
    const entry = entryOf(command, controller.freeCid(sqid));
    try {
      controller.submit({ queue: command.queue, sqid, entry, port });
    } catch (error) {
      waiting.delete(port);
      // First, because the port rejects too when its command is dropped.
      reject(error);
      controller.abandon(port);
    }
    const limitMs = command.timeoutMs;
    if (limitMs === undefined || !drive.timed || !waiting.has(port)) return;
    timer.cancel = drive.after(limitMs, () => {
      waiting.delete(port);
      reject(new DeadlineError(`${target} to complete a command`, limitMs, { loss: "late" }));
      controller.abandon(port);
    });
  });
}

async function loadRest(): Promise<void> {
  await import("../everything.ts");
}

function allocate(length: number): DataBuffer {
  const pages = Math.max(1, Math.ceil(length / PAGE_BYTES));
  const memory = new Uint8Array(pages * PAGE_BYTES);
  return { bytes: memory.subarray(0, length), [Symbol.dispose]: () => {} };
}

/** Moves data between the drive and the command's buffers: as much as there is on both sides. */
function memoryOf({ data, metadata }: Command): Pick<Port, "receive" | "send"> {
  return {
    receive(sizes, deliver) {
      deliver({
        data: taken(data, sizes.data),
        metadata: taken(metadata, sizes.metadata),
      });
    },
    send(payload: Payload, sent) {
      give(data, payload.data);
      give(metadata, payload.metadata);
      sent();
    },
  };
}

/** A copy of the buffer's first `length` bytes, zero where it is shorter. */
function taken(buffer: DataBuffer | undefined, length: number): Uint8Array {
  if (length === 0) return NOTHING;
  const bytes = COPIES.take(length);
  if (buffer) bytes.set(buffer.bytes.subarray(0, length));
  return bytes;
}

function give(buffer: DataBuffer | undefined, bytes: Uint8Array): void {
  if (buffer) buffer.bytes.set(bytes.subarray(0, buffer.bytes.length));
}

/** The command as a submission queue entry would have it; there is no memory to point at. */
function entryOf(command: Command, cid: number): SubmissionEntry {
  const flags = (command.flags ?? 0) & 0xff;
  return {
    opcode: command.opcode & 0xff,
    flags: { value: flags, fuse: flags & 0x3, psdt: flags >>> 6 },
    cid,
    nsid: (command.nsid ?? 0) >>> 0,
    cdw2: (command.cdw2 ?? 0) >>> 0,
    cdw3: (command.cdw3 ?? 0) >>> 0,
    mptr: 0n,
    prp1: 0n,
    prp2: 0n,
    cdw10: (command.cdw10 ?? 0) >>> 0,
    cdw11: (command.cdw11 ?? 0) >>> 0,
    cdw12: (command.cdw12 ?? 0) >>> 0,
    cdw13: (command.cdw13 ?? 0) >>> 0,
    cdw14: (command.cdw14 ?? 0) >>> 0,
    cdw15: (command.cdw15 ?? 0) >>> 0,
  };
}
