// --trace: every command, on stderr or in a file whose name says its form; as the layer of a verb,
// or as the drive itself sees them.

import type { Tracer } from "../cli/run.ts";
import { forbiddenOutput } from "../cli/files.ts";
import { type Output, type Streams, systemStreams } from "../cli/streams.ts";
import { UsageError } from "../errors.ts";
import type { VirtualDrive } from "../drive/mod.ts";
import { counter, type TraceOptions, type TraceSink, tracing } from "../trace/trace.ts";
import { nowNs } from "./trace_clock.ts";

/**
 * Traces to stderr for `-`, else into a new file: `.pcapng` for Wireshark, `.ndjson`, or text.
 * A trace that cannot be written any more says so once and never stops the commands.
 */
export async function openTrace(
  { destination, streams: { stderr } }: { destination: string; streams: Streams },
): Promise<Tracer> {
  const { sink, options, close } = await openSink(destination, stderr, (said) => {
    stderr.write(`nvmectl: ${said}\n`);
  });
  return { layerFor: (device) => tracing(sink, { ...options, device }), close };
}

/**
 * The trace of a drive that is served, until it is disposed of: the same places and forms, but
 * seen from the drive's side.
 *
 * @param notice told once when the trace cannot be written any more
 */
export async function openDriveTrace(
  drive: VirtualDrive,
  destination: string,
  notice: (text: string) => void,
): Promise<Disposable> {
  const { traceDrive } = await import("../drive/trace.ts");
  const { sink, options, close } = await openSink(destination, systemStreams().stderr, notice);
  const stop = traceDrive(drive, sink, options);
  return {
    [Symbol.dispose]() {
      stop();
      close();
    },
  };
}

interface OpenSink {
  readonly sink: TraceSink;
  /** One count of events for all that share the sink. */
  readonly options: Required<Omit<TraceOptions, "device">>;
  close(): void;
}

async function openSink(
  destination: string,
  stderr: Output,
  say: (text: string) => void,
): Promise<OpenSink> {
  const file = destination === "-" ? undefined : createFile(destination);
  const write = (bytes: Uint8Array): void => {
    if (file === undefined) return stderr.write(bytes);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  };
  const encoder = new TextEncoder();
  const line = (text: string): void => write(encoder.encode(`${text}\n`));
  const sink = await sinkFor(destination, { write, line });
  const failed = (error: unknown): void => say(`the trace ends here: ${(error as Error).message}`);
  return {
    sink,
    options: { clock: nowNs, failed, nextIndex: counter() },
    close: () => file?.close(),
  };
}

async function sinkFor(
  destination: string,
  { write, line }: { write(bytes: Uint8Array): void; line(text: string): void },
): Promise<TraceSink> {
  if (destination.endsWith(".pcapng")) {
    return (await import("../trace/pcapng.ts")).pcapngSink(write);
  }
  if (destination.endsWith(".ndjson")) {
    return (await import("../trace/ndjson.ts")).ndjsonSink(line);
  }
  return (await import("../trace/text.ts")).textSink(line);
}

function createFile(path: string): Deno.FsFile {
  try {
    const forbidden = existing(path);
    if (forbidden !== undefined) throw new Error(forbidden);
    return Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  } catch (error) {
    throw new UsageError(`Cannot write the trace to ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Why a trace may not go to what already stands there. */
function existing(path: string): string | undefined {
  try {
    return forbiddenOutput(Deno.statSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
