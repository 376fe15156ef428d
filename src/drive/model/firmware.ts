// Firmware updates: what was downloaded, what the slots hold, and what is to run next.

import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import type { Machine } from "../machine.ts";
import type { Personality } from "../personality.ts";
import type { RefusalStatus } from "../refusal.ts";
import type { DriveState } from "../state.ts";
import { tellTap } from "../tap/tell.ts";
import { DEFAULT_FIRMWARE, type FirmwareAbilities } from "./abilities.ts";
import { EVENTS } from "./event_kinds.ts";
import { raiseEvent } from "./events.ts";
import { deriveFirmwareImage, type FirmwareImage, readFirmwareImage } from "./firmware_image.ts";
import { storeBytes, storedBytes } from "./stored_bytes.ts";

/** A part of an image that was downloaded. */
interface Piece {
  readonly offset: number;
  readonly length: number;
  /** In base64. */
  readonly data: string;
}

/** What the next reset of some kind starts. */
export interface PendingActivation {
  readonly slot: number;
  readonly by: "controllerReset" | "subsystemReset" | "conventionalReset";
}

/** Firmware that is being started while the controllers stand still. */
export interface RunningActivation {
  readonly slot: number;
  readonly endsAt: number;
  /** The Firmware Commit command that completes with it. */
  readonly controller: number;
  readonly sqid: number;
  readonly cid: number;
}

/** Firmware updates in the drive's memory. */
export interface FirmwareUpdate {
  /** The revision that runs; its slot may hold another one by now. */
  running: string;
  /** Of the images in the slots, slot 1 first; null where the slot is empty. */
  images: (FirmwareImage | null)[];
  pieces: Piece[];
  /** The next download begins a new image: the one that is here was committed. */
  committed: boolean;
  pending: PendingActivation | null;
  activation: RunningActivation | null;
}

/** What started the firmware, or may: which reset, or that power came back. */
export type FirmwareReset = "controller" | "function" | "subsystem" | "conventional" | "power";

/** The firmware that a new drive has. */
export function initialFirmware({ firmware, firmwareSlot }: Personality): FirmwareUpdate {
  return {
    running: firmware[firmwareSlot - 1] ?? "",
    images: firmware.map((revision) =>
      revision === "" ? null : { revision, activation: "withoutReset" }
    ),
    pieces: [],
    committed: false,
    pending: null,
    activation: null,
  };
}

/** How a drive of this kind takes firmware. */
export function firmwareAbilities({ firmwareUpdates }: Personality): FirmwareAbilities {
  return firmwareUpdates ?? DEFAULT_FIRMWARE;
}

/** Whether a part of an image that is being downloaded was there before. */
export function overlaps({ firmwareUpdate }: DriveState, offset: number, length: number): boolean {
  if (firmwareUpdate.committed) return false;
  return firmwareUpdate.pieces.some((piece) =>
    piece.offset < offset + length && offset < piece.offset + piece.length
  );
}

/** Takes a part of an image. The first one after a commit begins a new image. */
export function takePiece({ firmwareUpdate }: DriveState, offset: number, data: Uint8Array): void {
  if (firmwareUpdate.committed) discardDownload(firmwareUpdate);
  firmwareUpdate.pieces.push({ offset, length: data.length, data: storeBytes(data) });
}

/** Whether there is something to commit. */
export function hasDownload({ firmwareUpdate }: DriveState): boolean {
  return !firmwareUpdate.committed && firmwareUpdate.pieces.length > 0;
}

/** The image that was downloaded; undefined where parts are missing, or it is none. */
export function downloadedImage(
  { state: { firmwareUpdate: { pieces } }, personality }: Pick<Machine, "state" | "personality">,
): FirmwareImage | undefined {
  const parts = pieces.toSorted((one, other) => one.offset - other.offset);
  const end = parts.reduce(
    (reached, { offset, length }) => offset === reached ? reached + length : NaN,
    0,
  );
  if (Number.isNaN(end)) return undefined;
  const image = new Uint8Array(end);
  for (const { offset, data } of parts) image.set(storedBytes(data), offset);
  const known = readFirmwareImage(image);
  return known ?? (personality.firmwareAcceptsAny ? deriveFirmwareImage(image) : undefined);
}

