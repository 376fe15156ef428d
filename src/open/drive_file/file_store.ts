// The blocks of one namespace in files: data, metadata, a bit for each block that is allocated, and
// the ranges that a host has made unreadable.
//
// Files are written in an order that a killed process cannot spoil: a block's bytes before the bit
// that says that they count, and the bit is cleared before they are given back. Blocks without
// their bit read as zeros, whatever the files hold.

import {
  type Blocks,
  type BlockStore,
  type Damage,
  type DamagedRange,
  type Geometry,
  StorageFailure,
} from "../../drive/media/block_store.ts";
import { DamageMap } from "../../drive/media/damage_map.ts";
import { AllocationMap } from "./allocation_map.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { parseValue, valueText } from "./text.ts";

/** How the files of a namespace are told apart. */
export const PARTS = ["blocks", "metadata", "map", "damage"] as const;

/** What a store needs. */
export interface FileStoreOptions {
  readonly disk: Disk;
  /** What the names of its files begin with: `drive.json.data/1.0`. */
  readonly path: string;
  readonly geometry: Geometry;
  /** Told when the disk cannot do what the drive needs, and when it has taken a change. */
  readonly failed: (error: unknown) => void;
  readonly changed: () => void;
}

/** A namespace's blocks in files that begin with one path. */
export class FileStore implements BlockStore {
  readonly geometry: Geometry;
  readonly #options: FileStoreOptions;
  readonly #blocks: DiskFile;
  readonly #metadata: DiskFile | undefined;
  readonly #map: AllocationMap;
  readonly #damage: DamageMap;
  /** Something was written since the last flush. */
  #unsynced = false;

  constructor(options: FileStoreOptions) {
    const { disk, path, geometry } = options;
    this.geometry = geometry;
    this.#options = options;
    using opened = new DisposableStack();
    this.#blocks = opened.use(disk.open(`${path}.blocks`));
    this.#metadata = geometry.metadataBytes > 0
      ? opened.use(disk.open(`${path}.metadata`))
      : undefined;
    this.#map = new AllocationMap(opened.use(disk.open(`${path}.map`)));
    this.#damage = new DamageMap(readDamage(disk, `${path}.damage`));
    opened.move();
  }

  get allocatedBlocks(): number {
    return this.#map.count;
  }

  get residentBytes(): number {
    return this.#map.residentBytes;
  }

  isAllocated(lba: number): boolean {
    return this.#attempt(() => this.#map.has(lba));
  }

  allocated(): Iterable<readonly [lba: number, count: number]> {
    return this.#map.allRuns();
  }

  read(lba: number, count: number): Blocks {
    const { blockBytes, metadataBytes } = this.geometry;
    const data = new Uint8Array(count * blockBytes);
    const metadata = new Uint8Array(count * metadataBytes);
    this.#attempt(() => {
      for (const [first, length] of this.#map.runs(lba, count)) {
        const at = first - lba;
        const bytes = data.subarray(at * blockBytes, (at + length) * blockBytes);
        this.#blocks.read(bytes, first * blockBytes);
        if (!this.#metadata) continue;
        const own = metadata.subarray(at * metadataBytes, (at + length) * metadataBytes);
        this.#metadata.read(own, first * metadataBytes);
      }
    });
    return { data, metadata };
  }

  write(lba: number, count: number, { data, metadata }: Blocks): void {
    this.#change(() => {
      this.#blocks.write(data, lba * this.geometry.blockBytes);
      this.#metadata?.write(metadata, lba * this.geometry.metadataBytes);
      this.#map.set(lba, count);
      this.#renew(lba, count);
    });
  }

  zero(lba: number, count: number): void {
    this.#change(() => {
      this.#clear(lba, count);
      this.#map.set(lba, count);
      this.#renew(lba, count);
    });
  }

  deallocate(lba: number, count: number): void {
    this.#change(() => {
      this.#map.clear(lba, count);
      this.#clear(lba, count);
      this.#renew(lba, count);
    });
  }

  damage(lba: number, count: number, damage: Damage): void {
    this.#change(() => {
      this.#damage.set(lba, count, damage);
      this.#writeDamage();
    });
  }

  heal(lba: number, count: number): void {
    // The file holds nothing of what is undone.
    this.#damage.heal(lba, count);
  }

  damaged(lba: number, count: number): readonly DamagedRange[] {
    return this.#damage.within(lba, count);
  }

  get unreadable(): readonly DamagedRange[] {
    return this.#damage.hosts;
  }

  flush(): void {
    if (!this.#unsynced) return;
    this.#attempt(() => {
      this.#blocks.sync();
      this.#metadata?.sync();
      this.#map.file.sync();
    });
    this.#unsynced = false;
  }

  close(): void {
    this.#blocks[Symbol.dispose]();
    this.#metadata?.[Symbol.dispose]();
    this.#map.file[Symbol.dispose]();
  }

  #clear(lba: number, count: number): void {
    const { blockBytes, metadataBytes } = this.geometry;
    this.#blocks.clear(lba * blockBytes, count * blockBytes);
    this.#metadata?.clear(lba * metadataBytes, count * metadataBytes);
  }

  /** Blocks hold something new: their damage is gone. */
  #renew(lba: number, count: number): void {
    if (this.#damage.clear(lba, count)) this.#writeDamage();
  }

  #writeDamage(): void {
    const { disk, path } = this.#options;
    const ranges = this.#damage.hosts.map(({ lba, count, damage }) => ({ lba, count, damage }));
    disk.replaceText(`${path}.damage`, valueText(ranges));
  }

  #change(change: () => void): void {
    this.#unsynced = true;
    this.#attempt(change);
    this.#options.changed();
  }

  #attempt<T>(access: () => T): T {
    try {
      return access();
    } catch (error) {
      this.#options.failed(error);
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageFailure(reason, { cause: error });
    }
  }
}

/** The damaged ranges that a file lists; none where there is no file. */
function readDamage(disk: Disk, path: string): readonly DamagedRange[] {
  if (!disk.exists(path)) return [];
  const ranges = parseValue(disk.readText(path));
  const known: readonly string[] = ["written", "latent", "found"] satisfies Damage[];
  const isRange = (value: unknown): value is DamagedRange => {
    const { lba, count, damage } = Object(value);
    return Number.isSafeInteger(lba) && lba >= 0 && Number.isSafeInteger(count) && count > 0 &&
      known.includes(damage);
  };
  if (!Array.isArray(ranges) || !ranges.every(isRange)) {
    throw new SyntaxError("it is no list of damaged ranges");
  }
  return ranges.filter(isLasting);
}

/** What a host did stays; what a fault did is over when its process is, which cannot heal it. */
function isLasting({ damage }: DamagedRange): boolean {
  return damage === "written";
}
