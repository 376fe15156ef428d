// Finding a verb by its exact name, and help over all of them.

import { allCommands, COMMANDS, FOREIGN_NAMES } from "../commands/registry.ts";
import { UsageError } from "../errors.ts";
import type { Command } from "./command.ts";

/** The verb of that name. A name that is none is a UsageError which says what was likely meant. */
export async function loadCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return await load();
  throw new UsageError(`Cannot run ${JSON.stringify(name)}: there is no such verb`, {
    next: await suggestion(name),
  });
}

async function suggestion(name: string): Promise<string> {
  const foreign = Object.hasOwn(FOREIGN_NAMES, name) ? FOREIGN_NAMES[name] : undefined;
  if (foreign !== undefined) return `what nvme-cli calls ${name} is: nvmectl ${foreign}`;
  const { didYouMean } = await import("./closest.ts");
  return didYouMean(name, Object.keys(COMMANDS)) ?? "nvmectl help lists the verbs";
}

/** The overview, or the help of the verb that is named. */
export async function showHelp(words: readonly string[]): Promise<string> {
  const { commandHelp, overview } = await import("./help.ts");
  const [verb] = words;
  if (verb === undefined || /^(help|-h|--help)$/.test(verb)) return overview(await allCommands());
  return commandHelp(await loadCommand(verb));
}
