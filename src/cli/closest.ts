// "Did you mean": the nearest known word. Loaded only when something was mistyped.

// @ts-types="./closest_string.d.ts"
import { closestString } from "deno-std/text/closest_string.js";

/** A hint naming the known word nearest to what was typed, or nothing when none is near. */
export function didYouMean(typed: string, known: readonly string[]): string | undefined {
  if (typed === "" || known.length === 0) return undefined;
  const nearest = closestString(typed, known);
  const shared = [...typed].filter((letter) => nearest.includes(letter)).length;
  return shared * 2 >= typed.length ? `Did you mean ${nearest}?` : undefined;
}
