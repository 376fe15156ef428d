// Words to values: pure, no side effects. Options are exact, never abbreviated.

import { UsageError } from "../errors.ts";
import type { Command, Flags, Invocation } from "./command.ts";
import { badValue, type Flag, flagName, text, toggle } from "./flags.ts";
import { bigInteger, choice, duration, integer } from "./flags.ts";

/** Options that every command has. */
export const COMMON_FLAGS = {
  output: {
    ...choice("Write the result as", ["table", "json", "raw", "ndjson"]),
    short: "o",
  },
  verbose: toggle("Show every field with its meaning", "v"),
  help: toggle("Show this command's help", "h"),
} as const satisfies Flags;

/** Options of commands that talk to a drive. */
export const DRIVE_FLAGS = {
  timeout: duration("Longest that any one command may take"),
  dryRun: toggle("Read as usual, but only show the commands that would change anything"),
  trace: {
    ...text("Show every command on stderr, or write it to FILE (.pcapng, .ndjson, .txt)", "FILE"),
    bare: "-",
  },
} as const satisfies Flags;

/** Options that concern our own driver, of commands that talk to drives. */
export const PCI_FLAGS = {
  pci: text("The drive, as the target pci:BDF names it", "BDF"),
  iovaBase: bigInteger("Where the drive sees our memory begin (0x100000000)", "ADDRESS"),
  queueDepth: integer("Entries of its queues (64)", { min: 2, max: 4096 }),
} as const satisfies Flags;

/** The option of commands that can change something, which our own driver lets through with it. */
export const WRITE_FLAGS = {
  allowWrite: toggle("Let the drive be changed, after a confirmation"),
} as const satisfies Flags;

/** Options of commands that are confirmed. */
export const CONFIRM_FLAGS = {
  yes: toggle("Do not ask for confirmation; needs --serial"),
  serial: text("The exact serial number of the drive that may be changed or erased", "SERIAL"),
} as const satisfies Flags;

/** All options of a command under the headings that help gives them. */
export function flagSections(command: Command): Readonly<Record<string, Flags>> {
  const { effect, flags, formats, target } = command;
  const drive = target === "drive";
  const changes = drive && effect !== "read";
  return {
    "Options": flags,
    "Confirmation": changes || effect === "destroy" ? CONFIRM_FLAGS : {},
    "Drive": drive ? DRIVE_FLAGS : {},
    "Drive behind VFIO (pci:)": drive ? { ...PCI_FLAGS, ...(changes ? WRITE_FLAGS : {}) } : {},
    "Output": {
      ...COMMON_FLAGS,
      output: { ...COMMON_FLAGS.output, value: formats.join("|"), choices: formats },
    },
  };
}

/** All options of a command, its own first; `output` offers what the command can write. */
export function allFlags(command: Command): Flags {
  return Object.assign({}, ...Object.values(flagSections(command)));
}

/** A command line, read. */
export interface Parsed extends Invocation<Flags> {
  /** The target, where one was typed. */
  readonly target: string | undefined;
  /** Options that were given, by name in code. */
  readonly given: ReadonlySet<string>;
}

/** Reads the words after the verb. Throws UsageError for anything that is not exactly right. */
export function parseWords(command: Command, words: readonly string[]): Parsed {
  const flags = allFlags(command);
  const { options, positionals } = splitWords(command, flags, words);
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    values[name] = readFlag(name, flag, options.get(name));
  }
  const format = (values["output"] ?? "table") as Command["formats"][number];
  if (!values["help"] && !command.formats.includes(format)) {
    throw badValue("output", format, `one of ${command.formats.join(", ")} for ${command.name}`);
  }
  const help = values["help"] === true;
  const { placed, target } = placePositionals(command, positionals, help);
  return {
    flags: values,
    words: placed,
    target: chooseTarget(target, values["pci"] as string | undefined),
    given: new Set(options.keys()),
  };
}

/** `--pci BDF` is another way to write the target `pci:BDF`. */
function chooseTarget(typed: string | undefined, pci: string | undefined): string | undefined {
  if (pci === undefined) return typed;
  if (typed === undefined) return `pci:${pci}`;
  throw new UsageError(`Cannot use both --pci ${pci} and ${typed}: one drive at a time`, {
    next: "leave one of them out",
  });
}

