// The answers of the drive against the tables: each row on a drive of its own.

import { assertEquals } from "@std/assert";
import { Bench } from "../bench.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { parseCitation } from "../../../src/spec/references.ts";
import { ALL_ROWS } from "./all_rows.ts";
import { OPCODE_ROWS } from "./opcodes.ts";
import { check, type Wrong } from "./row.ts";

for (const row of ALL_ROWS) {
  Deno.test(`${row.what}: ${row.status} ${row.cite}`, () => check(row));
}

/** Commands with nothing but an opcode and, some of them, a namespace: no field can be wrong. */
const PLAIN = ["Abort", "Keep Alive", "Asynchronous Event Request"];
/** Commands that are processed at any time. */
const ALWAYS = ["Identify", "Get Features", "Set Features", "Keep Alive", "Abort", "Flush"];

Deno.test("every command that the drive has is in the tables with each thing that can be wrong", async () => {
  const controller = IdentifyController.decode((await new Bench().identify(0x01)).data);
  const missing: string[] = [];
  for (const { queue, opcode, name } of OPCODE_ROWS.filter(({ has }) => has(controller))) {
    const wrong = new Set(
      ALL_ROWS.filter((row) => row.queue === queue && row.opcode === opcode).map((row) =>
        row.wrong
      ),
    );
    const needs = (kind: string, ...any: readonly Wrong[]): void => {
      if (!any.some((one) => wrong.has(one))) missing.push(`${name}: ${kind}`);
    };
    // What a namespace is to a security command is its protocol's business.
    if (!name.startsWith("Security")) needs("namespace", "namespace");
    if (!PLAIN.includes(name)) needs("field", "field", "limit");
    if (!ALWAYS.includes(name)) needs("sequence", "sequence", "limit");
  }
  assertEquals(missing, []);
});

Deno.test("every row of the tables says where the specification demands its answer", () => {
  for (const { cite, what } of ALL_ROWS) {
    assertEquals(cite.startsWith("["), true, what);
    for (const [one] of cite.matchAll(/\[[^\]]+\]/g)) parseCitation(one);
  }
});
