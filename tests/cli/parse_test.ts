// Words to values: what is accepted, and what every refusal says.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Command, command } from "../../src/cli/command.ts";
import { bigInteger, choice, duration, integer, text, texts, toggle } from "../../src/cli/flags.ts";
import { allFlags, parseWords } from "../../src/cli/parse.ts";
import { UsageError } from "../../src/errors.ts";

const probe = command({
  name: "probe",
  group: "Look",
  summary: "Probe",
  effect: "read",
  target: "drive",
  positionals: [{ name: "NAME", help: "what to probe" }],
  flags: {
    all: toggle("All", "a"),
    namespace: integer("Namespace", { min: 1, max: 0xfffffffe }),
    blockSize: integer("Bytes", { max: 4096 }),
    offset: bigInteger("Offset"),
    file: text("File", "FILE", "f"),
    erase: choice("Erase", ["none", "crypto"]),
    wait: duration("Wait"),
    plugin: texts("Plug-in", "FILE"),
  },
  formats: ["table", "json"],
  examples: [],
  run: () => Promise.resolve({ json: {}, blocks: [] }),
}) as unknown as Command;

const wipe: Command = { ...probe, name: "wipe", effect: "destroy", positionals: [] };

const explain: Command = {
  ...probe,
  name: "explain",
  target: "none",
  positionals: [{ name: "WHAT", help: "what to explain", optional: true }],
};

function parse(...words: string[]): ReturnType<typeof parseWords> {
  return parseWords(probe, words);
}

function refusal(...words: string[]): string {
  return assertThrows(() => parse(...words), UsageError).message;
}

Deno.test("positionals come first, then the target, and options stand anywhere", () => {
  const { words, target, flags } = parse("--all", "smart", "--namespace", "3", "/dev/nvme0");
  assertEquals(words, ["smart"]);
  assertEquals(target, "/dev/nvme0");
  assertEquals(flags["all"], true);
  assertEquals(flags["namespace"], 3);
});

Deno.test("options that were not typed have their absent value and are not given", () => {
  const { flags, given } = parse("smart", "--file", "x");
  assertEquals(flags["all"], false);
  assertEquals(flags["namespace"], undefined);
  assertEquals(flags["output"], undefined);
  assertEquals([...given], ["file"]);
});

Deno.test("an option's name in code is spelled with dashes on the command line", () => {
  assertEquals(parse("smart", "--block-size=512").flags["blockSize"], 512);
  assertEquals(
    refusal("smart", "--blockSize=512"),
    "Cannot use --blockSize=512: probe has no such option",
  );
});

Deno.test("an unknown option is refused by name, with the way to the known ones", () => {
  const error = assertThrows(() => parse("smart", "--bogus"), UsageError);
  assertEquals(error.message, "Cannot use --bogus: probe has no such option");
  assertEquals(error.next, "nvmectl probe --help lists them");
  assertEquals(refusal("smart", "-x"), "Cannot use -x: probe has no such option");
  assertEquals(refusal("smart", "--__proto__"), "Cannot use --__proto__: probe has no such option");
  assertEquals(refusal("smart", "--=1"), "Cannot use --=1: probe has no such option");
});

Deno.test("an abbreviation is never expanded, nor a toggle negated", () => {
  assertEquals(refusal("smart", "--nam=3"), "Cannot use --nam=3: probe has no such option");
  assertEquals(refusal("smart", "--out", "json"), "Cannot use --out: probe has no such option");
  assertEquals(refusal("smart", "--no-all"), "Cannot use --no-all: probe has no such option");
});

Deno.test("a toggle takes no value, spelled long or short", () => {
  assertEquals(refusal("smart", "--all=yes"), "Cannot use --all=yes: --all takes no value");
  assertEquals(refusal("smart", "--all="), "Cannot use --all=: --all takes no value");
  assertEquals(refusal("smart", "-v=3"), "Cannot use -v=3: -v takes no value");
});

Deno.test("a toggle does not swallow the word after it, even if that is true or false", () => {
  const { flags, target } = parse("smart", "--all", "false");
  assertEquals(flags["all"], true);
  assertEquals(target, "false");
});

Deno.test("a toggle typed twice is still only on", () => {
  assertEquals(parse("smart", "-v", "--verbose").flags["verbose"], true);
});

