// Blocks to text: the one place that aligns, wraps, colours, and makes hostile strings harmless.

import type { Json } from "../layout/mod.ts";
import type { Block, Column, Fact, Text, Tone } from "./report.ts";

/** What the text is for. */
export interface RenderOptions {
  readonly color: boolean;
  /** Escape control and bidirectional characters: on a terminal, always. */
  readonly escape: boolean;
  /** Wrap long values at this width; undefined leaves lines alone. */
  readonly columns?: number | undefined;
}

/** Parameters of the terminal's "select graphic rendition" that begin and end a tone. */
const PAINT: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  strong: [1, 22],
  dim: [2, 22],
};

// C0 and C1 controls, zero-width and bidirectional formatting characters, the byte order mark, and
// what was no character at all.
const HOSTILE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * The text with every character that could move the cursor or reorder the line written as \u{…}.
 */
export function escapeHostile(text: string): string {
  return text.replace(HOSTILE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/**
 * JSON in which nothing can move a cursor or reorder a line: `JSON.stringify` escapes only the
 * controls below U+0020. The value that a parser reads is the same.
 */
export function jsonText(value: Json, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    HOSTILE,
    (character) =>
      character === "\n"
        ? character
        : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** All blocks, one after another, with an empty line before each heading. */
export function renderBlocks(blocks: readonly Block[], options: RenderOptions): string {
  const parts: string[] = [];
  for (const block of blocks) {
    if (block.kind === "heading" && parts.length > 0) parts.push("");
    parts.push(...renderBlock(block, options));
  }
  return parts.map((line) => line.trimEnd() + "\n").join("");
}

function renderBlock(block: Block, options: RenderOptions): readonly string[] {
  switch (block.kind) {
    case "heading":
      return [paint(block.text, options, "strong")];
    case "text":
      return wrap(plain(block.text, options), options.columns)
        .map((line) => paintAs(line, block.text, options));
    case "items":
      return block.items.flatMap((item) =>
        wrap(plain(item, options), options.columns && options.columns - 4)
          .map((line, at) => (at === 0 ? "  - " : "    ") + paintAs(line, item, options))
      );
    case "facts":
      return renderFacts(block.facts, block.indent ?? 0, options);
    case "table":
      return block.rows.length === 0
        ? [block.empty ?? "none"]
        : renderTable(block.columns, block.rows, options);
    case "hex":
      return hexLines(block.bytes, block.offset ?? 0);
  }
}

function renderFacts(
  facts: readonly Fact[],
  indent: number,
  options: RenderOptions,
): readonly string[] {
  const margin = " ".repeat(indent);
  const widest = Math.max(0, ...facts.map(([label]) => width(escaped(label, options))));
  return facts.flatMap(([label, value]) => {
    const name = escaped(label, options);
    const lead = `${margin}${name}${" ".repeat(widest - width(name))}  `;
    const room = options.columns === undefined ? undefined : options.columns - width(lead);
    // A value column too narrow to read is worse than a long line.
    const lines = wrap(plain(value, options), room !== undefined && room >= 24 ? room : undefined);
    return lines.map((line, at) =>
      (at === 0 ? lead : " ".repeat(width(lead))) + paintAs(line, value, options)
    );
  });
}

function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Text[])[],
  options: RenderOptions,
): readonly string[] {
  const cells = rows.map((row) => columns.map((_, at) => plain(row[at] ?? "", options)));
  const widths = columns.map(({ title }, at) =>
    Math.max(width(title), ...cells.map((row) => width(row[at] ?? "")))
  );
  const line = (texts: readonly string[], tones?: readonly Text[]): string =>
    texts.map((text, at) => {
      const pad = " ".repeat((widths[at] ?? 0) - width(text));
      const shown = tones ? paintAs(text, tones[at] ?? "", options) : text;
      return columns[at]?.align === "right" ? pad + shown : shown + pad;
    }).join("  ");
  return [
    paint(line(columns.map(({ title }) => title)).trimEnd(), options, "strong"),
    ...cells.map((row, at) => line(row, rows[at])),
  ];
}

/** Sixteen bytes a line, as hexdump -C prints them. */
export function hexLines(bytes: Uint8Array, offset: number): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const digits = Array.from(row, (byte) => byte.toString(16).padStart(2, "0"));
    const left = digits.slice(0, 8).join(" ").padEnd(23);
    const right = digits.slice(8).join(" ").padEnd(23);
    const text = Array.from(
      row,
      (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    ).join("");
    lines.push(`${(offset + at).toString(16).padStart(8, "0")}  ${left}  ${right}  |${text}|`);
  }
  return lines;
}

function escaped(text: string, { escape }: RenderOptions): string {
  return escape ? escapeHostile(text) : text;
}

function plain(text: Text, options: RenderOptions): string {
  return escaped(typeof text === "string" ? text : text.text, options);
}

function paint(text: Text, options: RenderOptions, tone: Tone): string {
  const line = plain(text, options);
  const chosen = typeof text === "string" ? tone : text.tone;
  return options.color ? colored(line, chosen) : line;
}

function paintAs(line: string, text: Text, { color }: RenderOptions): string {
  return color && typeof text !== "string" && line !== "" ? colored(line, text.tone) : line;
}

function colored(line: string, tone: Tone): string {
  const [on, off] = PAINT[tone];
  return `\x1b[${on}m${line}\x1b[${off}m`;
}

function width(text: string): number {
  let columns = 0;
  for (const _character of text) columns++;
  return columns;
}

/** Breaks at spaces so that no line is longer than `room`, where that can be done. */
function wrap(text: string, room: number | undefined): readonly string[] {
  if (room === undefined || width(text) <= room) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && width(line) + 1 + width(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
