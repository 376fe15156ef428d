// Blocks to text: alignment, wrapping, colour, and hostile strings made harmless.

import { assertEquals } from "@std/assert";
import { escapeHostile, hexLines, renderBlocks, type RenderOptions } from "../../src/cli/render.ts";
import {
  type Block,
  facts,
  heading,
  items,
  paragraph,
  table,
  toned,
} from "../../src/cli/report.ts";

const PIPE: RenderOptions = { color: false, escape: false };
const TERMINAL: RenderOptions = { color: true, escape: true, columns: 40 };

/** A model name that clears the screen, goes back, and turns the rest of its line around. */
const HOSTILE = "\x1b[2JMODEL\r\u202eGNP\u0085";
const HARMLESS = "\\u{1b}[2JMODEL\\u{d}\\u{202e}GNP\\u{85}";

function everywhere(text: string): readonly Block[] {
  return [
    heading(text),
    paragraph(text),
    items([text]),
    facts([[text, text]]),
    table([text], [[text]]),
  ];
}

function rendered(blocks: readonly Block[], options: Partial<RenderOptions> = {}): string {
  return renderBlocks(blocks, { ...PIPE, ...options });
}

Deno.test("escapeHostile() writes what moves the cursor or reorders text as its number", () => {
  assertEquals(escapeHostile(HOSTILE), HARMLESS);
  for (
    const character of "\0\n\t\x7f\x9b\u00ad\u061c\u200b\u200e\u2028\u2029\u202d\u2066\u2069\ufeff"
  ) {
    assertEquals(escapeHostile(character), `\\u{${character.charCodeAt(0).toString(16)}}`);
  }
});

Deno.test("escapeHostile() leaves every other character as it is", () => {
  const text = 'S4EW "quoted" \\u{1b} µs 37 °C é 漢 🙂';
  assertEquals(escapeHostile(text), text);
});

Deno.test("on a terminal no block of any kind lets a hostile string through", () => {
  const text = rendered(everywhere(HOSTILE), { escape: true });
  assertEquals(text.replaceAll("\n", "").match(/\p{Cc}|\p{Cf}/gu), null);
  assertEquals(text.split(HARMLESS).length - 1, 7, "and it is shown everywhere");
});

Deno.test("in a pipe strings stay as the drive sent them", () => {
  const text = rendered(everywhere(HOSTILE));
  assertEquals(text.split(HOSTILE).length - 1, 7);
});

Deno.test("an empty line stands before each heading but the first", () => {
  assertEquals(rendered([heading("A"), paragraph("a"), heading("B")]), "A\na\n\nB\n");
});

Deno.test("facts align their values, and are indented as a whole", () => {
  assertEquals(
    rendered([facts([["serial", "S1"], ["µ", "x"]], 2)]),
    "  serial  S1\n  µ       x\n",
  );
});

Deno.test("a long value wraps at spaces and goes on below its beginning", () => {
  const block = facts([["key", "one two three four five six seven"]]);
  assertEquals(
    rendered([block], { columns: 30 }),
    "key  one two three four five\n     six seven\n",
  );
});

Deno.test("a value column too narrow to read is not wrapped", () => {
  const block = facts([["a label of some length", "one two three four"]]);
  assertEquals(
    rendered([block], { columns: 30 }),
    "a label of some length  one two three four\n",
  );
});

Deno.test("text and items wrap at the width, and a word longer than it stays whole", () => {
  assertEquals(
    rendered([paragraph(`aaa bbb ${"x".repeat(12)} c`)], { columns: 8 }),
    "aaa bbb\nxxxxxxxxxxxx\nc\n",
  );
  assertEquals(
    rendered([items(["aa bb cc", "d"])], { columns: 10 }),
    "  - aa bb\n    cc\n  - d\n",
  );
});

Deno.test("nothing wraps where there is no width", () => {
  const long = "word ".repeat(100).trim();
  assertEquals(rendered([paragraph(long)]), long + "\n");
});

Deno.test("a table aligns its columns left or right by their title", () => {
  const block = table(["name", ">size", "use"], [["nvme0n1", "512", "a"], ["x", "4,096", ""]]);
  assertEquals(
    rendered([block]),
    "name      size  use\nnvme0n1    512  a\nx        4,096\n",
  );
});

Deno.test("a table without rows says so in its own words, or says none", () => {
  assertEquals(rendered([table(["a"], [], "no errors logged")]), "no errors logged\n");
  assertEquals(rendered([table(["a"], [])]), "none\n");
});

Deno.test("a row with fewer cells than columns leaves the rest empty", () => {
  assertEquals(rendered([table(["a", "b"], [["1"]])]), "a  b\n1\n");
});

Deno.test("colour does not disturb alignment", () => {
  const block = table(["state", ">n"], [[toned("ok", "good"), toned("1", "bad")], [
    "failed",
    "22",
  ]]);
  const colored = rendered([block], { color: true });
  // deno-lint-ignore no-control-regex
  assertEquals(colored.replace(/\x1b\[[0-9;]*m/g, ""), rendered([block]));
  assertEquals(colored.includes("\x1b[32mok\x1b[39m       \x1b[31m1\x1b[39m\n"), true);
});

Deno.test("tones are colours on a terminal, and nothing elsewhere", () => {
  const blocks = [paragraph(toned("bad news", "bad")), heading("H"), heading(toned("G", "good"))];
  assertEquals(
    renderBlocks(blocks, TERMINAL),
    "\x1b[31mbad news\x1b[39m\n\n\x1b[1mH\x1b[22m\n\n\x1b[32mG\x1b[39m\n",
  );
  assertEquals(rendered(blocks), "bad news\n\nH\n\nG\n");
});

Deno.test("wrapped text has its tone on each line", () => {
  assertEquals(
    rendered([paragraph(toned("aaa bbb", "bad"))], { color: true, columns: 4 }),
    "\x1b[31maaa\x1b[39m\n\x1b[31mbbb\x1b[39m\n",
  );
});

Deno.test("no line ends in spaces", () => {
  const text = rendered([facts([["a", ""]]), table(["a", "b"], [["1", ""]]), paragraph("x  ")]);
  assertEquals(text.match(/ +$/m), null);
});

Deno.test("hex lines have the offset, sixteen bytes in two halves, and their text", () => {
  const bytes = new TextEncoder().encode("NVM Express\x00\xff~|");
  assertEquals(hexLines(bytes, 0), [
    "00000000  4e 56 4d 20 45 78 70 72  65 73 73 00 c3 bf 7e 7c  |NVM Express...~||",
  ]);
});

Deno.test("a short last hex line keeps its columns, and offsets go on from where the bytes stood", () => {
  assertEquals(hexLines(Uint8Array.of(...new Uint8Array(16), 0x41), 0x1000), [
    "00001000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
    "00001010  41                                                |A|",
  ]);
  assertEquals(rendered([{ kind: "hex", bytes: new Uint8Array(0) }]), "");
});
