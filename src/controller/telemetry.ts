// Telemetry: what the vendor wants to know of the drive's inside, captured into a sink in pieces.

import {
  interrupted,
  NvmectlError,
  UnreachableError,
  UnsupportedError,
  UsageError,
} from "../errors.ts";
import { dwordsOf, getLogPageDwords } from "../spec/log/get_log_page.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import {
  TELEMETRY_BLOCK_BYTES,
  type TelemetryArea,
  telemetryBytes,
  TelemetryControllerLog,
  TelemetryHostLog,
} from "../spec/log/telemetry.ts";
import type { DataBuffer } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { withHostBehavior } from "./host_behavior.ts";
import { identifyController } from "./identify.ts";
import { isTooMuch, transferLimit } from "./transfer_limit.ts";

const GET_LOG_PAGE = 0x02;
/** Bit 0 of the log specific parameter of page 07h: capture now [BASE-2.1 §5.1.12.1.8]. */
const CREATE = 1;
/** Drives may take long to capture; the kernel gives up after 60 s by itself, and resets them. */
const CREATE_TIMEOUT_MS = 180_000;
/** How often a capture is read that changes while it is read. */
const ATTEMPTS = 3;
/** Smaller pieces than a page gain nothing: every drive takes one. */
const LEAST_CHUNK_BYTES = 4096;

/** Who began the capture: the host by asking, or the controller when something happened. */
export type TelemetryKind = "host" | "controller";

const PAGES = {
  host: {
    lid: 0x07,
    decode: (bytes: Uint8Array) => TelemetryHostLog.decode(bytes),
    generation: (bytes: Uint8Array) => TelemetryHostLog.decode(bytes).hostGeneration,
  },
  controller: {
    lid: 0x08,
    decode: (bytes: Uint8Array) => TelemetryControllerLog.decode(bytes),
    generation: (bytes: Uint8Array) => TelemetryControllerLog.decode(bytes).controllerGeneration,
  },
} as const;

/** Where a capture goes, piece by piece. What it throws ends the capture. */
export interface TelemetrySink {
  writeAt(position: number, bytes: Uint8Array): Promise<void>;
  /** Called before the capture is written anew, with the bytes that it will have. */
  resize(length: number): Promise<void>;
  /** Returns when all is kept: only then the drive is let to drop its own capture. */
  sync?(): Promise<void>;
}

/** What is to be captured. */
export interface TelemetryRequest {
  readonly kind: TelemetryKind;
  /** Up to which data area; a higher one holds the lower ones. */
  readonly area: TelemetryArea;
  /** Let the drive capture its state now; of the host's page only. */
  readonly create?: boolean;
  /** Keep the event that announced the controller's capture, and so the capture itself. */
  readonly retain?: boolean;
  readonly signal?: AbortSignal;
  /** Told how much is written, of how much. */
  readonly progress?: (bytes: number, of: number) => void;
}

/** A finished capture. */
export interface TelemetryCapture {
  readonly bytes: number;
  /** The 512 bytes in front. */
  readonly header: Uint8Array<ArrayBuffer>;
  readonly generation: number;
  /** More than one where the drive captured anew while the page was read. */
  readonly attempts: number;
  /** Bytes of the pieces in the end. */
  readonly chunk: number;
  /**
   * Why data area 4, which was enabled for the capture, could not be disabled again. The capture is
   * whole all the same.
   */
  readonly notRestored?: NvmectlError;
}

/** What a drive can give. */
export interface TelemetryLimits {
  readonly areas: TelemetryArea;
  /** The largest piece that is asked for at once, in bytes. */
  readonly chunk: number;
}

/**
 * How much telemetry a drive can give, from Identify Controller.
 *
 * @throws UnsupportedError for a drive without telemetry
 *
 * @example
 * ```ts
 * import { identifyController, open, telemetryLimits } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { areas, chunk } = telemetryLimits(await identifyController(drive));
 * console.log(`data areas 1 to ${areas}, ${chunk} bytes at once`);
 * ```
 */
export function telemetryLimits(
  controller: Pick<IdentifyController, "lpa" | "mdts">,
): TelemetryLimits {
  if (!controller.lpa.ts) {
    throw new UnsupportedError("Cannot capture telemetry: the drive has none (LPA bit 3)");
  }
  return { areas: controller.lpa.da4s ? 4 : 3, chunk: transferLimit(controller) };
}

/**
 * Captures telemetry into a sink, in pieces as large as the drive takes, smaller ones where it
 * does not. The generation is compared afterwards; a capture that moved is read again. Data area 4
 * is enabled (Host Behavior Support) for as long as it takes, and restored also after an error;
 * where only that fails, the capture says so.
 *
 * @throws UnsupportedError, UsageError for what the drive has not; UnreachableError where the
 * generation moves every time
 * @example
 * ```ts
 * import { captureTelemetry, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const pieces: Uint8Array[] = [];
 * const { bytes } = await captureTelemetry(drive, {
 *   resize: () => Promise.resolve(void (pieces.length = 0)),
 *   writeAt: (_at, piece) => Promise.resolve(void pieces.push(piece.slice())),
 * }, { kind: "host", area: 3, create: true });
 * console.log(bytes % 512);
 * ```
 */
export async function captureTelemetry(
  drive: Drive,
  sink: TelemetrySink,
  request: TelemetryRequest,
): Promise<TelemetryCapture> {
  const limits = telemetryLimits(await identifyController(drive));
  check(drive, request, limits);
  if (request.area < 4) return await new Capture(drive, sink, request, limits.chunk).run();
  await using enabled = await withHostBehavior(drive, "etdas");
  const capture = await new Capture(drive, sink, request, limits.chunk).run();
  const notRestored = await failureOf(() => enabled.restore());
  return notRestored ? { ...capture, notRestored } : capture;
}

