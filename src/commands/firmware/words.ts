// What the verbs about firmware have in common: words for slots, needs and failures.

import type { Context } from "../../cli/command.ts";
import type { Fact, Text } from "../../cli/report.ts";
import { toned } from "../../cli/report.ts";
import type { CommitNeed, Firmware, Slot } from "../../controller/firmware.ts";
import type { Drive } from "../../controller/drive.ts";
import { UsageError } from "../../errors.ts";
import { formatBinaryBytes, formatDuration, type JsonObject } from "../../layout/mod.ts";
import { isResetAtTheEnd } from "../leaving.ts";

/** What is left to do, and how, by what the drive asks for. */
const NEEDED: Readonly<Record<CommitNeed, readonly [need: string, next: string]>> = {
  controller: ["a controller reset", "nvmectl reset"],
  subsystem: ["an NVM subsystem reset", "nvmectl reset --subsystem, or a power cycle"],
  conventional: ["a conventional (PCIe) reset", "a power cycle, or a reboot of the machine"],
  time: [
    "more time than the drive promises (MTFA)",
    "nvmectl firmware commit --action activate, and a controller reset",
  ],
};

const DEVICE = /^\/dev\/(nvme|ng)\d/;
/** A file may be called so too, although few are. */
const DRIVE_NAME = /^((nvme|ng)\d+|serial:|pci:|virtual:)/;

/**
 * The bytes of an image. UsageError where it cannot be read, or names a drive: other programs take
 * the drive first.
 */
export async function readImage({ files }: Context, path: string): Promise<Uint8Array> {
  const drive = DEVICE.test(path) ||
    (DRIVE_NAME.test(path) && await files.size(path) === undefined);
  if (!drive) return await files.read(path);
  throw new UsageError(`Cannot take ${path} for an image: the image comes first`, {
    next: `the file, then the drive: nvmectl firmware update FILE ${path}`,
  });
}

/** `a controller reset`. */
export function needText(need: CommitNeed): string {
  return NEEDED[need][0];
}

/** Says what is left to do; it is no failure. */
export function noticeNeed(context: Context, drive: Drive, need: CommitNeed | undefined): void {
  if (need === undefined) return;
  if (need === "controller" && isResetAtTheEnd(drive)) {
    context.notice(
      "the firmware is committed, and starts now: our own driver leaves the drive by a reset of " +
        `the controller; nvmectl firmware ${drive.target} shows what runs`,
    );
    return;
  }
  const [what, how] = NEEDED[need];
  context.notice(`the firmware is committed and starts with ${what}: ${how}`);
}

/** What is to be thought of an image during whose download there was another. */
export const OVERLAPPED: Fact = [
  "Beware",
  toned(
    "another download went on at the same time, so that the image may be mixed: do it again, " +
      "alone, before a reset starts it",
    "bad",
  ),
];

/** `running`, `next`, `read-only`, `empty`. */
export function slotState({ active, next, readOnly, revision }: Slot): Text {
  const words = [
    ...(active ? ["running"] : []),
    ...(next && !active ? ["starts at the next reset"] : []),
    ...(readOnly ? ["read-only"] : []),
    ...(revision === "" ? ["empty"] : []),
  ];
  return active ? toned(words.join(", "), "good") : words.join(", ");
}

/** The slots for a machine. */
export function slotsJson({ slots }: Firmware): JsonObject[] {
  return slots.map(({ slot, revision, active, next, readOnly }) => ({
    slot,
    revision: revision === "" ? null : revision,
    active,
    next,
    read_only: readOnly,
  }));
}

/** The rules of updating, for a person. */
export function ruleFacts(firmware: Firmware): readonly Fact[] {
  const { activatesWithoutReset, granularity, activationMs, detectsOverlap } = firmware;
  return [
    ["Starts without a reset", activatesWithoutReset ? "yes" : "no"],
    [
      "Pieces of a download",
      granularity === undefined
        ? "not reported"
        : granularity === 4
        ? "any size"
        : `multiples of ${formatBinaryBytes(granularity)}`,
    ],
    [
      "Longest pause to start it",
      activationMs === undefined ? "not reported" : formatDuration(activationMs),
    ],
    ["Detects overlapping downloads", detectsOverlap ? "yes" : "no"],
  ];
}

/** The rules for a machine. */
export function rulesJson(firmware: Firmware): JsonObject {
  const { activatesWithoutReset, granularity, activationMs, detectsOverlap } = firmware;
  return {
    activates_without_reset: activatesWithoutReset,
    granularity_bytes: granularity ?? null,
    maximum_activation_ms: activationMs ?? null,
    detects_overlap: detectsOverlap,
  };
}
