// nvmectl explain: what a number or a name means, without a drive.

import { command, type Positional } from "../cli/command.ts";
import { type Block, heading, items, paragraph, type Report, table } from "../cli/report.ts";
import { UsageError } from "../errors.ts";
import { allNames, type Found, KINDS, search } from "./explain/search.ts";
import { parseNumber, type Subject } from "./explain/subject.ts";

/** As many words as the longest name has, and some. */
const MOST_WORDS = 10;

const FURTHER_WORD: Positional = {
  name: "WORD",
  help: "A number or a name, in one word or several",
  optional: true,
};
const FIRST_WORD: Positional = {
  ...FURTHER_WORD,
  choices: KINDS.flatMap(({ selectors }) => selectors.slice(0, 1)),
};

export const explain = command({
  name: "explain",
  group: "Learn",
  summary: "Explain a status, opcode, log page or field, offline",
  description:
    `Without a word: what can be explained. A first word (status, opcode, admin, io, fabrics,
log, identify, structure, field, exit, reference) asks for that kind alone; by itself it
lists all of the kind. Where a word has several meanings, all are shown.`,
  effect: "read",
  target: "none",
  positionals: [FIRST_WORD, ...Array.from({ length: MOST_WORDS - 1 }, () => FURTHER_WORD)],
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
  const found = search(words);
  if (found.subjects.length === 0) throw await unknown(query);
  return found.explained ? explanations(query, found) : list(query, found.subjects);
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

function explanations(query: string, { subjects, numbered }: Found): Report {
  const explained = subjects.map((subject) => ({ subject, ...subject.explain() }));
  const layouts = explained.filter(({ layout }) => layout !== undefined).length;
  const whole = subjects.length === 1 || (layouts === 1 && !numbered);
  return {
    json: {
      query,
      meanings: explained.map(({ subject, json }) => ({ kind: subject.kind, ...json })),
    },
    blocks: explained.flatMap(({ subject, blocks, layout = [] }) => [
      ...blocks,
      ...(whole ? layout : hint(subject, layout)),
    ]),
  };
}

/** Where several meanings are shown, their layouts are only a command away. */
function hint({ kind, names }: Subject, layout: readonly Block[]): readonly Block[] {
  const [name = ""] = [...names].sort((one, other) => one.length - other.length);
  const selector = KINDS.find((one) => one.name === kind)?.selectors[0];
  return layout.length === 0
    ? []
    : [paragraph(`nvmectl explain ${selector} ${name} shows the layout`)];
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
  const all = "nvmectl explain shows what can be explained";
  const number = parseNumber(query);
  if (number !== undefined) {
    return new UsageError(
      `Cannot explain ${query}: no status, opcode or log page has that number`,
      { next: isStatusWord(number) ? withoutPhase(number) : all },
    );
  }
  const { didYouMean } = await import("../cli/closest.ts");
  const nearest = didYouMean(query.toLowerCase(), allNames());
  return new UsageError(`Cannot explain ${JSON.stringify(query)}: nothing known has that name`, {
    next: nearest === undefined ? all : `${nearest} ${all}`,
  });
}

/** Whether a number can only be a status with its phase tag: 16 bits, the highest of them set. */
function isStatusWord(number: number): boolean {
  return number > 0x7fff && number <= 0xffff;
}

function withoutPhase(word: number): string {
  return `if it is a status with its phase tag: nvmectl explain 0x${(word >>> 1).toString(16)}`;
}
