// Resets and rescans: what of them a transport can do, and forgetting what was known before.

import { UnsupportedError } from "../errors.ts";
import type { ResetKind } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";

/**
 * Resets the controller or the NVM subsystem [BASE-2.1 §3.7]; what was remembered of the drive is
 * forgotten, because another firmware may answer now.
 *
 * @throws UnsupportedError where the transport has no reset, UnreachableError where it fails
 *
 * @example
 * ```ts
 * import { identifyController, open, resetDrive } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * await resetDrive(drive, "controller");
 * console.log((await identifyController(drive)).fr);
 * ```
 */
export async function resetDrive(drive: Drive, kind: ResetKind): Promise<void> {
  const { transport } = drive;
  if (!transport.reset) {
    throw new UnsupportedError(`Cannot reset the ${kind} at ${drive.target}: there is no way to`);
  }
  try {
    await transport.reset(kind);
  } finally {
    drive.forget();
  }
}

/**
 * Makes whoever sits between us and the drive look at its namespaces again. Says whether there is
 * anybody: our own driver and virtual drives have nothing in between.
 *
 * @example
 * ```ts
 * import { open, rescanDrive } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * if (await rescanDrive(drive)) throw new Error("nobody stands before a virtual drive");
 * ```
 */
export async function rescanDrive(drive: Drive): Promise<boolean> {
  drive.forget();
  const { transport } = drive;
  if (!transport.rescan) return false;
  await transport.rescan();
  return true;
}
