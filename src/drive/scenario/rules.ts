// Declarative rules: faults written down as data, in a JSON file. Each rule says which commands,
// by fields and masks, how many of them, and what happens to them.

import { UsageError } from "../../errors.ts";
import type { Json, JsonObject } from "../../layout/mod.ts";
import type { Plugin } from "../plugin/plugin.ts";
import { findTap, type TapName } from "../tap/names.ts";
import type { CommandTap, Decided } from "../tap/verdict.ts";
import { checkVerdict } from "../tap/check_verdict.ts";
import { type Bounds, Gate, PERCENT, percentOf } from "./scenario.ts";

/** The schema of a rules file. */
export const RULES_SCHEMA = "nvmectl.rules/1";

/** A field of a command that has to have a value, under a mask. */
interface FieldMatch {
  readonly field: Field;
  readonly mask: number;
  readonly value: number;
}

interface Rule {
  readonly tap: TapName;
  readonly match: readonly FieldMatch[];
  readonly bounds: Bounds;
  readonly effect: Decided;
}

const BYTE = 0xff;
const DWORD = 0xffff_ffff;

/** The fields of a command that can be matched, and the most that each can be. */
const FIELDS = {
  opcode: BYTE,
  nsid: DWORD,
  cdw2: DWORD,
  cdw3: DWORD,
  cdw10: DWORD,
  cdw11: DWORD,
  cdw12: DWORD,
  cdw13: DWORD,
  cdw14: DWORD,
  cdw15: DWORD,
} as const;

type Field = keyof typeof FIELDS;

const DAY_MS = 86_400_000;

/**
 * A plug-in out of rules: `{ "schema": "nvmectl.rules/1", "rules": [ { "tap": "nvme:io:decode",
 * "match": { "opcode": 1, "cdw10": { "mask": "0xff", "value": 0 } }, "after": 10, "count": 1,
 * "effect": { "kind": "claim", "status": { "type": 2, "code": 128 } } } ] }`. At each tap the first
 * rule that matches and strikes decides. `probability` is percent, as scenarios take it; an effect
 * that no plug-in could have is refused here.
 *
 * @throws UsageError naming the rule and what is wrong with it
 */
export function rulesPlugin(json: Json): Plugin {
  const file = objectOf(json, "the rules");
  if (file["schema"] !== RULES_SCHEMA) {
    throw new UsageError(`Cannot use rules with schema ${JSON.stringify(file["schema"])}`, {
      next: `need "schema": "${RULES_SCHEMA}"`,
    });
  }
  known(file, ["schema", "rules"], "the rules");
  const list = file["rules"];
  if (!Array.isArray(list) || list.length === 0) {
    throw new UsageError('Cannot use rules without "rules": need a list of them');
  }
  const rules = list.map((rule: Json, at) => parseRule(rule, `rule ${at + 1}`));
  return {
    setup(taps) {
      const gates = rules.map((rule) => ({ rule, gate: new Gate(taps, rule.bounds) }));
      for (const tap of new Set(rules.map((rule) => rule.tap))) {
        const here = gates.filter(({ rule }) => rule.tap === tap);
        taps.attach(tap, (context) => {
          if (context.kind !== "command") return undefined;
          return here.find(({ rule, gate }) => matches(rule, context) && gate.strikes())?.rule
            .effect;
        });
      }
    },
  };
}

function matches({ match }: Rule, { command }: CommandTap): boolean {
  return match.every(({ field, mask, value }) => ((command[field] & mask) >>> 0) === value);
}

function parseRule(json: Json, where: string): Rule {
  const rule = objectOf(json, where);
  known(rule, ["tap", "match", "after", "count", "probability", "forMs", "effect"], where);
  const { tap: name } = rule;
  const tap = typeof name === "string" ? findTap(name) : undefined;
  if (tap?.kind !== "command") {
    throw new UsageError(`Cannot use ${where}: ${JSON.stringify(name)} is no tap of commands`, {
      next: "nvmectl drive taps lists them",
    });
  }
  return {
    tap: tap.name,
    match: Object.entries(objectOf(rule["match"] ?? {}, `${where}, match`)).map(
      ([field, wanted]) => parseMatch(field, wanted, `${where}, match.${field}`),
    ),
    bounds: {
      after: numberOf(rule["after"] ?? 0, `${where}, after`),
      count: numberOf(rule["count"] ?? 1, `${where}, count`),
      probability: probabilityOf(rule["probability"] ?? 100, `${where}, probability`),
      for: moreThanNothing(rule["forMs"] ?? DAY_MS, `${where}, forMs`),
    },
    effect: parseEffect(rule["effect"] ?? null, `${where}, effect`),
  };
}

