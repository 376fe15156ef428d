// The seam between a drive and whatever keeps its blocks: memory, or files beside a drive file.

/** Block size and metadata size of a namespace's format, in bytes. */
export interface Geometry {
  /** Data bytes in a block: a power of two, 512 to 65,536. */
  readonly blockBytes: number;
  /** Metadata bytes that belong to a block; may be zero. */
  readonly metadataBytes: number;
}

/** The contents of some blocks: their data back to back, and their metadata back to back. */
export interface Blocks {
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/**
 * Why a block cannot be read: `written` - Write Uncorrectable made it so; `latent` - the media have
 * lost it and nobody knows yet; `found` - the same, and the drive knows.
 */
export type Damage = "written" | "latent" | "found";

/** Blocks that cannot be read. */
export interface DamagedRange {
  readonly lba: number;
  readonly count: number;
  readonly damage: Damage;
}

/**
 * What one namespace keeps without power. A block is deallocated until it is written; a deallocated
 * block reads as zeros, data and metadata. Nothing is checked here: whoever calls knows the size of
 * the namespace. All methods are done when they return, and throw StorageFailure when they cannot.
 */
export interface BlockStore {
  readonly geometry: Geometry;
  /** Blocks that are allocated. */
  readonly allocatedBlocks: number;
  /** Bytes of memory that the contents take. */
  readonly residentBytes: number;
  /** Whether a block has been written since it was last deallocated. */
  isAllocated(lba: number): boolean;
  /** The allocated blocks: first block and count of each run, in any order. */
  allocated(): Iterable<readonly [lba: number, count: number]>;
  /** A copy of `count` blocks from `lba` on, damaged or not. */
  read(lba: number, count: number): Blocks;
  /** Stores `count` blocks; `blocks` holds exactly that many. Their damage is gone. */
  write(lba: number, count: number, blocks: Blocks): void;
  /** Makes blocks zero, data and metadata, and allocated. Their damage is gone. */
  zero(lba: number, count: number): void;
  /** Forgets blocks. Their damage is gone. */
  deallocate(lba: number, count: number): void;
  /**
   * Damages blocks; what they hold is not read any more. `written` is in place of other damage,
   * which lies over it when it comes later.
   */
  damage(lba: number, count: number, damage: Damage): void;
  /** Undoes what is not `written`: the blocks are again what they were before. */
  heal(lba: number, count: number): void;
  /** The damaged ranges that touch a range, cut to it, ascending, as what lies over others. */
  damaged(lba: number, count: number): readonly DamagedRange[];
  /** All ranges that are `written`, also below other damage, ascending. */
  readonly unreadable: readonly DamagedRange[];
  /** Makes sure that everything survives the end of the machine that this runs on. */
  flush(): void;
  /** Lets go of what it holds open; the contents stay. */
  close(): void;
}

/** A namespace that needs a store. */
export interface StoreRequest {
  readonly nsid: number;
  readonly geometry: Geometry;
}

/** Where the namespaces of a drive are kept. */
export interface Storage {
  /** What a namespace has kept; empty for one that is new. */
  open(nsid: number, geometry: Geometry): BlockStore;
  /**
   * Empty stores for namespaces, in their order; what others kept for them is gone. Throws
   * StorageFailure when it cannot make all of them, and then has made none.
   */
  create(requests: readonly StoreRequest[]): readonly BlockStore[];
  /** Nothing is left of a namespace. */
  remove(nsid: number): void;
}

/** A store could not do what was asked: no room, an input or output error. */
export class StorageFailure extends Error {
  override readonly name = "StorageFailure";
}
