// Whether a drive can report what a file says of it.

import { LayoutError } from "../../layout/struct.ts";
import type { VirtualDrive } from "../../drive/mod.ts";
import { identifyController } from "../../drive/identify/controller.ts";
import { smartPage } from "../../drive/log/smart.ts";
import { ShapeError } from "./rule.ts";

/**
 * Texts that somebody has written into a file: hosts get them as ASCII.
 *
 * @throws ShapeError
 */
export function checkPrintable(overrides: Readonly<Record<string, unknown>>, field: string): void {
  const { model, serial, firmware } = overrides;
  const texts = [["model", model], ["serial", serial]].concat(
    Array.isArray(firmware) ? firmware.map((text, at) => [`firmware[${at}]`, text]) : [],
  );
  for (const [name, text] of texts) {
    if (typeof text !== "string" || /^[ -~]*$/.test(text)) continue;
    throw new ShapeError(`${field}.${name}`, `is ${JSON.stringify(text)}, need printable ASCII`);
  }
}

/**
 * Makes a drive of a personality, and has it say what every host asks first. What does not fit any
 * field is found here, and not when a host comes.
 *
 * @throws ShapeError
 */
export function made(make: () => VirtualDrive): VirtualDrive {
  try {
    const drive = make();
    identifyController(drive.first);
    smartPage(drive.first);
    return drive;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof LayoutError)) throw error;
    throw new ShapeError("the file", `says what no drive can report: ${error.message}`);
  }
}
