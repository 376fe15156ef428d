// From words to what they mean.

import { EXIT_KIND } from "./exit.ts";
import { FIELD_KIND } from "./field.ts";
import { IDENTIFY_KIND } from "./identify.ts";
import { LOG_KIND } from "./log_page.ts";
import { ADMIN_KIND, FABRICS_KIND, IO_KIND } from "./opcode.ts";
import { REFERENCE_KIND } from "./reference.ts";
import { STATUS_KIND } from "./status.ts";
import { STRUCTURE_KIND } from "./structure.ts";
import { containing, exactly, type Kind, type Subject } from "./subject.ts";

/** The kinds, in the order in which their meanings are shown. */
export const KINDS: readonly Kind[] = [
  STATUS_KIND,
  ADMIN_KIND,
  IO_KIND,
  FABRICS_KIND,
  LOG_KIND,
  IDENTIFY_KIND,
  STRUCTURE_KIND,
  FIELD_KIND,
  EXIT_KIND,
  REFERENCE_KIND,
];

/** More meanings than these are listed by name, not explained. */
const MOST_EXACT = 6;
const MOST_SIMILAR = 3;

/** What words were found to mean. */
export interface Found {
  readonly subjects: readonly Subject[];
  /** Whether to explain them all, or only to list them. */
  readonly explained: boolean;
  /** Whether a number was looked up, which may mean several unrelated things. */
  readonly numbered: boolean;
}

/** What the words mean. A first word that names a kind asks for that kind alone. */
export function search(words: readonly string[]): Found {
  const [first = "", ...rest] = words;
  const asked = KINDS.filter(({ selectors }) => selectors.includes(first.toLowerCase()));
  if (asked.length > 0) {
    if (rest.length === 0) {
      const subjects = asked.flatMap((kind) => kind.all());
      return { subjects, explained: false, numbered: false };
    }
    const found = searchIn(asked, rest.join(" "), true);
    if (found.subjects.length > 0) return found;
  }
  return searchIn(KINDS, words.join(" "), false);
}

/** Every name that anything has, for suggestions. */
export function allNames(): readonly string[] {
  return KINDS.flatMap((kind) => kind.all()).flatMap(({ names }) => names);
}

function searchIn(kinds: readonly Kind[], text: string, asked: boolean): Found {
  const numbered = kinds.flatMap((kind) => kind.numbered?.(text, asked) ?? []);
  if (numbered.length > 0) return { subjects: numbered, explained: true, numbered: true };
  const all = kinds.flatMap((kind) => kind.all());
  const exact = withoutDoubles(exactly(all, text));
  if (exact.length > 0) return named(exact, MOST_EXACT);
  return named(withoutDoubles(containing(all, text)), MOST_SIMILAR);
}

function named(subjects: readonly Subject[], most: number): Found {
  return { subjects, explained: subjects.length <= most, numbered: false };
}

/** Leaves out a structure that a log page or an Identify answer among the rest already shows. */
function withoutDoubles(subjects: readonly Subject[]): readonly Subject[] {
  const shown = new Set(
    subjects.filter(({ kind }) => kind !== "structure").map(({ structure }) => structure),
  );
  return subjects.filter(({ kind, structure }) => kind !== "structure" || !shown.has(structure));
}
