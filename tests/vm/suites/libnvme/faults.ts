// What goes wrong in the middle: telemetry that changes while it is read, a drive that loses power
// while firmware is downloaded to it.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { guestTest, shell } from "../../../support/guest.ts";
import { type Fields, ours } from "../../../support/peer.ts";
import { ServedDrive } from "../../../support/served_drive.ts";
import { servedTest } from "../served/bench.ts";
import { YES } from "./same.ts";

const TELEMETRY_SERIAL = "TELEMETRY01";
const TELEMETRY_FILE = "/run/telemetry-drive.json";
/** Telemetry of a MiB, which is four pieces. */
const TELEMETRY_DRIVE = {
  schema: "nvmectl.drive/1",
  preset: "healthy",
  overrides: { serial: TELEMETRY_SERIAL, telemetryDumpBytes: 1 << 20 },
  seed: 1,
};
/** Every piece takes so long that others come in between. */
const SLOW_LOGS = "slow-admin:opcode=2,time=500ms,count=0";
const SLOW_DOWNLOAD = "slow-admin:opcode=17,time=200ms,count=0";

async function withTelemetry(
  guest: Guest,
  body: (drive: ServedDrive, device: string) => Promise<void>,
): Promise<void> {
  await guest.run(`cat > ${TELEMETRY_FILE}`, { stdin: JSON.stringify(TELEMETRY_DRIVE) });
  const drive = await ServedDrive.start(guest, { drive: `virtual:${TELEMETRY_FILE}`, port: 4423 });
  await drive.connect();
  try {
    const [device = ""] = await drive.controllers(TELEMETRY_SERIAL);
    await body(drive, device);
  } finally {
    await drive.disconnect();
    await drive.stop();
  }
}

/** Lets the drive capture anew, as any other program may. */
function captures(device: string): string {
  return `nvme get-log ${device} --log-id=7 --log-len=512 --lsp=1 >/dev/null`;
}

guestTest(
  "telemetry that moves once is read again; what always moves is given up",
  async (guest) => {
    await withTelemetry(guest, async (drive, device) => {
      await shell(guest, captures(device));
      await drive.inject(SLOW_LOGS);
      const once = await shell(
        guest,
        `( until [ -s /run/once.bin.*.part ]; do sleep 0.1; done; ${captures(device)} ) &
       nvmectl telemetry ${device} --host --out /run/once.bin -o json`,
      );
      const { attempts, generation } = JSON.parse(once);
      assertEquals([attempts, generation], [2, 2]);
      await drive.ask("clear");
      await shell(
        guest,
        `nvme telemetry-log ${device} --host-generate=0 --output-file=/run/peer.bin
       cmp /run/once.bin /run/peer.bin`,
      );
      await drive.inject(SLOW_LOGS);
      const { code, stdout, stderr } = await guest.run(
        `while ${captures(device)}; do :; done & other=$!
       nvmectl telemetry ${device} --host --out /run/moving.bin; code=$?
       kill $other; ls -A /run | grep moving; exit $code`,
      );
      assertEquals([code, stdout], [4, ""], "no file, and nothing of one");
      assertStringIncludes(stderr, "it captured anew each of the 3 times that the page was read");
    });
  },
);

servedTest(
  "a power cut while firmware is downloaded leaves the old one, and a way on",
  async (bench) => {
    const { drive, device, block, guest } = bench;
    await bench.must("nvmectl drive firmware-image /run/cut.bin --revision 8.0 --size 524288");
    const before = await ours(guest, ["firmware", device]);
    await drive.inject(SLOW_DOWNLOAD);
    const { stdout } = await guest.run(
      `nvmectl firmware update /run/cut.bin ${device} ${YES} --chunk 8192 2>/run/cut.err & update=$!
     until grep -q ': 10 %' /run/cut.err; do kill -0 $update || break; sleep 0.1; done
     nvmectl drive powercut --control ${drive.control} || exit
     wait $update; echo "update: $?"; cat /run/cut.err`,
      { timeoutMs: 120_000 },
    );
    assertStringIncludes(stdout, "Power was cut");
    assertStringIncludes(stdout, "update: 4\n");
    assertStringIncludes(stdout, "nothing is committed");
    assert(!stdout.includes(": 100 %"), stdout);
    await drive.heal(device, block);
    const after = await ours(guest, ["firmware", device]);
    assertEquals([after["fr"], after["slots"]], [before["fr"], before["slots"]]);
    // What was downloaded went with the power: there is nothing to commit, no half to go on from.
    const committed = await guest.run(
      `nvmectl firmware commit ${device} --slot 7 --action replace ${YES}`,
    );
    assertEquals(committed.code, 3, committed.stderr);
    assertStringIncludes(committed.stderr, "Invalid Firmware Image");
    await bench.must(`nvmectl firmware update /run/cut.bin $CTRL ${YES}`);
    const slots = (await ours(guest, ["firmware", device]))["slots"] as readonly Fields[];
    assertEquals(slots.find(({ active }) => active)?.["revision"], "8.0");
  },
);
