// Memory for the data of commands. It stays with the drive while a command that names it is under
// way, whatever became of its owner.

import { invariant } from "../../errors.ts";
import type { DataBuffer } from "../transport.ts";
import type { DmaMemory, DmaSpace } from "./backing.ts";
import { type DataPlace, dmaAddress } from "./prp.ts";

const PAGE_BYTES = 4096;
/** Some drives write on behind what they were asked for: nobody else's page is there. */
const SPARE_BYTES = PAGE_BYTES;

/** A buffer of a polled driver. Disposing of one in use gives its memory back when it is not. */
export class PolledBuffer implements DataBuffer, DataPlace {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly address: number;
  readonly length: number;
  /** Whose it is: a buffer means nothing to another drive. */
  readonly owner: object;
  readonly #memory: DmaMemory;
  #users = 0;
  #state: "live" | "disposed" | "freed" = "live";

  constructor(memory: DmaMemory, length: number, owner: object) {
    this.#memory = memory;
    this.bytes = memory.bytes.subarray(0, length);
    this.address = dmaAddress(memory.iova);
    this.length = length;
    this.owner = owner;
  }

  /** Whether it can be given to a command. */
  get live(): boolean {
    return this.#state === "live";
  }

  /** A command that names it is under way. */
  hold(): void {
    this.#users++;
  }

  /** The command is over: the drive does not use it any more. */
  release(): void {
    this.#users--;
    this.#settle();
  }

  [Symbol.dispose](): void {
    if (this.#state === "live") this.#state = "disposed";
    this.#settle();
  }

  #settle(): void {
    if (this.#state !== "disposed" || this.#users > 0) return;
    this.#state = "freed";
    this.#memory[Symbol.dispose]();
  }
}

/**
 * Zeroed memory for a command's data: whole pages and one behind them. `owner` is who takes it in
 * commands.
 */
export function allocateBuffer(dma: DmaSpace, length: number, owner: object): PolledBuffer {
  const pages = Math.max(1, Math.ceil(length / PAGE_BYTES));
  return new PolledBuffer(dma.allocate(pages * PAGE_BYTES + SPARE_BYTES), length, owner);
}

/** A command's buffer as ours; undefined for one without bytes, which is as good as none. */
export function ownBuffer(
  buffer: DataBuffer | undefined,
  owner: object,
): PolledBuffer | undefined {
  if (buffer === undefined || buffer.bytes.length === 0) return undefined;
  invariant(buffer instanceof PolledBuffer, "a buffer of another transport was given to a drive");
  invariant(buffer.owner === owner, "a buffer of another drive was given to a drive");
  invariant(buffer.live, "a buffer was given to a drive after its disposal");
  return buffer;
}
