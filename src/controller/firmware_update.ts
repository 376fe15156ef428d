// A firmware update from the choice of the slot to the proof that the new firmware runs.

import { interrupted, UnreachableError, UnsupportedError, UsageError } from "../errors.ts";
import { COMMIT_ACTION } from "../spec/admin/firmware.ts";
import type { Drive } from "./drive.ts";
import {
  type Commit,
  commitFirmware,
  type CommitNeed,
  type Committed,
  downloadFirmware,
  type DownloadOptions,
  type Firmware,
  readFirmware,
  type Slot,
} from "./firmware.ts";
import { afterOverlap, withNextStep } from "./next_step.ts";
import { resetDrive } from "./reset.ts";

/** When the new firmware is to run: at once, after a reset done here, or after somebody's. */
export type Activation = "now" | "reset" | "later";

/** What the user wants; what is left out is chosen. */
export interface UpdateWish {
  readonly slot?: number | undefined;
  readonly activation?: Activation | undefined;
}

/** An update, decided on. */
export interface UpdatePlan {
  readonly firmware: Firmware;
  readonly slot: Slot;
  readonly activation: Activation;
  readonly commit: Commit;
}

/**
 * Where an image goes and how it is started: the first empty slot, else the first that is neither
 * read-only nor running nor about to; without a reset where the drive can do that.
 *
 * @throws UsageError where the drive leaves no such slot, or the wish cannot be fulfilled
 */
export function planUpdate(firmware: Firmware, wish: UpdateWish = {}): UpdatePlan {
  const slot = wish.slot === undefined ? freeSlot(firmware) : namedSlot(firmware, wish.slot);
  const activation = wish.activation ?? (firmware.activatesWithoutReset ? "now" : "reset");
  if (activation === "now" && !firmware.activatesWithoutReset) {
    throw new UsageError(
      "Cannot start the firmware without a reset: this drive does not do that (FRMW bit 4)",
      { next: "--activate reset resets the controller afterwards; --activate later leaves it" },
    );
  }
  const action = activation === "now"
    ? COMMIT_ACTION.activateNow
    : COMMIT_ACTION.replaceAndActivateAtReset;
  return { firmware, slot, activation, commit: { slot: slot.slot, action } };
}

function freeSlot({ slots }: Firmware): Slot {
  const free = slots.filter(({ readOnly, active, next }) => !readOnly && !active && !next);
  const chosen = free.find(({ revision }) => revision === "") ?? free[0];
  if (chosen) return chosen;
  const running = slots.find(({ active, readOnly }) => active && !readOnly);
  throw new UsageError(
    "Cannot choose a slot: each is read-only, running, or starts at the next reset",
    {
      next: running
        ? `--slot ${running.slot} overwrites the firmware that runs, with no other to go back to`
        : "reset the controller, so that the firmware that waits for it starts",
    },
  );
}

function namedSlot({ slots }: Firmware, wanted: number): Slot {
  const found = slots.find(({ slot }) => slot === wanted);
  const writable = slots.filter(({ readOnly }) => !readOnly).map(({ slot }) => slot).join(", ");
  const next = `slots that can be written: ${writable === "" ? "none" : writable}`;
  if (!found) {
    throw new UsageError(`Cannot use slot ${wanted}: this drive has ${slots.length}`, { next });
  }
  if (!found.readOnly) return found;
  throw new UsageError(`Cannot use slot ${wanted}: it is read-only (FRMW bit 0)`, { next });
}

/** What came of an update. */
export interface Updated {
  readonly committed: Committed;
  /** The reset that was done, if any. */
  readonly reset: "controller" | "subsystem" | undefined;
  /** What is still needed before the firmware runs. */
  readonly needs: CommitNeed | undefined;
  /** As the drive describes itself afterwards. */
  readonly after: Firmware;
  /** Whether the slot's firmware is what runs now. */
  readonly running: boolean;
}

/** What an update calls while it goes on. */
export interface UpdateHooks extends Pick<DownloadOptions, "chunk" | "signal" | "progress"> {
  /** Told when another step begins. */
  readonly step?: (text: string) => void;
  /**
   * Asked before a reset of the whole NVM subsystem, which a drive may turn out to need: all its
   * controllers go away for a while, under whoever uses them. The reset is left to somebody else
   * where this gives nothing, or is left out.
   */
  readonly allowSubsystemReset?: () => Promise<Disposable | undefined>;
}

