// Two controllers of one drive: what the kernel's multipath makes of a path that gets worse.

import { assertEquals, assertMatch } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { guestTest, shell } from "../../../support/guest.ts";
import { ServedDrive } from "../../../support/served_drive.ts";

/** The serial number of `virtual:multipath`. */
const SERIAL = "VIRTUAL0020";

/** The drive with both of its controllers connected: `block` is the namespace over both. */
async function twoPaths(
  guest: Guest,
): Promise<{ readonly drive: ServedDrive; readonly states: string; readonly block: string }> {
  const drive = await ServedDrive.start(guest, {
    drive: "virtual:multipath",
    port: 4421,
    words: ["--tcp", "4422"],
  });
  await drive.connect();
  await drive.connect(["--trsvcid=4422"]);
  const names = (await drive.controllers(SERIAL)).map((path) => path.slice(5));
  assertEquals(names.length, 2);
  // The controllers in the order of their identifiers.
  const states = `for name in ${names.join(" ")}; do echo "$(cat /sys/class/nvme/$name/cntlid) ` +
    `$(cat /sys/class/nvme/$name/nvme*c*n1/ana_state)"; done | sort -n`;
  const block = await shell(
    guest,
    `cd $(dirname $(grep -l ${SERIAL} /sys/class/nvme-subsystem/*/serial)) && ls -d nvme*n1 | ` +
      "grep -v c | head -1",
  );
  return { drive, states, block: `/dev/${block.trim()}` };
}

guestTest(
  "ana-flip: the path's state follows, and I/O takes the other path or waits",
  async (guest) => {
    const { drive, states, block } = await twoPaths(guest);
    const state = async (): Promise<string> => await shell(guest, states);
    const read = `dd if=${block} bs=4k count=1 iflag=direct status=none | head -c 4`;
    try {
      await shell(
        guest,
        `yes good | head -c 4096 | dd of=${block} bs=4k oflag=direct iflag=fullblock status=none`,
      );
      const before = await state();
      assertMatch(before, /^\d+ optimized\n\d+ non-optimized\n$/);

      await drive.inject("ana-flip:controller=1,group=1,state=inaccessible,time=1h");
      await shell(guest, `until ${states} | grep -q ' inaccessible'; do sleep 0.1; done`);
      assertMatch(await state(), /^\d+ inaccessible\n\d+ non-optimized\n$/);
      assertEquals(await shell(guest, read), "good");
      await drive.ask("clear");
      await shell(guest, `while ${states} | grep -q ' inaccessible'; do sleep 0.1; done`);
      assertEquals(await state(), before);

      await drive.inject("ana-flip:group=1,state=inaccessible,time=3s");
      await shell(guest, `while ${states} | grep -q optimized; do sleep 0.1; done`);
      assertEquals(await shell(guest, read), "good");
      await drive.logs([/no usable path - requeuing I\/O/]);
      assertEquals(await state(), before);
    } finally {
      await drive.ask("clear");
      await drive.disconnect();
      await drive.stop();
    }
  },
);
