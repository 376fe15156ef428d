// Help fits its screen, and says only what is so.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Command } from "../../src/cli/command.ts";
import { flagName } from "../../src/cli/flags.ts";
import { commandHelp, overview, usage } from "../../src/cli/help.ts";
import { allFlags, parseWords } from "../../src/cli/parse.ts";
import { allCommands, GROUPS } from "../../src/commands/registry.ts";

/** What a framebuffer console of 1024 by 768 shows, with room for the prompt. */
const ROWS = 40;
const COLUMNS = 80;
/** Help of one verb may scroll, but not sideways on the usual wide terminal. */
const WIDE = 120;

const commands = await allCommands();

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split("\n");
}

Deno.test("nvmectl help fits a console of 40 lines and 80 columns, with room for the prompt", () => {
  const lines = linesOf(overview(commands, GROUPS));
  assert(lines.length < ROWS, `${lines.length} lines`);
  for (const line of lines) assert(line.length <= COLUMNS, `${line.length} columns: ${line}`);
});

Deno.test("nvmectl help names every verb and group with its summary", () => {
  const text = overview(commands, GROUPS);
  const shown = [
    ...commands.filter(({ name }) => !name.includes(" ") && !Object.hasOwn(GROUPS, name)),
    ...Object.entries(GROUPS).map(([name, summary]) => ({ name, summary })),
  ];
  for (const { name, summary } of shown) {
    assert(new RegExp(`^ {2}.{10}${name} +\\S`, "m").test(text), name);
    assertStringIncludes(text, summary);
  }
});

Deno.test("a verb's summary is one imperative line without a full stop", () => {
  for (const { name, summary } of commands) {
    assert(/^[A-Z][^\n]*[^.\n]$/.test(summary), `${name}: ${summary}`);
  }
});

Deno.test("a verb's help names every option that it takes, with what it does", () => {
  for (const verb of commands) {
    const text = commandHelp(verb);
    for (const [name, { help }] of Object.entries(allFlags(verb))) {
      const option = linesOf(text).find((line) =>
        new RegExp(`^ {2,6}(-[a-z], )? *--${flagName(name)}\\b(?!-)`).test(line)
      );
      assertStringIncludes(option ?? "", help, `${verb.name} --${flagName(name)}`);
    }
  }
});

Deno.test("a verb's help names every word that it takes, and its choices", () => {
  for (const verb of commands) {
    const text = commandHelp(verb);
    for (const { name, choices = [] } of verb.positionals ?? []) {
      assertStringIncludes(text, `  ${name}  `, verb.name);
      for (const word of choices) assertStringIncludes(text, word, verb.name);
    }
  }
});

Deno.test("a verb's help stays within a wide terminal", () => {
  for (const verb of commands) {
    for (const line of linesOf(commandHelp(verb))) {
      assert(line.length <= WIDE, `${verb.name}, ${line.length} columns: ${line}`);
    }
  }
});

Deno.test("every verb has examples, and each of them can be typed", () => {
  for (const verb of commands) {
    assert(verb.examples.length > 0, verb.name);
    for (const [line, does] of verb.examples) {
      assertEquals(does.endsWith("."), false, line);
      parseWords(verb, wordsOf(line, verb));
    }
  }
});

/** The words of an example after the verb: up to a redirection, and inside `source <(…)`. */
function wordsOf(line: string, verb: Command): readonly string[] {
  const [, typed = ""] = /(?:^|<\(|\| )(?:sudo )?(nvmectl [^<>|)]*)/.exec(line) ?? [];
  const [program, ...words] = typed.match(/"[^"]*"|'[^']*'|[^ ]+/g) ?? [];
  const name = words.splice(0, verb.name.split(" ").length);
  assertEquals([program, ...name], ["nvmectl", ...verb.name.split(" ")], line);
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}

Deno.test("usage() shows a word that may be repeated once", () => {
  const explain = commands.find(({ name }) => name === "explain");
  assert(explain);
  assertEquals(usage(explain), "nvmectl explain [WORD]... [OPTION]...");
  assertEquals(commandHelp(explain).split("  WORD  ").length, 2);
});

Deno.test("usage() does not offer to guess the target of a destructive verb", () => {
  for (const verb of commands) {
    if (verb.target !== "drive") continue;
    const wanted = verb.effect === "destroy" ? / TARGET / : / \[TARGET\] /;
    assert(wanted.test(usage(verb)), usage(verb));
  }
});
