// The kinds of option a command can declare. Each knows how to read its value and how to name what
// is wrong with it; parsing, help, completion and the README all come from these declarations.

import { UsageError } from "../errors.ts";

/** An option of a command. `T` is what the command gets. */
export interface Flag<T> {
  readonly help: string;
  /** The placeholder in help: `N`, `FILE`. Absent for a toggle, which takes no value. */
  readonly value?: string;
  /** The values it accepts, where they can be listed; completion offers them. */
  readonly choices?: readonly string[];
  /** One-letter form. */
  readonly short?: string;
  /** May stand without a value (`--trace`), and then has this one. */
  readonly bare?: string;
  /** Whether no message may repeat what was typed. */
  readonly secret?: boolean;
  /** What the command gets when the option is not given. */
  readonly absent: T;
  /** Of an option that may be given several times: reads them all, in their order. */
  readonly all?: (texts: readonly string[], name: string) => T;
  /** Reads what was typed; throws UsageError naming the option, the value and what is accepted. */
  parse(text: string, name: string): T;
}

/** Options by name (camelCase in code, `--kebab-case` on the command line). */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What a command gets for its declared options. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

/** The command-line spelling of an option's name: `blockSize` is `--block-size`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A UsageError in the usual form. */
export function badValue(name: string, text: string, need: string): UsageError {
  return new UsageError(`Cannot use --${flagName(name)} ${JSON.stringify(text)}: need ${need}`);
}

/** On or off. */
export function toggle(help: string, short?: string): Flag<boolean> {
  return { help, absent: false, parse: () => true, ...(short ? { short } : {}) };
}

/** Free text. */
export function text(help: string, value: string, short?: string): Flag<string | undefined> {
  return { help, value, absent: undefined, parse: (typed) => typed, ...(short ? { short } : {}) };
}

/** Free text, any number of times. */
export function texts(help: string, value: string): Flag<readonly string[]> {
  return { help, value, absent: [], parse: (typed) => [typed], all: (typed) => typed };
}

/** One of a few words. */
export function choice<const C extends string>(
  help: string,
  choices: readonly C[],
): Flag<C | undefined> {
  return {
    help,
    value: choices.join("|"),
    choices,
    absent: undefined,
    parse(typed, name) {
      const found = choices.find((word) => word === typed);
      if (found === undefined) throw badValue(name, typed, `one of ${choices.join(", ")}`);
      return found;
    },
  };
}

/** A whole number, decimal or 0x hexadecimal, within limits. */
export function integer(
  help: string,
  { min = 0, max, value = "N" }: { min?: number; max: number; value?: string },
): Flag<number | undefined> {
  return {
    help,
    value,
    absent: undefined,
    parse: (typed, name) => parseInteger(typed, { name, min, max }),
  };
}

/** Reads a whole number within limits; the limits are in the error. */
export function parseInteger(
  typed: string,
  { name, min, max }: { name: string; min: number; max: number },
): number {
  const limits = max > 0xffff ? `${min} to 0x${max.toString(16)}` : `${min} to ${max}`;
  const number = /^(0x[0-9a-f]+|[0-9]+)$/i.test(typed) ? Number(typed) : NaN;
  if (!Number.isSafeInteger(number) || number < min || number > max) {
    throw badValue(name, typed, `a whole number ${limits} (decimal or 0x hexadecimal)`);
  }
  return number;
}

/** A whole number of up to 64 bits. */
export function bigInteger(help: string, value = "N"): Flag<bigint | undefined> {
  return {
    help,
    value,
    absent: undefined,
    parse(typed, name) {
      const valid = /^(0x[0-9a-f]+|[0-9]+)$/i.test(typed);
      const number = valid ? BigInt(typed) : -1n;
      if (number < 0n || number >= 1n << 64n) {
        throw badValue(name, typed, "a whole number 0 to 2^64 - 1 (decimal or 0x hexadecimal)");
      }
      return number;
    },
  };
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  "": 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** What fits the 32 bits of the kernel's timeouts, in whole hours. */
const DURATION_MAX_MS = 1193 * 3_600_000;

/**
 * A span of time: `30s`, `5min`, `250ms`; plain numbers are seconds. Milliseconds for the command.
 */
export function duration(help: string, value = "TIME"): Flag<number | undefined> {
  return {
    help,
    value,
    absent: undefined,
    parse(typed, name) {
      const [, count, unit = ""] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|min|h)?$/.exec(typed) ?? [];
      const ms = Number(count) * (DURATION_UNITS[unit] ?? NaN);
      if (!Number.isFinite(ms) || ms <= 0 || ms > DURATION_MAX_MS) {
        throw badValue(name, typed, "a time such as 30s, 5min or 2h, up to 1193h");
      }
      return Math.ceil(ms);
    },
  };
}
