// The UUID List.

import { assertEquals } from "@std/assert";
import { listedUuids, UuidEntry, UuidList } from "../../../src/spec/identify/uuid_list.ts";
import { UUID_LIST_IMAGE } from "../../golden/identify/images.ts";
import { structureTests } from "../../support/structure.ts";
import { witnessTests } from "../log/witness.ts";
import { texts } from "./texts.ts";
import { UUID_ENTRY_WITNESS, UUID_LIST_WITNESS } from "./witness.ts";

const PCI_VENDOR = UUID_LIST_IMAGE.subarray(32, 64);

const ENTRIES = [
  { uleh: { idassoc: 1 }, uuid: UUID_LIST_IMAGE.slice(48, 64) },
  { uuid: UUID_LIST_IMAGE.slice(80, 96) },
  { uuid: Uint8Array.from({ length: 16 }, (_, at) => at) },
];

structureTests(UuidEntry, {
  bytes: PCI_VENDOR,
  decoded: { uleh: { value: 1, idassoc: 1 }, uuid: UUID_LIST_IMAGE.slice(48, 64) },
  encoded: { uleh: 1, uuid: UUID_LIST_IMAGE.slice(48, 64) },
});
structureTests(UuidList, {
  bytes: UUID_LIST_IMAGE,
  decoded: {},
  encoded: { entries: ENTRIES },
});

witnessTests(UuidEntry, UUID_ENTRY_WITNESS);
witnessTests(UuidList, UUID_LIST_WITNESS);

Deno.test("UuidEntry reads in plain words", () => {
  assertEquals(texts(UuidEntry, PCI_VENDOR), {
    uleh: "associated with: the PCI vendor",
    uuid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  });
});

Deno.test("listedUuids() counts from 1, and knows the place of a UUID that is gone", () => {
  const found = listedUuids(UuidList.decode(UUID_LIST_IMAGE));
  assertEquals(found.map(({ index, valid }) => [index, valid]), [[1, true], [2, false], [3, true]]);
});

Deno.test("listedUuids() of an empty list has none", () => {
  assertEquals(listedUuids(UuidList.decode(new Uint8Array(4096))), []);
});
