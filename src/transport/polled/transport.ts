// A drive under our own driver, as a transport.

import { UnreachableError } from "../../errors.ts";
import type {
  Command,
  Completion,
  DataBuffer,
  Feed,
  RegisterAccess,
  ResetKind,
  Transport,
  Watch,
} from "../transport.ts";
import type { Backing } from "./backing.ts";
import { allocateBuffer } from "./buffers.ts";
import { PolledDriver, type PolledDriverOptions } from "./driver.ts";
import { answerRegisters, registerAccess } from "./register_access.ts";

/** What a drive is opened with. */
export interface OpenPolledOptions extends PolledDriverOptions {
  /** Where the drive is. It belongs to the transport from now on, which closes it. */
  readonly backing: Backing;
}

/**
 * A drive behind our own driver. The controller is reset and brought up when the first command
 * wants it, so that until then its registers can be looked at as they were found.
 */
export class PolledTransport implements Transport {
  readonly kind = "polled";
  readonly #backing: Backing;
  readonly #options: PolledDriverOptions;
  #driver: Promise<PolledDriver> | undefined;
  /** The driver, once it is there and until it is closed. */
  #ready: PolledDriver | undefined;
  #closing: Promise<void> | undefined;
  #watch: Watch | undefined;

  constructor({ backing, ...options }: OpenPolledOptions) {
    this.#backing = backing;
    this.#options = options;
  }

  get target(): string {
    return this.#backing.target;
  }

  /** Whole pages for the drive, and one behind them. */
  allocate(length: number): DataBuffer {
    return allocateBuffer(this.#backing.dma, length, this.#backing);
  }

  /** As `PolledDriver.submit`, and as `PolledDriver.open` the first time. */
  submit(command: Command): Promise<Completion> {
    return this.#ready?.submit(command) ?? this.#open().then((driver) => driver.submit(command));
  }

  async run(feed: Feed): Promise<void> {
    const driver = await this.#open();
    await driver.run(feed);
  }

  /** As `PolledDriver.reset`. */
  async reset(kind: ResetKind): Promise<void> {
    const driver = await this.#open();
    await driver.reset(kind);
  }

  /** The registers as they are. Of a controller that nothing was sent to, as they were found. */
  registers(): Promise<RegisterAccess> {
    answerRegisters(this.#backing);
    return Promise.resolve(registerAccess(this.#backing.bar0));
  }

  /** From the bringing up to the shutting down. */
  watch(watch: Watch): void {
    this.#watch = watch;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** One that did not come up is tried again by the next command. */
  #open(): Promise<PolledDriver> {
    if (this.#closing) {
      return Promise.reject(new UnreachableError(`Cannot use ${this.target}: it was closed`));
    }
    const known = this.#driver;
    if (known) return known;
    const options = { watch: this.#watch, ...this.#options };
    const fresh = PolledDriver.open(this.#backing, options);
    this.#driver = fresh;
    fresh.then((driver) => {
      if (!this.#closing) this.#ready = driver;
    }, () => this.#driver = undefined);
    return fresh;
  }

  async #close(): Promise<void> {
    this.#ready = undefined;
    const driver = await this.#driver?.catch(() => undefined);
    if (driver) await driver.close();
    else this.#backing.close();
  }
}

/** Opens a drive for our own driver; nothing is done to it before the first command. */
export function openPolled(options: OpenPolledOptions): Promise<Transport> {
  return Promise.resolve(new PolledTransport(options));
}