/** The failure that an action ends with; what is no failure of the drive's is thrown. */
async function failureOf(action: () => Promise<void>): Promise<NvmectlError | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof NvmectlError) return error;
    throw error;
  }
}

function check(
  drive: Drive,
  { kind, area, create }: TelemetryRequest,
  limits: TelemetryLimits,
): void {
  if (area > limits.areas) {
    throw new UnsupportedError(
      `Cannot capture data area 4 of ${drive.target}: it has none (LPA bit 6)`,
      { next: "--area 3 captures what there is" },
    );
  }
  if (create && kind === "controller") {
    throw new UsageError("Cannot let the drive capture now: its own captures it begins by itself");
  }
}

/** One page being read. */
class Capture {
  readonly #page: typeof PAGES[TelemetryKind];
  #attempts = 0;

  constructor(
    private readonly drive: Drive,
    private readonly sink: TelemetrySink,
    private readonly request: TelemetryRequest,
    private chunk: number,
  ) {
    this.#page = PAGES[request.kind];
  }

  async run(): Promise<TelemetryCapture> {
    let head = await this.#header(this.request.create ?? false);
    this.#demandData(head);
    for (;;) {
      this.#attempts++;
      const bytes = telemetryBytes(this.#page.decode(head), this.request.area);
      await this.sink.resize(bytes);
      await this.#copy(bytes);
      const again = await this.#header(false);
      if (this.#same(head, again)) {
        if (this.request.kind === "controller" && !this.request.retain) {
          await this.sink.sync?.();
          await this.#release();
        }
        return {
          bytes,
          header: again,
          generation: this.#page.generation(again),
          attempts: this.#attempts,
          chunk: this.chunk,
        };
      }
      if (this.#attempts === ATTEMPTS) throw this.#moving();
      head = again;
    }
  }

  #demandData(head: Uint8Array): void {
    if (this.request.kind === "host" || this.#page.decode(head).controllerAvailable === 1) return;
    throw new UnsupportedError(
      `Cannot capture telemetry of ${this.drive.target}: its controller has captured none`,
      { next: "--host --new lets it capture its state now" },
    );
  }

  #same(one: Uint8Array, other: Uint8Array): boolean {
    const { area } = this.request;
    const { decode, generation } = this.#page;
    return generation(one) === generation(other) &&
      telemetryBytes(decode(one), area) === telemetryBytes(decode(other), area);
  }

  #moving(): UnreachableError {
    return new UnreachableError(
      `Cannot capture telemetry of ${this.drive.target}: it captured anew each of the ` +
        `${ATTEMPTS} times that the page was read`,
      { next: "find out who else asks for telemetry, and try again" },
    );
  }

  /** The first 512 bytes. The event is kept: it is let go of when all has been read. */
  async #header(create: boolean): Promise<Uint8Array<ArrayBuffer>> {
    using data = this.drive.transport.allocate(TELEMETRY_BLOCK_BYTES);
    await this.#ask({ data, at: 0, create });
    return data.bytes.slice();
  }

  /** All of the page from its beginning; pieces halve where the drive or kernel refuses them. */
  async #copy(bytes: number): Promise<void> {
    const { signal, progress } = this.request;
    using buffers = new Buffers(this.drive);
    for (let at = 0; at < bytes;) {
      if (signal?.aborted) {
        throw interrupted(
          signal,
          `Stopped after ${at} of ${bytes} bytes of telemetry`,
          "nothing was kept; the drive still has the capture",
        );
      }
      const length = Math.min(this.chunk, bytes - at);
      const data = buffers.of(length);
      try {
        await this.#ask({ data, at });
      } catch (error) {
        if (!isTooMuch(error) || length <= LEAST_CHUNK_BYTES) throw error;
        this.chunk = Math.max(LEAST_CHUNK_BYTES, 2 ** Math.floor(Math.log2(length / 2)));
        continue;
      }
      await this.sink.writeAt(at, data.bytes);
      at += length;
      progress?.(at, bytes);
    }
  }

  /** Lets the drive drop the controller's capture, by a read that does not retain the event. */
  async #release(): Promise<void> {
    using data = this.drive.transport.allocate(TELEMETRY_BLOCK_BYTES);
    await this.#ask({ data, at: 0, rae: false });
  }

  async #ask({ data, at, create = false, rae = true }: {
    readonly data: DataBuffer;
    readonly at: number;
    readonly create?: boolean;
    readonly rae?: boolean;
  }): Promise<void> {
    const { lid } = this.#page;
    const lsp = create ? CREATE : 0;
    const numd = dwordsOf(data.bytes.length);
    await this.drive.execute({
      queue: "admin",
      opcode: GET_LOG_PAGE,
      nsid: ALL_NAMESPACES,
      ...getLogPageDwords({ lid, lsp, numd, lpo: BigInt(at), rae }),
      direction: "in",
      data,
      ...(create ? { timeoutMs: CREATE_TIMEOUT_MS, slow: true } : {}),
    }, `read telemetry of ${this.drive.target} at byte ${at}`);
  }
}

/** The buffer in use; a piece of another length gets another. */
class Buffers implements Disposable {
  #current: DataBuffer | undefined;

  constructor(private readonly drive: Drive) {}

  of(length: number): DataBuffer {
    if (this.#current?.bytes.length === length) return this.#current;
    this.#current?.[Symbol.dispose]();
    this.#current = undefined;
    return this.#current = this.drive.transport.allocate(length);
  }

  [Symbol.dispose](): void {
    this.#current?.[Symbol.dispose]();
  }
}
