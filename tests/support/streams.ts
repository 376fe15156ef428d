// A terminal, or a pipe, in memory.

import { OutputError } from "../../src/errors.ts";
import { ClosedPipe, type Output, type Streams } from "../../src/cli/streams.ts";

/** How the streams behave; what is left out is a pipe that stays open. */
export interface MemoryOptions {
  /** Whether stdout and stderr are terminals, of 80 columns where not said otherwise. */
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly color?: boolean;
  /** Which streams the reader has closed. */
  readonly closed?: readonly ("stdout" | "stderr")[];
  /** Whether nothing can be written to stderr any more: its terminal is gone, or its disk full. */
  readonly stderrGone?: boolean;
  /** What the person types, line by line; without it stdin is no terminal. */
  readonly typed?: readonly string[];
}

/** Streams that keep what was written. */
export interface MemoryStreams extends Streams {
  readonly out: string;
  readonly err: string;
  /** The bytes of stdout. */
  readonly outBytes: Uint8Array;
  /** How many lines were asked for. */
  readonly asked: number;
}

/** Streams in memory. */
export function memoryStreams(options: MemoryOptions = {}): MemoryStreams {
  const stdout = memoryOutput(options, options.closed?.includes("stdout") ?? false);
  const stderr = memoryOutput(options, options.closed?.includes("stderr") ?? false);
  const gone = (): never => {
    throw new OutputError("Cannot write the result: Input/output error (os error 5)");
  };
  let asked = 0;
  return {
    stdout,
    stderr: options.stderrGone ? { ...stderr, write: gone } : stderr,
    stdinIsTerminal: options.typed !== undefined,
    readLine: () => Promise.resolve(options.typed?.[asked++]),
    get out() {
      return stdout.text();
    },
    get err() {
      return stderr.text();
    },
    get outBytes() {
      return stdout.bytes();
    },
    get asked() {
      return asked;
    },
  };
}

/** One output that keeps what was written. */
export function memoryOutput(
  { terminal = false, columns = 80, color = false }: MemoryOptions = {},
  closed = false,
): Output & { text(): string; bytes(): Uint8Array } {
  const written: Uint8Array[] = [];
  const bytes = (): Uint8Array => Uint8Array.from(written.flatMap((chunk) => [...chunk]));
  return {
    isTerminal: terminal,
    columns: terminal ? columns : undefined,
    color,
    write(data) {
      if (closed) throw new ClosedPipe("closed");
      written.push(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
    },
    bytes,
    text: () => new TextDecoder().decode(bytes()),
  };
}
