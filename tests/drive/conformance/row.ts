// A row of the conformance tables: a command that the specification wants answered in one way.

import { assertEquals } from "@std/assert";
import { decodeStatus } from "../../../src/spec/status/status.ts";
import type { Personality } from "../../../src/drive/mod.ts";
import type { Queue } from "../../../src/transport/transport.ts";
import { Bench, type BenchCommand } from "../bench.ts";

/** What is wrong with the command of a row; `none` where the answer is a success. */
export type Wrong = "field" | "namespace" | "sequence" | "limit" | "none";

/** What a row says beside its command. */
export interface Row {
  readonly queue: Queue;
  readonly opcode: number;
  readonly wrong: Wrong;
  /** What the host does, as a sentence without a full stop. */
  readonly what: string;
  /** Where the specification demands the answer. */
  readonly cite: string;
  readonly command: BenchCommand;
  /** The status type and code: `00h/02h`. */
  readonly status: string;
  /** Command dword and bit at which the value at fault starts; none is at fault when left out. */
  readonly at?: readonly [dword: number, bit: number];
  /** The first logical block at fault. */
  readonly lba?: bigint;
  /** Dword 0 of the completion, where it has a meaning. */
  readonly dw0?: number;
  /** The same command may succeed later: Do Not Retry is clear. */
  readonly retry?: true;
  /** The status leaves no entry in the error log, and More is clear. */
  readonly unlogged?: true;
  /** The drive; `virtual:namespaces` when left out. */
  readonly on?: string | Personality;
  /** What happened before. */
  readonly before?: (bench: Bench) => Promise<void> | void;
}

/** Namespace identifiers of `virtual:namespaces`, by what they stand for. */
export const NSID = {
  none: 0,
  active: 1,
  inactive: 5,
  unallocated: 6,
  invalid: 17,
  all: 0xffffffff,
} as const;

export const SUCCESS = "00h/00h";
export const INVALID_FIELD = "00h/02h";
export const SEQUENCE = "00h/0Ch";
export const INVALID_NAMESPACE = "00h/0Bh";
export const SANITIZING = "00h/1Dh";
export const WRITE_PROTECTED = "00h/20h";
export const OUT_OF_RANGE = "00h/80h";

/** No one parameter is at fault: all ones [BASE-2.1 §5.1.12.1.2, Fig. 205]. */
const NO_LOCATION = { byte: 0xff, bit: 7 };

/** Sends the command of a row to a drive of its own and checks everything about the answer. */
export async function check(row: Row): Promise<void> {
  const bench = new Bench(row.on ?? "namespaces");
  await row.before?.(bench);
  const { counters } = bench.drive.state;
  const logged = counters.errors;
  const { queue, opcode, command } = row;
  const answer = await bench[queue](opcode, command);
  assertEquals(answer.status, row.status);
  if (row.dw0 !== undefined) assertEquals(answer.dw0, row.dw0, "dword 0");
  if (row.status === SUCCESS) {
    assertEquals(answer.field, 0);
    assertEquals(counters.errors, logged, "a success is no error");
    return;
  }
  const { more, doNotRetry } = decodeStatus(answer.field);
  assertEquals(doNotRetry, row.retry !== true, "Do Not Retry");
  assertEquals(more, row.unlogged !== true, "More");
  assertEquals(counters.errors, logged + (row.unlogged ? 0n : 1n), "entries in the error log");
  if (!row.unlogged) await checkEntry(bench, row, answer.field);
}

/** The newest entry of the error log is about the command. */
async function checkEntry(bench: Bench, row: Row, field: number): Promise<void> {
  const entry = await bench.lastError();
  assertEquals(entry.opcode, row.opcode, "opcode in the error log");
  assertEquals(entry.sqid, row.queue === "admin" ? 0 : 1, "queue in the error log");
  assertEquals(entry.status.status, field, "status in the error log");
  assertEquals(entry.nsid, row.command.nsid ?? 0, "namespace in the error log");
  const [dword, bit] = row.at ?? [];
  const expected = dword === undefined || bit === undefined
    ? NO_LOCATION
    : { byte: 4 * dword + (bit >> 3), bit: bit & 7 };
  const { byte, bit: found } = entry.parameterErrorLocation;
  assertEquals({ byte, bit: found }, expected, "Parameter Error Location");
  if (row.lba !== undefined) assertEquals(entry.lba, row.lba, "LBA in the error log");
}

/** Rows that differ in what is wrong only. */
export function rows(
  common: Pick<Row, "queue" | "opcode"> & Partial<Row>,
  ...each: readonly (Partial<Row> & Pick<Row, "wrong" | "what" | "status" | "cite">)[]
): readonly Row[] {
  return each.map((one) => ({
    ...common,
    ...one,
    command: { ...common.command, ...one.command },
  }));
}

/** Little-endian dwords as bytes. */
export function dwords(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values, (value) => value >>> 0).buffer);
}
