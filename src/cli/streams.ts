// The terminal: the one place that writes to stdout and stderr, reads the keyboard, and knows
// whether a person is watching.

import { OutputError } from "../errors.ts";

/** Where output goes. Tests pass memory instead. */
export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether a person can be asked. */
  readonly stdinIsTerminal: boolean;
  /** Reads one line from the person; undefined at the end of input. */
  readLine(): Promise<string | undefined>;
}

/** One output stream. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width in columns; undefined when it is not a terminal. */
  readonly columns: number | undefined;
  /** Whether colour is wanted: a terminal, and no NO_COLOR. */
  readonly color: boolean;
  write(data: string | Uint8Array): void;
  /**
   * As `write`, but signals are heard while the reader takes its time. Once this one has fired the
   * reader has half a second left; then it rejects with the signal's reason, though the write may
   * go on until the process ends.
   */
  send?(data: string | Uint8Array, signal: AbortSignal): Promise<void>;
}

/** stdout was closed by the reader (`| head`): not a failure, and nothing more to do. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

type Stream = typeof Deno.stdout | typeof Deno.stderr;

/** What a reader gets yet that takes nothing, once a signal wants the end. */
const LAST_MS = 500;

/** The process's own streams. */
export function systemStreams(): Streams {
  return {
    stdout: output(Deno.stdout),
    stderr: output(Deno.stderr),
    get stdinIsTerminal() {
      return Deno.stdin.isTerminal();
    },
    readLine,
  };
}

function output(stream: Stream): Output {
  const encoder = new TextEncoder();
  const isTerminal = stream.isTerminal();
  const sendAll = async (data: Uint8Array): Promise<void> => {
    try {
      for (let rest = data; rest.length > 0;) rest = rest.subarray(await stream.write(rest));
    } catch (error) {
      throw refused(error);
    }
  };
  return {
    isTerminal,
    get columns() {
      return isTerminal ? terminalColumns() : undefined;
    },
    color: isTerminal && !Deno.noColor,
    write(data) {
      let bytes = typeof data === "string" ? encoder.encode(data) : data;
      try {
        while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
      } catch (error) {
        throw refused(error);
      }
    },
    // A copy, because what is given up may still be read from when its owner has gone on.
    send: (data, signal) =>
      unlessOver(sendAll(typeof data === "string" ? encoder.encode(data) : data.slice()), signal),
  };
}

function refused(error: unknown): Error {
  if (error instanceof Deno.errors.BrokenPipe) return new ClosedPipe("stdout is closed");
  return new OutputError(`Cannot write the result: ${(error as Error).message}`, {
    cause: error,
    next: "what was asked of the drive was done; only this report of it is lost",
  });
}

/**
 * Waits for the work, but for half a second at most once the signal has fired; then it rejects with
 * the signal's reason.
 */
export async function unlessOver(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: number | undefined;
  const over = (): void => {
    timer = setTimeout(() => reject(signal.reason), LAST_MS);
  };
  if (signal.aborted) over();
  else signal.addEventListener("abort", over, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", over);
    clearTimeout(timer);
  }
}

function terminalColumns(): number | undefined {
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}

async function readLine(): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(256);
  let line = "";
  while (!line.includes("\n")) {
    const count = await Deno.stdin.read(chunk);
    if (count === null) return line === "" ? undefined : line;
    line += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
  return line.slice(0, line.indexOf("\n"));
}