/** A match that some command can have; one that none has would look as if nothing were wrong. */
function parseMatch(name: string, wanted: Json, where: string): FieldMatch {
  const fields = Object.keys(FIELDS) as Field[];
  const field = fields.find((one) => one === name);
  if (!field) {
    throw new UsageError(`Cannot use ${where}: there is no such field`, {
      next: `there are ${fields.join(", ")}`,
    });
  }
  const most = FIELDS[field];
  if (typeof wanted !== "object" || wanted === null) {
    return { field, mask: most, value: atMost(most, wanted, where) };
  }
  const masked = objectOf(wanted, where);
  known(masked, ["mask", "value"], where);
  if (Object.keys(masked).length === 0) {
    throw new UsageError(`Cannot use ${where}: it says nothing, need a mask or a value`);
  }
  const mask = atMost(most, masked["mask"] ?? most, `${where}.mask`);
  const value = atMost(most, masked["value"] ?? 0, `${where}.value`);
  if (((value & mask) >>> 0) !== value) {
    throw new UsageError(`Cannot use ${where}: value has bits that mask has not, it never matches`);
  }
  return { field, mask, value };
}

function atMost(most: number, json: Json, where: string): number {
  const number = numberOf(json, where);
  if (number <= most) return number;
  throw new UsageError(
    `Cannot use ${where}: ${JSON.stringify(json)} is more than 0x${most.toString(16)}, the most ` +
      "that the field can be",
  );
}

/** The parts of a status; those of other fields are looked at with the verdict as a whole. */
const STATUS_PARTS = ["type", "code", "retryDelay", "more", "doNotRetry"];

/** What a rule can do, and what it takes for it. */
const EFFECTS: Readonly<Record<string, readonly string[]>> = {
  claim: ["status", "dw0", "dw1"],
  drop: [],
  delay: ["ms"],
  disconnect: ["how", "fes"],
  mutate: ["command", "completion"],
};

function parseEffect(json: Json, where: string): Decided {
  const effect = objectOf(json, where);
  const { kind } = effect;
  const allowed = typeof kind === "string" && Object.hasOwn(EFFECTS, kind)
    ? EFFECTS[kind]
    : undefined;
  if (!allowed) {
    throw new UsageError(`Cannot use ${where}: ${JSON.stringify(kind)} is no kind of effect`, {
      next: `there are ${Object.keys(EFFECTS).join(", ")}`,
    });
  }
  known(effect, ["kind", ...allowed], where);
  const { status } = effect;
  if (isObject(status)) known(status, STATUS_PARTS, `${where}.status`);
  const numbers = Object.fromEntries(
    Object.entries(effect).filter(([key]) => key !== "kind" && key !== "how").map((
      [key, value],
    ) => [key, numbersOf(value, `${where}.${key}`)]),
  );
  const how = kind === "disconnect" ? { how: effect["how"] ?? "close" } : {};
  const verdict = checkVerdict({ ...numbers, ...how, kind });
  if (typeof verdict !== "string") return verdict;
  throw new UsageError(`Cannot use ${where}: it gives ${verdict.replace(/^gave /, "")}`);
}

/** A number, or an object of numbers and booleans such as a status by its parts. */
function numbersOf(json: Json, where: string): number | JsonObject {
  if (typeof json !== "object" || json === null) return numberOf(json, where);
  return Object.fromEntries(
    Object.entries(objectOf(json, where)).map((
      [key, value],
    ) => [key, typeof value === "boolean" ? value : numberOf(value, `${where}.${key}`)]),
  );
}

/** A number, or a text with one in hexadecimal. */
function numberOf(json: Json, where: string): number {
  const number = typeof json === "string" && /^0x[0-9a-f]+$/i.test(json) ? Number(json) : json;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new UsageError(`Cannot use ${where}: ${JSON.stringify(json)} is no whole number`);
}

function probabilityOf(json: Json, where: string): number {
  const percent = percentOf(json);
  if (percent !== undefined) return percent;
  throw new UsageError(`Cannot use ${where}: ${JSON.stringify(json)} is wrong, need ${PERCENT}`);
}

/** With zero the rule would never strike. */
function moreThanNothing(json: Json, where: string): number {
  const number = numberOf(json, where);
  if (number > 0) return number;
  throw new UsageError(`Cannot use ${where}: with 0 the rule never strikes`);
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function objectOf(json: Json, where: string): JsonObject {
  if (isObject(json)) return json;
  throw new UsageError(`Cannot use ${where}: need an object`);
}

function known(object: JsonObject, keys: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`Cannot use ${where}: ${JSON.stringify(unknown)} means nothing there`, {
      next: `there can be ${keys.join(", ")}`,
    });
  }
}
