// Writes measurements as text: a table for the terminal, sections for BENCHMARKS.md.

import type { Spread } from "./statistics.ts";

/** One comparison: ours beside the peer's or the floor's, and how many times that ours is. */
export interface Comparison {
  readonly what: string;
  readonly ours: string;
  readonly reference: string;
  readonly ratio: Spread;
  /** The ratio that is aimed at: at most this. Or so much of `absolute`. */
  readonly aim?: number;
  /** What the aim is about where it is not the ratio: a measurement of ours, and its unit. */
  readonly absolute?: { readonly value: Spread; readonly unit: string };
}

/** What one benchmark found. */
export interface Section {
  readonly title: string;
  /** How it is measured, and what is compared with what: sentences. */
  readonly method: string;
  /** What was run, ours first: a name and the command. */
  readonly commands: readonly (readonly [name: string, command: string])[];
  readonly comparisons: readonly Comparison[];
  /** Column heads for ours and the reference. */
  readonly heads: readonly [ours: string, reference: string];
}

/** Where and under what load a section was measured. */
export interface Circumstances {
  /** The command that repeats the measurement. */
  readonly command: string;
  readonly machine: string;
  /** Processes that wanted to run before the benchmark started: the one-minute load average. */
  readonly load: number;
}

const HEAD = `# Benchmarks

Ratios against a peer or a floor that was measured in the same run, in pairs that alternate, so that
the machine's mood meets both. A ratio is the median of the pairs' ratios, and half of the pairs lie
in the range behind it; the other numbers are medians. Smaller is better. An aim is met, or missed,
where the 95 % confidence interval of the median lies on one side of it, and otherwise unclear.
\`scripts/bench.ts\` measures and, with \`--write\`, renews these sections; \`scripts/setup.sh\` must
have run before.
`;

/** Milliseconds for people. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** KiB as MiB for people. */
export function formatMiB(kibibytes: number): string {
  return `${(kibibytes / 1024).toFixed(1)} MiB`;
}

/** A whole number with separated thousands. */
export function formatWhole(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1.32 (1.29 to 1.37)`. */
export function formatRatio({ median, low, high }: Spread): string {
  const text = (value: number): string => value.toFixed(2);
  return `${text(median)} (${text(low)} to ${text(high)})`;
}

/** How a ratio stands to an aim. */
export type Verdict = "met" | "missed" | "unclear";

/** Whether a ratio is at most what it should be; unclear where the noise forbids to say so. */
export function verdict({ between: [from, to] }: Spread, aim: number): Verdict {
  if (to <= aim) return "met";
  return from > aim ? "missed" : "unclear";
}

/** How a comparison stands to its aim; undefined where it has none. */
export function judge({ ratio, aim, absolute }: Comparison): Verdict | undefined {
  return aim === undefined ? undefined : verdict(absolute?.value ?? ratio, aim);
}

/** A table whose columns line up, also as plain text. */
export function formatTable({ heads, comparisons }: Section): string {
  const rows = [
    ["", ...heads, "ratio", "aim"],
    ...comparisons.map((comparison) => [
      comparison.what,
      comparison.ours,
      comparison.reference,
      formatRatio(comparison.ratio),
      formatAim(comparison),
    ]),
  ];
  const widths =
    rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => [...row[column] ?? ""].length))) ??
      [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function formatAim(comparison: Comparison): string {
  const { aim, absolute } = comparison;
  if (aim === undefined) return "";
  return `${aim}${absolute ? ` ${absolute.unit}` : ""}: ${judge(comparison)}`;
}

/** A section of BENCHMARKS.md, without an empty line at its end. */
export function formatSection(section: Section, { command, machine, load }: Circumstances): string {
  return [
    `## ${section.title}`,
    "",
    section.method,
    "",
    ...section.commands.map(([name, text]) => `- ${name}: \`${text}\``),
    `- repeat it: \`${command}\``,
    `- machine: ${machine}; load average before: ${load.toFixed(1)}`,
    "",
    formatTable(section),
  ].join("\n");
}

/**
 * BENCHMARKS.md with some sections renewed; those of other benchmarks stay as they are.
 * @param existing the document as it is, empty when there is none
 * @param renewed the new sections by title
 * @param order all titles, as they shall follow each other; a section with another title goes
 */
export function mergeDocument(
  existing: string,
  renewed: ReadonlyMap<string, string>,
  order: readonly string[],
): string {
  const kept = new Map(
    existing.split(/^(?=## )/m).filter((part) => part.startsWith("## ")).map((part) => [
      part.slice(3, part.indexOf("\n")).trim(),
      part.trimEnd(),
    ]),
  );
  const sections = order.flatMap((title) => renewed.get(title) ?? kept.get(title) ?? []);
  return [HEAD.trimEnd(), ...sections].join("\n\n") + "\n";
}
