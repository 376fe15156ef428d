// Numbers in the state of a drive file that log pages and completions have fields for. One that
// fits no field would otherwise be found when a host asks for the page, in the middle of a command.

import type { DriveState, Personality } from "../../drive/mod.ts";
import { checkRange } from "./encodable.ts";
import { isRecord, ShapeError } from "./shape.ts";

type History = NonNullable<Personality["history"]>;
type Range = readonly [least: number, most: number];

const BYTE: Range = [0, 0xff];
const WORD: Range = [0, 0xffff];
const DWORD: Range = [0, 0xffffffff];
const CODE: Range = [0, 0xf];
const QWORD_MOST = 2n ** 64n - 1n;

/** Self-test results [BASE-2.1 §5.1.12.1.7, Fig. 212]. */
const RESULT = {
  code: CODE,
  result: CODE,
  powerOnHours: [0, Number.MAX_SAFE_INTEGER],
  segment: BYTE,
  nsid: DWORD,
  lba: [0, Number.MAX_SAFE_INTEGER],
  statusCodeType: [0, 7],
  statusCode: BYTE,
} as const;

/** Entries of the error log [BASE-2.1 §5.1.12.1.2, Fig. 205]; the status is without its phase. */
const ERROR = {
  sqid: WORD,
  cid: WORD,
  status: [0, 0x7fff],
  location: WORD,
  nsid: DWORD,
  opcode: BYTE,
} as const;

/** The sanitize operation [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
const SANITIZE = {
  state: [0, 6],
  failedIn: [0, 6],
  outcome: [0, 4],
  passes: [0, 16],
  cdw10: DWORD,
  cdw11: DWORD,
} as const;

/**
 * Refuses numbers that no drive can report.
 *
 * @throws ShapeError
 */
export function checkStateRanges(state: DriveState): void {
  state.controllers.forEach(({ timestamp }, at) => {
    const field = `state.controllers[${at}].timestamp`;
    check(timestamp, { value: [0, 2 ** 48 - 1], origin: [0, 7] }, field);
  });
  if (state.selfTest) check(state.selfTest, { code: CODE, nsid: DWORD }, "state.selfTest");
  checkPast({ errors: state.errors, selfTests: state.selfTestResults }, {
    errors: "state.errors",
    selfTests: "state.selfTestResults",
  });
  check(state.sanitize, SANITIZE, "state.sanitize");
  for (const [name, value] of Object.entries(state.counters)) {
    checkExact(value, `state.counters.${name}`);
  }
  checkFirmware(state);
  checkBytes(state);
  checkFeatures(state, "state");
  state.controllers.forEach((one, at) => checkFeatures(one, `state.controllers[${at}]`));
}

/**
 * The same for what a drive has behind it: its errors, and its self-tests.
 *
 * @throws ShapeError
 */
export function checkPast(
  { errors = [], selfTests = [] }: Pick<History, "errors" | "selfTests">,
  fields: { readonly errors: string; readonly selfTests: string },
): void {
  errors.forEach((one, at) => {
    const field = `${fields.errors}[${at}]`;
    check(one, ERROR, field);
    for (const name of ["count", "lba", "specific"] as const) {
      const value = one[name];
      if (value !== undefined) checkExact(value, `${field}.${name}`);
    }
  });
  selfTests.forEach((one, at) => check(one, RESULT, `${fields.selfTests}[${at}]`));
}

/** Values of features are dwords. */
function checkFeatures(
  holder: Pick<DriveState, "features" | "savedFeatures">,
  field: string,
): void {
  for (const name of ["features", "savedFeatures"] as const) {
    for (const [key, value] of Object.entries(holder[name])) {
      checkRange(value, `${field}.${name}[${JSON.stringify(key)}]`, DWORD);
    }
  }
}

/** What is kept as bytes in base64, and the generations beside it. */
function checkBytes({ telemetry, persistentEvents }: DriveState): void {
  check(telemetry, { hostGeneration: BYTE, controllerGeneration: BYTE }, "state.telemetry");
  const texts: (readonly [field: string, text: string | undefined])[] = [
    ["state.telemetry.host.blocks", telemetry.host?.blocks],
    ["state.telemetry.controller.blocks", telemetry.controller?.blocks],
    ...persistentEvents.events.map((text, at) =>
      [`state.persistentEvents.events[${at}]`, text] as const
    ),
  ];
  for (const [field, text = ""] of texts) {
    if (Number.isNaN(bytesIn(text))) throw new ShapeError(field, "is no base64");
  }
}

/** The pieces of a download: whole, and as long as they say. */
function checkFirmware({ firmwareUpdate: { pieces } }: DriveState): void {
  pieces.forEach((piece, at) => {
    const field = `state.firmwareUpdate.pieces[${at}]`;
    check(piece, { offset: DWORD, length: DWORD }, field);
    if (bytesIn(piece.data) !== piece.length) {
      throw new ShapeError(`${field}.data`, `is not ${piece.length} bytes in base64`);
    }
  });
}

function bytesIn(base64: string): number {
  try {
    return Uint8Array.fromBase64(base64).length;
  } catch {
    return NaN;
  }
}

/** Those of the fields that are there. */
function check<T extends object>(
  record: T,
  ranges: { readonly [K in keyof T]?: Range },
  field: string,
): void {
  if (!isRecord(record)) throw new ShapeError(field, "is no record");
  for (const [name, range] of Object.entries(ranges) as [keyof T & string, Range][]) {
    const value = record[name];
    if (value !== undefined) checkRange(value as number, `${field}.${name}`, range);
  }
}

function checkExact(value: bigint, field: string): void {
  if (typeof value === "bigint" && value >= 0n && value <= QWORD_MOST) return;
  throw new ShapeError(field, `is ${value}, need an exact number from 0n to ${QWORD_MOST}n`);
}
