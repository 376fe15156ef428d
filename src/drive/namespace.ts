// The namespaces of a drive: what their formats amount to, and which identifiers mean what.

import type { BlockStore, Geometry, Storage } from "./media/block_store.ts";
import { Media } from "./media/media.ts";
import { memoryStorage } from "./media/memory_store.ts";
import { WriteCache } from "./media/write_cache.ts";
import type { LbaFormat, Personality } from "./personality.ts";
import type { DriveState, NamespaceState } from "./state.ts";
import { invariant } from "../errors.ts";

/** The settings that Format NVM gives a namespace. */
export type FormatSettings = Pick<
  NamespaceState,
  "format" | "metadataInline" | "protection" | "protectionFirst"
>;

/** Bytes of the volatile write cache of a drive that says nothing else. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** One namespace: its format and its contents. */
export class Namespace {
  readonly media: Media;
  /** Blocks that the namespace has: NSZE and NCAP. */
  readonly blocks: number;

  constructor(
    readonly state: Readonly<NamespaceState>,
    readonly format: LbaFormat,
    kept: { readonly store: BlockStore; readonly cache: WriteCache },
  ) {
    this.media = new Media(kept.store, kept.cache);
    this.blocks = Math.floor(state.capacityBytes / (format.dataBytes + format.metadataBytes));
  }

  get nsid(): number {
    return this.state.nsid;
  }

  /** Data bytes in a block. */
  get blockBytes(): number {
    return this.format.dataBytes;
  }

  get metadataBytes(): number {
    return this.format.metadataBytes;
  }
}

/** What a namespace identifier stands for on this controller [BASE-2.1 §3.2.1]. */
export type NsidKind = "zero" | "broadcast" | "invalid" | "unallocated" | "inactive" | "active";

/** The namespaces as one controller sees them. */
export class ControllerNamespaces {
  constructor(readonly store: NamespaceStore, readonly controller: number) {}

  /** The namespace with this identifier, attached or not. */
  find(nsid: number): Namespace | undefined {
    return this.store.find(nsid);
  }

  /** Every namespace of the subsystem, by identifier. */
  allocated(): readonly Namespace[] {
    return this.store.allocated();
  }

  /** The namespaces that are attached to this controller, by identifier. */
  active(): readonly Namespace[] {
    return this.allocated().filter((namespace) => this.#isAttached(namespace));
  }

  kindOf(nsid: number): NsidKind {
    if (nsid === 0) return "zero";
    if (nsid === 0xffffffff) return "broadcast";
    if (nsid > this.store.personality.limits.namespaces) return "invalid";
    const namespace = this.find(nsid);
    if (!namespace) return "unallocated";
    return this.#isAttached(namespace) ? "active" : "inactive";
  }

  #isAttached({ state }: Namespace): boolean {
    return state.controllers.includes(this.controller);
  }
}

/** All namespaces of a drive. */
export class NamespaceStore {
  readonly #byNsid = new Map<number, Namespace>();

  readonly #cache: WriteCache;

  constructor(
    readonly state: DriveState,
    readonly personality: Personality,
    readonly storage: Storage = memoryStorage(),
  ) {
    this.#cache = new WriteCache(personality.cacheBytes ?? CACHE_BYTES);
    for (const namespace of state.namespaces) {
      this.#take(namespace, storage.open(namespace.nsid, this.#geometry(namespace)));
    }
  }

  /** The namespace with this identifier, attached or not. */
  find(nsid: number): Namespace | undefined {
    return this.#byNsid.get(nsid);
  }

  /** Every namespace of the subsystem, by identifier. */
  allocated(): readonly Namespace[] {
    return [...this.#byNsid.values()].sort((one, other) => one.nsid - other.nsid);
  }

  /**
   * Gives namespaces a format, by their identifiers; nothing of their contents is left.
   *
   * @throws {StorageFailure} where there is no room for it: then everything is as it was
   */
  reformat(changes: ReadonlyMap<number, FormatSettings>): void {
    const changed = [...changes].map(([nsid, settings]) => {
      const state = this.state.namespaces.find((namespace) => namespace.nsid === nsid);
      invariant(state !== undefined, `namespace ${nsid} is in the store but not in the state`);
      const { format, metadataInline, protection, protectionFirst } = settings;
      return { state, settings: { format, metadataInline, protection, protectionFirst } };
    });
    const stores = this.storage.create(
      changed.map(({ state: { nsid }, settings }) => ({
        nsid,
        geometry: this.#geometry(settings),
      })),
    );
    for (const [at, { state, settings }] of changed.entries()) {
      Object.assign(state, settings);
      this.#let(state.nsid);
      this.#take(state, stores[at]);
    }
  }

  /**
   * Adds a namespace, with nothing in it.
   *
   * @throws {StorageFailure} where there is no room for it: then everything is as it was
   */
  create(state: NamespaceState): Namespace {
    const { nsid } = state;
    invariant(!this.#byNsid.has(nsid), `namespace ${nsid} exists already`);
    const [store] = this.storage.create([{ nsid, geometry: this.#geometry(state) }]);
    this.state.namespaces.push(state);
    return this.#take(state, store);
  }

  /** Deletes a namespace and what it stores. */
  remove(nsid: number): void {
    this.#let(nsid);
    this.#byNsid.delete(nsid);
    this.state.namespaces = this.state.namespaces.filter((namespace) => namespace.nsid !== nsid);
    this.storage.remove(nsid);
  }

  /** Writes what waits in the cache to the media: of all namespaces. */
  flush(): void {
    for (const { media } of this.#byNsid.values()) media.flush();
  }

  /**
   * What waits in the cache is lost, except for the blocks that `survives` picks. Says how many
   * blocks are lost.
   */
  losePower(survives: () => boolean): number {
    return this.allocated().reduce((lost, { media }) => lost + media.losePower(survives), 0);
  }

  /** Lets go of what the storage holds open. What waits in the cache is lost. */
  close(): void {
    for (const nsid of this.#byNsid.keys()) this.#let(nsid);
  }

  #let(nsid: number): void {
    const media = this.#byNsid.get(nsid)?.media;
    media?.discard();
    media?.store.close();
  }

  #take(state: NamespaceState, store: BlockStore | undefined): Namespace {
    invariant(store !== undefined, `namespace ${state.nsid} has no store`);
    const namespace = new Namespace(state, this.#format(state), { store, cache: this.#cache });
    this.#byNsid.set(state.nsid, namespace);
    return namespace;
  }

  #geometry(settings: Pick<FormatSettings, "format">): Geometry {
    const { dataBytes, metadataBytes } = this.#format(settings);
    return { blockBytes: dataBytes, metadataBytes };
  }

  #format({ format: index }: Pick<FormatSettings, "format">): LbaFormat {
    const format = this.personality.formats[index];
    invariant(format !== undefined, `the drive has no format ${index}`);
    return format;
  }
}
