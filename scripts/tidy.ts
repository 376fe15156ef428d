// Checks the rules of the tree that the formatter, the linter and the compiler do not know.

// deno-lint-ignore-file no-console

import { RULES } from "./tidy/rules.ts";

const SKIPPED = new Set([".git", ".tools", "build", "node_modules"]);

/** Reads every source and document below a folder. */
function readTree(folder: string, prefix = ""): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (SKIPPED.has(name)) continue;
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (isDirectory) {
      for (const [inner, text] of readTree(`${folder}/${name}`, path)) sources.set(inner, text);
    } else if (/\.(ts|sh|md)$/.test(name)) {
      sources.set(path, Deno.readTextFileSync(`${folder}/${name}`));
    }
  }
  return sources;
}

if (import.meta.main) {
  const sources = readTree(".");
  const complaints = RULES.flatMap((rule) => rule(sources));
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) Deno.exitCode = 1;
}
