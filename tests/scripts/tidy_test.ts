// The rules of the tree, each against a small tree that breaks it and one that keeps it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { importsOf } from "../../scripts/tidy/imports.ts";
import { RULES } from "../../scripts/tidy/rules.ts";

/** What all rules together say of a tree in which `main.ts` imports every source named. */
function complaints(files: Readonly<Record<string, string>>): readonly string[] {
  const sources = new Map(Object.entries(files));
  const reachable = Object.keys(files).filter((path) => /^(src|ffi)\//.test(path));
  if (!sources.has("main.ts")) {
    const imports = reachable.map((path) => `import "./${path}";`).join("\n");
    sources.set("main.ts", `// The program.\n${imports}\n`);
  }
  return RULES.flatMap((rule) => rule(sources));
}

function source(body: string): string {
  return `// A file.\n${body}`;
}

function lines(count: number, line = "  step();"): string {
  return Array.from({ length: count }, () => line + "\n").join("");
}

Deno.test("a tree that keeps every rule brings no complaint", () => {
  assertEquals(
    complaints({
      "src/layout/mod.ts": source("export const A = 1;\n"),
      "src/spec/status.ts": source('import { A } from "../layout/mod.ts";\n'),
      "tests/spec/status_test.ts": source('import { A } from "../../src/spec/status.ts";\n'),
      "README.md": "# One\n\n## Two\n",
    }),
    [],
  );
});

Deno.test("a layer may not import one above it", () => {
  const found = complaints({
    "src/spec/status.ts": source('import { run } from "../cli/run.ts";\n'),
    "src/cli/run.ts": source(""),
  });
  assertEquals(found, ["src/spec/status.ts:1: src/spec must not import src/cli/run.ts"]);
});

Deno.test("an import that is only a type, or happens at run time, counts as an import", () => {
  const text = [
    'import type { A } from "../a.ts";',
    'import "./b.ts";',
    'const c = await import("./c.ts");',
    'export * from "./d.ts";',
    'import { bold } from "deno-std/fmt/colors.js";',
  ].join("\n");
  assertEquals(importsOf("src/cli/x.ts", text), [
    "src/a.ts",
    "src/cli/b.ts",
    "src/cli/c.ts",
    "src/cli/d.ts",
  ]);
});

Deno.test("the longest matching layer decides: transport.ts may import less than its folder", () => {
  const found = complaints({
    "src/transport/transport.ts": source('import { A } from "../errors.ts";\n'),
    "src/transport/passthrough.ts": source('import { A } from "../errors.ts";\n'),
    "src/errors.ts": source(""),
  });
  assertEquals(found, [
    "src/transport/transport.ts:1: src/transport/transport.ts must not import src/errors.ts",
  ]);
});

Deno.test("a file of 401 lines is too long, one of 400 is not", () => {
  const file = (count: number): string => source(lines(count - 1, "step();"));
  assertEquals(complaints({ "scripts/a.ts": file(400) }), []);
  assertEquals(complaints({ "scripts/a.ts": file(401) }), [
    "scripts/a.ts:1: 401 lines, need at most 400",
  ]);
  assertEquals(complaints({ "src/spec/table.ts": file(401) }), [], "tables may be long");
});

Deno.test("a line of 101 columns is too long unless nothing in it can be broken", () => {
  const long = (start: string): string => source(start + "x".repeat(101 - start.length) + "\n");
  const complaint = ["scripts/a.ts:2: 101 columns, need at most 100"];
  assertEquals(complaints({ "scripts/a.ts": long("a = ") }), complaint);
  assertEquals(complaints({ "scripts/a.ts": long("// ") }), complaint);
  assertEquals(complaints({ "scripts/a.ts": long("/** a/b and c/d ") }), complaint);
  assertEquals(complaints({ "scripts/a.ts": long(' * "quoted" ') }), complaint);
  assertEquals(complaints({ "scripts/a.ts": long("// https://") }), []);
  assertEquals(complaints({ "scripts/a.ts": source(`a = "${"x".repeat(101)}";\n`) }), []);
  assertEquals(complaints({ "scripts/a.ts": source(`a = /${"x".repeat(101)}/g;\n`) }), []);
});

Deno.test("columns are characters, not code units or bytes", () => {
  assertEquals(complaints({ "scripts/a.ts": source("// " + "🙂".repeat(97) + "\n") }), []);
});

/** A function of every shape whose span, signature and closing line counted, is `count` lines. */
const SHAPES: Readonly<Record<string, (count: number) => string>> = {
  "a function": (count) => `export async function f(): T {\n${lines(count - 2)}}\n`,
  "a function with a signature over several lines": (count) =>
    `function f(\n  a: A,\n  { b }: B,\n): T {\n${lines(count - 5)}}\n`,
  "a function with one destructured parameter": (count) =>
    `function f({\n  a,\n}: A): T {\n${lines(count - 4)}}\n`,
  "a method": (count) =>
    `class A {\n  static async #f(a: A): Promise<T> {\n${lines(count - 2)}  }\n}\n`,
  "a method with a signature over several lines": (count) =>
    `class A {\n  override f(\n    a: A,\n  ): T {\n${lines(count - 4)}  }\n}\n`,
  "a method of a computed name": (count) =>
    `class A {\n  [Symbol.dispose](): void {\n${lines(count - 2)}  }\n}\n`,
  "a method of a literal": (count) =>
    `const a = command({\n  async run(context, { flags }) {\n${lines(count - 2)}  },\n});\n`,
  "an arrow with a block": (count) => `const f = (a: A): T => {\n${lines(count - 2)}};\n`,
  "an arrow with an expression below it": (count) =>
    `const f: F = (a) =>\n${lines(count - 1, "  a.")}const g = 1;\n`,
  "a callback": (count) => `list.forEach((one) => {\n${lines(count - 2)}});\n`,
};

for (const [shape, make] of Object.entries(SHAPES)) {
  Deno.test(`${shape} of 61 lines is too long, one of 60 is not`, () => {
    assertEquals(complaints({ "scripts/a.ts": source(make(60)) }), []);
    const [found = "", ...more] = complaints({ "scripts/a.ts": source(make(61)) });
    assertStringIncludes(found, "a function of 61 lines, need at most 60");
    assertEquals(more, []);
  });
}

Deno.test("a long function is reported where it begins, and a short one inside it is not", () => {
  const body = `outer(\n  a: A,\n): T {\n${lines(30)}  list.map((x) => {\n    x;\n  });\n${
    lines(30)
  }}\n`;
  assertEquals(complaints({ "scripts/a.ts": source(`\nfunction ${body}`) }), [
    "scripts/a.ts:3: a function of 67 lines, need at most 60",
  ]);
});

Deno.test("tables, classes and control flow are no functions, however long", () => {
  const long = lines(70, "  a: 1,");
  const parts = [
    `export const A = {\n${long}};\n`,
    `export class B extends C {\n${long}}\n`,
    `export interface D {\n${long}}\n`,
    `const e = f({\n${long}});\n`,
    `if (g(a)) {\n${long}}\n`,
    `for (const h of i(j)) {\n${long}}\n`,
    `switch (k(l)) {\n${long}}\n`,
  ];
  for (const part of parts) assertEquals(complaints({ "scripts/a.ts": source(part) }), [], part);
});

Deno.test("two arrows with expressions one after another do not count as one", () => {
  const one = `const f: F = (a) =>\n${lines(40, "  a.")}\n`;
  assertEquals(complaints({ "scripts/a.ts": source(one + one) }), []);
});

Deno.test("a file whose first line is no comment does not say what it is for", () => {
  assertEquals(complaints({ "scripts/a.ts": "const a = 1;\n" }), [
    "scripts/a.ts:1: the first line does not say what the file is for",
  ]);
});

Deno.test("nothing is left for later", () => {
  for (const word of ["TO" + "DO", "FIX" + "ME", "XX" + "X"]) {
    assertEquals(complaints({ "scripts/a.ts": source(`// ${word}: later\n`) }), [
      "scripts/a.ts:2: left for later",
    ]);
  }
});

Deno.test("a pure layer takes no system, time or chance by itself", () => {
  const cases: Readonly<Record<string, string>> = {
    "Deno.": "Deno.exit(1);",
    "Date.now": "const t = Date.now();",
    "performance.now": "const t = performance.now();",
    "new Date()": "const t = new Date();",
    "Math.random": "const r = Math.random();",
    "crypto.randomUUID": "const r = crypto.randomUUID();",
    "console.": 'console.log("a");',
  };
  for (const [found, code] of Object.entries(cases)) {
    assertEquals(complaints({ "src/drive/a.ts": source(`${code}\n`) }), [
      `src/drive/a.ts:2: ${found} in a pure layer`,
    ]);
    assertEquals(complaints({ "src/cli/a.ts": source(`${code}\n`) }), [], "cli may");
  }
  const mentioned = "// Deno.exit is not for here\n/**\n * Date.now neither\n */\nnew Date(ms);\n";
  assertEquals(complaints({ "src/drive/a.ts": source(mentioned) }), []);
});

Deno.test("a pointer stands in ffi/ only, and below the reason why it is safe", () => {
  const pointer = "const p = Deno.UnsafePointer.of(bytes);\n";
  assertEquals(complaints({ "src/cli/a.ts": source(pointer) }), [
    "src/cli/a.ts:2: a pointer outside ffi/",
  ]);
  assertEquals(complaints({ "ffi/a.ts": source(pointer) }), [
    "ffi/a.ts:2: a pointer without SAFETY:",
  ]);
  assertEquals(complaints({ "ffi/a.ts": source(`// SAFETY: bytes outlive p.\n${pointer}`) }), []);
});

Deno.test("a citation names a document that is known, in the form that can be read", () => {
  const [unknown = ""] = complaints({ "src/spec/a.ts": source("// [BASE-9.9 §1]\n") });
  assertStringIncludes(unknown, "src/spec/a.ts:2: ");
  assertStringIncludes(unknown, "BASE-9.9");
  const [malformed = ""] = complaints({ "src/spec/a.ts": source("// [BASE-2.1 5.1]\n") });
  assertStringIncludes(malformed, "need [KEY §section, Fig. n]");
  assertEquals(
    complaints({ "src/spec/a.ts": source("// [BASE-2.1 §5.1.12, Fig. 197] at[0]\n") }),
    [],
  );
});

Deno.test("a test stands where the thing that it tests stands", () => {
  const test = source("");
  assertEquals(complaints({ "tests/cli/gone_test.ts": test }), [
    "tests/cli/gone_test.ts:1: tests nothing that stands at src/cli/gone.ts",
  ]);
  assertEquals(
    complaints({
      "src/cli/run.ts": source(""),
      "src/tcp/mod.ts": source(""),
      "ffi/file.ts": source(""),
      "scripts/tidy.ts": source(""),
      "tests/cli/run_test.ts": test,
      "tests/host/memory_view.ts": test,
      "tests/host/memory_view_test.ts": test,
      "tests/tcp_test.ts": test,
      "tests/ffi/file_test.ts": test,
      "tests/scripts/tidy_test.ts": test,
      "tests/e2e/errors_test.ts": test,
      "tests/vm/guest_test.ts": test,
      "tests/drive/conformance/fuzz_test.ts": test,
    }),
    [],
  );
  assertEquals(complaints({ "tests/drive/conform/fuzz_test.ts": test }), [
    "tests/drive/conform/fuzz_test.ts:1: tests nothing that stands at src/drive/conform/fuzz.ts",
  ]);
});

Deno.test("a source that nothing imports is an orphan", () => {
  const found = complaints({
    "main.ts": source('import { a } from "./src/a.ts";\n'),
    "src/a.ts": source('const b = await import("./b.ts");\n'),
    "src/b.ts": source('import "./a.ts";\n'),
    "src/c.ts": source('import "./b.ts";\n'),
    "src/d.d.ts": source(""),
  });
  assertEquals(found, ["src/c.ts:1: nothing imports it"]);
});

Deno.test("what only the library face or the slow ioctl's thread imports is no orphan", () => {
  const found = complaints({
    "main.ts": source(""),
    "src/mod.ts": source('export * from "./a.ts";\n'),
    "src/a.ts": source(""),
    "ffi/slow_ioctl_worker.ts": source('import "./libc.ts";\n'),
    "ffi/libc.ts": source(""),
  });
  assertEquals(found, []);
});

Deno.test("a document has one title, and a comment in an example is none", () => {
  assertEquals(complaints({ "README.md": "# One\n\n# Two\n" }), [
    "README.md:1: 2 titles, need one",
  ]);
  assertEquals(complaints({ "README.md": "text\n" }), ["README.md:1: 0 titles, need one"]);
  assertEquals(complaints({ "README.md": "# One\n\n```sh\n# not a title\n```\n" }), []);
});
