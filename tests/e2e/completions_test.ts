// The completion scripts inside the shells themselves: bash always, zsh and fish where there are.

import { assert, assertEquals } from "@std/assert";
import { completionScript, type Shell } from "../../src/cli/completion.ts";
import { allCommands } from "../../src/commands/registry.ts";

const commands = await allCommands();

interface Ended {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(program: string, args: readonly string[]): Promise<Ended> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function has(shell: Shell): Promise<boolean> {
  try {
    return (await run(shell, ["-c", "true"])).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs shell code with the script's path in its arguments; anything on stderr is a failure. */
async function inShell(shell: Shell, code: string, ...words: string[]): Promise<readonly string[]> {
  const path = await Deno.makeTempFile({ suffix: `.${shell}` });
  try {
    await Deno.writeTextFile(path, completionScript(shell, commands));
    const name = shell === "fish" ? [] : ["test"];
    const ended = await run(shell, ["-c", code, ...name, path, ...words]);
    assert(ended.success && ended.stderr === "", ended.stderr);
    return ended.stdout.split("\n").filter((line) => line !== "");
  } finally {
    await Deno.remove(path);
  }
}

// As readline would call it; device nodes are made up, because the machine may have none.
const BASH = `
set -u
source "$1"
shift
compgen() {
  if [[ $1 != -G ]]; then
    builtin compgen "$@"
  elif [[ $2 == /dev/nvme* ]]; then
    printf '%s\\n' /dev/nvme0 /dev/nvme0n1
  fi
}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_nvmectl
printf '%s\\n' "\${COMPREPLY[@]}"
`;

function bash(...words: string[]): Promise<readonly string[]> {
  return inShell("bash", BASH, "nvmectl", ...words);
}

Deno.test("bash reads its script without complaint", async () => {
  assertEquals(await inShell("bash", 'bash -n "$1"'), []);
});

Deno.test("bash completes verbs, options and choices", async () => {
  assertEquals(await bash("hea"), ["health"]);
  assertEquals(await bash("help", "ra"), ["raw"]);
  assertEquals(await bash("health", "--wa"), ["--watch"]);
  assertEquals(await bash("raw", ""), ["admin", "io"]);
  assertEquals(await bash("completions", "z"), ["zsh"]);
  assertEquals(await bash("log", "sm"), ["smart"]);
  assertEquals(await bash("health", "-o", "n"), ["ndjson"]);
});

Deno.test("bash completes the value after an equals sign, which readline makes a word", async () => {
  assertEquals(await bash("health", "--output", "=", "j"), ["json"]);
  assertEquals(await bash("version", "--output", "="), ["table", "json"]);
  assertEquals(await bash("health", "--trace", "=", "/dev/nul"), ["/dev/null"]);
});

Deno.test("bash completes devices and schemes where a target belongs, and only there", async () => {
  const targets = ["/dev/nvme0", "/dev/nvme0n1", "virtual:", "serial:"];
  assertEquals(await bash("health", ""), targets);
  assertEquals(await bash("health", "/dev/n"), targets.slice(0, 2));
  assertEquals(await bash("raw", "admin", "--opcode", "6", "vir"), ["virtual:"]);
  assertEquals(await bash("log", "smart", "--trace", "/dev/n"), targets.slice(0, 2));
  assertEquals(await bash("health", "/dev/nvme0", ""), []);
  assertEquals(await bash("health", "virtual", ":", "o"), []);
  assertEquals(await bash("health", "virtual", ":", "old", "--wa"), ["--watch"]);
  assertEquals(await bash("version", ""), []);
});

Deno.test("bash completes the verbs of a group, their options and their words", async () => {
  assertEquals(await bash("dr"), ["drive"]);
  assert((await bash("")).every((word) => !word.includes(" ") && word !== "serve"));
  assertEquals(await bash("drive", "se"), ["serve"]);
  assertEquals(await bash("drive", "serve", "--tc"), ["--tcp"]);
  assertEquals(await bash("drive", "serve", "--plugin", "/dev/nul"), ["/dev/null"]);
  assertEquals(await bash("drive", "trace", "-o", "ra"), ["raw"]);
  assertEquals(await bash("drive", "--he"), ["--help"]);
  assertEquals(await bash("serve", ""), []);
  // A word that happens to be a member's name is not one in another place.
  assertEquals(await bash("drive", "serve", "trace", "--tc"), ["--tcp"]);
});

Deno.test("bash completes groups within groups", async () => {
  assertEquals(await bash("key", "t"), ["tls"]);
  assertEquals(await bash("key", "tls", "de"), ["derive"]);
  assertEquals(await bash("key", "tls", "derive", "--cip"), ["--cipher"]);
  assertEquals(await bash("key", "tls", "derive", "--cipher", "sha3"), ["sha384"]);
  assertEquals(await bash("key", "de"), []);
  assertEquals(await bash("help", "key", "ring", "lo"), ["lookup"]);
});

Deno.test("bash completes what there is help about", async () => {
  assertEquals(await bash("help", "dr"), ["drive"]);
  assertEquals(await bash("help", "ser"), []);
  assertEquals(await bash("help", "drive", "ser"), ["serve"]);
  assertEquals(await bash("help", "drive", "serve", ""), []);
});

Deno.test("bash completes files, and nothing for a number", async () => {
  assertEquals(await bash("raw", "admin", "--save", "/dev/nul"), ["/dev/null"]);
  assertEquals(await bash("raw", "admin", "--opcode", ""), []);
});

const ignore = { zsh: !(await has("zsh")), fish: !(await has("fish")) };

Deno.test({ name: "zsh reads its script without complaint", ignore: ignore.zsh }, async () => {
  assertEquals(await inShell("zsh", 'zsh -n "$1"'), []);
});

// The completion system needs a terminal: zpty gives one. What compadd is given is what is offered.
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= PS2=; stty -echo; autoload -U compinit; compinit -u -D; source $1"
zpty -w shell 'compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a offered; builtin compadd -A offered "$@"; print -rl -- "OFFER:"\${^offered}
}'
zpty -w shell 'zle -C show complete-word show; show() { _main_complete; print END; exit }'
zpty -w shell 'bindkey "^I" show; print "REA""DY"'
while zpty -r shell line; do [[ $line == *READY* ]] && break; done
zpty -w -n shell "$2"$'\\t'
while zpty -r shell line; do print -r -- $line; [[ $line == *END* ]] && break; done |
  grep -o 'OFFER:[^[:cntrl:]]*' | sort -u
zpty -d shell
`;

async function zsh(line: string): Promise<readonly string[]> {
  const lines = await inShell("zsh", ZSH, line);
  return lines.map((offer) => offer.replace("OFFER:", ""));
}

Deno.test({ name: "zsh completes verbs, options, choices", ignore: ignore.zsh }, async () => {
  assertEquals(await zsh("nvmectl hea"), ["health"]);
  assertEquals(await zsh("nvmectl health --wa"), ["--watch"]);
  assertEquals(await zsh("nvmectl raw "), ["admin", "io"]);
  assertEquals(await zsh("nvmectl health --output=nd"), ["ndjson"]);
  assertEquals(await zsh("nvmectl raw admin --opcode 6 vir"), ["virtual:"]);
});

Deno.test({ name: "zsh completes the verbs of a group", ignore: ignore.zsh }, async () => {
  assertEquals(await zsh("nvmectl dr"), ["drive"]);
  assertEquals(await zsh("nvmectl drive se"), ["serve"]);
  assertEquals(await zsh("nvmectl drive serve --tc"), ["--tcp"]);
  assertEquals(await zsh("nvmectl key tls de"), ["derive"]);
  assertEquals(await zsh("nvmectl key tls derive --cip"), ["--cipher"]);
  assertEquals(await zsh("nvmectl drive trace --output=r"), ["raw"]);
  assertEquals(await zsh("nvmectl help dr"), ["drive"]);
  assertEquals(await zsh("nvmectl help drive ser"), ["serve"]);
});

async function fish(line: string): Promise<readonly string[]> {
  const lines = await inShell("fish", "source $argv[1]; complete -C $argv[2]", line);
  return lines.map((offer) => offer.split("\t")[0] ?? "");
}

Deno.test({ name: "fish completes verbs, options, choices", ignore: ignore.fish }, async () => {
  assertEquals(await fish("nvmectl hea"), ["health"]);
  assertEquals(await fish("nvmectl health --wa"), ["--watch"]);
  assertEquals(await fish("nvmectl raw "), ["admin", "io"]);
  assertEquals(await fish("nvmectl health --output=nd"), ["--output=ndjson"]);
  assertEquals(await fish("nvmectl raw admin --opcode 6 vir"), ["virtual:"]);
  assertEquals(await fish("nvmectl raw admin --save /dev/nul"), ["/dev/null"]);
});

Deno.test({ name: "fish completes the verbs of a group", ignore: ignore.fish }, async () => {
  assertEquals(await fish("nvmectl dr"), ["drive"]);
  assertEquals(await fish("nvmectl drive se"), ["serve"]);
  assertEquals(await fish("nvmectl drive serve --tc"), ["--tcp"]);
  assertEquals(await fish("nvmectl key t"), ["tls"]);
  assertEquals(await fish("nvmectl key tls deri"), ["derive"]);
  assertEquals(await fish("nvmectl key tls derive --cip"), ["--cipher"]);
  assertEquals(await fish("nvmectl drive serve --plugin /dev/nul"), ["/dev/null"]);
  assertEquals(await fish("nvmectl drive trace --output=r"), ["--output=raw"]);
  assertEquals(await fish("nvmectl drive --he"), ["--help"]);
  assertEquals(await fish("nvmectl drive serve --he"), ["--help"]);
  assertEquals(await fish("nvmectl help dr"), ["drive"]);
  assertEquals(await fish("nvmectl help drive ser"), ["serve"]);
  assertEquals(await fish("nvmectl help drive serve "), []);
});
