// nvmectl reset: a controller, or a whole NVM subsystem, starts anew.

import { command, type DestroyPlan } from "../cli/command.ts";
import { toggle } from "../cli/flags.ts";
import { facts, type Report } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import { identifyController } from "../controller/identify.ts";
import { resetDrive } from "../controller/reset.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";

export const reset = command({
  name: "reset",
  group: "Change",
  summary: "Reset a controller, or its whole NVM subsystem",
  description:
    "No data is lost. Commands under way are given up: the kernel sends those of file\n" +
    "systems again, those of other programs fail. A short self-test is aborted, and firmware\n" +
    "that waits for a reset is started. --subsystem is refused while the drive is in use, and\n" +
    "asks for the serial number.",
  effect: "write",
  target: "drive",
  flags: {
    subsystem: toggle("Reset the NVM subsystem: all controllers of the drive"),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl reset /dev/nvme0", "start the controller anew, and the firmware that waits for it"],
    ["nvmectl reset /dev/nvme0 --subsystem", "all controllers of the drive, where it can do that"],
    ["nvmectl reset virtual: --dry-run", "see what would be done"],
  ],
  async run(context, { flags }) {
    const kind = flags.subsystem ? "subsystem" : "controller";
    const drive = await context.openDrive();
    const before = await identifyController(drive);
    // All its controllers go away for a while, over PCIe the links too: not under a file system.
    using _claim = flags.subsystem ? await context.confirm(wholeSubsystem(drive)) : undefined;
    await resetDrive(drive, kind);
    return await report({ drive, kind, before });
  },
});

/**
 * What a reset of the NVM subsystem has to be confirmed as: never under what is in use.
 *
 * @param purpose what it is done for, with a blank in front
 */
export function wholeSubsystem(drive: Drive, purpose = ""): DestroyPlan {
  return {
    drive,
    action: `Reset the whole NVM subsystem${purpose}: all controllers of the drive go away for ` +
      "a while",
    namespaces: "all",
    keepsData: true,
  };
}

interface Done {
  readonly drive: Drive;
  readonly kind: "controller" | "subsystem";
  readonly before: IdentifyController;
}

/** That the drive answers again is part of the result. */
async function report({ drive, kind, before }: Done): Promise<Report> {
  const after = await identifyController(drive);
  const changed = before.fr !== after.fr;
  return {
    json: {
      target: drive.target,
      reset: kind,
      sn: after.sn,
      firmware_before: before.fr,
      firmware_after: after.fr,
    },
    blocks: [facts([
      ["Reset", `the ${kind} at ${drive.target}`],
      ["Serial number", after.sn],
      ["Firmware", changed ? `${after.fr} (was ${before.fr})` : after.fr],
    ])],
  };
}
