// The rules of the tree, each a pure function from sources to complaints.

import { parseCitation } from "../../src/spec/references.ts";

/** Sources by path from the root of the tree. */
export type Sources = ReadonlyMap<string, string>;

/** A rule: what it finds wrong, one line each, `path:line: complaint`. */
export type Rule = (sources: Sources) => readonly string[];

/**
 * What each layer may import; the longest matching prefix decides. `open.ts`, `main.ts`, scripts and
 * tests know everything.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "ffi": ["ffi", "src/layout"],
  "src/errors.ts": [],
  "src/layout": ["src/layout"],
  "src/spec": ["src/spec", "src/layout"],
  "src/tcp": ["src/tcp", "src/layout", "src/spec"],
  "src/host": ["src/host", "src/layout", "src/errors.ts", "ffi"],
  "src/transport/transport.ts": [],
  "src/transport": ["src/transport", "src/spec", "src/layout", "src/errors.ts", "ffi"],
  "src/trace": ["src/trace", "src/tcp", "src/spec", "src/layout", "src/transport/transport.ts"],
  "src/drive": [
    "src/drive",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/transport/transport.ts",
  ],
  "src/controller": [
    "src/controller",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/host/topology.ts",
    "src/transport/transport.ts",
  ],
  "src/cli": [
    "src/cli",
    "src/commands/registry.ts",
    "src/controller",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/host/topology.ts",
    "src/transport/transport.ts",
    "src/transport/dry_run.ts",
  ],
  "src/commands": [
    "src/commands",
    "src/cli",
    "src/controller",
    "src/spec",
    "src/layout",
    "src/errors.ts",
    "src/host/topology.ts",
    "src/transport/transport.ts",
    "src/version.ts",
  ],
};

const LINE_MAX = 100;
const FILE_MAX = 400;
const FUNCTION_MAX = 60;
/** Tables and the documents' examples may be long. */
const MAY_BE_LONG = /^(src\/spec\/|tests\/)/;
/** Folders where nothing may reach outside by itself. */
const PURE = /^src\/(layout|spec|tcp|trace|drive|controller|commands)\//;
const SOURCE = /^(main\.ts|src\/|ffi\/|scripts\/|tests\/).*|^main\.ts$/;

/** Every import of a source, resolved to a path from the root; packages are left out. */
export function importsOf(path: string, text: string): readonly string[] {
  const found = text.matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)"(\.[^"]+)"/gm);
  return [...found].map(([, relative = ""]) =>
    new URL(relative, `file:///${path}`).pathname.slice(1)
  );
}

/** Layers import only what stands below them. */
export const layers: Rule = (sources) =>
  forEach(sources, /^(src|ffi)\//, (path, text) => {
    const layer = longestPrefix(path, Object.keys(MAY_IMPORT));
    if (layer === undefined) return [];
    const allowed = [...MAY_IMPORT[layer] ?? [], layer];
    return importsOf(path, text)
      .filter((target) => !allowed.some((prefix) => isUnder(target, prefix)))
      .map((target) => `${path}:1: ${layer} must not import ${target}`);
  });

/** Lines, functions and files stay small enough to hold in mind. */
export const sizes: Rule = (sources) =>
  forEach(sources, SOURCE, (path, text) => {
    const complaints: string[] = [];
    const lines = text.split("\n");
    if (lines.length > FILE_MAX + 1 && !MAY_BE_LONG.test(path)) {
      complaints.push(`${path}:1: ${lines.length - 1} lines, need at most ${FILE_MAX}`);
    }
    lines.forEach((line, at) => {
      if (
        [...line].length > LINE_MAX && !/["'`].*["'`]|https?:|^\s*\/[/*]|\/.*\/[a-z]*/.test(line)
      ) {
        complaints.push(`${path}:${at + 1}: ${line.length} columns, need at most ${LINE_MAX}`);
      }
    });
    return [...complaints, ...(MAY_BE_LONG.test(path) ? [] : longFunctions(path, lines))];
  });

/** Functions by indentation, which the formatter guarantees. */
function longFunctions(path: string, lines: readonly string[]): readonly string[] {
  const complaints: string[] = [];
  lines.forEach((line, start) => {
    const opening =
      /^(\s*)(?:export )?(?:async )?(?:function\b|(?:(?:static|private|get|set|async) )*[#\w]+\(.*\).*\{$)/
        .exec(line);
    if (!opening || /^\s*(if|for|while|switch|return|else)\b/.test(line)) return;
    const indent = opening[1] ?? "";
    const end = lines.findIndex((other, at) => at > start && other === `${indent}}`);
    if (end > 0 && end - start + 1 > FUNCTION_MAX) {
      complaints.push(
        `${path}:${start + 1}: a function of ${
          end - start + 1
        } lines, need at most ${FUNCTION_MAX}`,
      );
    }
  });
  return complaints;
}

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
      const found = /\bDeno\.|\bDate\.now\b|\bMath\.random\b|\bconsole\./.exec(code);
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

/** A test stands where the thing that it tests stands. */
export const mirrors: Rule = (sources) =>
  forEach(sources, /^tests\/(?!e2e\/|vm\/|support\/|scripts\/).*_test\.ts$/, (path) => {
    const tested = path.replace(/^tests\//, "").replace(/_test\.ts$/, "");
    const candidates = [`src/${tested}`, tested].flatMap((
      base,
    ) => [`${base}.ts`, `${base}/mod.ts`]);
    return candidates.some((candidate) => sources.has(candidate))
      ? []
      : [`${path}:1: tests nothing that stands at ${candidates[0]}`];
  });

/** Every source is reachable from the program, the library face or a Worker. */
export const orphans: Rule = (sources) => {
  const reached = new Set<string>();
  const queue = ["main.ts", "src/mod.ts", "ffi/slow_ioctl_worker.ts"].filter((p) => sources.has(p));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const text = sources.get(path);
    if (text !== undefined) queue.push(...importsOf(path, text));
  }
  return forEach(
    sources,
    /^(src|ffi)\/.*(?<!\.d)\.ts$/,
    (path) => reached.has(path) ? [] : [`${path}:1: nothing imports it`],
  );
};

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

function forEach(
  sources: Sources,
  paths: RegExp,
  check: (path: string, text: string) => readonly string[],
): readonly string[] {
  return [...sources].flatMap(([path, text]) => paths.test(path) ? check(path, text) : []);
}

function longestPrefix(path: string, prefixes: readonly string[]): string | undefined {
  return prefixes.filter((prefix) => isUnder(path, prefix))
    .sort((one, other) => other.length - one.length)[0];
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
