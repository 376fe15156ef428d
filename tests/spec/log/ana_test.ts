// The Asymmetric Namespace Access log page.

import { assertEquals } from "@std/assert";
import { AnaGroupDescriptor, AnaLog, AnaPage, encodeAna } from "../../../src/spec/log/ana.ts";
import { ANA_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import { ANA_GROUP_WITNESS, ANA_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

structureTests(AnaLog, {
  bytes: ANA_IMAGE.subarray(0, 16),
  decoded: { changeCount: 5n, groupCount: 2 },
  encoded: { changeCount: 5n, groupCount: 2 },
});
witnessTests(AnaLog, ANA_WITNESS);

structureTests(AnaGroupDescriptor, {
  bytes: ANA_IMAGE.subarray(16, 48),
  decoded: { group: 1, nsidCount: 2, changeCount: 4n, access: { value: 1, state: 1 } },
  encoded: { group: 1, nsidCount: 2, changeCount: 4n, access: { state: 1 } },
});
witnessTests(AnaGroupDescriptor, ANA_GROUP_WITNESS);

Deno.test("encodeAna() writes the golden page", () => {
  const page = encodeAna({
    changeCount: 5n,
    groups: [
      { group: 1, state: 1, changeCount: 4n, nsids: [1, 3] },
      { group: 2, state: 3, nsids: [2] },
    ],
  });
  assertEquals(page, new Uint8Array(ANA_IMAGE));
});

Deno.test("AnaPage.decode() reads each group with its namespaces", () => {
  const { groups } = AnaPage.decode(ANA_IMAGE);
  assertEquals(groups.map(({ group, access, nsids }) => [group, access.state, nsids]), [
    [1, 1, [1, 3]],
    [2, 3, [2]],
  ]);
});

Deno.test("AnaPage finds the page's end group by group", () => {
  const extent = (bytes: number) => AnaPage.growth?.extent(ANA_IMAGE.subarray(0, bytes));
  assertEquals(extent(16), 16 + 2 * 32);
  assertEquals(extent(48), 16 + 32 + 8 + 32);
  assertEquals(extent(88), 88 + 4);
  assertEquals(extent(92), 92);
});

Deno.test("AnaPage.table() says how many groups a truncated page lacks", () => {
  assertEquals(AnaPage.table?.(AnaPage.decode(ANA_IMAGE)), {
    columns: ["Group", "State", "Changes", "Namespaces"],
    rows: [["1", "optimized", "4", "1, 3"], ["2", "inaccessible", "not reported", "2"]],
    note: "2 ANA groups",
  });
  const part = AnaPage.decode(ANA_IMAGE.subarray(0, 90));
  assertEquals(AnaPage.table?.(part).note, "1 of 2 ANA groups read");
});

Deno.test("AnaPage.json() names states and namespaces", () => {
  const { groups } = AnaPage.json(AnaPage.decode(ANA_IMAGE));
  const [, second] = groups as { access: { state: unknown }; namespaces: unknown }[];
  assertEquals([second?.access.state, second?.namespaces], [
    { value: 3, text: "inaccessible" },
    [2],
  ]);
});