Deno.test("an option that needs a value says which kind when there is none", () => {
  const message = "Cannot use --namespace: it needs a value, N";
  assertEquals(refusal("smart", "--namespace"), message);
  assertEquals(refusal("smart", "--namespace="), message);
  assertEquals(refusal("smart", "--namespace", ""), message);
  assertEquals(refusal("smart", "--namespace", "--all"), message);
  assertEquals(refusal("smart", "--namespace", "--", "3"), message);
});

Deno.test("an option with a value cannot be given twice, nor once long and once short", () => {
  assertEquals(
    refusal("smart", "--namespace", "1", "--namespace=2"),
    "Cannot use --namespace twice: 1 and 2",
  );
  assertEquals(
    refusal("smart", "-o", "json", "--output=table"),
    "Cannot use --output twice: json and table",
  );
});

Deno.test("an option that may be repeated keeps what was typed in its order", () => {
  const { flags } = parse("x", "--plugin", "b.js", "--plugin=a.js");
  assertEquals(flags["plugin"], ["b.js", "a.js"]);
  assertEquals(parse("x").flags["plugin"], []);
  assertStringIncludes(refusal("x", "--plugin", "a.js", "--plugin"), "it needs a value, FILE");
});

Deno.test("a bare --trace traces to stderr and does not swallow the target", () => {
  const { flags, target } = parse("smart", "--trace", "/dev/nvme0");
  assertEquals(flags["trace"], "-");
  assertEquals(target, "/dev/nvme0");
  assertEquals(parse("smart", "--trace=a.pcapng").flags["trace"], "a.pcapng");
  assertEquals(refusal("smart", "--trace="), "Cannot use --trace: it needs a value, FILE");
});

Deno.test("after -- every word is a word, and options before it still count", () => {
  const { words, target, flags } = parse("--all", "--", "--trace", "-x");
  assertEquals(words, ["--trace"]);
  assertEquals(target, "-x");
  assertEquals(flags["all"], true);
  assertEquals(flags["trace"], undefined);
});

Deno.test("a single dash is a word, or an option's value", () => {
  assertEquals(parse("-").words, ["-"]);
  assertEquals(parse("smart", "--file", "-").flags["file"], "-");
});

Deno.test("a negative number is read as the value of its option, and refused with the limits", () => {
  const message =
    'Cannot use --namespace "-1": need a whole number 1 to 0xfffffffe (decimal or 0x hexadecimal)';
  assertEquals(refusal("smart", "--namespace", "-1"), message);
  assertEquals(refusal("smart", "--namespace=-1"), message);
  assertEquals(refusal("smart", "-1"), "Cannot use -1: probe has no such option");
});

Deno.test("a number out of range is refused with its limits", () => {
  assertStringIncludes(refusal("smart", "--namespace", "0"), '"0": need a whole number 1 to ');
  assertStringIncludes(refusal("smart", "--block-size", "4097"), "a whole number 0 to 4096 ");
  assertStringIncludes(refusal("smart", "--namespace", "0x100000000"), "1 to 0xfffffffe");
  assertStringIncludes(
    refusal("smart", "--offset", "18446744073709551616"),
    "a whole number 0 to 2^64 - 1",
  );
});

Deno.test("numbers are decimal or 0x hexadecimal, and nothing else", () => {
  assertEquals(parse("smart", "--block-size", "0x200").flags["blockSize"], 512);
  assertEquals(parse("smart", "--block-size", "010").flags["blockSize"], 10);
  assertEquals(
    parse("smart", "--offset", "0xffffffffffffffff").flags["offset"],
    0xffffffffffffffffn,
  );
  for (const word of ["1k", "1.5", "1e3", "0b1", "0o7", "0x", "+1", " 1", "١"]) {
    assertStringIncludes(refusal("smart", "--block-size", word), "need a whole number");
    assertStringIncludes(refusal("smart", "--offset", word), "need a whole number");
  }
});

Deno.test("times have units, and plain numbers are seconds", () => {
  const wait = (word: string): unknown => parse("smart", "--wait", word).flags["wait"];
  assertEquals(wait("5"), 5000);
  assertEquals(wait("250ms"), 250);
  assertEquals(wait("1.5s"), 1500);
  assertEquals(wait("2m"), 120_000);
  assertEquals(wait("2min"), 120_000);
  assertEquals(wait("1h"), 3_600_000);
  assertEquals(wait("0.4ms"), 1, "never no time at all");
  for (const word of ["0", "5d", "h", "-5", "1194h", "1e3s"]) {
    assertStringIncludes(refusal("smart", "--wait", word), "need a time such as 30s");
  }
});

