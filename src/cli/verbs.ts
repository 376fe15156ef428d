// Finding a verb by its exact name, and help over all of them.

import { allCommands, COMMANDS, FOREIGN_NAMES, GROUPS } from "../commands/registry.ts";
import { UsageError } from "../errors.ts";
import type { Command } from "./command.ts";

/** A verb, and the words behind its name. */
export interface FoundVerb {
  readonly command: Command;
  readonly rest: readonly string[];
}

/**
 * The verb that the words begin with: its name has one word, or two where the first is a group's. A
 * group may be a verb by itself: `firmware` shows what `firmware update` changes. A name that is
 * none is a UsageError which says what was likely meant.
 */
export async function loadCommand(words: readonly string[]): Promise<FoundVerb> {
  const [first = "", second] = words;
  if (Object.hasOwn(GROUPS, first)) return await loadMember(first, second, words.slice(2));
  const load = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (load) return { command: await load(), rest: words.slice(1) };
  throw new UsageError(`Cannot run ${JSON.stringify(first)}: there is no such verb`, {
    next: await suggestion(first),
  });
}

async function loadMember(
  group: string,
  member: string | undefined,
  rest: readonly string[],
): Promise<FoundVerb> {
  const name = `${group} ${member}`;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return { command: await load(), rest };
  const itself = Object.hasOwn(COMMANDS, group) ? COMMANDS[group] : undefined;
  if (itself && (member === undefined || !couldBeMember(member))) {
    return { command: await itself(), rest: member === undefined ? [] : [member, ...rest] };
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

function membersOf(group: string): readonly string[] {
  return Object.keys(COMMANDS).filter((name) => name.startsWith(`${group} `))
    .map((name) => name.slice(group.length + 1));
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
  const [verb, member] = words;
  if (verb === undefined || HELP_WORD.test(verb)) return overview(await allCommands(), GROUPS);
  if (Object.hasOwn(GROUPS, verb) && (member === undefined || HELP_WORD.test(member))) {
    return groupHelp(verb, GROUPS[verb] ?? "", await allCommands());
  }
  return commandHelp((await loadCommand(words)).command);
}

/** Whether the words ask for the help of a group: `drive --help`. */
export function asksForGroup([group = "", word]: readonly string[]): boolean {
  return Object.hasOwn(GROUPS, group) && word !== undefined && HELP_WORD.test(word);
}
