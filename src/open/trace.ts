// --trace: the layer that shows every command, on stderr or in a file whose name says its form.

import type { Tracer } from "../cli/run.ts";
import { forbiddenOutput } from "../cli/files.ts";
import type { Streams } from "../cli/streams.ts";
import { UsageError } from "../errors.ts";
import { counter, type TraceSink, tracing } from "../trace/trace.ts";

/**
 * Traces to stderr for `-`, else into a new file: `.pcapng` for Wireshark, `.ndjson`, or text.
 * A trace that cannot be written any more says so once and never stops the commands.
 */
export async function openTrace(
  { destination, streams }: { destination: string; streams: Streams },
): Promise<Tracer> {
  const toStderr = destination === "-";
  const file = toStderr ? undefined : createFile(destination);
  const write = (bytes: Uint8Array): void => {
    if (file === undefined) return streams.stderr.write(bytes);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  };
  const encoder = new TextEncoder();
  const line = (text: string): void => write(encoder.encode(`${text}\n`));
  const sink = await sinkFor(destination, { write, line });
  const nextIndex = counter();
  const failed = (error: unknown): void =>
    streams.stderr.write(`nvmectl: the trace ends here: ${(error as Error).message}\n`);
  return {
    layerFor: (device) => tracing(sink, { device, clock: nowNs, failed, nextIndex }),
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

/** Nanoseconds since 1970; the wall clock's milliseconds, refined by the steady clock. */
function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
