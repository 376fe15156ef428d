// What a rule is: a pure function from the tree's sources to complaints.

/** Sources by path from the root of the tree. */
export type Sources = ReadonlyMap<string, string>;

/** A rule: what it finds wrong, one line each, `path:line: complaint`. */
export type Rule = (sources: Sources) => readonly string[];

/** What people write: programs, tests and scripts, but no documents. */
export const SOURCE = /^(main\.ts$|src\/|ffi\/|scripts\/|tests\/)/;

/** The complaints of `check` about every source whose path matches. */
export function forEach(
  sources: Sources,
  paths: RegExp,
  check: (path: string, text: string) => readonly string[],
): readonly string[] {
  return [...sources].flatMap(([path, text]) => paths.test(path) ? check(path, text) : []);
}
