// `NAME:KEY=VALUE,KEY=VALUE`: a scenario as it is typed.

import { UsageError } from "../../errors.ts";
import type { VirtualDrive } from "../drive.ts";
import type { Plugin } from "../plugin/plugin.ts";
import { findScenario } from "./registry.ts";
import { type AnyScenario, MOST, MOST_MS, type Parameter, PERCENT, percentOf } from "./scenario.ts";

/** A scenario with its parameters, ready to be made into a plug-in. */
export interface Injection {
  readonly scenario: AnyScenario;
  /** Every parameter, given or not. */
  readonly values: Readonly<Record<string, number | string>>;
  /** Of the fault's randomness, where it was given. */
  readonly seed: number | undefined;
  create(drive: VirtualDrive): Plugin;
}

const SEED: Parameter = {
  kind: "number",
  help: "Seed of its randomness",
  initial: 0,
  min: 0,
  max: 0xffffffff,
};

/**
 * Reads a scenario and its parameters.
 *
 * @throws UsageError naming what is wrong and what there is
 */
export function parseInjection(text: string): Injection {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const scenario = findScenario(name);
  if (!scenario) {
    throw new UsageError(`Cannot inject ${JSON.stringify(name)}: there is no such scenario`, {
      next: "nvmectl drive scenarios lists them",
    });
  }
  const values: Record<string, number | string> = {};
  for (const [key, parameter] of Object.entries(scenario.parameters)) {
    values[key] = parameter.kind === "time" ? parameter.initialMs : parameter.initial;
  }
  let seed: number | undefined;
  const seen = new Set<string>();
  const given = colon < 0 ? [] : text.slice(colon + 1).split(",");
  for (const [key, value] of given.map((pair) => splitPair(name, pair))) {
    if (seen.has(key)) {
      throw new UsageError(`Cannot inject ${name}: ${key} is given twice`, {
        next: "leave one of them out",
      });
    }
    seen.add(key);
    if (key === "seed") seed = Number(parseValue(SEED, { name, key, value }));
    else values[key] = parseValue(parameterOf(scenario, key), { name, key, value });
  }
  return { scenario, values, seed, create: (drive) => scenario.create(values, drive) };
}

function splitPair(name: string, pair: string): readonly [key: string, value: string] {
  const equals = pair.indexOf("=");
  if (equals > 0) return [pair.slice(0, equals), pair.slice(equals + 1)];
  throw new UsageError(`Cannot inject ${name}: need KEY=VALUE, not ${JSON.stringify(pair)}`);
}

function parameterOf({ name, parameters }: AnyScenario, key: string): Parameter {
  const parameter = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
  if (parameter) return parameter;
  throw new UsageError(`Cannot inject ${name}: it has no parameter ${JSON.stringify(key)}`, {
    next: `it has ${[...Object.keys(parameters), "seed"].join(", ")}`,
  });
}

const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  "": 1000,
};

function parseValue(
  parameter: Parameter,
  { name, key, value }: { readonly name: string; readonly key: string; readonly value: string },
): number | string {
  const bad = (need: string): UsageError =>
    new UsageError(`Cannot inject ${name}: ${key}=${JSON.stringify(value)} is wrong, need ${need}`);
  switch (parameter.kind) {
    case "number": {
      if (key === "probability") {
        const percent = percentOf(value);
        if (percent !== undefined) return percent;
        throw bad(PERCENT);
      }
      const parsed = /^(0x[0-9a-f]+|[0-9]+)$/i.test(value) ? Number(value) : NaN;
      if (Number.isSafeInteger(parsed) && parsed >= parameter.min && parsed <= parameter.max) {
        return parsed;
      }
      throw bad(`a whole number from ${parameter.min} to ${parameter.max}`);
    }
    case "word":
      if (parameter.words.includes(value)) return value;
      throw bad(`one of ${parameter.words.join(", ")}`);
    case "time": {
      const [, count = "", unit = ""] = /^([0-9]+)(ms|s|min|m|h)?$/.exec(value) ?? [];
      const ms = count === "" ? NaN : Number(count) * (TIME_UNITS[unit] ?? NaN);
      if (Number.isSafeInteger(ms) && ms <= MOST_MS) return ms;
      throw bad(`a time such as 250ms, 30s or 2h, of ${MOST.hours}h at most`);
    }
  }
}
