// Firmware updates: downloaded in pieces, committed in every way, started with and without resets.

import { assert, assertEquals } from "@std/assert";
import { nvmectl as onThisMachine } from "../../../support/binary.ts";
import type { Fields } from "../../../support/peer.ts";
import { type Bench, OK, servedTest } from "./bench.ts";

/** Makes an image and puts it into the guest. */
async function image(bench: Bench, revision: string, ...words: readonly string[]): Promise<string> {
  const file = await Deno.makeTempFile({ prefix: "nvmectl-image-" });
  try {
    const { code, stderr } = await onThisMachine(
      ["drive", "firmware-image", file, "--revision", revision, "--size", "32768", ...words],
    );
    assertEquals(code, 0, stderr);
    const path = `/run/${revision}.bin`;
    await bench.guest.run(`cat > ${path}`, { stdin: await Deno.readFile(file) });
    return path;
  } finally {
    await Deno.remove(file);
  }
}

/** Slots as both tools show them: the active one, the next one, and the revisions by number. */
async function slots(bench: Bench): Promise<Fields> {
  const [theirs = {}] = Object.values(await bench.peer("fw-log $CTRL")) as readonly Fields[];
  const { log } = await bench.ours("log", "firmware", bench.device) as {
    log: {
      active_slot: number;
      next_slot: number | null;
      slots: readonly { slot: number; revision: string }[];
    };
  };
  const afi = Number(theirs["Active Firmware Slot (afi)"]);
  assertEquals(afi & 7, log.active_slot);
  assertEquals(afi >> 4, log.next_slot ?? 0);
  const revisions = Object.fromEntries(log.slots.map(({ slot, revision }) => [slot, revision]));
  for (const [slot, revision] of Object.entries(revisions)) {
    const shown = String(theirs[`Firmware Rev Slot ${slot}`]);
    assert(shown.includes(`(${revision}`), `${slot}: ${revision}, ${shown}`);
  }
  return { active: log.active_slot, next: log.next_slot, ...revisions };
}

servedTest("firmware is stored, and starts with a controller reset", async (bench) => {
  const path = await image(bench, "2.0.0");
  const seen = await bench.traced(`nvme fw-download $CTRL --fw=${path} --xfer=4096`);
  const pieces = seen.filter(({ name, event }) =>
    name === "Firmware Image Download" && event === "command"
  );
  assertEquals(pieces.length, 8);
  await bench.must("nvme fw-commit $CTRL -s 3 -a 0");
  const before = await slots(bench);
  assertEquals([before["active"], before["next"], before["3"]], [2, null, "2.0.0"]);
  // Replace and start with the next reset, and only start.
  await bench.must(`nvme fw-download $CTRL --fw=${path} && nvme fw-commit $CTRL -s 4 -a 1`);
  const pending = await slots(bench);
  assertEquals([pending["active"], pending["next"], pending["4"]], [2, 4, "2.0.0"]);
  assertEquals(await bench.attribute("firmware_rev"), "1.0.1");
  await bench.must("nvme reset $CTRL");
  assertEquals((await slots(bench))["active"], 4);
  assertEquals(await bench.attribute("firmware_rev"), "2.0.0");
  await bench.must("nvme fw-commit $CTRL -s 2 -a 2 && nvme reset $CTRL");
  assertEquals((await slots(bench))["active"], 2);
  assertEquals(await bench.attribute("firmware_rev"), "1.0.1");
});

servedTest(
  "firmware that starts without a reset is announced, and the kernel follows",
  async (bench) => {
    const path = await image(bench, "3.0.0", "--pause", "1500");
    const seen = await bench.traced(
      `nvme fw-download $CTRL --fw=${path} && nvme fw-commit $CTRL -s 5 -a 3
       dd if=$BLK of=/dev/null bs=4k count=1 iflag=direct; sleep 1`,
    );
    const at = (what: (event: Fields) => boolean): number => seen.findIndex(what);
    // The notice completes a request that was there before the trace; the kernel waits, reads the
    // log, which nvme-cli does not, and sends the next request.
    const log = at(({ name, event, cdw10 }) =>
      name === "Get Log Page" && event === "command" && (Number(cdw10) & 0xff) === 3
    );
    const request = at(({ name }) => name === "Asynchronous Event Request");
    assert(request >= 0 && log >= 0, `${request}, ${log} of ${seen.length}`);
    assertEquals(await bench.attribute("firmware_rev"), "3.0.0");
    const found = await slots(bench);
    assertEquals([found["active"], found["5"]], [5, "3.0.0"]);
    assertEquals((await bench.ours("health", bench.device))["firmware"], "3.0.0");
  },
);

servedTest("images that cannot start now, or not at all, are refused by name", async (bench) => {
  const subsystem = await image(bench, "4.0.0", "--activation", "subsystem-reset");
  const prohibited = await image(bench, "5.0.0", "--activation", "prohibited");
  await bench.steps([
    ["nvme fw-commit $CTRL -s 1 -a 0", "Invalid Firmware Slot"],
    [`nvme fw-download $CTRL --fw=${subsystem}`, OK],
    [
      "nvme fw-commit $CTRL -s 6 -a 3",
      "Firmware Activation Requires NVM Subsystem Reset",
    ],
    [`nvme fw-download $CTRL --fw=${prohibited}`, OK],
    ["nvme fw-commit $CTRL -s 7 -a 3", "Firmware Activation Prohibited"],
    ["head -c 8192 /dev/urandom > /run/noise && nvme fw-download $CTRL --fw=/run/noise", OK],
    ["nvme fw-commit $CTRL -s 7 -a 1", "Invalid Firmware Image"],
    // Commit action 5 is none; nvme-cli would not send it by name.
    ["nvme admin-passthru $CTRL --opcode=0x10 --cdw10=0x2f", "Invalid Field in Command"],
  ]);
  assertEquals(await bench.attribute("firmware_rev"), "3.0.0");
  await bench.must("nvme subsystem-reset $CTRL");
  await bench.drive.heal(bench.device, bench.block);
  assertEquals((await slots(bench))["active"], 6);
  assertEquals(await bench.attribute("firmware_rev"), "4.0.0");
});
