// nvmectl completions: a shell's completion script, written from the declarations of the verbs.

import { command } from "../cli/command.ts";
import { completionScript, SHELLS } from "../cli/completion.ts";
import { paragraph } from "../cli/report.ts";
import { UsageError } from "../errors.ts";

export const completions = command({
  name: "completions",
  group: "Learn",
  summary: "Write a completion script for bash, zsh or fish",
  description: `bash  put it into /etc/bash_completion.d/nvmectl, or source it
zsh   put it into a directory of $fpath as _nvmectl, or source it after compinit
fish  put it into ~/.config/fish/completions/nvmectl.fish`,
  effect: "read",
  target: "none",
  positionals: [{ name: "SHELL", help: "The shell to write it for", choices: SHELLS }],
  flags: {},
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl completions bash > /etc/bash_completion.d/nvmectl", "for every user, from now on"],
    ["source <(nvmectl completions zsh)", "for this shell only"],
  ],
  async run(_context, { words: [typed] }) {
    const shell = SHELLS.find((name) => name === typed);
    if (shell === undefined) {
      throw new UsageError(
        `Cannot write completions for ${JSON.stringify(typed)}: need one of ${SHELLS.join(", ")}`,
      );
    }
    const { allCommands } = await import("./registry.ts");
    const script = completionScript(shell, await allCommands());
    return {
      json: { shell, script },
      blocks: script.trimEnd().split("\n").map(paragraph),
      raw: new TextEncoder().encode(script),
    };
  },
});
