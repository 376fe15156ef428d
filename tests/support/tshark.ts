// Wireshark's own dissectors as a judge of captures: needs --allow-run=tshark and --allow-env=CI.

import { assert, assertEquals } from "@std/assert";
import { pcapngSink } from "../../src/trace/pcapng.ts";
import type { TraceSink } from "../../src/trace/trace.ts";

const absent = await missingTshark();
/** Whether to skip. Where everything has to be tested, that would be looking away. */
export const ignore = absent !== undefined && Deno.env.get("CI") !== "true";
/** What a test's name says of that. */
export const because = absent === undefined ? "" : ` [not run: ${absent}]`;

async function missingTshark(): Promise<string | undefined> {
  try {
    const { success } = await new Deno.Command("tshark", { args: ["--version"] }).output();
    return success ? undefined : "tshark does not start";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "tshark is not installed";
    throw error;
  }
}

/** Runs tshark on a capture, through a pipe as a live trace is read. */
export async function tshark(capture: Uint8Array, args: readonly string[]): Promise<string> {
  assertEquals(absent, undefined, "tshark is needed");
  const process = new Deno.Command("tshark", {
    args: ["-r", "-", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  const written = writer.write(capture).then(() => writer.close());
  const [{ success, stdout, stderr }] = await Promise.all([process.output(), written]);
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The values of the fields in every packet that the filter lets through. */
export async function fields<const F extends readonly string[]>(
  capture: Uint8Array,
  filter: string,
  names: F,
  args: readonly string[] = [],
): Promise<readonly Readonly<Record<F[number], string>>[]> {
  const output = await tshark(capture, [
    ...args,
    "-Y",
    filter,
    "-T",
    "fields",
    ...names.flatMap((name) => ["-e", name]),
  ]);
  return output.split("\n").filter((line) => line !== "").map((line) => {
    const values = line.split("\t");
    return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""])) as Record<
      F[number],
      string
    >;
  });
}

/** A sink, and what it has written so far. */
export function capturing(): { readonly sink: TraceSink; bytes(): Uint8Array } {
  const parts: Uint8Array[] = [];
  return {
    sink: pcapngSink((bytes) => parts.push(bytes)),
    bytes: () => concat(parts),
  };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number however tshark writes it; `-` for a field that the packet does not have. */
export function numeric(text: string): string {
  return text === "" ? "-" : String(Number(text));
}
