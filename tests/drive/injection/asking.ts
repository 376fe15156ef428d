// A host that injects errors: Set Features and Get Features of C0h on the bench.

import {
  ErrorInjectionData,
  type ErrorInjectionEntry,
} from "../../../src/spec/vendor/ocp_error_injection.ts";
import type { Answer, Bench, BenchCommand } from "../bench.ts";

export const SET = 0x09;
export const GET = 0x0a;
export const FID = 0xc0;

/** An entry as a test says it. */
export interface Wanted {
  readonly type: number;
  readonly enable?: boolean;
  readonly single?: boolean;
  readonly reads?: number;
  readonly latencyUs?: number;
}

/** The 4,096 bytes with these entries. */
export function page(entries: readonly Wanted[]): Uint8Array {
  return ErrorInjectionData.encode({
    entries: entries.map(({ type, enable = true, single = true, reads = 0, latencyUs = 0 }) => ({
      flags: { enable, single },
      type,
      nrtdp: reads,
      latency: latencyUs,
    })),
  });
}

/** Asks for errors. */
export function inject(bench: Bench, ...entries: readonly Wanted[]): Promise<Answer> {
  return bench.admin(SET, { cdw10: FID, cdw11: entries.length, out: page(entries) });
}

/** What the drive has: the number of entries, and those. */
export async function injected(
  bench: Bench,
  command: BenchCommand = {},
): Promise<{ readonly count: number; readonly entries: readonly ErrorInjectionEntry[] }> {
  const { dw0, data } = await bench.admin(GET, { cdw10: FID, length: 4096, ...command });
  return { count: dw0, entries: ErrorInjectionData.decode(data).entries.slice(0, dw0) };
}

/** Which of the drive's entries are enabled. */
export async function enabled(bench: Bench): Promise<readonly boolean[]> {
  return (await injected(bench)).entries.map(({ flags }) => flags.enable);
}

/** The plug-ins at work. */
export function plugins(bench: Bench): readonly string[] {
  return bench.drive.plugins.loaded.map(({ name }) => name);
}

/** Reads one block. */
export async function read(bench: Bench, lba = 0): Promise<string> {
  return (await bench.io(0x02, { nsid: 1, cdw10: lba, length: 512 })).status;
}

/** Writes one block. */
export async function write(bench: Bench, lba = 0): Promise<string> {
  return (await bench.io(0x01, { nsid: 1, cdw10: lba, out: new Uint8Array(512) })).status;
}

/** Whether a command is over when everything that was to happen at once has happened. */
export async function isOver(command: Promise<unknown>): Promise<boolean> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  command.then(end, end);
  await new Promise((resolve) => setTimeout(resolve));
  return over;
}
