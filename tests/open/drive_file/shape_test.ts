// Tests of the shapes that values in files are held against.

import { assertEquals, assertThrows } from "@std/assert";
import { checkShape, ShapeError, shapeOf } from "../../../src/open/drive_file/shape.ts";

const STRICT = { unknown: "refuse", missing: "refuse" } as const;
const LENIENT = { unknown: "accept", missing: "accept" } as const;

function complaint(value: unknown, examples: readonly unknown[], strictness = STRICT): string {
  const error = assertThrows(
    () => checkShape(value, shapeOf(examples), "it", strictness),
    ShapeError,
  );
  return error.message;
}

Deno.test("checkShape() names the field, what it is and what it has to be", () => {
  const example = { a: 1, b: [{ c: "x", d: 1n }] };
  assertEquals(complaint([], [example]), "it is a list, need a record");
  assertEquals(complaint({ a: "1", b: [] }, [example]), "it.a is a text, need a number");
  assertEquals(complaint({ a: 1 }, [example]), "it.b is missing");
  assertEquals(complaint({ a: 1, b: [], e: 1 }, [example]), "it.e is not a field of it");
  assertEquals(
    complaint({ a: 1, b: [{ c: "x", d: 1n }, { c: "x", d: 1 }] }, [example]),
    'it.b[1].d is a number, need an exact integer such as "12n"',
  );
});

Deno.test("checkShape() takes what any of the examples had, and needs what all of them had", () => {
  const examples = [{ a: 1, b: null }, { b: { c: 1 } }];
  const shape = shapeOf(examples);
  for (const value of [{ b: null }, { a: 2, b: null }, { b: { c: 2 } }]) {
    checkShape(value, shape, "it", STRICT);
  }
  assertEquals(complaint({ a: 1 }, examples), "it.b is missing");
});

Deno.test("checkShape() lets through what it is told not to look at", () => {
  const shape = shapeOf([{ a: 1, map: { x: 1 } }]);
  checkShape({ extra: true }, shape, "it", LENIENT);
  const open = new Set(["it.map"]);
  checkShape({ a: 1, map: { y: "anything" } }, shape, "it", { ...STRICT, open });
});
