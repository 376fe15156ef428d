// nvmectl explain, from words to meanings.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { explain } from "../../src/commands/explain.ts";
import { UsageError } from "../../src/errors.ts";
import { snakeCase } from "../../src/layout/mod.ts";
import { LOG_PAGES } from "../../src/spec/log/registry.ts";
import { allStatuses, formatStatusCode } from "../../src/spec/status/status.ts";
import { STRUCTURES } from "../../src/spec/structures.ts";
import { runCommand } from "../support/context.ts";

interface Meaning {
  readonly kind: string;
  readonly name?: string;
  readonly [key: string]: unknown;
}

async function meanings(...words: string[]): Promise<readonly Meaning[]> {
  const { report } = await runCommand(explain, words);
  return (report.json["meanings"] ?? []) as unknown as readonly Meaning[];
}

async function text(...words: string[]): Promise<string> {
  return (await runCommand(explain, words)).text;
}

Deno.test("explain reads a status in every spelling that people meet", async () => {
  const spellings = [["0x10a"], ["01h/0Ah"], ["0x1/0xa"], ["sct", "0x1", "/", "sc", "0xa"], [
    "266",
  ]];
  for (const words of [...spellings, ["status", "10ah"], ["invalid", "format"]]) {
    const [first, ...rest] = await meanings(...words);
    assertEquals([first?.kind, first?.name, rest.length], ["status", "Invalid Format", 0]);
  }
});

Deno.test("explain says what the bits beside a status code mean, and the next step", async () => {
  const shown = await text("0x6002");
  assertStringIncludes(shown, "Status 00h/02h: Invalid Field in Command");
  assertStringIncludes(shown, "Do not retry  the same command will fail again");
  assertStringIncludes(shown, "More          the Error Information log says more");
  assertStringIncludes(shown, "Next          Run `nvmectl log error`");
  assertStringIncludes(shown, "NVM Express Base Specification 2.1, section 4.2.3.1, figure 102");
});

Deno.test("explain knows every status code by its number", async () => {
  for (const { type, code, name } of allStatuses()) {
    const found = await meanings("status", formatStatusCode({ type, code }));
    assert(found.some((one) => one.name === name), name);
  }
});

Deno.test("explain shows every meaning of a number that has several", async () => {
  const found = await meanings("0x80");
  assertEquals(found.map(({ kind, name }) => [kind, name]), [
    ["status", "LBA Out of Range"],
    ["admin-opcode", "Format NVM"],
    ["log-page", "reservation"],
  ]);
  assertEquals((await meanings("2")).map(({ kind }) => kind), [
    "status",
    "admin-opcode",
    "io-opcode",
    "io-opcode",
    "log-page",
    "exit-status",
  ]);
});

Deno.test("explain narrows to the kind that the first word names", async () => {
  assertEquals((await meanings("admin", "0x80")).map(({ name }) => name), ["Format NVM"]);
  assertEquals((await meanings("io", "0x02")).map(({ name }) => name), ["Read", "Retrieve"]);
  assertEquals((await meanings("log", "0x02")).map(({ name }) => name), ["smart"]);
  assertEquals((await meanings("fabrics", "1")).map(({ name }) => name), ["Connect"]);
  assertEquals((await meanings("exit", "3")).map(({ name }) => name), ["refused"]);
  assertEquals((await meanings("cns", "1")).map(({ name }) => name), ["identify-controller"]);
});

Deno.test("explain tells an opcode's direction and effect, vendors' included", async () => {
  const shown = await text("admin", "0xc1");
  assertStringIncludes(shown, "Admin command C1h: vendor specific (C1h)");
  assertStringIncludes(shown, "host to controller (bits 1:0 are 01b)");
  assertStringIncludes(shown, "may destroy data");
  assertEquals((await meanings("format", "nvm")).map(({ kind }) => kind), ["admin-opcode"]);
});

Deno.test("explain lays out a log page: bytes, field, type, bits, since, citation", async () => {
  const shown = await text("smart");
  assertStringIncludes(shown, "Log page 02h: SMART / Health Information");
  assertStringIncludes(shown, "section 5.1.12.1.3, figure 206");
  assert(/^0 +critical_warning +bits of u8 +Critical warning$/m.test(shown));
  assert(/^ {2}bit 3 +read_only +all media are read-only$/m.test(shown));
  assert(/^195:192 +warning_temperature_time .* 1\.2$/m.test(shown));
  assertEquals(await text("log", "smart"), shown);
});

