// Command identifiers, each with room for its PRP list.

import { invariant } from "../../errors.ts";
import { wordsOf } from "./aligned_memory.ts";
import type { DmaMemory, DmaSpace } from "./backing.ts";
import { dmaAddress, type PrpListArea } from "./prp.ts";

/** How many identifiers, and how much room each has. */
export interface CommandSlotsOptions {
  /** 1 to 65535: less than the queue has entries. FFFFh is never an identifier. */
  readonly count: number;
  /** Bytes for the list of one command, in whole pages of 4096: `prpListBytes()`. 0 for none. */
  readonly listBytes: number;
}

/** What an identifier is good for. */
const STATE = { free: 0, taken: 1, quarantined: 2 } as const;

/**
 * The identifiers 0 to `count - 1`. They are given out in turns, the one unused for longest first,
 * so that a completion that comes twice meets nobody. One in quarantine belongs to a command of
 * which nobody knows whether the controller still works on it: neither it nor its list is used
 * before a reset of the controller.
 */
export class CommandSlots implements Disposable {
  readonly count: number;
  readonly #memory: DmaMemory | undefined;
  readonly #lists: readonly PrpListArea[];
  readonly #states: Uint8Array;
  /** A ring of the free ones. */
  readonly #queue: Uint16Array;
  #first = 0;
  #free: number;
  #quarantined = 0;

  constructor(dma: DmaSpace, { count, listBytes }: CommandSlotsOptions) {
    invariant(count >= 1 && count <= 0xffff, "there are 1 to 65535 command identifiers");
    this.count = count;
    this.#memory = listBytes > 0 ? dma.allocate(count * listBytes) : undefined;
    this.#lists = listAreas(this.#memory, count, listBytes);
    this.#states = new Uint8Array(count);
    this.#queue = Uint16Array.from({ length: count }, (_, cid) => cid);
    this.#free = count;
  }

  /** Identifiers that can be taken. */
  get free(): number {
    return this.#free;
  }

  /** Identifiers of commands under way; those in quarantine do not count. */
  get taken(): number {
    return this.count - this.#free - this.#quarantined;
  }

  /** Identifiers in quarantine. */
  get quarantined(): number {
    return this.#quarantined;
  }

  /** An identifier that nobody uses; -1 if there is none. */
  take(): number {
    if (this.#free === 0) return -1;
    const cid = this.#queue[this.#first] ?? 0;
    this.#first = this.#first + 1 === this.count ? 0 : this.#first + 1;
    this.#free--;
    this.#states[cid] = STATE.taken;
    return cid;
  }

  /** The command is done with: its identifier may be used again. It must be taken. */
  give(cid: number): void {
    if (this.#states[cid] !== STATE.taken) invariant(false, "an identifier given back is taken");
    this.#states[cid] = STATE.free;
    let place = this.#first + this.#free;
    if (place >= this.count) place -= this.count;
    this.#queue[place] = cid;
    this.#free++;
  }

  /** The command is in doubt: its identifier is out of use until `reset()`. It must be taken. */
  quarantine(cid: number): void {
    invariant(this.isTaken(cid), "an identifier put into quarantine is taken");
    this.#states[cid] = STATE.quarantined;
    this.#quarantined++;
  }

  /** Whether a command under way has this identifier; false for any number that is none. */
  isTaken(cid: number): boolean {
    return this.#states[cid] === STATE.taken;
  }

  /** Whether the command with this identifier is in doubt; false for any number that is none. */
  isQuarantined(cid: number): boolean {
    return this.#states[cid] === STATE.quarantined;
  }

  /** Where the list of a command goes; an area of no words where there is no room for lists. */
  list(cid: number): PrpListArea {
    return this.#lists[cid] ?? NO_LIST;
  }

  /** All are free again: the controller was reset and has forgotten its commands. */
  reset(): void {
    this.#states.fill(STATE.free);
    for (let cid = 0; cid < this.count; cid++) this.#queue[cid] = cid;
    this.#first = 0;
    this.#free = this.count;
    this.#quarantined = 0;
  }

  /** Gives the memory of the lists back. No command may be under way, or in doubt. */
  [Symbol.dispose](): void {
    this.#memory?.[Symbol.dispose]();
  }
}

const NO_LIST: PrpListArea = { words: new Uint32Array(0), address: 0 };

function listAreas(
  memory: DmaMemory | undefined,
  count: number,
  bytes: number,
): readonly PrpListArea[] {
  if (!memory) return [];
  const words = wordsOf(memory);
  const address = dmaAddress(memory.iova);
  return Array.from({ length: count }, (_, cid) => ({
    words: words.subarray(cid * bytes >>> 2, (cid + 1) * bytes >>> 2),
    address: address + cid * bytes,
  }));
}
