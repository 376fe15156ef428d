// What firmware a drive should hold and run after any commands and resets [BASE-2.1 §3.11].

/** How an image wants to be started. */
export type FirmwareActivation = "withoutReset" | "controllerReset" | "subsystemReset";

/** An image in a slot. */
export interface Image {
  readonly revision: string;
  readonly activation: FirmwareActivation;
}

const OK = "00h/00h";
const INVALID_SLOT = "01h/06h";
const INVALID_IMAGE = "01h/07h";
const OVERLAPS = "01h/14h";
/** What a commit that succeeded leaves to the host. */
const NEEDS = { controllerReset: "01h/11h", subsystemReset: "01h/10h" } as const;

/** The slots; slot 1 is read-only. */
export class FirmwareModel {
  running: string;
  pending: { readonly slot: number; readonly by: keyof typeof NEEDS } | undefined;
  readonly #images: (Image | undefined)[];
  #downloaded: Image | undefined;
  /** What was downloaded has been committed, with or without success: the next piece is new. */
  #closed = true;

  constructor(firmware: readonly string[], public slot: number) {
    this.#images = firmware.map((revision) =>
      revision === "" ? undefined : { revision, activation: "withoutReset" }
    );
    this.running = firmware[slot - 1] ?? "";
  }

  get revisions(): readonly string[] {
    return this.#images.map((image) => image?.revision ?? "");
  }

  /** A whole image in one piece: it overlaps one that was not committed. */
  download(image: Image): string {
    if (!this.#closed) return OVERLAPS;
    this.#downloaded = image;
    this.#closed = false;
    return OK;
  }

  /** Firmware Commit with an action of 0 to 3 and a slot that the host names. */
  commit(action: number, slot: number): string {
    const downloaded = this.#closed ? undefined : this.#downloaded;
    this.#closed = true;
    const stores = action < 2 || (action === 3 && downloaded !== undefined);
    if (slot > this.#images.length || (stores && slot === 1)) return INVALID_SLOT;
    if (stores) {
      if (!downloaded) return INVALID_IMAGE;
      this.#images[slot - 1] = downloaded;
      if (this.pending?.slot === slot) this.pending = undefined;
    }
    if (action === 0) return OK;
    const image = this.#images[slot - 1];
    if (!image) return INVALID_IMAGE;
    const needed = image.activation === "subsystemReset" ? "subsystemReset" : "controllerReset";
    if (action === 3 && image.activation === "withoutReset") {
      this.#activate(slot);
      return OK;
    }
    this.pending = { slot, by: needed };
    return action === 3 || needed === "subsystemReset" ? NEEDS[needed] : OK;
  }

  /** Every reset gives up a download; which one starts what waits depends on the image. */
  reset(kind: "controller" | "subsystem" | "power"): void {
    this.#closed = true;
    if (!this.pending) return;
    if (this.pending.by === "controllerReset" || kind !== "controller") {
      this.#activate(this.pending.slot);
    }
  }

  #activate(slot: number): void {
    this.slot = slot;
    this.pending = undefined;
    this.running = this.#images[slot - 1]?.revision ?? "";
  }
}