/** Puts an image into a slot. What was to start from there is not to start any more. */
export function storeImage(machine: Machine, slot: number, image: FirmwareImage): void {
  const { firmwareUpdate, firmware } = machine.state;
  firmwareUpdate.images[slot - 1] = image;
  firmware[slot - 1] = image.revision;
  firmwareUpdate.committed = true;
  firmwareUpdate.pieces = [];
  if (firmwareUpdate.pending?.slot === slot) firmwareUpdate.pending = null;
  tellTap(machine, "nvme:firmware:event", "stored", { slot, revision: image.revision });
}

/** A Firmware Commit is over: what was downloaded goes with the next download. */
export function closeDownload({ firmwareUpdate }: DriveState): void {
  if (firmwareUpdate.pieces.length > 0) firmwareUpdate.committed = true;
}

/** Why a sanitize operation has to wait for a reset, if firmware does [BASE-2.1 §5.1.22]. */
export function pendingActivation({ firmwareUpdate }: DriveState): RefusalStatus | undefined {
  return firmwareUpdate.pending ? NEEDS[firmwareUpdate.pending.by] : undefined;
}

/** The status of a commit that succeeded, but leaves something to the host. */
export const NEEDS = {
  controllerReset: COMMAND_SPECIFIC.needsControllerReset,
  subsystemReset: COMMAND_SPECIFIC.needsSubsystemReset,
  conventionalReset: COMMAND_SPECIFIC.needsConventionalReset,
} as const;

/** Starts a slot's firmware while the controllers stand still [BASE-2.1 §3.11]. */
export function beginActivation(
  machine: Machine,
  slot: number,
  { pauseMs, sqid, cid }: { readonly pauseMs: number; readonly sqid: number; readonly cid: number },
): void {
  const { state, controller, drive, now } = machine;
  const endsAt = now() + pauseMs;
  state.firmwareUpdate.activation = { slot, endsAt, controller: controller.id, sqid, cid };
  state.processingPausedUntil = endsAt;
  tellTap(machine, "nvme:firmware:event", "activating", { slot, pauseMs });
  raiseEvent(drive, EVENTS.firmwareActivation);
}

/** Ends an activation that should be over by now, and the command that waits for it. */
export function settleFirmware(machine: Machine): void {
  const { state, drive, now } = machine;
  const { activation } = state.firmwareUpdate;
  if (!activation || now() < activation.endsAt) return;
  activate(machine, activation.slot);
  const { controller: id, sqid, cid } = activation;
  const owner = drive.controllers.find(({ controller }) => controller.id === id);
  const exchange = owner?.outstanding.find(sqid, cid);
  if (exchange?.outcome.kind === "pending") {
    owner?.outstanding.finish(exchange, { kind: "done", dw0: 0, dw1: 0 });
  }
}

/** Runs a slot's firmware from now on. */
export function activate(machine: Machine, slot: number): void {
  const { state } = machine;
  state.firmwareUpdate.activation = null;
  state.firmwareUpdate.pending = null;
  delete state.processingPausedUntil;
  state.firmwareSlot = slot;
  state.firmwareUpdate.running = state.firmware[slot - 1] ?? "";
  tellTap(machine, "nvme:firmware:event", "activated", {
    slot,
    revision: state.firmwareUpdate.running,
  });
}

/**
 * What a reset does to firmware: downloads are gone, and what waited for this kind of reset runs
 * afterwards. Says whether something was started.
 */
export function resetFirmware(machine: Machine, kind: FirmwareReset): boolean {
  const { firmwareUpdate } = machine.state;
  discardDownload(firmwareUpdate);
  const { activation, pending } = firmwareUpdate;
  if (activation) activate(machine, activation.slot);
  else if (pending && starts(pending.by, kind)) activate(machine, pending.slot);
  else return false;
  return true;
}

function starts(by: PendingActivation["by"], kind: FirmwareReset): boolean {
  if (by === "controllerReset" || kind === "power") return true;
  return kind === (by === "subsystemReset" ? "subsystem" : "conventional");
}

function discardDownload(update: FirmwareUpdate): void {
  update.pieces = [];
  update.committed = false;
}
