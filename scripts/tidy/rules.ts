// All rules of the tree, and those that need no module of their own.

import { parseCitation } from "../../src/spec/references.ts";
import { layers, orphans } from "./imports.ts";
import { forEach, type Rule, SOURCE } from "./rule.ts";
import { sizes } from "./sizes.ts";

/** The world, the time, and chance. */
const OUTSIDE = new RegExp(
  "\\bDeno\\.|\\bconsole\\.|\\b(Date|performance)\\.now\\b|\\bnew Date\\(\\)|" +
    "\\bMath\\.random\\b|\\bcrypto\\.(getRandomValues|randomUUID)\\b",
);
/** Folders where nothing may reach outside by itself. */
const PURE = /^src\/(layout|spec|tcp|trace|drive|controller|keys|commands)\//;

/** Every file says in its first line what it is for, and nothing is left for later. */
export const comments: Rule = (sources) =>
  forEach(sources, SOURCE, (path, text) => {
    const complaints: string[] = [];
    if (path.endsWith(".ts") && !/^\/\/ \S/.test(text)) {
      complaints.push(`${path}:1: the first line does not say what the file is for`);
    }
    text.split("\n").forEach((line, at) => {
      // The words are taken apart so that this line does not complain about itself.
      if (new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`).test(line)) {
        complaints.push(`${path}:${at + 1}: left for later`);
      }
    });
    return complaints;
  });

/** What decides nothing by itself: no `Deno`, no clock, no chance in the pure layers. */
export const purity: Rule = (sources) =>
  forEach(sources, PURE, (path, text) =>
    text.split("\n").flatMap((line, at) => {
      const code = line.replace(/\/\/.*$|^\s*\*.*$/, "");
      const found = OUTSIDE.exec(code);
      return found ? [`${path}:${at + 1}: ${found[0]} in a pure layer`] : [];
    }));

/** Pointers live in ffi/, and each says why it is safe. */
export const pointers: Rule = (sources) =>
  forEach(sources, /^(main\.ts|src\/|ffi\/)/, (path, text) => {
    const lines = text.split("\n");
    return lines.flatMap((line, at) => {
      if (
        !/\bDeno\.(UnsafePointer|UnsafePointerView|UnsafeFnPointer|UnsafeCallback)\b/.test(line)
      ) {
        return [];
      }
      if (!path.startsWith("ffi/")) return [`${path}:${at + 1}: a pointer outside ffi/`];
      if (/^\s*(\/\/|\*|import\b)|:\s*Deno\.Unsafe/.test(line)) return [];
      const above = lines.slice(Math.max(0, at - 6), at + 1).join("\n");
      return above.includes("SAFETY:") ? [] : [`${path}:${at + 1}: a pointer without SAFETY:`];
    });
  });

/** Every citation has a key that references.ts explains. */
export const citations: Rule = (sources) =>
  forEach(
    sources,
    /^(src|ffi)\//,
    (path, text) =>
      text.split("\n").flatMap((line, at) =>
        [...line.matchAll(/\[([A-Z][A-Z0-9]+-[0-9][0-9.]*)(?: [^\]]*)?\]/g)].flatMap(([cite]) => {
          try {
            parseCitation(cite);
            return [];
          } catch (error) {
            return [`${path}:${at + 1}: ${(error as Error).message}`];
          }
        })
      ),
  );

/** Tests of the program, a guest or the drive as a whole, which mirror no single source. */
const WHOLE = /^tests\/(e2e|vm|support|drive\/conformance)\//;

/** A test stands where the thing that it tests stands; a test's helper has its own beside it. */
export const mirrors: Rule = (sources) =>
  forEach(sources, /^tests\/.*_test\.ts$/, (path) => {
    if (WHOLE.test(path)) return [];
    const tested = path.replace(/^tests\//, "").replace(/_test\.ts$/, "");
    const candidates = [`src/${tested}`, tested, `tests/${tested}`]
      .flatMap((base) => [`${base}.ts`, `${base}/mod.ts`]);
    return candidates.some((candidate) => sources.has(candidate))
      ? []
      : [`${path}:1: tests nothing that stands at ${candidates[0]}`];
  });

/** A document has one title. */
export const titles: Rule = (sources) =>
  forEach(sources, /\.md$/, (path, text) => {
    const outsideCode = text.replace(/^```[\s\S]*?^```/gm, "");
    const count = outsideCode.match(/^# /gm)?.length ?? 0;
    return count === 1 ? [] : [`${path}:1: ${count} titles, need one`];
  });

/** All rules. */
export const RULES: readonly Rule[] = [
  layers,
  sizes,
  comments,
  purity,
  pointers,
  citations,
  mirrors,
  orphans,
  titles,
];
