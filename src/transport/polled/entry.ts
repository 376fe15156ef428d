// From a command to a submission queue entry: the one place where entries are written, and so the
// one where it is decided whether a command may leave.

import { UnsupportedError, UsageError } from "../../errors.ts";
import type { Command, Origin } from "../transport.ts";
import { ownBuffer, type PolledBuffer } from "./buffers.ts";
import type { CommandSlots } from "./command_slots.ts";
import type { Gate } from "./gate.ts";
import type { KnownNamespaces } from "./namespaces.ts";
import { PRP1_WORD, putPrps } from "./prp.ts";
import type { QueuePair } from "./queue_pair.ts";
import { leastBytes, namedBytes } from "./transfer.ts";
import { nameOf } from "./words.ts";

/** Where an entry goes. There is a free identifier, and room in the queue. */
export interface EntryPlace {
  readonly pair: QueuePair;
  readonly slots: CommandSlots;
  /** The most bytes that a command may transfer, and whose limit that is. */
  readonly limit: TransferLimit;
}

/** How much one command may transfer. */
export interface TransferLimit {
  readonly bytes: number;
  /** Who says so: `the drive (MDTS)`. */
  readonly by: string;
}

/** A command whose data is not in a buffer: queues that the drive is told of. */
export interface OwnCommand extends Command {
  /** PRP entry 1. Only commands of the driver itself have one. */
  readonly prp1?: number;
}

/** What the encoder knows of the drive. */
export interface EncoderOptions {
  readonly gate: Gate;
  /** Who made the buffers that commands may name. */
  readonly owner: object;
  /** The page that CC.MPS stands for. */
  readonly pageBytes: number;
  /** What I/O commands mean, and how much memory they need. */
  readonly namespaces: Pick<KnownNamespaces, "check">;
}

const HIGH = 0x1_0000_0000;
/** Dwords of an entry [BASE-2.1 §4.1, Fig. 92]. */
const MPTR = 4;

/** Writes entries. Data goes by PRPs (PSDT 00b), metadata by one address. */
export class EntryEncoder {
  readonly #gate: Gate;
  readonly #owner: object;
  readonly #pageBytes: number;
  readonly #namespaces: EncoderOptions["namespaces"];
  /** The buffers of the command that was put last. */
  data: PolledBuffer | undefined;
  metadata: PolledBuffer | undefined;

  constructor({ gate, owner, pageBytes, namespaces }: EncoderOptions) {
    this.#namespaces = namespaces;
    this.#gate = gate;
    this.#owner = owner;
    this.#pageBytes = pageBytes;
  }

  /**
   * Writes the command into the next entry of a queue, without ringing, and returns its
   * identifier. Where it throws, the queue is as it was.
   *
   * @throws SafetyError for a command that may not be sent, UsageError for flags that are not sent
   * here and for less memory than the drive would use, UnsupportedError for more data than one
   * command can transfer
   */
  put(place: EntryPlace, command: OwnCommand, origin: Origin): number {
    this.#gate.pass(command, origin);
    if (command.queue === "io") this.#namespaces.check(command);
    const data = ownBuffer(command.data, this.#owner);
    const metadata = ownBuffer(command.metadata, this.#owner);
    const { pair, slots, limit } = place;
    const length = data === undefined ? 0 : data.length;
    if (length > limit.bytes) throw tooLong(command, length, limit);
    const least = leastBytes(command);
    if (least > length && least > namedBytes(length)) throw tooShort(command, length, least);
    this.data = data;
    this.metadata = metadata;
    const cid = slots.take();
    const { words } = pair;
    const at = pair.claim();
    if (origin === "driver" && command.prp1 !== undefined) {
      words[at + PRP1_WORD] = command.prp1;
      words[at + PRP1_WORD + 1] = command.prp1 / HIGH;
    }
    words[at] = command.opcode | (command.flags ?? 0) << 8 | cid << 16;
    words[at + 1] = command.nsid ?? 0;
    words[at + 2] = command.cdw2 ?? 0;
    words[at + 3] = command.cdw3 ?? 0;
    if (metadata !== undefined) {
      words[at + MPTR] = metadata.address;
      words[at + MPTR + 1] = metadata.address / HIGH;
    }
    if (data !== undefined) putPrps(words, at, data, this.#pageBytes, slots.list(cid));
    words[at + 10] = command.cdw10 ?? 0;
    words[at + 11] = command.cdw11 ?? 0;
    words[at + 12] = command.cdw12 ?? 0;
    words[at + 13] = command.cdw13 ?? 0;
    words[at + 14] = command.cdw14 ?? 0;
    words[at + 15] = command.cdw15 ?? 0;
    return cid;
  }
}

function tooLong(command: Command, length: number, limit: TransferLimit): Error {
  return new UnsupportedError(
    `Cannot send ${nameOf(command)} with ${length} bytes: ${limit.by} takes at most ` +
      `${limit.bytes} with one command`,
    { next: `ask for ${limit.bytes} bytes or less at a time` },
  );
}

/** The drive would go on by what an earlier command left in its place. */
function tooShort(command: Command, length: number, least: number): Error {
  return new UsageError(
    `Cannot send ${
      nameOf(command)
    } with memory for ${length} bytes: the drive transfers ${least} ` +
      "at least",
    { next: `give it a length of ${least} or more` },
  );
}
