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
}

/** stdout was closed by the reader (`| head`): not a failure, and nothing more to do. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

type Stream = typeof Deno.stdout | typeof Deno.stderr;

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
        if (error instanceof Deno.errors.BrokenPipe) throw new ClosedPipe("stdout is closed");
        throw new OutputError(`Cannot write the result: ${(error as Error).message}`, {
          cause: error,
          next: "what was asked of the drive was done; only this report of it is lost",
        });
      }
    },
  };
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
