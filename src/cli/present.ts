// Decoded structures and log pages to blocks: what matters in a few lines, or every field with its
// key, its meaning and its bits. Shared by every command that shows what a drive said.

import type { Codec, Field, Part, Struct } from "../layout/mod.ts";
import { List, Struct as Structure } from "../layout/mod.ts";
import type { LogPage, Table } from "../spec/log/log_page.ts";
import { type Block, type Column, type Fact, facts, heading, paragraph, toned } from "./report.ts";

/** How much of a structure to show. */
export interface PresentOptions {
  /** Every field with its key, meaning and bits; else only those marked as what matters. */
  readonly verbose: boolean;
  /** Fields, by their name in code, that the caller shows in its own way or not at all. */
  readonly omit?: readonly string[];
  /** Spaces before each line. */
  readonly indent?: number;
}

/** A column of these is easier to read aligned to the right: `512`, `1,024`, `4.10 kB`, `8.5 W`. */
const NUMERIC = /^-?[0-9][0-9,.]*( ([kKMGTPE]i?)?B| µs| ms| W| %)?$/;
/** Cells that say that there is no number. */
const BLANK = /^(-|not reported)?$/;

/**
 * A decoded structure. Without `verbose`, one line `label  text` for each field that matters (for
 * all where none is marked); with it, `key  label: text` for every field, and below each word of
 * bits one line a piece.
 */
export function structBlocks<T extends object, I>(
  structure: Struct<T, I>,
  value: T,
  options: PresentOptions,
): Block[] {
  return [facts(structFacts(structure, value, options), options.indent)];
}

/** The same lines, to be put together with others. */
export function structFacts<T extends object, I>(
  structure: Struct<T, I>,
  value: T,
  { verbose, omit = [] }: Omit<PresentOptions, "indent">,
): Fact[] {
  const fields = structure.fields(value).filter(({ row }) => !omit.includes(row.name));
  if (verbose) return fields.flatMap((field) => verboseFacts(field, ""));
  const marked = fields.filter(({ row }) => row.brief);
  const shown = marked.length > 0 ? marked : fields;
  return shown.map(({ row, text }): Fact => [row.label, text]);
}

/** A table as the specification's modules describe it; numeric columns align right. */
export function tableBlock({ columns, rows, note }: Table): Block {
  return {
    kind: "table",
    columns: columns.map((title, at): Column =>
      isNumeric(rows, at) ? { title, align: "right" } : { title }
    ),
    rows,
    empty: note ?? "none",
  };
}

/** A table with the line that belongs below it; only the line where there are no rows. */
export function tableBlocks(table: Table): Block[] {
  const block = tableBlock(table);
  if (table.note === undefined || table.rows.length === 0) return [block];
  return [block, paragraph(toned(table.note, "dim"))];
}

/**
 * A log page under its title. Pages that are lists are tables; `verbose` adds the fields around the
 * list or, of a page that is nothing but entries, every entry that is not empty in full.
 *
 * @param bytes the bytes that `value` was decoded from
 */
export function logPageBlocks<T>(
  page: LogPage<T>,
  { bytes, value }: { readonly bytes: Uint8Array; readonly value: T },
  { verbose }: Pick<PresentOptions, "verbose">,
): Block[] {
  const title = heading(page.title);
  const { structure } = page;
  if (structure instanceof List) {
    const rows = page.table ? tableBlocks(page.table(value)) : [];
    const entries = verbose || !page.table ? listBlocks(structure, bytes) : [];
    return [title, ...rows, ...entries];
  }
  if (!page.table) return [title, ...structBlocks(structure, value as object, { verbose })];
  const blocks = [title, ...tableBlocks(page.table(value))];
  const lists = structure.rows.filter(({ codec }) => codec.item).map(({ name }) => name);
  const rest = structure.rows.some(({ name }) => name !== "" && !lists.includes(name));
  if (!verbose || !rest) return blocks;
  return [...blocks, ...structBlocks(structure, value as object, { verbose, omit: lists })];
}

function listBlocks(list: List<object, unknown>, bytes: Uint8Array): Block[] {
  const { entry } = list;
  const blocks: Block[] = [];
  for (let at = 0; at + entry.size <= bytes.length; at += entry.size) {
    const part = bytes.subarray(at, at + entry.size);
    if (part.every((byte) => byte === 0)) continue;
    blocks.push(
      heading(`Entry ${at / entry.size}`),
      ...structBlocks(entry, entry.decode(part), { verbose: true }),
    );
  }
  return blocks;
}

/** `key  label: text`, and below it the pieces that the value is made of. */
function verboseFacts({ row, key, text, value }: Field, margin: string): readonly Fact[] {
  const { codec, label } = row;
  if (codec instanceof Structure) {
    const inner = codec.fields(value as object);
    return [
      [margin + key, label],
      ...inner.flatMap((field) => verboseFacts(field, `${margin}  `)),
    ];
  }
  const number = rawNumber(codec, value);
  const lead: Fact = [margin + key, `${label}${number}: ${text === "" ? "empty" : text}`];
  const parts = codec.parts ?? [];
  return [lead, ...parts.map((part) => partFact(part, value, `${margin}  `))];
}

/** The number behind words that do not show it: of bits and of codes. */
function rawNumber({ type, size, parts }: Codec<unknown>, value: unknown): string {
  const word = parts ? (value as { readonly value: unknown }).value : value;
  const wordless = parts !== undefined || type.startsWith("code");
  if (!wordless || (typeof word !== "number" && typeof word !== "bigint")) return "";
  return ` (0x${word.toString(16).padStart(2 * size, "0")})`;
}

function partFact({ position, label, text }: Part<unknown>, value: unknown, margin: string): Fact {
  const name = position.includes(":") ? `bits ${position}` : `bit ${position}`;
  const words = text(value);
  const line = `${label}: ${words}`;
  return [margin + name, words === "no" ? toned(line, "dim") : line];
}

function isNumeric(rows: readonly (readonly string[])[], at: number): boolean {
  const cells = rows.map((row) => row[at] ?? "").filter((cell) => !BLANK.test(cell));
  return cells.length > 0 && cells.every((cell) => NUMERIC.test(cell));
}