Deno.test("one of a few words is refused with all of them", () => {
  assertEquals(parse("smart", "--erase", "crypto").flags["erase"], "crypto");
  assertEquals(
    refusal("smart", "--erase", "cry"),
    'Cannot use --erase "cry": need one of none, crypto',
  );
});

Deno.test("a format that the verb does not write is refused with those that it does", () => {
  assertEquals(
    refusal("smart", "-o", "raw"),
    'Cannot use --output "raw": need one of table, json for probe',
  );
  assertStringIncludes(refusal("smart", "-o", "xml"), "need one of table, json");
});

Deno.test("short options take their value behind them, with =, or as the next word", () => {
  for (const words of [["-o", "json"], ["-ojson"], ["-o=json"], ["-vojson"], ["-vo", "json"]]) {
    assertEquals(parse("smart", ...words).flags["output"], "json", words.join(" "));
  }
  assertEquals(parse("smart", "-va").flags["all"], true);
  assertEquals(parse("smart", "-f5").flags["file"], "5");
  assertEquals(refusal("smart", "-o"), "Cannot use --output: it needs a value, table|json");
  assertEquals(refusal("smart", "-vx"), "Cannot use -x: probe has no such option");
});

Deno.test("a word too many is refused by name", () => {
  assertEquals(
    refusal("smart", "/dev/nvme0", "/dev/nvme1"),
    'Cannot run probe: "/dev/nvme1" is one word too many',
  );
  const error = assertThrows(() => parseWords(explain, ["0x2002", "extra"]), UsageError);
  assertEquals(error.message, 'Cannot run explain: "extra" is one word too many');
});

Deno.test("a missing positional is named, with what it is", () => {
  assertEquals(refusal(), "Cannot run probe: NAME is missing (what to probe)");
  assertEquals(parseWords(explain, []).words, [undefined]);
});

Deno.test("--help needs nothing else to be right", () => {
  assertEquals(parse("--help").flags["help"], true);
  assertEquals(parse("-h", "-o", "raw").flags["help"], true);
});

Deno.test("only a verb that destroys has --yes and --serial, only one with a drive --trace", () => {
  assertEquals(parseWords(wipe, ["--yes", "--serial", "S1"]).flags["serial"], "S1");
  assertEquals(refusal("smart", "--yes"), "Cannot use --yes: probe has no such option");
  assertThrows(() => parseWords(explain, ["--trace"]), UsageError, "no such option");
  assertThrows(() => parseWords(explain, ["--dry-run"]), UsageError, "no such option");
});

Deno.test("the output option offers what the verb writes, for help and completion", () => {
  const { output } = allFlags(probe);
  assertEquals(output?.choices, ["table", "json"]);
  assertEquals(output?.value, "table|json");
});

Deno.test("--pci names the target pci:BDF, and not beside another target", () => {
  assertEquals(parse("smart", "--pci", "0000:01:00.0").target, "pci:0000:01:00.0");
  assertEquals(
    refusal("smart", "--pci", "0000:01:00.0", "/dev/nvme0"),
    "Cannot use both --pci 0000:01:00.0 and /dev/nvme0: one drive at a time",
  );
});

Deno.test("--allow-write, --yes and --serial exist for commands that change a drive, not for reads", () => {
  assertStringIncludes(refusal("smart", "--allow-write"), "no such option");
  assertStringIncludes(refusal("smart", "--yes"), "no such option");
  const write: Command = { ...probe, effect: "write" };
  const { flags } = parseWords(write, ["smart", "--allow-write", "--yes", "--serial", "S1"]);
  assertEquals([flags["allowWrite"], flags["yes"], flags["serial"]], [true, true, "S1"]);
});

Deno.test("where our own driver's memory begins and how deep its queues are is checked", () => {
  const { flags } = parse("smart", "--iova-base", "0x200000000", "--queue-depth", "128");
  assertEquals([flags["iovaBase"], flags["queueDepth"]], [0x2_0000_0000n, 128]);
  assertStringIncludes(refusal("smart", "--queue-depth", "1"), "a whole number 2 to 4096");
});

Deno.test("an option for a secret is refused without repeating what was typed", () => {
  const secret = { ...text("Secret", "HEX"), secret: true };
  const verb = { ...probe, flags: { secret }, positionals: [] } as unknown as Command;
  const error = assertThrows(
    () => parseWords(verb, ["--secret", "c0ffee", "--secret=cafe"]),
    UsageError,
  );
  assertEquals(error.message, "Cannot use --secret twice");
});
