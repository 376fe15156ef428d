// The registry of structures: complete, and without two of one name.

import { assert, assertEquals } from "@std/assert";
import { List, Struct } from "../../src/layout/mod.ts";
import { parseCitation } from "../../src/spec/references.ts";
import {
  type AnyStruct,
  namedStructure,
  nestedStructure,
  STRUCTURES,
} from "../../src/spec/structures.ts";

const SPEC = new URL("../../src/spec/", import.meta.url);

/** Every structure that a module of src/spec exports. */
async function exported(): Promise<readonly (readonly [string, AnyStruct])[]> {
  const found: (readonly [string, AnyStruct])[] = [];
  for (const path of modules(SPEC)) {
    const module: Record<string, unknown> = await import(path.href);
    for (const [name, value] of Object.entries(module)) {
      if (value instanceof Struct) found.push([name, value as AnyStruct]);
      if (value instanceof List) found.push([name, value.entry as AnyStruct]);
    }
  }
  return found;
}

function modules(directory: URL): readonly URL[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? modules(new URL(`${name}/`, directory)) : [new URL(name, directory)]
  );
}

Deno.test("STRUCTURES has every structure that src/spec exports", async () => {
  const missing = (await exported()).filter(([, structure]) => !namedStructure(structure));
  assertEquals(missing.map(([name]) => name), []);
});

Deno.test("STRUCTURES gives no two structures the same name", () => {
  const owners = new Map<string, string>();
  for (const { name, aliases } of STRUCTURES) {
    assert(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name), name);
    for (const word of new Set([name, ...aliases])) {
      assertEquals(owners.get(word), undefined, `${word} is ${owners.get(word)} and ${name}`);
      owners.set(word, name);
    }
  }
});

Deno.test("STRUCTURES cites documents that are known", () => {
  for (const { structure } of STRUCTURES) parseCitation(structure.cite);
});

Deno.test("nestedStructure() finds what a field consists of", () => {
  const log = STRUCTURES.find(({ name }) => name === "device-self-test");
  const nested = nestedStructure(log?.structure.row("results" as never).codec ?? {});
  assertEquals(nested && namedStructure(nested)?.name, "self-test-result");
});