function readFlag(
  name: string,
  flag: Flag<unknown>,
  typed: readonly string[] | undefined,
): unknown {
  if (typed === undefined) return flag.absent;
  const [value = ""] = typed;
  if (flag.value === undefined) return flag.parse(value, name);
  if (typed.length > 1 && !flag.all) {
    const values = flag.secret ? "" : `: ${typed.join(" and ")}`;
    throw new UsageError(`Cannot use --${flagName(name)} twice${values}`);
  }
  if (typed.includes("")) {
    throw new UsageError(`Cannot use --${flagName(name)}: it needs a value, ${flag.value}`);
  }
  return flag.all ? flag.all(typed, name) : flag.parse(value, name);
}

/** What was typed, taken apart: the values of each option by its name in code, and the rest. */
interface Typed {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/** An option as it was typed: `--output=json`, or one letter of `-vojson`. */
interface TypedOption {
  /** Its name in code. */
  readonly name: string;
  /** As it was typed, for messages. */
  readonly spelled: string;
  /** What stood behind it in the same word. */
  readonly value?: string | undefined;
}

function splitWords(command: Command, flags: Flags, words: readonly string[]): Typed {
  const options = new Map<string, string[]>();
  const positionals: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") return { options, positionals: [...positionals, ...rest] };
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    for (const { name, spelled, value } of optionsIn(word, command, flags)) {
      const flag = flags[name];
      if (flag === undefined) continue;
      if (flag.value === undefined && value !== undefined) {
        throw new UsageError(`Cannot use ${word}: ${spelled} takes no value`);
      }
      const taken = value ?? flag.bare ??
        (flag.value !== undefined && isValue(rest[0]) ? rest.shift() : undefined);
      options.set(name, [...options.get(name) ?? [], taken ?? ""]);
    }
  }
  return { options, positionals };
}

/** Whether a word can be the value of the option before it: a negative number can, `-` can. */
function isValue(word: string | undefined): boolean {
  return word !== undefined && !/^-[^0-9]/.test(word);
}

/** The options in a word: one long one, or letters of which only the last can have a value. */
function optionsIn(word: string, command: Command, flags: Flags): readonly TypedOption[] {
  const entries = Object.entries(flags);
  const unknown = (spelled: string): UsageError =>
    new UsageError(`Cannot use ${spelled}: ${command.name} has no such option`, {
      next: `nvmectl ${command.name} --help lists them`,
    });
  const [, long, value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== undefined) {
    const name = entries.find(([name]) => flagName(name) === long)?.[0];
    if (name === undefined) throw unknown(word);
    return [{ name, spelled: `--${long}`, value }];
  }
  const found: TypedOption[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const [name, flag] = entries.find(([, { short }]) => short === letter) ?? [];
    if (name === undefined || flag === undefined) throw unknown(`-${letter}`);
    const behind = word.slice(at + 1);
    const takesRest = behind.startsWith("=") || (flag.value !== undefined && behind !== "");
    const value = takesRest ? behind.replace(/^=/, "") : undefined;
    found.push({ name, spelled: `-${letter}`, value });
    if (takesRest) break;
  }
  return found;
}

function placePositionals(
  command: Command,
  typed: readonly string[],
  help: boolean,
): { placed: readonly (string | undefined)[]; target: string | undefined } {
  const declared = command.positionals ?? [];
  const placed = declared.map((_, at) => typed[at]);
  const rest = typed.slice(declared.length);
  const missing = declared.find((word, at) => !word.optional && placed[at] === undefined);
  if (missing && !help) {
    throw new UsageError(
      `Cannot run ${command.name}: ${missing.name} is missing (${missing.help})`,
      { next: `nvmectl ${command.name} --help shows examples` },
    );
  }
  const room = command.target === "drive" ? 1 : 0;
  if (rest.length > room) {
    throw new UsageError(
      `Cannot run ${command.name}: ${JSON.stringify(rest[room])} is one word too many`,
      { next: `nvmectl ${command.name} --help shows what it takes` },
    );
  }
  return { placed, target: rest[0] };
}
