// What a scenario is: a fault with a name and parameters, made into a plug-in. And what all of them
// have in common: they begin late, happen rarely, and come to an end, as their parameters say.

import type { VirtualDrive } from "../drive.ts";
import type { Plugin, PluginTaps } from "../plugin/plugin.ts";

/** A parameter of a scenario. */
export type Parameter =
  | {
    readonly kind: "number";
    readonly help: string;
    readonly initial: number;
    readonly min: number;
    readonly max: number;
  }
  | {
    readonly kind: "word";
    readonly help: string;
    readonly initial: string;
    readonly words: readonly string[];
  }
  | { readonly kind: "time"; readonly help: string; readonly initialMs: number };

/** Parameters by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of parameters: numbers, times in milliseconds, words. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends { readonly kind: "word" } ? string : number;
};

/** A fault that can be asked for by name. */
export interface Scenario<P extends Parameters = Parameters> {
  readonly name: string;
  /** What the drive does wrong, in one line without a full stop. */
  readonly summary: string;
  /** What a host sees of it: Linux 6.1, unless it says otherwise. */
  readonly effect: string;
  readonly parameters: P;
  create(values: Values<P>, drive: VirtualDrive): Plugin;
}

/** Any scenario: what only its own parameters' names and kinds say is left to `parse.ts`. */
export interface AnyScenario extends Omit<Scenario, "create"> {
  create(values: Readonly<Record<string, number | string>>, drive: VirtualDrive): Plugin;
}

/** A scenario, with the types of its parameters inferred for `create`. */
export function scenario<const P extends Parameters>(definition: Scenario<P>): Scenario<P> {
  return definition;
}

const DAY_MS = 86_400_000;

/**
 * The most that namespaces, blocks and times of parameters can be: what log pages and drive files
 * have room for, and, of times, what a timer can wait for: 2^31 milliseconds at most.
 */
export const MOST = { nsid: 0xffff_ffff, lba: 2 ** 52, hours: 596 } as const;
/** `MOST.hours` in milliseconds, in which times are counted. */
export const MOST_MS = MOST.hours * 3_600_000;

/** A number as a parameter. */
export function number<const D extends { initial: number; min?: number; max?: number }>(
  help: string,
  { initial, min = 0, max = Number.MAX_SAFE_INTEGER }: D,
): Extract<Parameter, { kind: "number" }> {
  return { kind: "number", help, initial, min, max };
}

/** One of a few words as a parameter; the first is taken when none is given. */
export function word(help: string, words: readonly string[]): Extract<Parameter, { kind: "word" }> {
  return { kind: "word", help, words, initial: words[0] ?? "" };
}

/** A time as a parameter. */
export function time(help: string, initialMs: number): Extract<Parameter, { kind: "time" }> {
  return { kind: "time", help, initialMs };
}

/** The parameters that bound a fault, for those that happen to commands or accesses. */
export function bounds<const C extends number>(
  { count, after = 0, probability = 100 }: { count: C; after?: number; probability?: number },
): {
  readonly after: Extract<Parameter, { kind: "number" }>;
  readonly count: Extract<Parameter, { kind: "number" }>;
  readonly probability: Extract<Parameter, { kind: "number" }>;
  readonly for: Extract<Parameter, { kind: "time" }>;
} {
  return {
    after: number("How many pass unharmed first", { initial: after }),
    count: number("How many are struck; 0 for all of them", { initial: count }),
    probability: number("Percent of those that could be; more than 0, such as 0.5", {
      initial: probability,
      max: 100,
    }),
    for: time("How long it lasts", DAY_MS),
  };
}

/** Values of `bounds`. */
export interface Bounds {
  readonly after: number;
  readonly count: number;
  /** As `percentOf` takes it. */
  readonly probability: number;
  readonly for: number;
}

/** What `percentOf` takes, in words. */
export const PERCENT = "percent, more than 0 and up to 100, such as 0.5";

/**
 * A probability as scenarios and rules take it, a number or its digits: percent, of which there may
 * be less than one, but not none: a fault that never strikes would look as if nothing were wrong.
 * Undefined for everything else.
 */
export function percentOf(given: unknown): number | undefined {
  const isDigits = typeof given === "string" && /^[0-9]+(\.[0-9]+)?$/.test(given);
  const percent = isDigits ? Number(given) : given;
  return typeof percent === "number" && percent > 0 && percent <= 100 ? percent : undefined;
}

/** Decides, one occasion after the other, which are struck. */
export class Gate {
  #passed = 0;
  #struck = 0;
  readonly #until: number;

  constructor(private readonly taps: PluginTaps, private readonly bounds: Bounds) {
    this.#until = taps.now() + bounds.for;
  }

  /** How many were struck. */
  get struck(): number {
    return this.#struck;
  }

  /**
   * Whether this occasion is struck. Call it only for occasions that could be. What is struck
   * surely does not depend on chance, but on `count` and `for` like everything.
   */
  strikes({ surely = false }: { readonly surely?: boolean } = {}): boolean {
    const { after, count, probability } = this.bounds;
    if (this.over) return false;
    if (this.#passed < after) {
      this.#passed++;
      return false;
    }
    const chance = surely || probability >= 100 || this.taps.random() * 100 < probability;
    if (!chance) return false;
    this.#struck++;
    if (this.#struck === count) {
      this.taps.log(`has struck ${count === 1 ? "once" : `${count} times`} and is over`);
    }
    return true;
  }

  /** Whether nothing will be struck any more. */
  get over(): boolean {
    const { count } = this.bounds;
    return (count > 0 && this.#struck >= count) || this.taps.now() >= this.#until;
  }
}