/**
 * Downloads, commits, does the reset that the drive asks for, and looks whether the new firmware
 * runs. No reset starts an image that may be mixed with somebody else's.
 *
 * @throws what downloadFirmware, commitFirmware and resetDrive throw
 * @example
 * ```ts
 * import { open, planUpdate, readFirmware, updateFirmware } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const plan = planUpdate(await readFirmware(drive), { slot: 2 });
 * console.log(plan.slot.slot, plan.activation);
 * ```
 */
export async function updateFirmware(
  drive: Drive,
  image: Uint8Array,
  plan: UpdatePlan,
  hooks: UpdateHooks = {},
): Promise<Updated> {
  hooks.step?.(`Downloading ${image.length} bytes`);
  await downloadFirmware(drive, image, hooks);
  stopHere(hooks.signal, "downloaded, and nothing is committed", "the old firmware runs on");
  hooks.step?.(`Committing to slot ${plan.slot.slot}`);
  const committed = await commitPlanned(drive, plan);
  const wanted = committed.overlapped ? undefined : resetFor(plan, committed);
  const reset = wanted && await restart(drive, wanted, { slot: plan.slot.slot, hooks });
  const after = await readFirmware(drive);
  const running = runs(plan, after, reset === undefined && waits(plan, committed));
  return {
    committed,
    reset,
    after,
    needs: running || reset !== undefined ? undefined : stillNeeded(plan, committed),
    running,
  };
}

/** What takes longer to start than the drive promises (MTFA) is left for a controller reset. */
async function commitPlanned(drive: Drive, { commit }: UpdatePlan): Promise<Committed> {
  const committed = await commitFirmware(drive, commit);
  if (committed.needs !== "time") return committed;
  const action = COMMIT_ACTION.activateAtReset;
  try {
    const { needs, overlapped } = await commitFirmware(drive, { slot: commit.slot, action });
    return { needs: needs ?? "controller", overlapped: overlapped || committed.overlapped };
  } catch (error) {
    throw committed.overlapped ? afterOverlap(error) : error;
  }
}

/** Does the reset, where that is allowed and the drive can; otherwise it is left to do. */
async function restart(
  drive: Drive,
  kind: "controller" | "subsystem",
  { slot, hooks }: { readonly slot: number; readonly hooks: UpdateHooks },
): Promise<typeof kind | undefined> {
  const { signal, step, allowSubsystemReset } = hooks;
  const stop = (): void =>
    stopHere(signal, `in slot ${slot}, not reset`, "nvmectl reset starts it");
  stop();
  using _allowed = kind === "subsystem" ? await allowSubsystemReset?.() : undefined;
  stop();
  if (kind === "subsystem" && _allowed === undefined) return undefined;
  step?.(`Resetting the ${kind}`);
  try {
    await resetDrive(drive, kind);
  } catch (error) {
    if (hasNoReset(error)) return undefined;
    throw afterCommit(error, slot);
  }
  return kind;
}

/** ENOTTY is how the kernel says that a controller has no reset of its NVM subsystem. */
function hasNoReset(error: unknown): boolean {
  return error instanceof UnsupportedError ||
    (error instanceof UnreachableError && error.code === "ENOTTY");
}

/** A reset that failed leaves the question what became of the firmware. */
function afterCommit(error: unknown, slot: number): unknown {
  if (!(error instanceof UnreachableError)) return error;
  return withNextStep(
    error,
    `the new firmware is committed to slot ${slot}, and the next reset or power cycle starts it`,
  );
}

/** Throws where somebody has asked to stop: between two steps it is known how far it came. */
function stopHere(signal: AbortSignal | undefined, state: string, next: string): void {
  if (signal?.aborted) throw interrupted(signal, `Stopped: the firmware is ${state}`, next);
}

/**
 * Whether what runs is what was committed. That its slot is the active one says nothing where it
 * was active before: the revision that the controller gives must be that of the slot too.
 */
function runs({ slot: { slot, active } }: UpdatePlan, after: Firmware, waiting: boolean): boolean {
  const now = after.slots.find((one) => one.slot === slot);
  return now !== undefined && now.active && now.revision === after.revision &&
    !(active && waiting);
}

function waits({ activation }: UpdatePlan, { needs }: Committed): boolean {
  return needs !== undefined || activation !== "now";
}

/** The reset that starts the firmware, where it may be done here. */
function resetFor(
  { activation }: UpdatePlan,
  { needs }: Committed,
): "controller" | "subsystem" | undefined {
  if (activation === "later" || needs === "conventional") return undefined;
  if (needs === "subsystem") return "subsystem";
  return needs !== undefined || activation === "reset" ? "controller" : undefined;
}

function stillNeeded({ activation }: UpdatePlan, { needs }: Committed): CommitNeed | undefined {
  return needs ?? (activation === "now" ? undefined : "controller");
}
