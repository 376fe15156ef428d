// Get LBA Status against literal bytes.

import { LBA_STATUS_ACTION, LbaStatusDwords } from "../../../src/spec/admin/lba_status.ts";
import { LBA_STATUS_ACTION_NAMES } from "../../../src/spec/lba_status.ts";
import { assertEquals } from "@std/assert";
import { dwordTests } from "../dwords.ts";
import { IOCTL } from "./commands_facts.ts";

dwordTests(
  LbaStatusDwords,
  "00 00 00 00 01 00 00 00 ff 03 00 00 00 10 00 11",
  { slba: 0x1_0000_0000n, mndw: 1023, cdw13: { rl: 4096, atype: LBA_STATUS_ACTION.tracked } },
  IOCTL,
  "slba@0:8 mndw@8:4 cdw13@12:4 cdw13.rl#0:16 cdw13.atype#24:8",
);

Deno.test("LBA_STATUS_ACTION has the codes that have names", () => {
  assertEquals(
    Object.values(LBA_STATUS_ACTION),
    Object.keys(LBA_STATUS_ACTION_NAMES).map(Number),
  );
});
