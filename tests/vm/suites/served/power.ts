// A drive that is kept in a file outlives its process, ended in good order or not.

import { assert, assertEquals } from "@std/assert";
import { guestTest, nvmectl, shell } from "../../../support/guest.ts";
import { type Fields, peer } from "../../../support/peer.ts";
import { ServedDrive } from "../../../support/served_drive.ts";

const SERIAL = "SERVED0002";
const FILE = "/run/lasting.json";
const SERVE = { drive: `virtual:${FILE}`, port: 4423 };

guestTest(
  "after kill -9 what was flushed is there, and the power loss is counted; SIGTERM saves all",
  async (guest) => {
    const made = await nvmectl(guest, [
      "drive",
      "new",
      FILE,
      "--size",
      "64MiB",
      "--serial",
      SERIAL,
    ]);
    assertEquals(made.code, 0, made.stderr);
    let drive = await ServedDrive.start(guest, SERVE);
    await drive.connect(["--hdr-digest", "--data-digest"]);
    const [device = ""] = await drive.controllers(SERIAL);
    const block = `${device}n1`;
    await drive.heal(device, block);
    const counters = async (): Promise<readonly number[]> => {
      const { power_cycles: cycles, unsafe_shutdowns: unsafe } = await peer(
        guest,
        `smart-log ${device}`,
      );
      return [Number(cycles), Number(unsafe)];
    };
    const [cycles = 0, unsafe = 0] = await counters();
    const write = (at: number, flags: string): Promise<string> =>
      shell(
        guest,
        `dd if=/dev/urandom of=/run/data${at} bs=64k count=16 iflag=fullblock status=none
         dd if=/run/data${at} of=${block} bs=64k seek=${at} oflag=direct ${flags} status=none`,
      );
    const same = (at: number): Promise<string> =>
      shell(
        guest,
        `dd if=${block} bs=64k skip=${at} count=16 iflag=direct status=none | cmp - /run/data${at}`,
      );

    await write(16, "conv=fsync");
    await drive.mark();
    await drive.kill();
    await drive.logs([/starting error recovery/, /Reconnecting in 1 seconds/]);
    drive = await ServedDrive.start(guest, SERVE);
    await drive.heal(device, block);
    await same(16);
    assertEquals(await counters(), [cycles + 1, unsafe + 1]);

    // In the drive's cache only, when it is asked to stop.
    await write(48, "");
    await drive.stop();
    drive = await ServedDrive.start(guest, SERVE);
    await drive.heal(device, block);
    await same(16);
    await same(48);
    assertEquals(await counters(), [cycles + 2, unsafe + 1]);
    const { kept } = { kept: await peer(guest, `id-ctrl ${device}`) } as { kept: Fields };
    assert(String(kept["sn"]).startsWith(SERIAL));
    await drive.disconnect();
    await drive.stop();
  },
);
