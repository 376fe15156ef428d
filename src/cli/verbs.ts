// Finding a verb by its exact name, and help over all of them.

import {
  allCommands,
  COMMANDS,
  FOREIGN_NAMES,
  GROUPS,
  SUBGROUPS,
  SYNONYMS,
} from "../commands/registry.ts";
import { UsageError } from "../errors.ts";
import type { Command } from "./command.ts";

/** A verb, and the words behind its name. */
export interface FoundVerb {
  readonly command: Command;
  readonly rest: readonly string[];
}

/** Groups of every depth, by name. */
const ALL_GROUPS: Readonly<Record<string, string>> = { ...GROUPS, ...SUBGROUPS };

/**
 * The verb that the words begin with: its name has one word, or more where the first are a group's.
 * A group may be a verb by itself: `firmware` shows what `firmware update` changes. A name that is
 * none is a UsageError which says what was likely meant.
 */
export async function loadCommand(words: readonly string[]): Promise<FoundVerb> {
  const known = withoutSynonyms(words);
  const group = groupOf(known);
  if (group !== undefined) return await loadMember(group, known);
  const [first = ""] = known;
  const command = await load(first);
  if (command) return { command, rest: known.slice(1) };
  throw new UsageError(`Cannot run ${JSON.stringify(first)}: there is no such verb`, {
    next: await suggestion(first),
  });
}

function load(name: string): Promise<Command> | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.() : undefined;
}

/** The words, where names that mean the same are replaced by ours. */
function withoutSynonyms(words: readonly string[]): readonly string[] {
  for (const [other, ours] of Object.entries(SYNONYMS)) {
    const length = other.split(" ").length;
    if (words.slice(0, length).join(" ") === other) {
      return [...ours.split(" "), ...words.slice(length)];
    }
  }
  return words;
}

/** The innermost group that the words begin with. */
function groupOf(words: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let count = 1; count <= words.length; count++) {
    const name = words.slice(0, count).join(" ");
    if (!Object.hasOwn(ALL_GROUPS, name)) return found;
    found = name;
  }
  return found;
}

async function loadMember(group: string, words: readonly string[]): Promise<FoundVerb> {
  const [member, ...rest] = words.slice(group.split(" ").length);
  const command = await load(`${group} ${member}`);
  if (command) return { command, rest };
  const itself = await load(group);
  if (itself && (member === undefined || !couldBeMember(member))) {
    return { command: itself, rest: member === undefined ? [] : [member, ...rest] };
  }
  if (member === undefined) {
    throw new UsageError(`Cannot run ${group}: what it is to do is missing`, {
      next: `nvmectl ${group} --help lists what there is: ${membersOf(group).join(", ")}`,
    });
  }
  const { didYouMean } = await import("./closest.ts");
  throw new UsageError(
    `Cannot run ${group} ${JSON.stringify(member)}: there is no such verb`,
    { next: didYouMean(member, membersOf(group)) ?? `nvmectl ${group} --help lists them` },
  );
}

/** Whether a word behind a group could only be meant as a verb: it is no option and no drive. */
function couldBeMember(word: string): boolean {
  return /^[a-z][a-z-]*$/.test(word);
}

/** The words that can follow a group's name. */
function membersOf(group: string): readonly string[] {
  const names = [...Object.keys(COMMANDS), ...Object.keys(SUBGROUPS)]
    .filter((name) => name.startsWith(`${group} `))
    .map((name) => name.slice(group.length + 1).split(" ")[0] ?? "");
  return [...new Set(names)];
}

async function suggestion(name: string): Promise<string> {
  const foreign = Object.hasOwn(FOREIGN_NAMES, name) ? FOREIGN_NAMES[name] : undefined;
  if (foreign !== undefined) return `what nvme-cli calls ${name} is: nvmectl ${foreign}`;
  const { didYouMean } = await import("./closest.ts");
  const known = [
    ...Object.keys(COMMANDS).filter((one) => !one.includes(" ")),
    ...Object.keys(GROUPS),
  ];
  return didYouMean(name, known) ?? "nvmectl help lists the verbs";
}

const HELP_WORD = /^(help|-h|--help)$/;

/** The overview, the help of a group of verbs, or of the verb that is named. */
export async function showHelp(words: readonly string[]): Promise<string> {
  const { commandHelp, groupHelp, overview } = await import("./help.ts");
  const named = withoutSynonyms(words.filter((word) => !HELP_WORD.test(word)));
  if (named.length === 0) return overview(await allCommands(), GROUPS);
  const group = groupOf(named);
  if (group === undefined || group !== named.join(" ")) {
    return commandHelp((await loadCommand(named)).command);
  }
  return groupHelp(group, ALL_GROUPS[group] ?? "", await allCommands());
}

/** Whether the words ask for the help of a group: `drive --help`. */
export function asksForGroup(words: readonly string[]): boolean {
  const known = withoutSynonyms(words);
  const group = groupOf(known);
  const next = group === undefined ? undefined : known[group.split(" ").length];
  return next !== undefined && HELP_WORD.test(next);
}
