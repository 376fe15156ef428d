// Live traces of a served drive: any number of readers, none of which the drive waits for.

import type { VirtualDrive } from "../drive/mod.ts";
import { traceDrive } from "../drive/trace.ts";
import { UnreachableError, UsageError } from "../errors.ts";
import { counted, type JsonObject } from "../layout/mod.ts";
import { nowNs } from "../open/trace_clock.ts";
import { eventJson, TRACE_SCHEMA } from "../trace/ndjson.ts";
import { pcapngSink } from "../trace/pcapng.ts";
import { textSink } from "../trace/text.ts";
import type { TraceEvent, TraceSink } from "../trace/trace.ts";
import type { Call } from "./control/server.ts";

/** The forms that a reader can ask for, in its parameter `form`. */
export const TRACE_FORMS = ["text", "ndjson", "pcapng"] as const;
type Form = typeof TRACE_FORMS[number];

/** How the hub works; real time when left out. */
export interface TraceHubOptions {
  readonly clock?: () => bigint;
  /** How long after a loss a reader is told of it, should nothing else happen. */
  readonly tellAfterMs?: number;
}

/** Bytes of data in one event as JSON, at most: twice as many digits fit a line of the socket. */
const DATA_MAX = 1024 * 1024;

/** The readers of one drive's trace. While there are none the drive is not traced. */
export class TraceHub {
  readonly #drive: VirtualDrive;
  readonly #clock: () => bigint;
  readonly #tellAfterMs: number;
  readonly #readers = new Set<Reader>();
  #stop: (() => void) | undefined;

  constructor(drive: VirtualDrive, { clock = nowNs, tellAfterMs = 500 }: TraceHubOptions = {}) {
    this.#drive = drive;
    this.#clock = clock;
    this.#tellAfterMs = tellAfterMs;
  }

  /** How many are reading. */
  get readers(): number {
    return this.#readers.size;
  }

  /**
   * Sends the trace as items until the caller's signal fires: `{line}` for `text`, `{event}` for
   * `ndjson`, `{bytes}` in base64 for `pcapng`. A caller that does not keep up with lines or events
   * misses whole ones and is told how many; the result says how many it missed in all.
   *
   * @throws UsageError for a form that there is not
   * @throws UnreachableError when a caller does not keep up with a capture: with a hole in it, all
   * that follows would be malformed
   */
  async stream({ params, signal, send }: Call): Promise<JsonObject> {
    const form = formOf(params["form"] ?? "text");
    const reader = form === "pcapng"
      ? new CaptureReader(send)
      : new LineReader(send, form, this.#tellAfterMs);
    if (signal.aborted) return reader.result();
    const gone = (): void => reader.finish();
    signal.addEventListener("abort", gone, { once: true });
    this.#enter(reader);
    try {
      await reader.over;
      return reader.result();
    } finally {
      signal.removeEventListener("abort", gone);
      reader.finish();
      this.#leave(reader);
    }
  }

  #enter(reader: Reader): void {
    this.#readers.add(reader);
    this.#stop ??= traceDrive(this.#drive, this.#everybody(), {
      clock: this.#clock,
      failed: (error) => {
        for (const one of this.#readers) one.fail(error);
      },
    });
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #everybody(): TraceSink {
    const tell = (event: TraceEvent): void => {
      for (const reader of this.#readers) reader.take(event);
    };
    return { command: tell, data: tell, completion: tell, register: tell };
  }
}

/** One caller's trace. */
interface Reader {
  /** Resolves when it is finished; rejects when it cannot go on. */
  readonly over: Promise<void>;
  take(event: TraceEvent): void;
  finish(): void;
  fail(error: unknown): void;
  result(): JsonObject;
}

