// What a personality in a drive file has to be beyond its members: numbers that fit each other.

import { type Personality, preset, presetNames, variant } from "../../drive/mod.ts";
import { PROTECTION_BYTES } from "../../drive/nvm/blocks.ts";
import { checkPrintable } from "./encodable.ts";
import { PERSONALITY } from "./personality_rules.ts";
import { checkRange, isRecord, ShapeError } from "./rule.ts";

/** The name in a drive file of the preset that is `virtual:`. */
export const DEFAULT_PRESET = "healthy";

/**
 * A personality that is written out in full.
 *
 * @throws ShapeError
 */
export function checkPersonality(value: unknown, field: string): Personality {
  PERSONALITY.check(value, field);
  const own = value as Personality;
  const personality = { ...own, namespaces: withoutPhantoms(own.namespaces, own) };
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
  if (!isRecord(overrides)) throw new ShapeError("overrides", "is no record");
  for (const part of ["health", "limits"] as const) {
    if (overrides[part] === undefined || isRecord(overrides[part])) continue;
    throw new ShapeError(`overrides.${part}`, "is no record");
  }
  checkPrintable(overrides, "overrides");
  return checkPersonality(variant(base, overrides), "overrides");
}

/** What no member says by itself: numbers that have to fit each other. */
function checkSense(personality: Personality, field: string): void {
  const { firmware, firmwareSlot, controllerIds = [], ana } = personality;
  checkRange(firmwareSlot, `${field}.firmwareSlot`, [1, firmware.length]);
  controllerIds.forEach((id, at) => {
    if (controllerIds.indexOf(id) === at) return;
    throw new ShapeError(`${field}.controllerIds[${at}]`, `is ${id}, like another one's`);
  });
  checkNamespaces(personality.namespaces, `${field}.namespaces`, personality);
  for (const key of Object.keys(ana?.states ?? {})) {
    if (/^\d{1,10}@\d{1,5}$/.test(key)) continue;
    throw new ShapeError(`${field}.ana.states[${JSON.stringify(key)}]`, "is no GROUP@CONTROLLER");
  }
}

/** A namespace, or what one is to become: what of it depends on the drive's formats. */
interface Formatted {
  readonly format: number;
  readonly protection?: number;
}

/**
 * Identifiers and formats of namespaces.
 *
 * @throws ShapeError
 */
export function checkNamespaces(
  namespaces: readonly (Formatted & { readonly nsid: number })[],
  field: string,
  personality: Personality,
): void {
  const seen = new Set<number>();
  namespaces.forEach((namespace, at) => {
    const { nsid } = namespace;
    const where = `${field}[${at}]`;
    checkRange(nsid, `${where}.nsid`, [1, personality.limits.namespaces]);
    if (seen.has(nsid)) throw new ShapeError(`${where}.nsid`, `is ${nsid}, like another one's`);
    seen.add(nsid);
    checkFormatted(namespace, where, personality);
  });
}

/**
 * Namespaces without protection information that has no room in their format: clones that earlier
 * versions made have taken it over from drives that say so.
 */
export function withoutPhantoms<T extends Formatted>(
  namespaces: readonly T[],
  { recorded, formats }: Personality,
): T[] {
  return namespaces.map((namespace) =>
    recorded && namespace.protection && !hasRoom(namespace, formats)
      ? { ...namespace, protection: 0 }
      : namespace
  );
}

/** Whether a format has room for protection information. */
function hasRoom({ format }: Formatted, formats: Personality["formats"]): boolean {
  return (formats[format]?.metadataBytes ?? 0) >= PROTECTION_BYTES;
}

/**
 * A format that the drive has, with room for the protection information that goes with it.
 *
 * @throws ShapeError
 */
export function checkFormatted(
  formatted: Formatted,
  where: string,
  { formats }: Personality,
): void {
  const { format, protection = 0 } = formatted;
  checkRange(format, `${where}.format`, [0, formats.length - 1]);
  if (protection === 0 || hasRoom(formatted, formats)) return;
  const { metadataBytes = 0 } = formats[format] ?? {};
  throw new ShapeError(
    `${where}.protection`,
    `is ${protection}, need 0 for format ${format} with ${metadataBytes} bytes of metadata`,
  );
}
