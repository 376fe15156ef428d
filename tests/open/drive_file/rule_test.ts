// Tests of the rules that values in files are held against.

import { assertEquals, assertThrows } from "@std/assert";
import {
  exact,
  flag,
  list,
  optional,
  orNull,
  record,
  type Rule,
  ShapeError,
  table,
  text,
  whole,
  word,
} from "../../../src/open/drive_file/rule.ts";

function complaint(rule: Rule, value: unknown): string {
  return assertThrows(() => rule.check(value, "it"), ShapeError).message;
}

Deno.test("a rule names the field, what it is and what it has to be", () => {
  const percent = whole([0, 100]);
  assertEquals(complaint(percent, "1"), "it is a text, need a number");
  assertEquals(complaint(percent, null), "it is null, need a number");
  for (const wrong of [-1, 101, 0.5, NaN, Infinity]) {
    assertEquals(complaint(percent, wrong), `it is ${wrong}, need a whole number from 0 to 100`);
  }
  assertEquals(complaint(whole([1, 1]), 2), "it is 2, need 1");
  const count = exact(0n, 9n);
  assertEquals(complaint(count, 1), 'it is a number, need an exact integer such as "12n"');
  assertEquals(complaint(count, 10n), "it is 10n, need an exact integer from 0n to 9n");
  assertEquals(complaint(flag, 0), "it is a number, need true or false");
  assertEquals(complaint(word(["on", "off"]), "of"), 'it is "of", need one of on, off');
  assertEquals(complaint(text(3), "four"), "it has 4 characters, need 3 or fewer");
  const digits = text(9, { pattern: /^\d*$/, need: "digits" });
  assertEquals(complaint(digits, "1x"), 'it is "1x", need digits');
});

Deno.test("a rule of a list or a record names the place inside", () => {
  const points = list(
    record<{ x: number; name?: string }>({ x: whole([0, 9]), name: optional(text(9)) }),
    [1, 2],
  );
  points.check([{ x: 1 }, { x: 9, name: "n" }], "it");
  assertEquals(complaint(points, {}), "it is a record, need a list");
  assertEquals(complaint(points, []), "it has 0 elements, need 1 to 2");
  assertEquals(complaint(points, [[]]), "it[0] is a list, need a record");
  assertEquals(complaint(points, [{ x: 1 }, {}]), "it[1].x is missing");
  assertEquals(complaint(points, [{ x: 1, y: 1 }]), "it[0].y is not a field of it");
  assertEquals(complaint(points, [{ x: 1, name: 1 }]), "it[0].name is a number, need a text");
  const byName = table((name) => name === "x" ? whole([0, 9]) : flag);
  byName.check({ x: 1, y: true }, "it");
  assertEquals(complaint(byName, { y: 1 }), 'it["y"] is a number, need true or false');
});

Deno.test("a record takes strangers where it is told to, and never a member of all objects", () => {
  const lenient = record<{ x: number }>({ x: whole([0, 9]) }, { others: "taken" });
  lenient.check({ x: 1, later: null }, "it");
  const named = record<{ constructor: number }>({ constructor: whole([0, 9]) });
  assertEquals(complaint(named, {}), "it.constructor is missing");
  orNull(flag).check(null, "it");
  assertEquals(complaint(orNull(flag), 1), "it is a number, need true or false");
});