/** Lines of text or JSON events: each stands alone, so that some may be missing. */
class LineReader implements Reader {
  readonly #end = Promise.withResolvers<void>();
  readonly #send: Call["send"];
  readonly #sink: TraceSink;
  readonly #form: "text" | "ndjson";
  readonly #tellAfterMs: number;
  #sent = 0;
  /** Missed since the caller was last told, and in all. */
  #untold = 0;
  #lost = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(send: Call["send"], form: "text" | "ndjson", tellAfterMs: number) {
    this.#send = send;
    this.#form = form;
    this.#tellAfterMs = tellAfterMs;
    noticed(this.over);
    this.#sink = form === "text"
      ? textSink((line) => this.#deliver({ line }))
      : jsonSink((event) => this.#deliver({ event }));
  }

  get over(): Promise<void> {
    return this.#end.promise;
  }

  take(event: TraceEvent): void {
    give(this.#sink, event);
  }

  finish(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#end.resolve();
  }

  fail(error: unknown): void {
    this.#end.reject(error);
  }

  result(): JsonObject {
    return { events: this.#sent, lost: this.#lost };
  }

  #deliver(item: JsonObject): void {
    if (this.#tellLoss() && this.#send(item)) {
      this.#sent++;
      return;
    }
    this.#lost++;
    this.#untold++;
    // Also told when nothing else happens.
    this.#timer ??= setInterval(() => this.#tellLoss(), this.#tellAfterMs);
  }

  /** Whether the caller knows of everything that it missed. */
  #tellLoss(): boolean {
    if (this.#untold === 0) return true;
    const lost = this.#untold;
    const events = counted(lost, "event");
    const told = this.#send(
      this.#form === "text"
        ? { line: `${events} lost: the reader did not keep up` }
        : { event: { schema: TRACE_SCHEMA, event: "lost", events: lost } },
    );
    if (!told) return false;
    this.#untold = 0;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return true;
  }
}

/** A capture, which is of one piece. */
class CaptureReader implements Reader {
  readonly #end = Promise.withResolvers<void>();
  readonly #sink: TraceSink;
  #events = 0;
  #ended = false;

  constructor(send: Call["send"]) {
    noticed(this.over);
    this.#sink = pcapngSink((bytes) => {
      if (this.#ended || send({ bytes: bytes.toBase64() })) return;
      this.fail(
        new UnreachableError(
          "Cannot go on with this capture: the reader did not keep up, and a hole would spoil it",
          { next: "trace into a file of the drive's own: drive serve --trace=FILE.pcapng" },
        ),
      );
    });
  }

  get over(): Promise<void> {
    return this.#end.promise;
  }

  take(event: TraceEvent): void {
    if (this.#ended) return;
    give(this.#sink, event);
    this.#events++;
  }

  finish(): void {
    this.#ended = true;
    this.#end.resolve();
  }

  fail(error: unknown): void {
    this.#ended = true;
    this.#end.reject(error);
  }

  result(): JsonObject {
    return { events: this.#events, lost: 0 };
  }
}

/** A reader may fail before anybody waits for its end; that is no fault of the process. */
function noticed(promise: Promise<void>): void {
  promise.catch(() => {});
}

function formOf(form: unknown): Form {
  const found = TRACE_FORMS.find((one) => one === form);
  if (found) return found;
  throw new UsageError(
    `Cannot trace as ${JSON.stringify(form)}: need one of ${TRACE_FORMS.join(", ")}`,
  );
}

function jsonSink(write: (event: JsonObject) => void): TraceSink {
  const tell = (event: TraceEvent): void => write(eventJson(bounded(event)));
  return { command: tell, data: tell, completion: tell, register: tell };
}

/** The event without data that is too much for a line. */
function bounded(event: TraceEvent): TraceEvent {
  if (!("data" in event) || event.data.length <= DATA_MAX) return event;
  const notes = [...event.notes ?? [], `${event.data.length} bytes of data left out`];
  return { ...event, data: event.data.subarray(0, 0), notes };
}

function give(sink: TraceSink, event: TraceEvent): void {
  switch (event.kind) {
    case "command":
      return sink.command(event);
    case "data":
      return sink.data?.(event);
    case "register":
      return sink.register(event);
    default:
      return sink.completion(event);
  }
}
