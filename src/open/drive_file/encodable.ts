// Whether what a personality says fits into the fields that a drive reports it in.

import { LayoutError } from "../../layout/struct.ts";
import type { Health, Personality, VirtualDrive } from "../../drive/mod.ts";
import { identifyController } from "../../drive/identify/controller.ts";
import { smartPage } from "../../drive/log/smart.ts";
import { ShapeError } from "./shape.ts";

/** Lengths of the texts in Identify Controller [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const LENGTHS = { serial: 20, model: 40, firmware: 8 } as const;

const PERCENT = [0, 255] as const;
const KELVIN = [0, 65_535] as const;
const MINUTES = [0, 2 ** 31] as const;
/** Far above what any drive has counted, and far below where numbers stop being exact. */
const COUNT = [0, 2 ** 52] as const;

/** The least and most of each number of health [BASE-2.1 §5.1.12.1.3, Fig. 206]. */
const HEALTH: Readonly<Partial<Record<keyof Health, readonly [least: number, most: number]>>> = {
  spare: PERCENT,
  spareThreshold: PERCENT,
  percentageUsed: PERCENT,
  enduranceTerabytes: [1, 1_000_000_000],
  temperatureK: KELVIN,
  temperatureSwingK: KELVIN,
  warningK: KELVIN,
  criticalK: KELVIN,
  // The clock of the hours is in milliseconds, which have to stay exact.
  powerOnHours: [0, 1_000_000_000],
  powerCycles: COUNT,
  unsafeShutdowns: COUNT,
  mediaErrors: COUNT,
  errorLogEntries: COUNT,
  dataUnitsRead: COUNT,
  dataUnitsWritten: COUNT,
  hostReads: COUNT,
  hostWrites: COUNT,
  busyMinutes: COUNT,
  warningMinutes: MINUTES,
  criticalMinutes: MINUTES,
};

/**
 * Texts and numbers that have fields of a size.
 *
 * @throws ShapeError
 */
export function checkEncodable(personality: Personality, field: string): void {
  const { model, serial, firmware, health, vendorId, oui, powerStates, selfTests } = personality;
  checkText(model, `${field}.model`, LENGTHS.model);
  checkText(serial, `${field}.serial`, LENGTHS.serial);
  firmware.forEach((text, at) => checkText(text, `${field}.firmware[${at}]`, LENGTHS.firmware));
  for (const [name, range] of Object.entries(HEALTH)) {
    checkRange(Number(health[name as keyof Health]), `${field}.health.${name}`, range);
  }
  checkRange(health.sensorOffsetsK.length, `${field}.health.sensorOffsetsK.length`, [0, 8]);
  health.sensorOffsetsK.forEach((offset, at) =>
    checkRange(offset, `${field}.health.sensorOffsetsK[${at}]`, [-1000, 1000])
  );
  checkRange(vendorId, `${field}.vendorId`, [0, 0xffff]);
  checkRange(oui, `${field}.oui`, [0, 0xff_ffff]);
  checkRange(powerStates.length, `${field}.powerStates.length`, [1, 32]);
  // The recommended time of an extended self-test is a word of minutes.
  checkRange(selfTests.extendedMs, `${field}.selfTests.extendedMs`, [0, 65_535 * 60_000]);
}

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

/**
 * A whole number between two others.
 *
 * @throws ShapeError
 */
export function checkRange(
  value: number,
  field: string,
  [least, most]: readonly [least: number, most: number],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ShapeError(field, `is ${value}, need a whole number from ${least} to ${most}`);
}

function checkText(text: string, field: string, most: number): void {
  if (text.length > most) {
    throw new ShapeError(field, `has ${text.length} characters, need ${most} or fewer`);
  }
  const isByte = (letter: string): boolean => (letter.codePointAt(0) ?? 0) <= 0xff;
  if ([...text].every(isByte)) return;
  throw new ShapeError(field, `is ${JSON.stringify(text)}, need printable ASCII`);
}
