// What a drive file says, read and checked.

import type { DriveState, Personality } from "../../drive/mod.ts";
import { lastingState } from "../../drive/model/lasting.ts";
import type { FileNumbers } from "./file_storage.ts";
import { checkPersonality, overriddenPreset } from "./personality_shape.ts";
import { isRecord, type Rule, rule, ShapeError, table, whole, word } from "./rule.ts";
import { checkState, FIRST_FORMAT, STATE_FORMAT } from "./state_shape.ts";
import type { Value } from "./text.ts";
import { DWORD, time } from "./values.ts";

/** What the first member of every drive file says. */
export const SCHEMA = "nvmectl.drive/1";

/** What a drive file says, checked. */
export interface Content {
  readonly kind: Readonly<Record<string, Value | undefined>>;
  readonly personality: Personality;
  readonly seed: number;
  readonly state: DriveState | undefined;
  readonly files: FileNumbers;
  /** When it was last written, and whether the drive was on then. */
  readonly savedAt: number;
  readonly power: "on" | "off";
}

const elsewhere = rule(() => {});

const noNamespace = rule((_value, field) => {
  throw new ShapeError(field, "is not about a namespace");
});

/** The members of a drive file; all may be missing as far as this goes. */
const MEMBERS: ReadonlyMap<string, Rule> = new Map(Object.entries<Rule>({
  schema: elsewhere,
  personality: elsewhere,
  preset: elsewhere,
  overrides: elsewhere,
  state: elsewhere,
  format: whole([FIRST_FORMAT, STATE_FORMAT]),
  seed: whole([Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]),
  power: word(["on", "off"] satisfies Content["power"][]),
  savedAt: time,
  files: table((nsid) => /^\d{1,10}$/.test(nsid) ? whole(DWORD) : noNamespace),
}));

/** What a drive file says. Throws ShapeError. */
export function contentOf(value: Value): Content {
  if (!isRecord(value)) throw new ShapeError("the file", "is no record");
  const { schema, personality: own, preset, overrides = {}, state } = value;
  if (schema !== SCHEMA) {
    const found = typeof schema === "string" ? JSON.stringify(schema) : "no text";
    throw new ShapeError("schema", `is ${found}, need "${SCHEMA}"`);
  }
  for (const [name, item] of Object.entries(value)) {
    const member = MEMBERS.get(name);
    if (!member) throw new ShapeError(name, "is not a field of a drive file");
    if (item !== undefined) member.check(item, name);
  }
  if ((own === undefined) === (preset === undefined)) {
    throw new ShapeError("the file", "needs one of personality and preset");
  }
  const personality = own === undefined
    ? overriddenPreset(preset, overrides)
    : checkPersonality(own, "personality");
  const { seed = 1, savedAt = 0, power = "off", files = {} } = value as Partial<Content>;
  const format = Number(value["format"] ?? FIRST_FORMAT);
  return {
    kind:
      (own === undefined
        ? { preset, overrides: value["overrides"] }
        : { personality: own }) as Content["kind"],
    personality,
    seed,
    savedAt,
    power,
    files,
    state: state === undefined
      ? undefined
      : lastingState(checkState(state, personality, { format, savedAt }), personality),
  };
}
