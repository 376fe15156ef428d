// Tests of the firmware slot log page.

import { assert, assertEquals } from "@std/assert";
import { FirmwareLog, firmwareSlots } from "../../../src/spec/log/firmware.ts";
import { Bench } from "../bench.ts";

Deno.test("Firmware log shows the slots that are filled, and zeros for the others", async () => {
  const { data } = await new Bench().log(0x03, 512);
  const slots = firmwareSlots(FirmwareLog.decode(data));
  assertEquals(slots.map(({ slot, revision, active }) => [slot, revision, active]), [
    [1, "1.0.0", false],
    [2, "1.0.1", true],
  ]);
  assert(data.slice(24).every((byte) => byte === 0));
});
