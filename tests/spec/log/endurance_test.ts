// The Endurance Group Information log page.

import { assertEquals } from "@std/assert";
import { EnduranceLog, EndurancePage } from "../../../src/spec/log/endurance.ts";
import { ENDURANCE_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import { ENDURANCE_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const NUMBERS = {
  availableSpare: 99,
  availableSpareThreshold: 10,
  percentageUsed: 7,
  domain: 2,
  enduranceEstimate: 600n,
  dataRead: 1000n,
  dataWritten: 2000n,
  mediaWritten: 3000n,
  hostReadCommands: 2n ** 64n + 1n,
  hostWriteCommands: 2n,
  mediaErrors: 3n,
  errorLogEntries: 4n,
  totalCapacity: 10n ** 12n,
  unallocatedCapacity: 2n ** 30n,
};

structureTests(EnduranceLog, {
  bytes: ENDURANCE_IMAGE,
  decoded: {
    ...NUMBERS,
    criticalWarning: { value: 5, availableSpare: true, reliability: true, readOnly: false },
    features: { value: 1, rotational: true },
  },
  encoded: {
    ...NUMBERS,
    criticalWarning: { availableSpare: true, reliability: true },
    features: { rotational: true },
  },
});

witnessTests(EnduranceLog, ENDURANCE_WITNESS);

Deno.test("EnduranceLog counts data in billions of bytes, and zero is not reported", () => {
  const { codec } = EnduranceLog.row("dataWritten");
  assertEquals(codec.text(2000n), "2.00 TB (2,000 billion bytes)");
  assertEquals(codec.text(0n), "not reported");
  const json = EnduranceLog.json(EnduranceLog.decode(ENDURANCE_IMAGE));
  assertEquals([json["data_written"], json["data_written_bytes"]], [2000, 2e12]);
});

Deno.test("EndurancePage is asked for the first group where nobody names one", () => {
  assertEquals(EndurancePage.lsi, 1);
});
