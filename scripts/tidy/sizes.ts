// Lines, functions and files stay small enough to hold in mind.

import { forEach, type Rule, SOURCE } from "./rule.ts";

const LINE_MAX = 100;
const FILE_MAX = 400;
const FUNCTION_MAX = 60;
/** Tables of the specification and tests may be long. */
const MAY_BE_LONG = /^(src\/spec\/|tests\/)/;

/** Lines, functions and files stay small enough to hold in mind. */
export const sizes: Rule = (sources) =>
  forEach(sources, SOURCE, (path, text) => {
    const lines = text.split("\n");
    const long = longLines(path, lines);
    if (MAY_BE_LONG.test(path)) return long;
    return [...longFile(path, lines), ...long, ...longFunctions(path, lines)];
  });

function longFile(path: string, lines: readonly string[]): readonly string[] {
  // The last line ends with a newline, so the last piece is empty.
  const count = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  return count <= FILE_MAX ? [] : [`${path}:1: ${count} lines, need at most ${FILE_MAX}`];
}

function longLines(path: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, at) => {
    const { length } = [...line];
    return length <= LINE_MAX || cannotBreak(line)
      ? []
      : [`${path}:${at + 1}: ${length} columns, need at most ${LINE_MAX}`];
  });
}

/** Addresses, strings and regular expressions are not taken apart for a limit. */
function cannotBreak(line: string): boolean {
  if (/https?:|deno-lint-ignore/.test(line)) return true;
  const isComment = /^\s*(\/\/|\/\*|\*|#)/.test(line);
  return !isComment && /["'`].*["'`]|\/.*\/[a-z]*/.test(line);
}

/** Functions whose body is longer than it should be, signature and closing line counted. */
function longFunctions(path: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, at) => {
    const span = functionSpan(lines, at, line);
    if (span === undefined) return [];
    const [start, end] = span;
    const count = end - start + 1;
    return count <= FUNCTION_MAX
      ? []
      : [`${path}:${start + 1}: a function of ${count} lines, need at most ${FUNCTION_MAX}`];
  });
}

// The formatter guarantees what follows: a body is opened at the end of a line and closed by the
// next line of that indentation that begins with a brace, and a signature over several lines goes
// back to its own indentation before the body. An arrow whose body is an expression on the lines
// below ends where the indentation comes back.

/** First and last line of the function whose body begins at the end of line `at`. */
function functionSpan(
  lines: readonly string[],
  at: number,
  line: string,
): readonly [number, number] | undefined {
  const indent = indentOf(line);
  const start = signatureStart(lines, at, indent);
  if (line.endsWith("=>")) {
    const after = lines.findIndex((other, below) =>
      below > at && other !== "" && indentOf(other) <= indent
    );
    return [start, (after < 0 ? lines.length : after) - 1];
  }
  if (!line.endsWith("{") || !opensFunction(lines.slice(start, at + 1))) return undefined;
  const end = lines.findIndex((other, below) =>
    below > at && indentOf(other) === indent && other.startsWith("}", indent)
  );
  return end < 0 ? undefined : [start, end];
}

/** Up from `): T {` or `}) => {` to the line where the signature begins. */
function signatureStart(lines: readonly string[], at: number, indent: number): number {
  let start = at;
  while (start > 0 && /^\s*[)}\]]/.test(lines[start] ?? "")) {
    do start--; while (start > 0 && (lines[start] === "" || indentOf(lines[start]) > indent));
  }
  return start;
}

function opensFunction(signature: readonly string[]): boolean {
  const text = signature.map((line) => line.trim()).join(" ");
  if (/=> \{$/.test(text) || /\bfunction\b/.test(text)) return true;
  if (/^(if|for|while|switch|catch|with|return|else|do|try|\} )/.test(text)) return false;
  return /^([a-z]+ )*\*?(#?\w+|\[[\w.]+\])(<.*>)?\(.*\)(: .*)? \{$/.test(text);
}

function indentOf(line = ""): number {
  return line.length - line.trimStart().length;
}
