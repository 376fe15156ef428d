// A million inputs that nobody sane sends: the PDU reader answers each with PDUs and at most one
// violation, in bounded time and memory.

import { assert, assertEquals } from "@std/assert";
import type { RandomState } from "../../src/drive/random.ts";
import { PduReader } from "../../src/tcp/pdu_stream.ts";
import { PduViolation } from "../../src/tcp/violation.ts";
import {
  below,
  DATA_MAX,
  mutatedStream,
  noise,
  type Receiver,
  receivers,
  validStream,
} from "./fuzz.ts";

const INPUTS = 1_000_000;
const SEED = 20_240_805;
/** A PDU: PDO is a byte, then the data and its digest; a termination is 152 bytes, ICReq 128. */
const KEPT_MAX = Math.max(255 + DATA_MAX + 4, 152);
/** No PDU is shorter than this. */
const PDU_MIN = 24;

interface Outcome {
  readonly pdus: number;
  /** PDUs whose data has another digest. */
  readonly bad: number;
  /** Status and information of the violation; empty without one. */
  readonly violation: string;
}

/** Feeds one input in pieces of at most `piece` bytes, and checks what holds for any input. */
function feed({ rules, framing }: Receiver, input: Uint8Array, piece: number): Outcome {
  const reader = new PduReader(rules, framing);
  let pdus = 0;
  let bad = 0;
  let bytes = 0;
  try {
    for (let at = 0; at < input.length; at += piece) {
      reader.push(input.subarray(at, at + piece));
      for (let next = reader.next(); next !== undefined; next = reader.next()) {
        if (++pdus * PDU_MIN > input.length) throw new Error("more PDUs than bytes");
        bytes += next.header.length + next.data.length;
        if (next.dataDigestBad) bad++;
      }
      if (reader.kept > KEPT_MAX) throw new Error(`keeps ${reader.kept} bytes`);
    }
    if (bytes > input.length) throw new Error("more bytes in PDUs than received");
    return { pdus, bad, violation: "" };
  } catch (error) {
    if (!(error instanceof PduViolation)) throw error;
    if (error.header.length > 128) throw new Error("a header of more than 128 bytes");
    if (reader.kept > 0) throw new Error("keeps bytes after the end");
    return { pdus, bad, violation: `${error.fes} ${error.fes === 1 ? error.fei : ""}` };
  }
}

function same(one: Outcome, other: Outcome): boolean {
  return one.pdus === other.pdus && one.bad === other.bad && one.violation === other.violation;
}

/** The input itself and where it came from, for whoever has to find out why. */
function described(what: string, number: number, input: Uint8Array): string {
  const bytes = Array.from(input, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${what}: input ${number} of seed ${SEED}: ${bytes}`;
}

/** Runs `count` inputs; what was seen of each violation, and PDUs among "pdus" and "bad". */
function fuzz(
  count: number,
  make: (state: RandomState, receiver: Receiver) => Uint8Array,
): Map<string, number> {
  const all = receivers();
  const state = { random: SEED };
  const seen = new Map<string, number>();
  const add = (key: string, more: number) => seen.set(key, (seen.get(key) ?? 0) + more);
  for (let number = 0; number < count; number++) {
    const receiver = all[below(state, all.length)];
    assert(receiver !== undefined);
    const input = make(state, receiver);
    // Half of them in pieces; of every eighth the pieces must give what the whole gave.
    const piece = number % 2 === 0 ? 1024 : 1 + below(state, 40);
    const outcome = attempt(number, receiver, input, piece);
    if (number % 8 === 0) {
      const again = attempt(number, receiver, input, 1 + below(state, 40));
      if (!same(outcome, again)) {
        throw new Error(described("another result in pieces", number, input));
      }
    }
    add("pdus", outcome.pdus);
    add("bad", outcome.bad);
    add(outcome.violation, 1);
  }
  return seen;
}

function attempt(number: number, receiver: Receiver, input: Uint8Array, piece: number): Outcome {
  try {
    return feed(receiver, input, piece);
  } catch (error) {
    throw new Error(described(String(error), number, input), { cause: error });
  }
}

Deno.test(`PduReader survives ${INPUTS * 7 / 10} mutations of valid streams`, () => {
  const seen = fuzz(INPUTS * 7 / 10, mutatedStream);
  // Every kind of violation that a reader can find was among them, many times over.
  for (const kind of ["", "1 0", "1 1", "1 2", "1 3", "1 4", "1 16", "3 ", "4 ", "5 "]) {
    assert((seen.get(kind) ?? 0) > 100, `violation "${kind}": ${seen.get(kind)} times`);
  }
  assert((seen.get("pdus") ?? 0) > INPUTS / 10, `${seen.get("pdus")} PDUs`);
  assert((seen.get("bad") ?? 0) > INPUTS / 1000, `${seen.get("bad")} data digests`);
});

Deno.test(`PduReader survives ${INPUTS * 3 / 10} pieces of noise`, () => {
  const seen = fuzz(INPUTS * 3 / 10, noise);
  assert((seen.get("1 0") ?? 0) > INPUTS / 10);
  assert((seen.get("3 ") ?? 0) > 100);
});

Deno.test("PduReader finds nothing wrong with the streams that are mutated", () => {
  let made = 0;
  const seen = fuzz(10_000, (state, receiver) => {
    const { bytes, starts } = validStream(state, receiver);
    made += starts.length;
    return bytes;
  });
  assertEquals(seen, new Map([["pdus", made], ["bad", 0], ["", 10_000]]));
});
