// Sizes as people type them: 1TiB, 960GB, 512MiB, plain bytes.

import { badValue, type Flag } from "../../cli/flags.ts";

const PREFIXES = ["", "k", "m", "g", "t", "p"] as const;

/** Bytes of a size: `GB` and the like are powers of 1000, `GiB` and `G` of 1024. */
export function parseSize(typed: string, name: string): number {
  const [, count, prefix = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?b)?$/i.exec(typed) ??
    [];
  const power = PREFIXES.findIndex((known) => known === prefix.toLowerCase());
  const base = unit.toLowerCase() === "b" && prefix !== "" ? 1000 : 1024;
  const bytes = Number(count) * base ** power;
  const unitAlone = prefix === "" && unit.toLowerCase() === "ib";
  if (!Number.isSafeInteger(bytes) || bytes <= 0 || unitAlone) {
    throw badValue(name, typed, "a whole number of bytes such as 1TiB, 960GB or 512MiB");
  }
  return bytes;
}

/** An option that is a size. */
export function size(help: string): Flag<number | undefined> {
  return { help, value: "SIZE", absent: undefined, parse: parseSize };
}

/** An option that is a size, any number of times. */
export function sizes(help: string): Flag<readonly number[]> {
  return {
    help,
    value: "SIZE",
    absent: [],
    parse: (typed, name) => [parseSize(typed, name)],
    all: (typed, name) => typed.map((one) => parseSize(one, name)),
  };
}
