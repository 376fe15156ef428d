// What can stand where on the command line, as the three shells' scripts need it.

import type { Command, Positional } from "../command.ts";
import { type Flag, flagName } from "../flags.ts";
import { allFlags } from "../parse.ts";

/** A word that can be chosen, and what it stands for. */
export interface Described {
  readonly name: string;
  readonly summary: string;
}

/** What a shell can offer at a place. */
export type Offers =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "verbs"; readonly verbs: readonly Described[] }
  | { readonly kind: "file" }
  | { readonly kind: "target" }
  | { readonly kind: "nothing" };

/** An option as it is typed. */
export interface OptionWords {
  /** `--block-size`. */
  readonly long: string;
  /** `-o`. */
  readonly short?: string;
  readonly help: string;
  /** Its value; absent for one that takes none. */
  readonly value?: OptionValue;
}

/** The value of an option. */
export interface OptionValue {
  readonly name: string;
  readonly offers: Offers;
  /** Whether it may only follow `=`, because the option can stand alone. */
  readonly attached: boolean;
}

/** A word that a verb takes. */
export interface Place {
  readonly name: string;
  readonly offers: Offers;
}

/**
 * A verb, its options, its words in order. Where the words begin with those of a longer name
 * (`drive` and `drive serve`, `help` and `help drive`), the longer one counts.
 */
export interface VerbWords extends Described {
  readonly options: readonly OptionWords[];
  readonly places: readonly Place[];
}

const NOTHING: Offers = { kind: "nothing" };

/** What a command's declaration says of its words. */
export function verbOf(command: Command): VerbWords {
  const { name, summary, positionals = [], target } = command;
  const options = Object.entries(allFlags(command)).map(([key, flag]) =>
    optionOf(key, key === "output" ? { ...flag, choices: command.formats } : flag)
  );
  const places = positionals.map(placeOf);
  return {
    name,
    summary,
    options,
    places: target === "drive"
      ? [...places, { name: "TARGET", offers: { kind: "target" } }]
      : places,
  };
}

/**
 * All that can stand first: the verbs, their groups of every depth, and help about them. A group is
 * like a verb whose first word is one of its members.
 *
 * @param about what the groups are about, by name
 */
export function allWords(
  verbs: readonly VerbWords[],
  about: Readonly<Record<string, string>>,
): readonly VerbWords[] {
  const names = new Set(verbs.flatMap(({ name }) => groupsOf(name)));
  const groups = [...names].map((name) => ({
    name,
    summary: about[name] ?? "",
    // A group that is a verb too takes that verb's options.
    options: verbs.find((verb) => verb.name === name)?.options ?? [HELP_OPTION],
    places: [verbPlace(membersOf(name, verbs, about))],
  }));
  const plain = verbs.filter(({ name }) => !names.has(name));
  const first = topLevel([...plain, ...groups]);
  const help = { name: "help", summary: "Show the verbs, or one in full", options: [] };
  return [
    ...plain,
    ...groups,
    { ...help, places: [verbPlace(first)] },
    ...groups.map(({ name, places }) => ({ ...help, name: `help ${name}`, places })),
  ];
}

/** Those whose name is one word. */
export function topLevel(verbs: readonly VerbWords[]): readonly VerbWords[] {
  return verbs.filter(({ name }) => !name.includes(" "));
}

/** Those whose name continues this one. */
export function longerThan(name: string, verbs: readonly VerbWords[]): readonly VerbWords[] {
  return verbs.filter((verb) => verb.name.startsWith(`${name} `));
}

/** Those whose name continues this one by one word. */
export function childrenOf(name: string, verbs: readonly VerbWords[]): readonly VerbWords[] {
  return longerThan(name, verbs).filter((verb) => !verb.name.slice(name.length + 1).includes(" "));
}

/** The words that can follow a group's name, each once. */
function membersOf(
  group: string,
  verbs: readonly VerbWords[],
  about: Readonly<Record<string, string>>,
): readonly Described[] {
  const members = new Map<string, string>();
  for (const { name, summary } of longerThan(group, verbs)) {
    const [word = "", ...more] = name.slice(group.length + 1).split(" ");
    if (!members.has(word)) {
      members.set(word, more.length === 0 ? summary : about[`${group} ${word}`] ?? "");
    }
  }
  return [...members].map(([name, summary]) => ({ name, summary }));
}

/** The groups that a name of several words stands in: of `key tls list`, `key` and `key tls`. */
function groupsOf(name: string): readonly string[] {
  const words = name.split(" ");
  return words.slice(1).map((_, at) => words.slice(0, at + 1).join(" "));
}

const HELP_OPTION: OptionWords = { long: "--help", short: "-h", help: "Show the group's verbs" };

function verbPlace(verbs: readonly Described[]): Place {
  const described = verbs.map(({ name, summary }) => ({ name, summary }));
  return { name: "VERB", offers: { kind: "verbs", verbs: described } };
}

function placeOf({ name, choices }: Positional): Place {
  return { name, offers: choices ? { kind: "words", words: choices } : NOTHING };
}

function optionOf(key: string, flag: Flag<unknown>): OptionWords {
  const { help, value, choices, short, bare } = flag;
  return {
    long: `--${flagName(key)}`,
    ...(short === undefined ? {} : { short: `-${short}` }),
    help,
    ...(value === undefined ? {} : {
      value: { name: value, offers: offersOf(value, choices), attached: bare !== undefined },
    }),
  };
}

function offersOf(placeholder: string, choices: readonly string[] | undefined): Offers {
  if (choices) return { kind: "words", words: choices };
  return placeholder.includes("FILE") ? { kind: "file" } : NOTHING;
}

/** A text inside single quotes, as bash and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
