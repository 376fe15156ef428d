// Lists of identifiers.

import { assertEquals, assertThrows } from "@std/assert";
import {
  ControllerList,
  encodeControllerList,
  encodeEnduranceGroupList,
  EnduranceGroupList,
  listedControllers,
  listedEnduranceGroups,
  listedNamespaces,
  NamespaceList,
} from "../../../src/spec/identify/identify_lists.ts";
import {
  CONTROLLER_LIST_IMAGE,
  ENDURANCE_GROUP_LIST_IMAGE,
  NAMESPACE_LIST_IMAGE,
} from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import {
  CONTROLLER_LIST_WITNESS,
  ENDURANCE_GROUP_LIST_WITNESS,
  NAMESPACE_LIST_WITNESS,
} from "./witness.ts";

structureTests(NamespaceList, {
  bytes: NAMESPACE_LIST_IMAGE,
  decoded: {},
  encoded: { identifiers: [1, 2, 0xfffffffe, 0, 7] },
});
structureTests(ControllerList, {
  bytes: CONTROLLER_LIST_IMAGE,
  decoded: { numcids: 3 },
  encoded: { numcids: 3, identifiers: [0, 1, 0x0102] },
});
structureTests(EnduranceGroupList, {
  bytes: ENDURANCE_GROUP_LIST_IMAGE,
  decoded: { negids: 2 },
  encoded: { negids: 2, identifiers: [1, 9] },
});

witnessTests(NamespaceList, NAMESPACE_LIST_WITNESS);
witnessTests(ControllerList, CONTROLLER_LIST_WITNESS);
witnessTests(EnduranceGroupList, ENDURANCE_GROUP_LIST_WITNESS);

Deno.test("listedNamespaces() ends at the first zero", () => {
  assertEquals(listedNamespaces(NamespaceList.decode(NAMESPACE_LIST_IMAGE)), [1, 2, 0xfffffffe]);
  assertEquals(listedNamespaces(NamespaceList.decode(new Uint8Array(4096))), []);
});

Deno.test("listedNamespaces() returns all 1024 of a full page", () => {
  const identifiers = Array.from({ length: 1024 }, (_, at) => at + 1);
  const bytes = NamespaceList.encode({ identifiers });
  assertEquals(listedNamespaces(NamespaceList.decode(bytes)), identifiers);
});

Deno.test("listedControllers() takes controller 0 for a controller", () => {
  assertEquals(listedControllers(ControllerList.decode(CONTROLLER_LIST_IMAGE)), [0, 1, 0x0102]);
});

Deno.test("listedControllers() does not believe a count beyond the page", () => {
  const bytes = new Uint8Array(4096).fill(0xff);
  assertEquals(listedControllers(ControllerList.decode(bytes)).length, 2047);
});

Deno.test("listedEnduranceGroups() returns as many as the list counts", () => {
  const list = EnduranceGroupList.decode(ENDURANCE_GROUP_LIST_IMAGE);
  assertEquals(listedEnduranceGroups(list), [1, 9]);
});

Deno.test("encodeControllerList() and encodeEnduranceGroupList() count", () => {
  assertEquals(encodeControllerList([0, 1, 0x0102]), CONTROLLER_LIST_IMAGE);
  assertEquals(encodeEnduranceGroupList([1, 9]), ENDURANCE_GROUP_LIST_IMAGE);
  const many = Array.from({ length: 2048 }, () => 1);
  assertThrows(() => encodeControllerList(many), RangeError, "need at most 2047");
});
