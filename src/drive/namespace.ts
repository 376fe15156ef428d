// The namespaces of a drive: what their formats amount to, and which identifiers mean what.

import type { Geometry } from "./media/media.ts";
import { Media } from "./media/media.ts";
import type { LbaFormat, Personality } from "./personality.ts";
import type { DriveState, NamespaceState } from "./state.ts";
import { invariant } from "../errors.ts";

/** The settings that Format NVM gives a namespace. */
export type FormatSettings = Pick<
  NamespaceState,
  "format" | "metadataInline" | "protection" | "protectionFirst"
>;

/** One namespace: its format and its contents. */
export class Namespace {
  readonly media: Media;
  /** Blocks that the namespace has: NSZE and NCAP. */
  readonly blocks: number;

  constructor(readonly state: Readonly<NamespaceState>, readonly format: LbaFormat) {
    this.media = new Media(geometryOf(format));
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

  /** Gives a namespace a format; nothing of its contents is left. */
  reformat(nsid: number, settings: FormatSettings): void {
    this.store.reformat(nsid, settings);
  }

  #isAttached({ state }: Namespace): boolean {
    return state.controllers.includes(this.controller);
  }
}

/** All namespaces of a drive. */
export class NamespaceStore {
  readonly #byNsid = new Map<number, Namespace>();

  constructor(readonly state: DriveState, readonly personality: Personality) {
    for (const namespace of state.namespaces) this.#open(namespace);
  }

  /** The namespace with this identifier, attached or not. */
  find(nsid: number): Namespace | undefined {
    return this.#byNsid.get(nsid);
  }

  /** Every namespace of the subsystem, by identifier. */
  allocated(): readonly Namespace[] {
    return [...this.#byNsid.values()].sort((one, other) => one.nsid - other.nsid);
  }

  /** Gives a namespace a format; nothing of its contents is left. */
  reformat(nsid: number, settings: FormatSettings): void {
    const state = this.state.namespaces.find((namespace) => namespace.nsid === nsid);
    invariant(state !== undefined, `namespace ${nsid} is in the store but not in the state`);
    Object.assign(state, settings);
    this.#open(state);
  }

  #open(state: NamespaceState): void {
    const format = this.personality.formats[state.format];
    invariant(format !== undefined, `namespace ${state.nsid} has format ${state.format}`);
    this.#byNsid.set(state.nsid, new Namespace(state, format));
  }
}

function geometryOf({ dataBytes, metadataBytes }: LbaFormat): Geometry {
  return { blockBytes: dataBytes, metadataBytes };
}
