// What becomes of recorded bytes when the drive behind them changes.

/**
 * A stretch of an answer, and how it goes on from what was recorded:
 * - `field`: as recorded until the model says something else of it, then what the model says;
 * - `bits`: the same, bit by bit;
 * - `counter`: what was recorded, and what the model has counted since; little-endian;
 * - `list`: entries of `entry` bytes, each of which stays as recorded wherever it moves to;
 * - `model`: what the model says, whatever was recorded;
 * - `recorded`: as recorded, whatever the model says.
 */
export type Part =
  & { readonly first: number; readonly length: number }
  & (
    | { readonly kind: "field" | "bits" | "counter" | "model" | "recorded" }
    | { readonly kind: "list"; readonly entry: number }
  );

/** The three answers: of the drive that was recorded; of the model when it was new, and now. */
export interface Versions {
  readonly recorded: Uint8Array;
  readonly before: Uint8Array;
  readonly now: Uint8Array;
}

/**
 * The answer of now. Parts stand in their order without overlap; what none of them covers is a
 * `field` of its own each time. Where the model's answer has got longer or shorter, so has this,
 * unless the last part says whose length it is.
 */
export function merge(versions: Versions, parts: readonly Part[]): Uint8Array {
  const { recorded, before, now } = versions;
  const length = lengthOf(versions, parts.at(-1)?.kind);
  const whole: Versions = {
    recorded: sized(recorded, length),
    before: sized(before, length),
    now: sized(now, length),
  };
  const result = whole.recorded.slice();
  for (const part of covering(parts, length)) {
    const end = Math.min(part.first + part.length, length);
    const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(part.first, end);
    const versions = {
      recorded: cut(whole.recorded),
      before: cut(whole.before),
      now: cut(whole.now),
    };
    result.set(mergePart(versions, part), part.first);
  }
  return result;
}

function lengthOf({ recorded, before, now }: Versions, last: Part["kind"] | undefined): number {
  if (last === "recorded") return recorded.length;
  if (last === "model") return now.length;
  return before.length === now.length ? recorded.length : now.length;
}

/** The parts within an answer, and the gaps between them as fields. */
function covering(parts: readonly Part[], length: number): readonly Part[] {
  const found: Part[] = [];
  let next = 0;
  const gap = (end: number): void => {
    if (end > next) found.push({ first: next, length: end - next, kind: "field" });
  };
  for (const part of parts) {
    if (part.first >= length) break;
    gap(part.first);
    found.push(part);
    next = part.first + part.length;
  }
  gap(length);
  return found;
}

function mergePart(versions: Versions, part: Part): Uint8Array {
  const { recorded, before, now } = versions;
  switch (part.kind) {
    case "model":
      return now;
    case "recorded":
      return recorded;
    case "list":
      return mergeList(versions, part.entry);
    case "counter":
      return counted(versions);
    case "bits":
      return recorded.map((byte, at) => {
        const changed = (before[at] ?? 0) ^ (now[at] ?? 0);
        return (byte & ~changed) | ((now[at] ?? 0) & changed);
      });
    case "field":
      return equal(before, now) ? recorded : now;
  }
}

/** What was recorded and what came since; it stops at the ends of what the field can hold. */
function counted({ recorded, before, now }: Versions): Uint8Array {
  const most = (1n << BigInt(8 * recorded.length)) - 1n;
  const sum = integer(recorded) + integer(now) - integer(before);
  let rest = sum < 0n ? 0n : sum > most ? most : sum;
  return recorded.map(() => {
    const byte = Number(rest & 0xffn);
    rest >>= 8n;
    return byte;
  });
}

function integer(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Entries of the model that were there before, here or elsewhere, are the recorded ones. */
function mergeList({ recorded, before, now }: Versions, entry: number): Uint8Array {
  const cut = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.subarray(at * entry, (at + 1) * entry);
  const count = Math.floor(now.length / entry);
  const result = now.slice();
  for (let at = 0; at < count; at++) {
    const mine = cut(now, at);
    const places = Array.from({ length: count }, (_, other) => other);
    const from = equal(mine, cut(before, at))
      ? at
      : places.find((other) => equal(mine, cut(before, other)));
    if (from !== undefined) result.set(cut(recorded, from), at * entry);
  }
  return result;
}

/** Whether two answers are the same, byte for byte. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  const whole = new Uint8Array(length);
  whole.set(bytes.subarray(0, length));
  return whole;
}
