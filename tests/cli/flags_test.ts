// The kinds of option, each by itself.

import { assertEquals, assertThrows } from "@std/assert";
import {
  badValue,
  bigInteger,
  choice,
  duration,
  flagName,
  integer,
  parseInteger,
  text,
  toggle,
} from "../../src/cli/flags.ts";
import { UsageError } from "../../src/errors.ts";

Deno.test("flagName() spells a name in code as the command line has it", () => {
  assertEquals(flagName("all"), "all");
  assertEquals(flagName("dryRun"), "dry-run");
  assertEquals(flagName("uuidIndex"), "uuid-index");
});

Deno.test("badValue() quotes what was typed, so that blanks and quotes can be seen", () => {
  assertEquals(
    badValue("blockSize", ' 4"', "x").message,
    'Cannot use --block-size " 4\\"": need x',
  );
});

Deno.test("a toggle has no placeholder, and every other kind has one", () => {
  assertEquals(toggle("t").value, undefined);
  assertEquals(toggle("t", "t").short, "t");
  assertEquals(text("t", "FILE").value, "FILE");
  assertEquals(integer("t", { max: 1 }).value, "N");
  assertEquals(bigInteger("t", "OFFSET").value, "OFFSET");
  assertEquals(choice("t", ["a", "b"]).value, "a|b");
  assertEquals(duration("t").value, "TIME");
});

Deno.test("parseInteger() accepts both of its limits and nothing beyond them", () => {
  const limits = { name: "n", min: 2, max: 0x10000 };
  assertEquals(parseInteger("2", limits), 2);
  assertEquals(parseInteger("65536", limits), 65536);
  assertThrows(() => parseInteger("1", limits), UsageError, "2 to 0x10000");
  assertThrows(() => parseInteger("0x10001", limits), UsageError, "2 to 0x10000");
});

Deno.test("parseInteger() refuses a number that a double cannot hold exactly", () => {
  const limits = { name: "n", min: 0, max: Number.MAX_SAFE_INTEGER };
  assertThrows(() => parseInteger("9007199254740993", limits), UsageError);
});

Deno.test("a time is at most what the kernel's 32-bit timeouts can hold", () => {
  const ms = duration("t").parse("1193h", "timeout") ?? 0;
  assertEquals(ms <= 0xffffffff, true);
  assertThrows(() => duration("t").parse("1194h", "timeout"), UsageError, "up to 1193h");
});
