// The LBA Status Information log page.

import { assertEquals } from "@std/assert";
import {
  encodeLbaStatusLog,
  LbaRangeDescriptor,
  LbaStatusElement,
  LbaStatusLog,
  LbaStatusPage,
} from "../../../src/spec/log/lba_status_information.ts";
import type { ZeroBased } from "../../../src/layout/mod.ts";
import { LBA_STATUS_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import {
  LBA_RANGE_WITNESS,
  LBA_STATUS_ELEMENT_WITNESS,
  LBA_STATUS_WITNESS,
} from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const HEADER = { length: 80, namespaceCount: 2, unrecoverable: 10, generation: 3 };
const ELEMENT = { nsid: 1, rangeCount: 2, action: 0x11 };
const RANGE = { start: 100n, blocks: 7 as ZeroBased };

structureTests(LbaStatusLog, {
  bytes: LBA_STATUS_IMAGE.subarray(0, 16),
  decoded: HEADER,
  encoded: HEADER,
});
witnessTests(LbaStatusLog, LBA_STATUS_WITNESS);
structureTests(LbaStatusElement, {
  bytes: LBA_STATUS_IMAGE.subarray(16, 32),
  decoded: ELEMENT,
  encoded: ELEMENT,
});
witnessTests(LbaStatusElement, LBA_STATUS_ELEMENT_WITNESS);
structureTests(LbaRangeDescriptor, {
  bytes: LBA_STATUS_IMAGE.subarray(32, 48),
  decoded: RANGE,
  encoded: RANGE,
});
witnessTests(LbaRangeDescriptor, LBA_RANGE_WITNESS);

const NAMESPACES = [
  { nsid: 1, action: 0x11, ranges: [{ start: 100n, blocks: 8 }, { start: 2n ** 32n, blocks: 1 }] },
  { nsid: 2, action: 0x10, ranges: undefined },
];

Deno.test("encodeLbaStatusLog() writes the golden page", () => {
  const page = encodeLbaStatusLog({ generation: 3, unrecoverable: 10, namespaces: NAMESPACES });
  assertEquals(page, new Uint8Array(LBA_STATUS_IMAGE));
});

Deno.test("LbaStatusPage.decode() reads ranges, and tells a namespace without from one with", () => {
  assertEquals(LbaStatusPage.decode(LBA_STATUS_IMAGE).namespaces, NAMESPACES);
  assertEquals(LbaStatusPage.decode(LBA_STATUS_IMAGE.subarray(0, 60)).namespaces, []);
});

Deno.test("LbaStatusPage takes its length from the header, and at least the header's", () => {
  assertEquals(LbaStatusPage.growth?.extent(LBA_STATUS_IMAGE), 80);
  assertEquals(LbaStatusPage.growth?.extent(new Uint8Array(16)), 16);
});

Deno.test("LbaStatusPage.table() lists the ranges and what to ask for", () => {
  const table = LbaStatusPage.table?.(LbaStatusPage.decode(LBA_STATUS_IMAGE));
  assertEquals(table?.rows, [
    ["1", "100", "8", "blocks known to be perhaps unrecoverable"],
    ["1", "4,294,967,296", "1", "blocks known to be perhaps unrecoverable"],
    ["2", "all", "all", "a scan for blocks that may be unrecoverable"],
  ]);
  assertEquals(table?.note, "10 blocks may be unrecoverable");
  const empty = LbaStatusPage.decode(encodeLbaStatusLog({ generation: 0, namespaces: [] }));
  assertEquals(
    LbaStatusPage.table?.(empty).note,
    "an unknown number of blocks may be unrecoverable",
  );
});

Deno.test("LbaStatusPage.json() counts blocks from one, and has null for unknown ranges", () => {
  const { namespaces } = LbaStatusPage.json(LbaStatusPage.decode(LBA_STATUS_IMAGE));
  const [first, second] = namespaces as { ranges: unknown }[];
  assertEquals(first?.ranges, [{ start: 100, blocks: 8 }, { start: 2 ** 32, blocks: 1 }]);
  assertEquals(second?.ranges, null);
});
