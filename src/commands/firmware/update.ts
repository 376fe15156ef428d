// nvmectl firmware update: from the file to the proof that it runs.

import { command, type Context } from "../../cli/command.ts";
import { choice, integer } from "../../cli/flags.ts";
import { facts, type Report, toned } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import { planDownload, readFirmware } from "../../controller/firmware.ts";
import {
  planUpdate,
  type Updated,
  updateFirmware,
  type UpdatePlan,
} from "../../controller/firmware_update.ts";
import { identifyController } from "../../controller/identify.ts";
import { EXIT, InterruptedError, SafetyError } from "../../errors.ts";
import { formatCount } from "../../layout/mod.ts";
import { wholeSubsystem } from "../reset.ts";
import { needText, noticeNeed, OVERLAPPED, readImage, slotsJson } from "./words.ts";

const SLOT_MAX = 7;
const CHUNK_MAX = 2 ** 22;

export const firmwareUpdate = command({
  name: "firmware update",
  group: "Change",
  summary: "Update the firmware: download, commit, reset, and see that it runs",
  description:
    "Shows the plan and asks for the serial number. The image goes to the first empty\n" +
    "slot, else to one that neither runs nor is read-only. Where the drive turns out to need\n" +
    "a reset of its whole NVM subsystem, that is asked for too, and left to you while the\n" +
    "drive is in use. Exit status 0 also where a reset is left to do, which is then said; 1\n" +
    "where the drive does not run what it should, or another download was in between.",
  effect: "write",
  target: "drive",
  positionals: [{ name: "FILE", help: "The image" }],
  flags: {
    slot: integer("The slot, also the one that runs", { min: 1, max: SLOT_MAX }),
    activate: choice("Start it at once, after a reset done here, or leave that to you", [
      "now",
      "reset",
      "later",
    ]),
    chunk: integer("Send pieces of so many bytes", { min: 4, max: CHUNK_MAX, value: "BYTES" }),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl firmware update new.bin /dev/nvme0", "all of it; asks first"],
    ["nvmectl firmware update new.bin /dev/nvme0 --activate later", "it runs after the next reset"],
    ["nvmectl firmware update new.bin /dev/nvme0 --dry-run", "see the plan and the commands"],
  ],
  async run(context, { flags, words: [path = ""] }) {
    const image = await readImage(context, path);
    const drive = await context.openDrive();
    const plan = planUpdate(await readFirmware(drive), {
      slot: flags.slot,
      activation: flags.activate,
    });
    planDownload(await identifyController(drive), image.length, { chunk: flags.chunk });
    using _claim = await context.confirm({
      drive,
      action: planText(plan, path, image.length),
      namespaces: "all",
      keepsData: true,
      whileInUse: true,
    });
    const updated = await carryOut(context, drive, { image, plan, chunk: flags.chunk });
    if (!context.dryRun) noticeNeed(context, drive, updated.needs);
    return report(drive, { path, bytes: image.length, plan, updated });
  },
});

const ACTIVATIONS: Readonly<Record<UpdatePlan["activation"], string>> = {
  now: "started at once, without a reset",
  reset: "started by a controller reset at the end",
  later: "started by the next reset, which is left to you",
};

function planText({ firmware, slot, activation }: UpdatePlan, path: string, bytes: number): string {
  const over = slot.revision === ""
    ? "which is empty"
    : `over ${slot.revision}${slot.active ? ", which runs now" : ""}`;
  return `Update firmware ${firmware.revision} with ${path} (${
    formatCount(bytes)
  } bytes) in slot ` +
    `${slot.slot}, ${over}; ${ACTIVATIONS[activation]}`;
}

async function carryOut(
  context: Context,
  drive: Drive,
  { image, plan, chunk }: {
    readonly image: Uint8Array;
    readonly plan: UpdatePlan;
    readonly chunk: number | undefined;
  },
): Promise<Updated> {
  using progress = context.progress(`Firmware update of ${drive.target}`);
  return await updateFirmware(drive, image, plan, {
    chunk,
    signal: context.signal,
    step: (text) => progress.update({ text }),
    allowSubsystemReset() {
      // The question needs the line that the progress is on.
      progress[Symbol.dispose]();
      return allowSubsystemReset(context, drive);
    },
    progress: (bytes) => progress.update({ fraction: bytes / image.length }),
  });
}

/** Confirmed like nvmectl reset --subsystem; what forbids it leaves the reset to do. */
async function allowSubsystemReset(
  context: Context,
  drive: Drive,
): Promise<Disposable | undefined> {
  try {
    return await context.confirm(wholeSubsystem(drive, " to start the new firmware"));
  } catch (error) {
    if (error instanceof InterruptedError) return undefined;
    if (!(error instanceof SafetyError)) throw error;
    context.notice(error.message);
    return undefined;
  }
}

function report(
  drive: Drive,
  { path, bytes, plan: { firmware, slot }, updated }: {
    readonly path: string;
    readonly bytes: number;
    readonly plan: UpdatePlan;
    readonly updated: Updated;
  },
): Report {
  const { after, reset, needs, running, committed } = updated;
  const verdict = running
    ? toned(`slot ${slot.slot} runs`, "good")
    : needs !== undefined
    ? `not yet: it starts with ${needText(needs)}`
    : toned(`slot ${slot.slot} was committed, but does not run`, "bad");
  return {
    json: {
      target: drive.target,
      file: path,
      bytes,
      slot: slot.slot,
      firmware_before: firmware.revision,
      firmware_after: after.revision,
      reset: reset ?? null,
      needs: needs ?? null,
      running,
      overlapped: committed.overlapped,
      slots: slotsJson(after),
    },
    exit: !committed.overlapped && (running || needs !== undefined) ? EXIT.ok : EXIT.bad,
    blocks: [facts([
      ["Image", `${path}, ${formatCount(bytes)} bytes`],
      ["Firmware before", firmware.revision],
      ["Firmware now", after.revision],
      ["Reset done", reset === undefined ? "none" : `the ${reset}`],
      ["New firmware", verdict],
      ...(committed.overlapped ? [OVERLAPPED] : []),
    ])],
  };
}
