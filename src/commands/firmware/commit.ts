// nvmectl firmware commit: what was downloaded goes into a slot, or a slot is chosen to run.

import { command } from "../../cli/command.ts";
import { choice, integer } from "../../cli/flags.ts";
import { facts, type Report } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import { commitFirmware, type Committed } from "../../controller/firmware.ts";
import { EXIT, UsageError } from "../../errors.ts";
import { COMMIT_ACTION, COMMIT_ACTION_NAMES } from "../../spec/admin/firmware.ts";
import { needText, noticeNeed, OVERLAPPED } from "./words.ts";

/** The actions as they are spelled here. */
const ACTIONS = {
  "replace": COMMIT_ACTION.replace,
  "replace-activate": COMMIT_ACTION.replaceAndActivateAtReset,
  "activate": COMMIT_ACTION.activateAtReset,
  "activate-now": COMMIT_ACTION.activateNow,
  "replace-boot": COMMIT_ACTION.replaceBootPartition,
  "activate-boot": COMMIT_ACTION.activateBootPartition,
} as const;

type ActionWord = keyof typeof ACTIONS;

const BOOT: ReadonlySet<ActionWord> = new Set(["replace-boot", "activate-boot"]);
/** What succeeds without another word of the drive starts with a controller reset. */
const AT_RESET: ReadonlySet<ActionWord> = new Set(["replace-activate", "activate"]);
const SLOT_MAX = 7;

export const firmwareCommit = command({
  name: "firmware commit",
  group: "Change",
  summary: "Put a downloaded image into a slot, or choose the slot that runs",
  description: `replace           put the image into the slot; what runs stays
replace-activate  the same, and run it after the next reset
activate          run what the slot holds after the next reset
activate-now      put the image (if there is one) into the slot and run it at once
replace-boot, activate-boot  the same for a boot partition
That a reset is still needed is success; the result says which.`,
  effect: "write",
  target: "drive",
  flags: {
    slot: integer("The slot; 0 leaves the choice to the drive", { max: SLOT_MAX }),
    action: choice("What to do", Object.keys(ACTIONS) as ActionWord[]),
    bootPartition: integer("The boot partition", { max: 1 }),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl firmware commit /dev/nvme0 --slot 2 --action replace-activate", "run it next time"],
    ["nvmectl firmware commit /dev/nvme0 --slot 1 --action activate", "go back to slot 1"],
  ],
  async run(context, { flags: { slot, action, bootPartition } }) {
    if (action === undefined) {
      throw new UsageError("Cannot commit firmware: --action is missing", {
        next: `one of ${Object.keys(ACTIONS).join(", ")}`,
      });
    }
    const boot = BOOT.has(action);
    if (!boot && slot === undefined) {
      throw new UsageError("Cannot commit firmware: --slot is missing", {
        next: "nvmectl firmware shows the slots; 0 leaves the choice to the drive",
      });
    }
    if (boot !== (bootPartition !== undefined)) {
      throw new UsageError(
        `Cannot commit firmware: ${action} ${boot ? "needs" : "takes no"} --boot-partition`,
      );
    }
    const drive = await context.openDrive();
    const where = boot ? `boot partition ${bootPartition}` : slotText(slot ?? 0);
    using _claim = await context.confirm({
      drive,
      action: `Commit firmware (${COMMIT_ACTION_NAMES[ACTIONS[action]]}) with ${where}`,
      namespaces: "all",
      keepsData: true,
      whileInUse: true,
    });
    const committed = await commitFirmware(drive, {
      slot: slot ?? 0,
      action: ACTIONS[action],
      bootPartition: bootPartition === 1 ? 1 : 0,
    });
    const needs = committed.needs ?? (AT_RESET.has(action) ? "controller" : undefined);
    if (!context.dryRun) noticeNeed(context, drive, needs);
    return report(drive, { where, action, committed: { ...committed, needs } });
  },
});

function slotText(slot: number): string {
  return slot === 0 ? "a slot of the drive's choice" : `slot ${slot}`;
}

function report(
  drive: Drive,
  { where, action, committed: { needs, overlapped } }: {
    readonly where: string;
    readonly action: ActionWord;
    readonly committed: Committed;
  },
): Report {
  return {
    json: { target: drive.target, action, where, needs: needs ?? null, overlapped },
    exit: overlapped ? EXIT.bad : EXIT.ok,
    blocks: [facts([
      ["Committed", `${where}: ${COMMIT_ACTION_NAMES[ACTIONS[action]]}`],
      ["Still needed", needs === undefined ? "nothing" : needText(needs)],
      ...(overlapped ? [OVERLAPPED] : []),
    ])],
  };
}
