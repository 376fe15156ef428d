// The table of libnvme's functions in ARCHITECTURE.md says what is so.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/commands/registry.ts";

const LIBNVME_FUNCTIONS = 29;

interface Row {
  readonly name: string;
  readonly verb: string;
  readonly library: string;
  readonly test: string;
}

function rows(text: string): readonly Row[] {
  const pattern = /^\| `(nvme_\w+)` +\| (.+?) +\| `(\w+)` +\| `(\S+)` +\|$/gm;
  return [...text.matchAll(pattern)].map(([, name = "", verb = "", library = "", test = ""]) => ({
    name,
    verb,
    library,
    test,
  }));
}

const found = rows(await Deno.readTextFile("ARCHITECTURE.md"));

Deno.test("the table names all 29 functions of libnvme's Linux module, each once", () => {
  assertEquals(new Set(found.map(({ name }) => name)).size, LIBNVME_FUNCTIONS);
  assertEquals(found.length, LIBNVME_FUNCTIONS);
});

Deno.test("each verb of the table is one, and each library function is exported", async () => {
  const library = await import("../../src/mod.ts") as Record<string, unknown>;
  for (const { name, verb, library: symbol } of found) {
    assertEquals(typeof library[symbol], "function", `${name}: ${symbol}`);
    for (const [, words = ""] of verb.matchAll(/`([a-z][a-z -]*?)(?: --[a-z ]+)?`/g)) {
      const first = words.split(" ")[0] ?? "";
      const known = Object.hasOwn(COMMANDS, words) || Object.hasOwn(COMMANDS, first) ||
        words === "update";
      assert(known, `${name}: ${words}`);
    }
  }
});

Deno.test("each library function of the table has an example in its comment", async () => {
  const sources = ["src/library.ts"];
  for (const folder of ["src/controller", "src/keys"]) {
    for await (const { name } of Deno.readDir(folder)) sources.push(`${folder}/${name}`);
  }
  const text = (await Promise.all(sources.map((path) => Deno.readTextFile(path)))).join("\n");
  for (const symbol of new Set(found.map(({ library }) => library))) {
    const at = new RegExp(`^export (async )?function ${symbol}\\b`, "m").exec(text)?.index;
    assert(at !== undefined, `${symbol} is a function of the library`);
    const comment = text.slice(text.lastIndexOf("/**", at), at);
    assertMatch(comment, /@example[^]*```ts[^]*from "nvmectl"[^]*\*\/\n$/, symbol);
    assertStringIncludes(comment, `${symbol}(`, "the example calls it");
  }
});

Deno.test("each test of the table is a file", async () => {
  for (const { name, test } of found) {
    assert((await Deno.stat(test)).isFile, `${name}: ${test}`);
  }
});
