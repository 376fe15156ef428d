// Names that can be part of an identity.

import { assertEquals, assertThrows } from "@std/assert";
import { KeyFormatError } from "../../src/keys/format_error.ts";
import { checkNqn } from "../../src/keys/nqn.ts";

Deno.test("checkNqn() takes 1 to 223 bytes", () => {
  for (const name of ["a", "n".repeat(223), "nqn.2014-08.org.nvmexpress:uuid:1", "nqn.ü"]) {
    checkNqn(name, "host");
  }
});

Deno.test("checkNqn() refuses what would make an identity ambiguous or too long", () => {
  for (
    const [name, said] of [
      ["", "it is empty"],
      ["n".repeat(224), "it has 224 bytes"],
      ["ü".repeat(112), "it has 224 bytes"],
      ["nqn a", "it has a space"],
      ["nqn\0", "control"],
      ["nqn\n", "control"],
    ] as const
  ) {
    const error = assertThrows(() => checkNqn(name, "host"), KeyFormatError, said);
    assertEquals(error.problem, "nqn");
  }
});
