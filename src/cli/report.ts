// What a command returns: facts for a machine, blocks for a person, bytes for a pipe. Never printed
// here; render.ts is the one place that turns blocks into text.

import type { JsonObject } from "../layout/mod.ts";
import type { ExitCode } from "../errors.ts";

/** How a piece of text should be taken; colour on a terminal, nothing elsewhere. */
export type Tone = "good" | "warning" | "bad" | "strong" | "dim";

/** A piece of text, with a tone where it matters. */
export type Text = string | { readonly text: string; readonly tone: Tone };

/** A labelled value. */
export type Fact = readonly [label: string, value: Text];

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** One part of the output for people. */
export type Block =
  | { readonly kind: "heading"; readonly text: Text }
  | { readonly kind: "text"; readonly text: Text }
  | { readonly kind: "facts"; readonly facts: readonly Fact[]; readonly indent?: number }
  | { readonly kind: "items"; readonly items: readonly Text[] }
  | {
    readonly kind: "table";
    readonly columns: readonly Column[];
    readonly rows: readonly (readonly Text[])[];
    /** Said instead of the table when it has no rows. */
    readonly empty?: string;
  }
  | { readonly kind: "hex"; readonly bytes: Uint8Array; readonly offset?: number };

/** The result of a command. */
export interface Report {
  /** What `-o json` prints after `schema`. Keys are the specification's names in snake_case. */
  readonly json: JsonObject;
  /** What a person sees. */
  readonly blocks: readonly Block[];
  /** What `-o raw` writes: the bytes as the drive sent them. */
  readonly raw?: Uint8Array;
  /** The exit status; `ok` when left out. */
  readonly exit?: ExitCode;
}

/** A heading line. */
export function heading(text: Text): Block {
  return { kind: "heading", text };
}

/** A paragraph. */
export function paragraph(text: Text): Block {
  return { kind: "text", text };
}

/** Labelled values, aligned. */
export function facts(rows: readonly Fact[], indent = 0): Block {
  return { kind: "facts", facts: rows, indent };
}

/** A list of short statements. */
export function items(texts: readonly Text[]): Block {
  return { kind: "items", items: texts };
}

/** A table; columns may be plain titles, with `>` in front of those that align right. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly Text[])[],
  empty?: string,
): Block {
  return {
    kind: "table",
    columns: columns.map((title) =>
      title.startsWith(">") ? { title: title.slice(1), align: "right" } : { title }
    ),
    rows,
    ...(empty === undefined ? {} : { empty }),
  };
}

/** Text with a tone. */
export function toned(text: string, tone: Tone): Text {
  return { text, tone };
}
