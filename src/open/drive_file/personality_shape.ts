// What a personality in a drive file has to look like, and what has to be true of it.

import { type Personality, preset, presetNames, variant } from "../../drive/mod.ts";
import { parseAnswer, parseRequestKey, type Recording } from "../../spec/recording.ts";
import {
  COMMANDS,
  LEAST_PERSONALITY,
  OPEN_FIELDS,
  WHOLE_PERSONALITY,
} from "./personality_example.ts";
import { checkEncodable, checkPrintable, checkRange } from "./encodable.ts";
import { checkShape, isRecord, type Shape, ShapeError, shapeOf, type Strictness } from "./shape.ts";
import { checkPast } from "./state_ranges.ts";

/** The name in a drive file of the preset that is `virtual:`. */
export const DEFAULT_PRESET = "healthy";

const REQUIRED: Shape = shapeOf([LEAST_PERSONALITY]);
/** All fields that there are; those of open records may be missing. */
const KNOWN: Shape = shapeOf([
  LEAST_PERSONALITY,
  { ...WHOLE_PERSONALITY, fixedSmart: {}, history: {}, recorded: {} },
]);

/** Records whose fields have any name. */
function openFields(field: string): ReadonlySet<string> {
  return new Set(OPEN_FIELDS.map((name) => `${field}.${name}`));
}

/**
 * A personality that is written out in full.
 *
 * @throws ShapeError
 */
export function checkPersonality(value: unknown, field: string): Personality {
  const open = openFields(field);
  checkShape(value, KNOWN, field, { unknown: "refuse", missing: "accept", open });
  checkShape(value, REQUIRED, field, { unknown: "accept", missing: "refuse", open });
  const personality = value as Personality;
  checkSense(personality, field);
  return personality;
}

/**
 * A preset with changes: `health` and `limits` differ field by field, everything else as a whole.
 *
 * @throws ShapeError
 */
export function overriddenPreset(name: unknown, overrides: unknown): Personality {
  const base = typeof name === "string" ? preset(name === DEFAULT_PRESET ? "" : name) : undefined;
  if (!base) {
    const known = presetNames().map((known) => known || DEFAULT_PRESET).join(", ");
    throw new ShapeError("preset", `is ${JSON.stringify(name)}, need one of ${known}`);
  }
  const strictness: Strictness = {
    unknown: "refuse",
    missing: "accept",
    open: openFields("overrides"),
  };
  checkShape(overrides, KNOWN, "overrides", strictness);
  if (!isRecord(overrides)) return base;
  checkPrintable(overrides, "overrides");
  return checkPersonality(variant(base, overrides), "overrides");
}

/** What no example shows: numbers that have to fit each other. */
function checkSense(personality: Personality, field: string): void {
  const { formats, firmware, firmwareSlot, limits, controllers = 1 } = personality;
  if (formats.length < 1 || formats.length > 64) {
    throw new ShapeError(`${field}.formats`, `has ${formats.length} formats, need 1 to 64`);
  }
  formats.forEach(({ dataBytes, metadataBytes, performance }, at) => {
    const where = `${field}.formats[${at}]`;
    const isPower = dataBytes >= 512 && dataBytes <= 65_536 &&
      Number.isInteger(Math.log2(dataBytes));
    if (!isPower) {
      throw new ShapeError(`${where}.dataBytes`, `is ${dataBytes}, need a power of two from 512`);
    }
    checkRange(metadataBytes, `${where}.metadataBytes`, [0, 65_535]);
    checkRange(performance, `${where}.performance`, [0, 3]);
  });
  for (const command of personality.commands) {
    if (!(command in COMMANDS)) {
      throw new ShapeError(`${field}.commands`, `has ${JSON.stringify(command)}, which is none`);
    }
  }
  checkRange(firmware.length, `${field}.firmware.length`, [1, 7]);
  checkRange(firmwareSlot, `${field}.firmwareSlot`, [1, firmware.length]);
  checkRange(controllers, `${field}.controllers`, [1, 64]);
  const { controllerIds, history = {} } = personality;
  if (controllerIds) checkRange(controllerIds.length, `${field}.controllerIds.length`, [1, 64]);
  checkPast(history, {
    errors: `${field}.history.errors`,
    selfTests: `${field}.history.selfTests`,
  });
  checkRange(limits.namespaces, `${field}.limits.namespaces`, [1, 1024]);
  checkRange(limits.errorEntries, `${field}.limits.errorEntries`, [1, 256]);
  checkRange(limits.queues, `${field}.limits.queues`, [1, 65_535]);
  checkRange(limits.asyncEvents, `${field}.limits.asyncEvents`, [1, 256]);
  checkRange(limits.aborts, `${field}.limits.aborts`, [1, 256]);
  checkRange(limits.mdts, `${field}.limits.mdts`, [0, 16]);
  checkEncodable(personality, field);
  checkNamespaces(personality.namespaces, `${field}.namespaces`, personality);
  if (personality.recorded) checkRecording(personality.recorded, `${field}.recorded`);
}

/** Answers that can be read, to questions that can be asked. */
function checkRecording({ controller, answers }: Recording, field: string): void {
  checkRange(controller, `${field}.controller`, [0, 0xffff]);
  if (!isRecord(answers)) throw new ShapeError(`${field}.answers`, "is no record");
  for (const [key, text] of Object.entries(answers)) {
    try {
      parseRequestKey(key);
      parseAnswer(text);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      throw new ShapeError(`${field}.answers[${JSON.stringify(key)}]`, "is no recorded answer");
    }
  }
}

const LEAST_BLOCK_BYTES = 512;

/**
 * Identifiers, formats and sizes of namespaces.
 *
 * @throws ShapeError
 */
export function checkNamespaces(
  namespaces: readonly {
    readonly nsid: number;
    readonly format: number;
    readonly capacityBytes: number;
    readonly protection?: number;
  }[],
  field: string,
  { formats, limits }: Personality,
): void {
  const seen = new Set<number>();
  namespaces.forEach(({ nsid, format, capacityBytes, protection = 0 }, at) => {
    const where = `${field}[${at}]`;
    checkRange(nsid, `${where}.nsid`, [1, limits.namespaces]);
    if (seen.has(nsid)) throw new ShapeError(`${where}.nsid`, `is ${nsid}, like another one's`);
    seen.add(nsid);
    checkRange(format, `${where}.format`, [0, formats.length - 1]);
    checkRange(protection, `${where}.protection`, [0, 3]);
    // A host may make namespaces of one block.
    checkRange(capacityBytes, `${where}.capacityBytes`, [LEAST_BLOCK_BYTES, 2 ** 52]);
  });
}
