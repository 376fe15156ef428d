// Completion scripts from the declarations of the verbs.

import { GROUPS, SUBGROUPS } from "../commands/registry.ts";
import type { Command } from "./command.ts";
import { bashScript } from "./completion/bash.ts";
import { fishScript } from "./completion/fish.ts";
import { allWords, verbOf, type VerbWords } from "./completion/words.ts";
import { zshScript } from "./completion/zsh.ts";

/** The shells that have a script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of the shells. */
export type Shell = typeof SHELLS[number];

const WRITERS: Readonly<Record<Shell, (verbs: readonly VerbWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The completion script of a shell, ending in a line break. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return WRITERS[shell](allWords(commands.map(verbOf), { ...GROUPS, ...SUBGROUPS }));
}
