// Help from the declarations: the overview, and one command in full.

import type { Command, Positional } from "./command.ts";
import { flagName, type Flags } from "./flags.ts";
import { allFlags, flagSections } from "./parse.ts";

const GROUPS: readonly Command["group"][] = ["Look", "Test", "Change", "Rehearse", "Learn"];

/** Help of one verb breaks its longest lines here. */
const HELP_COLUMNS = 96;

/** The overview: fits a console of 40 lines and 80 columns; a group of verbs is one line. */
export function overview(
  commands: readonly Command[],
  groups: Readonly<Record<string, string>> = {},
): string {
  const lines = ["nvmectl - NVMe drives: look, test, change, rehearse, learn", ""];
  const shown = commands.flatMap(({ name, summary, group }, at) => {
    const [family = ""] = name.split(" ");
    if (!name.includes(" ")) return Object.hasOwn(groups, name) ? [] : [{ name, summary, group }];
    const first = commands.findIndex((other) => other.name.startsWith(`${family} `)) === at;
    return first ? [{ name: family, summary: groups[family] ?? "", group }] : [];
  });
  const widest = Math.max(...shown.map(({ name }) => name.length));
  for (const group of GROUPS) {
    const members = shown.filter((command) => command.group === group);
    members.forEach(({ name, summary }, at) => {
      lines.push(`  ${(at === 0 ? group : "").padEnd(10)}${name.padEnd(widest)}  ${summary}`);
    });
  }
  lines.push(
    "",
    "A drive is /dev/nvme0, /dev/nvme0n1, serial:NUMBER, pci:BDF (through VFIO), or",
    "virtual: (nvmectl's own, to try things on). With none given, the machine's only.",
    "",
    "  nvmectl health /dev/nvme0      nvmectl VERB --help      nvmectl explain 0x2002",
  );
  return lines.join("\n") + "\n";
}

/** The verbs of a group, and the group itself where it is a verb too. */
export function groupHelp(group: string, about: string, commands: readonly Command[]): string {
  const members = commands.filter(({ name }) => name === group || name.startsWith(`${group} `));
  const itself = members.find(({ name }) => name === group);
  const widest = Math.max(...members.map(({ name }) => name.length));
  return [
    `nvmectl ${group} - ${about}`,
    "",
    ...members.map(({ name, summary }) => `  ${name.padEnd(widest)}  ${summary}`),
    "",
    `nvmectl ${group} VERB --help shows one in full.`,
    "",
    ...(itself ? [commandHelp(itself)] : []),
  ].join("\n");
}

/** One command: usage, options, examples. */
export function commandHelp(command: Command): string {
  const lines = [`nvmectl ${command.name} - ${command.summary}`, "", `Usage: ${usage(command)}`];
  if (command.description) lines.push("", command.description);
  for (const { name, help, choices } of distinct(command.positionals)) {
    const whole = `  ${name}  ${help}${choices ? `: ${choices.join(", ")}` : ""}`;
    lines.push("", ...hanging(whole, name.length + 4));
  }
  const sections = Object.entries(flagSections(command));
  const spellings = Object.entries(allFlags(command)).map((entry) => spelled(...entry).length);
  const widest = Math.max(...spellings);
  for (const [title, members] of sections) {
    if (Object.keys(members).length === 0) continue;
    lines.push("", `${title}:`);
    for (const [name, flag] of Object.entries(members)) {
      lines.push(`  ${spelled(name, flag).padEnd(Math.min(widest, 34))}  ${flag.help}`);
    }
  }
  lines.push("", "Examples:");
  for (const [line, does] of command.examples) lines.push(`  ${line}`, `      ${does}`);
  return lines.join("\n") + "\n";
}

/** The usage line: `nvmectl log NAME|LID [TARGET] [OPTION]...`. */
export function usage(command: Command): string {
  const words = distinct(command.positionals).map(({ name, optional, repeated }) =>
    (optional ? `[${name}]` : name) + (repeated ? "..." : "")
  );
  const target = command.target !== "drive"
    ? []
    : [command.effect === "destroy" ? "TARGET" : "[TARGET]"];
  return ["nvmectl", command.name, ...words, ...target, "[OPTION]..."].join(" ");
}

/** A line broken at spaces where it is too long, its further lines indented. */
function hanging(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > HELP_COLUMNS) {
    const space = rest.lastIndexOf(" ", HELP_COLUMNS);
    if (space <= indent) break;
    lines.push(rest.slice(0, space));
    rest = " ".repeat(indent) + rest.slice(space + 1);
  }
  return [...lines, rest];
}

/** The positionals, where one that is declared several times in a row stands once. */
function distinct(
  positionals: readonly Positional[] = [],
): readonly (Positional & { readonly repeated: boolean })[] {
  return positionals
    .map((one, at) => ({ ...one, repeated: one.name === positionals[at + 1]?.name }))
    .filter(({ name }, at) => name !== positionals[at - 1]?.name);
}

function spelled(name: string, { short, value, bare }: Flags[string]): string {
  const lead = short ? `-${short}, ` : "    ";
  const long = `--${flagName(name)}`;
  if (value === undefined) return lead + long;
  return bare === undefined ? `${lead}${long} ${value}` : `${lead}${long}[=${value}]`;
}
