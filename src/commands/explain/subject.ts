// What can be explained: the contract of every kind of it, and how words find it.

import type { Block } from "../../cli/report.ts";
import type { JsonObject } from "../../layout/mod.ts";
import type { AnyStruct } from "../../spec/structures.ts";

/** The kinds, as JSON calls them. */
export type KindName =
  | "status"
  | "admin-opcode"
  | "io-opcode"
  | "fabrics-type"
  | "log-page"
  | "identify"
  | "structure"
  | "field"
  | "exit-status"
  | "reference";

/** What is known of a subject, for both kinds of reader. */
export interface Explanation {
  readonly json: JsonObject;
  readonly blocks: readonly Block[];
  /** The layout, shown where the subject is explained alone. */
  readonly layout?: readonly Block[];
}

/** One thing that can be explained. */
export interface Subject {
  readonly kind: KindName;
  /** `Invalid Format (01h/0Ah)`. */
  readonly title: string;
  /** Words that name it. */
  readonly names: readonly string[];
  /** Words that describe it, but name it only where nothing else has them as its name. */
  readonly labels?: readonly string[];
  /** The structure whose layout the explanation shows, where it shows one. */
  readonly structure?: AnyStruct;
  explain(): Explanation;
}

/** A kind of thing that can be explained. */
export interface Kind {
  readonly name: KindName;
  /** A heading over several: `Status codes`. */
  readonly title: string;
  /** First words that ask for this kind alone: `status`. */
  readonly selectors: readonly string[];
  /** What one would type. */
  readonly example: string;
  /** All that have a name. */
  all(): readonly Subject[];
  /**
   * Those that a number means. Where the kind was asked for by name, numbers without a meaning of
   * their own are explained too (`vendor specific`).
   */
  numbered?(text: string, asked: boolean): readonly Subject[];
}

/** Lower-case words of letters and digits: `SMART / Health` is `smart health`. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** The subjects that have exactly this name, however its words are joined. */
export function exactly(subjects: readonly Subject[], text: string): readonly Subject[] {
  const wanted = wordsOf(text).join("");
  return subjects.filter(({ names }) => names.some((name) => wordsOf(name).join("") === wanted));
}

/** The subjects one of whose names has, for every word of the text, a word that begins so. */
export function containing(subjects: readonly Subject[], text: string): readonly Subject[] {
  const wanted = wordsOf(text);
  if (wanted.length === 0) return [];
  return subjects.filter(({ names, labels = [] }) =>
    [...names, ...labels].some((name) => {
      const has = wordsOf(name);
      return wanted.every((start) => has.some((word) => word.startsWith(start)));
    })
  );
}

/** A byte as people type it: `0x80`, `80h`, `128`; undefined for anything else. */
export function parseByte(text: string): number | undefined {
  const value = parseNumber(text);
  return value !== undefined && value <= 0xff ? value : undefined;
}

/** A number as people type it: `0x80`, `80h`, `128`; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  const [, prefixed, suffixed, decimal] =
    /^(?:0x([0-9a-f]{1,8})|([0-9a-f]{1,8})h|([0-9]{1,10}))$/i.exec(text.trim()) ?? [];
  const digits = prefixed ?? suffixed;
  if (digits !== undefined) return parseInt(digits, 16);
  return decimal === undefined ? undefined : Number(decimal);
}
