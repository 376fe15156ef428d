// Completion scripts hold every verb, option and choice that the declarations have.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { completionScript, SHELLS } from "../../src/cli/completion.ts";
import { allWords, verbOf } from "../../src/cli/completion/words.ts";
import { command } from "../../src/cli/command.ts";
import type { Command } from "../../src/cli/command.ts";
import { choice, integer, text, toggle } from "../../src/cli/flags.ts";
import { flagName } from "../../src/cli/flags.ts";
import { allFlags } from "../../src/cli/parse.ts";
import { allCommands } from "../../src/commands/registry.ts";

const SAMPLE = command({
  name: "sample",
  group: "Look",
  summary: "Show someone's [odd] words: all of them",
  effect: "read",
  target: "drive",
  positionals: [{ name: "KIND", help: "Which", choices: ["one", "two"] }],
  flags: {
    level: choice("How much", ["low", "high"]),
    outFile: text("Where to", "FILE"),
    size: integer("How large", { max: 10 }),
    deep: toggle("Drive's depths"),
  },
  formats: ["table", "json"],
  examples: [],
  run: () => Promise.reject(new Error("never run")),
}) as unknown as Command;

Deno.test("verbOf() says what can stand where", () => {
  const { options, places } = verbOf(SAMPLE);
  const option = (long: string): unknown => options.find((one) => one.long === long)?.value;
  assertEquals(option("--level"), {
    name: "low|high",
    offers: { kind: "words", words: ["low", "high"] },
    attached: false,
  });
  assertEquals(option("--out-file"), { name: "FILE", offers: { kind: "file" }, attached: false });
  assertEquals(option("--size"), { name: "N", offers: { kind: "nothing" }, attached: false });
  assertEquals(option("--deep"), undefined);
  assertEquals(option("--trace"), { name: "FILE", offers: { kind: "file" }, attached: true });
  assertEquals(places, [
    { name: "KIND", offers: { kind: "words", words: ["one", "two"] } },
    { name: "TARGET", offers: { kind: "target" } },
  ]);
});

Deno.test("verbOf() offers only the formats that the verb can write", () => {
  const output = verbOf(SAMPLE).options.find(({ long }) => long === "--output");
  assertEquals(output?.short, "-o");
  assertEquals(output?.value?.offers, { kind: "words", words: ["table", "json"] });
});

Deno.test("allWords() makes a group of verbs whose names begin alike, and help for all", () => {
  const verb = (name: string): Command => ({ ...SAMPLE, name, summary: `do ${name}` });
  const words = allWords(["sample", "drive serve", "drive trace"].map(verb).map(verbOf), {
    drive: "About drives",
  });
  assertEquals(words.map(({ name }) => name), [
    "sample",
    "drive serve",
    "drive trace",
    "drive",
    "help",
    "help drive",
  ]);
  const members = [
    { name: "serve", summary: "do drive serve" },
    { name: "trace", summary: "do drive trace" },
  ];
  const offered = (name: string): unknown =>
    words.find((one) => one.name === name)?.places.map(({ offers }) => offers);
  assertEquals(offered("drive"), [{ kind: "verbs", verbs: members }]);
  assertEquals(offered("help drive"), [{ kind: "verbs", verbs: members }]);
  assertEquals(offered("help"), [{
    kind: "verbs",
    verbs: [
      { name: "sample", summary: "do sample" },
      { name: "drive", summary: "About drives" },
    ],
  }]);
});

Deno.test("allWords() makes groups within groups, whose members are offered one word at a time", () => {
  const verb = (name: string): Command => ({ ...SAMPLE, name, summary: `do ${name}` });
  const words = allWords(
    ["key tls list", "key tls derive", "key ring read"].map(verb).map(verbOf),
    {
      key: "About keys",
      "key tls": "About TLS",
      "key ring": "About rings",
    },
  );
  const offered = (name: string): unknown =>
    words.find((one) => one.name === name)?.places.map(({ offers }) => offers);
  assertEquals(offered("key"), [{
    kind: "verbs",
    verbs: [
      { name: "tls", summary: "About TLS" },
      { name: "ring", summary: "About rings" },
    ],
  }]);
  assertEquals(offered("key tls"), [{
    kind: "verbs",
    verbs: [
      { name: "list", summary: "do key tls list" },
      { name: "derive", summary: "do key tls derive" },
    ],
  }]);
  assertEquals(offered("help key tls"), offered("key tls"));
});

Deno.test("completionScript() quotes the summaries of a group's verbs", () => {
  const odd = { ...SAMPLE, name: "drive odd", summary: `Say "it's" $HOME: now` };
  const zsh = completionScript("zsh", [odd]);
  assertStringIncludes(zsh, `'1:VERB:((odd\\:"Say \\"it'\\''s\\" \\$HOME\\: now"))'`);
  const fish = completionScript("fish", [odd]);
  assertStringIncludes(fish, `-a odd -d 'Say "it\\'s" $HOME: now'`);
});

Deno.test("completionScript() holds every verb, and help", async () => {
  const commands = await allCommands();
  for (const shell of SHELLS) {
    const script = completionScript(shell, commands);
    assert(script.endsWith("\n"));
    for (const word of commands.flatMap(({ name }) => name.split(" "))) {
      assertStringIncludes(script, word);
    }
    assertStringIncludes(script, "help");
  }
});

Deno.test("completionScript() holds every option of every verb", async () => {
  const commands = await allCommands();
  for (const shell of SHELLS) {
    const script = completionScript(shell, commands);
    for (const verb of commands) {
      for (const name of Object.keys(allFlags(verb))) {
        const spelled = shell === "fish" ? `-l ${flagName(name)}` : `--${flagName(name)}`;
        assertStringIncludes(script, spelled, `${shell} ${verb.name}`);
      }
    }
  }
});

Deno.test("completionScript() quotes what a shell would read otherwise", () => {
  const bash = completionScript("bash", [SAMPLE]);
  assert(!bash.includes("someone's"), "bash shows no summaries");
  const zsh = completionScript("zsh", [SAMPLE]);
  assertStringIncludes(zsh, `'sample:Show someone'\\''s [odd] words: all of them'`);
  assertStringIncludes(zsh, `'--deep[Drive'\\''s depths]'`);
  const fish = completionScript("fish", [SAMPLE]);
  assertStringIncludes(fish, `-d 'Show someone\\'s [odd] words: all of them'`);
});
