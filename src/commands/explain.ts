// nvmectl explain: what a number or a name means, without a drive.

import { command } from "../cli/command.ts";
import { type Block, heading, items, paragraph, type Report, table } from "../cli/report.ts";
import { UsageError } from "../errors.ts";
import { allNames, KINDS, search } from "./explain/search.ts";
import type { Subject } from "./explain/subject.ts";

/** As many words as the longest name has, and some. */
const MOST_WORDS = 10;

export const explain = command({
  name: "explain",
  group: "Learn",
  summary: "Explain a status, opcode, log page, structure or field, offline",
  description:
    `Without a word: what can be explained. A first word (status, opcode, admin, io, fabrics,
log, identify, structure, field, exit, reference) asks for that kind alone; by itself it
lists all of the kind. Where a word has several meanings, all are shown.`,
  effect: "read",
  target: "none",
  positionals: Array.from({ length: MOST_WORDS }, () => ({
    name: "WORD",
    help: "A number or a name, in one word or several",
    optional: true,
    choices: KINDS.flatMap(({ selectors }) => selectors.slice(0, 1)),
  })),
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl explain 0x2002", "a status field, as the kernel and nvme-cli print it"],
    ["nvmectl explain sct 0x2 / sc 0x81", "the same from the kernel's log"],
    ["nvmectl explain admin 0x80", "an opcode"],
    ["nvmectl explain smart", "a log page with its layout"],
    ["nvmectl explain identify-controller", "a structure with its layout"],
    ["nvmectl explain oacs", "a field: where it is, and what each bit means"],
    ["nvmectl explain exit", "the exit statuses"],
  ],
  run: (_context, { words }) => explainWords(words.filter((word) => word !== undefined)),
});

async function explainWords(words: readonly string[]): Promise<Report> {
  if (words.length === 0) return overview();
  const query = words.join(" ");
  const { subjects, explained } = search(words);
  if (subjects.length === 0) throw await unknown(query);
  return explained ? explanations(query, subjects) : list(query, subjects);
}

function overview(): Report {
  const kinds = KINDS.map(({ name, title, example, all }) => ({
    kind: name,
    title,
    count: all().length,
    example,
  }));
  return {
    json: { kinds },
    blocks: [
      table(
        ["What", ">Known", "For example"],
        kinds.map(({ title, count, example }) => [title, `${count}`, example]),
      ),
    ],
  };
}

function explanations(query: string, subjects: readonly Subject[]): Report {
  const alone = subjects.length === 1;
  const blocks: Block[] = [];
  const meanings = subjects.map((subject) => {
    const explanation = subject.explain();
    const { layout = [] } = explanation;
    blocks.push(...explanation.blocks, ...(alone ? layout : hint(subject, layout)));
    return { kind: subject.kind, ...explanation.json };
  });
  return { json: { query, meanings }, blocks };
}

/** Where several meanings are shown, their layouts are only a command away. */
function hint({ kind, names }: Subject, layout: readonly Block[]): readonly Block[] {
  const [name = ""] = [...names].sort((one, other) => one.length - other.length);
  const selector = KINDS.find((one) => one.name === kind)?.selectors[0];
  return layout.length === 0
    ? []
    : [paragraph(`nvmectl explain ${selector} ${name} shows it whole`)];
}

function list(query: string, subjects: readonly Subject[]): Report {
  const blocks = KINDS.flatMap((kind): readonly Block[] => {
    const members = subjects.filter((subject) => subject.kind === kind.name);
    return members.length === 0
      ? []
      : [heading(kind.title), items(members.map(({ title }) => title))];
  });
  const candidates = subjects.map(({ kind, title, names }) => ({ kind, title, names }));
  return { json: { query, candidates }, blocks };
}

async function unknown(query: string): Promise<UsageError> {
  const { didYouMean } = await import("../cli/closest.ts");
  const nearest = didYouMean(query.toLowerCase(), allNames());
  const all = "nvmectl explain shows what can be explained";
  return new UsageError(`Cannot explain ${JSON.stringify(query)}: nothing known has that name`, {
    next: nearest === undefined ? all : `${nearest} ${all}`,
  });
}
