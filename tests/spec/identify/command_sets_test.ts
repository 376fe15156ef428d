// I/O command sets and their combinations.

import { assertEquals } from "@std/assert";
import {
  combinations,
  COMMAND_SET,
  COMMAND_SET_NAMES,
  CommandSets,
  CommandSetVector,
} from "../../../src/spec/identify/command_sets.ts";
import { COMMAND_SETS_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { COMMAND_SETS_WITNESS } from "./witness.ts";

structureTests(CommandSets, {
  bytes: COMMAND_SETS_IMAGE,
  decoded: {},
  encoded: { iocsc: [{ nvmcs: true }, { nvmcs: true, znscs: true }] },
});

witnessTests(CommandSets, COMMAND_SETS_WITNESS);

Deno.test("combinations() ends at the first empty one", () => {
  const found = combinations(CommandSets.decode(COMMAND_SETS_IMAGE));
  assertEquals(found.map((vector) => CommandSetVector.text(vector)), [
    "NVM",
    "NVM, Zoned Namespace",
  ]);
  assertEquals(combinations(CommandSets.decode(new Uint8Array(4096))), []);
  assertEquals(combinations(CommandSets.decode(new Uint8Array(4096).fill(0xff))).length, 512);
});

Deno.test("every command set has a name", () => {
  for (const csi of Object.values(COMMAND_SET)) {
    assertEquals(typeof COMMAND_SET_NAMES[csi], "string");
  }
});
