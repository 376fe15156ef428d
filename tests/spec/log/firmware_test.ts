// The Firmware Slot Information log page.

import { assertEquals } from "@std/assert";
import { FirmwareLog, FirmwarePage, firmwareSlots } from "../../../src/spec/log/firmware.ts";
import { FIRMWARE_IMAGE } from "../../golden/log/images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { FIRMWARE_WITNESS, witnessTests } from "./witness.ts";

structureTests(FirmwareLog, {
  bytes: FIRMWARE_IMAGE,
  decoded: {
    activeFirmware: { value: 0x32, slot: 2, nextSlot: 3 },
    revisions: ["2B2QEXM7", "3B2QEXM7", "4B2Q", "", "", "", ""],
  },
  encoded: {
    activeFirmware: { slot: 2, nextSlot: 3 },
    revisions: ["2B2QEXM7", "3B2QEXM7", "4B2Q"],
  },
});

witnessTests(FirmwareLog, FIRMWARE_WITNESS);

const LOG = FirmwareLog.decode(FIRMWARE_IMAGE);

Deno.test("FirmwareLog reads the seventh slot from bytes 56 to 63", () => {
  const log = FirmwareLog.decode(page(512, { 56: "41 42 43 44 45 46 47 48" }));
  assertEquals(log.revisions[6], "ABCDEFGH");
  assertEquals(firmwareSlots(log).map(({ slot }) => slot), [7]);
});

Deno.test("firmwareSlots() leaves out empty slots", () => {
  assertEquals(firmwareSlots(LOG), [
    { slot: 1, revision: "2B2QEXM7", active: false, next: false },
    { slot: 2, revision: "3B2QEXM7", active: true, next: false },
    { slot: 3, revision: "4B2Q", active: false, next: true },
  ]);
});

Deno.test("firmwareSlots() keeps an empty slot that the drive says it runs from", () => {
  const log = FirmwareLog.decode(page(512, { 0: "05" }));
  assertEquals(firmwareSlots(log), [{ slot: 5, revision: "", active: true, next: false }]);
});

Deno.test("FirmwarePage.table() says which slot runs now and which after a reset", () => {
  assertEquals(FirmwarePage.table?.(LOG), {
    columns: ["Slot", "Revision", "State"],
    rows: [
      ["1", "2B2QEXM7", ""],
      ["2", "3B2QEXM7", "active"],
      ["3", "4B2Q", "next after a reset"],
    ],
  });
});

Deno.test("FirmwarePage.json() has null where no slot is next", () => {
  assertEquals(FirmwarePage.json(LOG)["next_slot"], 3);
  const json = FirmwarePage.json(FirmwareLog.decode(page(512, { 0: "01" })));
  assertEquals(json["active_slot"], 1);
  assertEquals(json["next_slot"], null);
});
