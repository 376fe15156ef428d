// How the same operation is compared: done by nvme-cli and by nvmectl, the drive's trace has to
// show the same commands.

import { assert, assertEquals } from "@std/assert";
import type { Fields } from "../../../support/peer.ts";
import { type Bench, SERIAL } from "../served/bench.ts";

/** What verbs that destroy something ask for. */
export const YES = `--yes --serial ${SERIAL}`;

const DWORDS = ["nsid", "cdw10", "cdw11", "cdw12", "cdw13", "cdw14", "cdw15"] as const;

/** One operation in both ways, each with what has to come before and after it. */
export interface Operation {
  readonly theirs: string;
  readonly ours: string;
  readonly before?: string;
  readonly after?: string;
  /** Which of the commands of these names count; all of them when left out. */
  readonly only?: (command: Fields) => boolean;
}

/** The commands of these names in a trace, with the fields that make them what they are. */
function commands(
  trace: readonly Fields[],
  names: readonly string[],
  only: (command: Fields) => boolean,
): readonly Fields[] {
  return trace
    .filter((one) => one["event"] === "command" && names.includes(`${one["name"]}`) && only(one))
    .map((one) => Object.fromEntries(["name", ...DWORDS].map((key) => [key, one[key] ?? null])));
}

/** Runs the operation in both ways; the commands of these names, which must be the same. */
export async function same(
  bench: Bench,
  names: readonly string[],
  { theirs, ours, before = "true", after = "true", only = () => true }: Operation,
): Promise<readonly Fields[]> {
  const traces: (readonly Fields[])[] = [];
  for (const script of [theirs, ours]) {
    await bench.must(before);
    traces.push(commands(await bench.traced(script), names, only));
    await bench.must(after);
  }
  const [peer = [], mine = []] = traces;
  assert(peer.length > 0, "nvme-cli sent none of these");
  assertEquals(mine, peer);
  return peer;
}

/** Whether a command is about this feature, this log page: what is in byte 0 of dword 10. */
export function about(identifier: number): (command: Fields) => boolean {
  return ({ cdw10 }) => (Number(cdw10) & 0xff) === identifier;
}