Deno.test("explain finds every log page and every structure by its names", async () => {
  for (const { name, lid } of LOG_PAGES) {
    const [found] = await meanings("log", name);
    assertEquals([found?.kind, found?.["lid"]], ["log-page", lid]);
  }
  for (const { name, aliases, structure } of STRUCTURES) {
    for (const word of [name, ...aliases]) {
      const found = await meanings("structure", word);
      const titles = found.map(({ layout }) => (layout as { title: string }).title);
      assert(titles.includes(structure.title), word);
    }
  }
});

Deno.test("explain takes names as people join them", async () => {
  for (const words of [["power-state"], ["power", "state"], ["Power State Descriptor"]]) {
    assertEquals((await meanings(...words)).map(({ name }) => name), ["power-state-descriptor"]);
  }
  assertStringIncludes(await text("identify", "namespace"), "Identify CNS 00h");
  assertStringIncludes(await text("SQE"), "Submission Queue Entry");
  assertStringIncludes(await text("cqe"), "Completion Queue Entry");
  assertStringIncludes(await text("self-test", "entry"), "Self-test Result");
});

Deno.test("explain says where a field is, and what each of its bits and codes means", async () => {
  const shown = await text("oacs");
  assertStringIncludes(shown, "oacs of Identify Controller");
  assertStringIncludes(shown, "257:256 of 4096");
  assertStringIncludes(shown, "bit 4   dsts   Device Self-test");
  const codes = await text("cntrltype");
  assertStringIncludes(codes, "2h    discovery controller");
  const pieces = await text("field", "flags");
  assertStringIncludes(pieces, "1h first of a fused pair");
  assertStringIncludes(await text("dsts"), "4 of oacs");
});

Deno.test("explain knows every field of every structure", async () => {
  for (const { structure } of STRUCTURES) {
    for (const { name, first } of structure.rows.slice(0, 3)) {
      if (name === "") continue;
      const [found] = await meanings("field", snakeCase(name));
      const places = found?.["places"] as readonly {
        structure_title: string;
        bits: string | null;
        field: { first_byte: number };
      }[];
      const here = places.filter((one) => one.structure_title === structure.title && !one.bits);
      assertEquals(here.map(({ field }) => field.first_byte), [first]);
    }
  }
});

Deno.test("explain lists what is similar rather than explain a guess", async () => {
  const { report, text } = await runCommand(explain, ["format"]);
  assertEquals(report.json["meanings"], undefined);
  assertStringIncludes(text, "Format NVM (80h)");
  assertStringIncludes(text, "Invalid Format (01h/0Ah)");
  assert(!text.includes("SMART"), "a word inside another is not similar");
});

Deno.test("explain lists all of a kind that is named alone", async () => {
  const { report, text } = await runCommand(explain, ["status"]);
  const candidates = report.json["candidates"] as readonly unknown[];
  assertEquals(candidates.length, [...allStatuses()].length);
  assertStringIncludes(text, "Successful Completion (00h/00h)");
  assertStringIncludes((await runCommand(explain, ["exit"])).text, "5 unsafe");
});

Deno.test("explain without a word says what can be explained", async () => {
  const { report, text } = await runCommand(explain, []);
  assertStringIncludes(text, "Status codes");
  for (const { example } of report.json["kinds"] as unknown as readonly { example: string }[]) {
    const [, , ...words] = example.split(" ");
    assert((await meanings(...words)).length > 0, example);
  }
});

Deno.test("explain names the nearest where nothing has that name", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["smrt"], "Did you mean smart?"],
    [["0xc0de1"], "no status, opcode or log page has that number"],
    [["0x8005"], "nvmectl explain 0x4002"],
    [["admin", "0x100"], "nothing known has that name"],
  ];
  for (const [words, expected] of cases) {
    const error = await assertRejects(() => runCommand(explain, words), UsageError);
    assertStringIncludes(`${error.message} ${error.next}`, expected);
    assertEquals(error.exitCode, 2);
  }
});

Deno.test("explain takes no option of drives: it is offline", async () => {
  await assertRejects(() => runCommand(explain, ["smart", "--dry-run"]), UsageError);
});
