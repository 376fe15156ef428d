// A ceiling for the memory that blocks take.

import { formatBinaryBytes } from "../../layout/mod.ts";
import { StorageFailure } from "./block_store.ts";

/** Memory that several stores share, up to a ceiling; bytes. */
export class MemoryBudget {
  #used = 0;

  constructor(readonly limit: number) {}

  /** What is taken now. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes memory.
   *
   * @throws {StorageFailure} beyond the ceiling; nothing is taken then
   */
  take(bytes: number): void {
    if (this.#used + bytes > this.limit) {
      throw new StorageFailure(`all ${formatBinaryBytes(this.limit)} of memory are taken`);
    }
    this.#used += bytes;
  }

  /** Gives memory back. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
