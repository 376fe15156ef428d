// Firmware Commit.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import {
  activate,
  beginActivation,
  closeDownload,
  downloadedImage,
  firmwareAbilities,
  hasDownload,
  NEEDS,
  settleFirmware,
  storeImage,
} from "../model/firmware.ts";
import type { FirmwareActivation, FirmwareImage } from "../model/firmware_image.ts";
import { recordFirmwareCommit } from "../model/persistent_records.ts";
import { wakeAt } from "../model/wake.ts";
import { has } from "../personality.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { done, type Handler, type Outcome, WAITING } from "../pipeline/handler.ts";
import { inDword, Refusal, type RefusalStatus, refuse } from "../refusal.ts";

/** Commit actions [BASE-2.1 §5.1.8, Fig. 181]; those of boot partitions are not for this drive. */
const ACTION = { store: 0, storeForReset: 1, activateOnReset: 2, activateNow: 3 } as const;

/** Firmware Commit [BASE-2.1 §5.1.8]. */
export const FirmwareCommit: Handler = {
  opcode: ADMIN_COMMANDS.firmwareCommit.opcode,
  nsid: "unused",
  effects: { controllerCapability: true, scope: "subsystem" },
  supported: (personality) => has(personality, "firmware"),
  execute(machine, exchange) {
    const { cdw10 } = exchange.entry;
    const action = (cdw10 >>> 3) & 7;
    if (action > ACTION.activateNow) refuse(GENERIC.invalidField, { location: inDword(10, 3) });
    const before = machine.state.firmwareUpdate.running;
    const commit = { action, slot: cdw10 & 7 };
    try {
      const outcome = carryOut(machine, exchange, commit);
      record(machine, { ...commit, before });
      return outcome;
    } catch (error) {
      if (error instanceof Refusal) record(machine, { ...commit, before, status: error.status });
      throw error;
    } finally {
      closeDownload(machine.state);
    }
  },
};

interface Commit {
  readonly action: number;
  readonly slot: number;
}

function carryOut(machine: Machine, exchange: Exchange, commit: Commit): Outcome {
  const { action } = commit;
  const stores = action === ACTION.store || action === ACTION.storeForReset ||
    (action === ACTION.activateNow && hasDownload(machine.state));
  const slot = slotFor(machine, commit, stores);
  if (stores) storeImage(machine, slot, imageFor(machine));
  if (action === ACTION.store) return done();
  const image = machine.state.firmwareUpdate.images[slot - 1];
  if (!image) refuse(COMMAND_SPECIFIC.firmwareImage, { location: inDword(10) });
  if (image.activation === "prohibited") refuse(COMMAND_SPECIFIC.firmwareProhibited);
  return action === ACTION.activateNow
    ? activateNow(machine, exchange, { slot, image })
    : activateOnReset(machine, slot, image);
}

/** The slot that is meant; the drive chooses one where the host does not. */
function slotFor(
  { state, personality }: Machine,
  { slot, action }: Commit,
  stores: boolean,
): number {
  const slots = personality.firmware.length;
  const first = firmwareAbilities(personality).readOnlySlot1 ? 2 : 1;
  if (slot > slots || (stores && slot > 0 && slot < first) || (stores && first > slots)) {
    refuse(COMMAND_SPECIFIC.firmwareSlot, { location: inDword(10) });
  }
  if (slot > 0) return slot;
  if (!stores && action !== ACTION.store) {
    return state.firmwareUpdate.pending?.slot ?? state.firmwareSlot;
  }
  const writable = Array.from({ length: slots - first + 1 }, (_, at) => first + at);
  return writable.find((other) => state.firmware[other - 1] === "") ??
    writable.find((other) => other !== state.firmwareSlot) ?? first;
}

function imageFor(machine: Machine): FirmwareImage {
  if (!hasDownload(machine.state)) refuse(COMMAND_SPECIFIC.firmwareImage);
  return downloadedImage(machine) ?? refuse(COMMAND_SPECIFIC.firmwareImage);
}

/** The next reset starts it, of whichever kind it needs. */
function activateOnReset(machine: Machine, slot: number, { activation }: FirmwareImage): Outcome {
  const by = resetFor(activation);
  machine.state.firmwareUpdate.pending = { slot, by };
  return by === "controllerReset" ? done() : refuse(NEEDS[by]);
}

/** The reset that an image needs; any will do for one that needs none. */
function resetFor(activation: FirmwareActivation): keyof typeof NEEDS {
  return activation === "subsystemReset" || activation === "conventionalReset"
    ? activation
    : "controllerReset";
}

function activateNow(
  machine: Machine,
  { sqid, entry: { cid } }: Exchange,
  { slot, image }: { readonly slot: number; readonly image: FirmwareImage },
): Outcome {
  const { withoutReset, longestPauseMs, pauseMs: usual } = firmwareAbilities(machine.personality);
  const { pauseMs = usual, activation } = image;
  if (activation !== "withoutReset" || !withoutReset) {
    const by = resetFor(activation);
    machine.state.firmwareUpdate.pending = { slot, by };
    refuse(NEEDS[by]);
  }
  if (pauseMs > longestPauseMs) refuse(COMMAND_SPECIFIC.needsMoreTime);
  // Without timers nobody could end the pause.
  if (pauseMs === 0 || !machine.drive.timed) {
    activate(machine, slot);
    return done();
  }
  beginActivation(machine, slot, { pauseMs, sqid, cid });
  wakeAt(machine.drive, machine.now() + pauseMs, () => settleFirmware(machine));
  return WAITING;
}

function record(
  machine: Machine,
  { action, slot, before, status }: Commit & {
    readonly before: string;
    readonly status?: RefusalStatus;
  },
): void {
  recordFirmwareCommit(machine, {
    oldRevision: before,
    newRevision: machine.state.firmware[slot - 1] ?? "",
    action,
    slot,
    statusCodeType: status?.type ?? 0,
    statusCode: status?.code ?? 0,
  });
}
