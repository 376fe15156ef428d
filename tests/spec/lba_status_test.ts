// What Get LBA Status answers with.

import { assertEquals, assertThrows } from "@std/assert";
import { TruncatedError, type ZeroBased } from "../../src/layout/mod.ts";
import {
  decodeLbaStatus,
  encodeLbaStatus,
  LbaStatusDescriptor,
  LbaStatusList,
} from "../../src/spec/lba_status.ts";
import { LBA_STATUS_LIST_IMAGE } from "../golden/log/later_images.ts";
import { structureTests } from "../support/structure.ts";
import { LBA_STATUS_DESCRIPTOR_WITNESS, LBA_STATUS_LIST_WITNESS } from "./log/later_witness.ts";
import { witnessTests } from "./log/witness.ts";

structureTests(LbaStatusList, {
  bytes: LBA_STATUS_LIST_IMAGE.subarray(0, 8),
  decoded: { descriptorCount: 2, completion: 2 },
  encoded: { descriptorCount: 2, completion: 2 },
});
witnessTests(LbaStatusList, LBA_STATUS_LIST_WITNESS);

structureTests(LbaStatusDescriptor, {
  bytes: LBA_STATUS_LIST_IMAGE.subarray(8, 24),
  decoded: {
    start: 10n,
    blocks: 3 as ZeroBased,
    status: { value: 1, unrecovered: true, writtenUncorrectable: false },
  },
  encoded: { start: 10n, blocks: 3, status: { unrecovered: true } },
});
witnessTests(LbaStatusDescriptor, LBA_STATUS_DESCRIPTOR_WITNESS);

const STATUS = {
  completion: 2,
  ranges: [
    { start: 10n, blocks: 4, unrecovered: true, writtenUncorrectable: false },
    { start: 2n ** 32n, blocks: 1, unrecovered: true, writtenUncorrectable: true },
  ],
};

Deno.test("encodeLbaStatus() and decodeLbaStatus() agree with the golden answer", () => {
  assertEquals(encodeLbaStatus(STATUS), new Uint8Array(LBA_STATUS_LIST_IMAGE));
  assertEquals(decodeLbaStatus(LBA_STATUS_LIST_IMAGE), STATUS);
});

Deno.test("decodeLbaStatus() reads no more descriptors than there are bytes for", () => {
  assertEquals(decodeLbaStatus(LBA_STATUS_LIST_IMAGE.subarray(0, 39)).ranges.length, 1);
  assertThrows(() => decodeLbaStatus(new Uint8Array(7)), TruncatedError);
});

Deno.test("encodeLbaStatus() refuses a range of no blocks", () => {
  const range = { start: 0n, blocks: 0, unrecovered: false, writtenUncorrectable: false };
  assertThrows(() => encodeLbaStatus({ completion: 0, ranges: [range] }), RangeError);
});
