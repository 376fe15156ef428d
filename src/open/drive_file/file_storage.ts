// Where the namespaces of a drive file keep their blocks: files in a folder beside it.
//
// A namespace that is formatted gets new files under a new number. The old ones stay until the
// drive file that names the new ones is on the disk: whenever the process dies, the files fit the
// state.

import {
  type BlockStore,
  type Geometry,
  type Storage,
  StorageFailure,
  type StoreRequest,
} from "../../drive/media/block_store.ts";
import type { Disk } from "./disk.ts";
import { FileStore, PARTS } from "./file_store.ts";

/** The number of each namespace's files, by namespace identifier. */
export type FileNumbers = Readonly<Record<string, number>>;

/** The files of all namespaces of one drive. */
export class FileStorage implements Storage {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #ready: () => void;
  readonly #numbers: Map<number, number>;
  #obsolete = true;
  /** Why the disk could not do something, the first time since it last could. */
  failure: unknown;

  /**
   * @param ready writes the drive file, and throws when that cannot be done: then new stores would
   * be of no use, because nothing could say that they are what counts
   */
  constructor(disk: Disk, folder: string, numbers: FileNumbers, ready: () => void) {
    this.#disk = disk;
    this.#folder = folder;
    this.#ready = ready;
    this.#numbers = new Map(
      Object.entries(numbers).map(([nsid, number]) => [Number(nsid), number]),
    );
  }

  /** What the drive file has to remember. */
  get numbers(): FileNumbers {
    return Object.fromEntries(this.#numbers);
  }

  open(nsid: number, geometry: Geometry): BlockStore {
    const number = this.#numbers.get(nsid);
    if (number !== undefined) return this.#store({ nsid, geometry }, number);
    const fresh = this.#freeNumber();
    const store = this.#store({ nsid, geometry }, fresh);
    this.#numbers.set(nsid, fresh);
    return store;
  }

  create(requests: readonly StoreRequest[]): readonly BlockStore[] {
    const stores: BlockStore[] = [];
    try {
      this.#ready();
      // Also the files that are made before the disk cannot go on belong to nobody.
      this.#obsolete = true;
      const number = this.#freeNumber();
      for (const request of requests) stores.push(this.#store(request, number));
      for (const { nsid } of requests) this.#numbers.set(nsid, number);
    } catch (error) {
      for (const store of stores) store.close();
      this.failure ??= error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageFailure(reason, { cause: error });
    }
    return stores;
  }

  remove(nsid: number): void {
    this.#obsolete = this.#numbers.delete(nsid) || this.#obsolete;
  }

  /** Deletes the files that the drive file, which has just been written, does not name any more. */
  sweep(): void {
    if (!this.#obsolete) return;
    this.#obsolete = false;
    const current = new Set([...this.#numbers].map(([nsid, number]) => `${nsid}.${number}`));
    for (const name of this.#disk.list(this.#folder)) {
      const [nsid = "", number = "", part = "", ...rest] = name.split(".");
      const isOurs = rest.length === 0 && isWhole(nsid) && isWhole(number) &&
        PARTS.some((known) => known === part);
      if (isOurs && !current.has(`${nsid}.${number}`)) {
        this.#disk.remove(`${this.#folder}/${name}`);
      }
    }
  }

  #store({ nsid, geometry }: StoreRequest, number: number): BlockStore {
    return new FileStore({
      disk: this.#disk,
      path: `${this.#folder}/${nsid}.${number}`,
      geometry,
      failed: (error) => this.failure ??= error,
      changed: () => this.failure = undefined,
    });
  }

  /** A number that no file has, not even one that was left behind. */
  #freeNumber(): number {
    const used = this.#disk.list(this.#folder).map((name) => Number(name.split(".")[1]));
    return Math.max(-1, ...this.#numbers.values(), ...used.filter(Number.isSafeInteger)) + 1;
  }
}

function isWhole(text: string): boolean {
  return /^\d+$/.test(text);
}
