// Tests of the text of drive files.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseValue, type Value, valueText } from "../../../src/open/drive_file/text.ts";

Deno.test("valueText() and parseValue() keep every value, exact integers and look-alikes too", () => {
  const values: readonly Value[] = [
    null,
    true,
    -1.5,
    0n,
    -(1n << 127n),
    12,
    "12",
    "12n",
    "-12n",
    "~12n",
    "~~-12n",
    "~",
    "n",
    "",
    "a\u202eb\u0000",
    [1n, "1n", ["~1n"]],
    { count: 18446744073709551615n, name: "7n", list: [{ deep: -1n }] },
  ];
  for (const value of values) assertEquals(parseValue(valueText(value)), value);
});

Deno.test("valueText() is readable: an exact integer is its digits", () => {
  assert(valueText({ count: 123n }).includes('"count": "123n"'));
});

Deno.test("parseValue() refuses what is no JSON", () => {
  assertThrows(() => parseValue('{"schema": '), SyntaxError);
});
