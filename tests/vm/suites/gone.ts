// A drive that goes away. Last, because it does not come back.

import { assertEquals, assertMatch } from "@std/assert";
import { driveId } from "../../../scripts/vm/guest.ts";
import {
  controller,
  guestTest,
  nvmectl,
  SERIAL,
  shell,
  STANDARD_DRIVES,
} from "../../support/guest.ts";

guestTest(
  "a drive that is pulled while it is watched ends the watch with exit 4 and a reason",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const index = STANDARD_DRIVES.findIndex(({ serial }) => serial === SERIAL.plain);
    await shell(
      guest,
      `(nvmectl health ${device} --watch 0.2 >/run/watch.out 2>/run/watch.err; ` +
        `echo $? >/run/watch.code) </dev/null >/dev/null 2>&1 &`,
    );
    await shell(
      guest,
      "for i in $(seq 100); do [ -s /run/watch.out ] && exit 0; sleep 0.1; done; exit 1",
    );
    await guest.qmp("device_del", { id: driveId(index) });
    await shell(
      guest,
      "for i in $(seq 300); do [ -s /run/watch.code ] && exit 0; sleep 0.1; done; exit 1",
    );
    const stderr = await shell(guest, "cat /run/watch.err");
    assertEquals((await shell(guest, "cat /run/watch.code")).trim(), "4", stderr);
    assertMatch(stderr, /the drive is gone|cancelled|reset/);
    const after = await nvmectl(guest, ["health", device]);
    assertEquals(after.code, 4);
    assertMatch(after.stderr, /there is no such device/);
  },
);
