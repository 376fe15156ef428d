// Completion scripts from the declarations of the verbs.

import type { Command } from "./command.ts";
import { bashScript } from "./completion/bash.ts";
import { fishScript } from "./completion/fish.ts";
import { verbOf, type VerbWords } from "./completion/words.ts";
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
  const verbs = commands.map(verbOf);
  const help: VerbWords = {
    name: "help",
    summary: "Show the verbs, or one in full",
    options: [],
    places: [{ name: "VERB", offers: { kind: "words", words: verbs.map(({ name }) => name) } }],
  };
  return WRITERS[shell]([...verbs, help]);
}
