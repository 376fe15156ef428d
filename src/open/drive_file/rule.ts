// Rules for values in files that somebody may have written by hand: what kind a value is of, and
// which of that kind it may be. A table of rules says all of it in one place.

/** Something in a file is not as it has to be. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
  /** @param field where it is: `state.namespaces[0].format` */
  constructor(readonly field: string, readonly reason: string) {
    super(`${field} ${reason}`);
  }
}

/** The least and the most, both allowed. */
export type Range = readonly [least: number, most: number];

/** What a value has to be. */
export interface Rule {
  /** Throws ShapeError for a value that is not so; `field` is where it stands. */
  check(value: unknown, field: string): void;
}

/** A rule for a member that may be missing. */
export interface OptionalRule extends Rule {
  readonly optional: true;
}

/** A rule for a member that has to be there. */
export interface RequiredRule extends Rule {
  readonly optional: false;
}

/** Rules for all members of a type, neither one less nor one more. */
export type Members<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K> ? OptionalRule : RequiredRule;
};

/** A rule out of its check. */
export function rule(check: Rule["check"]): RequiredRule {
  return { optional: false, check };
}

/** A member that may be missing; where it is there it follows a rule. */
export function optional({ check }: Rule): OptionalRule {
  return { optional: true, check };
}

/** Nothing, or what follows a rule. */
export function orNull({ check }: Rule): RequiredRule {
  return rule((value, field) => {
    if (value !== null) check(value, field);
  });
}

/** A whole number. */
export function whole(range: Range): RequiredRule {
  return rule((value, field) => {
    checkKind(value, KIND.number, field);
    checkRange(value, field, range);
  });
}

/** An exact integer: `"12n"`. */
export function exact(least: bigint, most: bigint): RequiredRule {
  return rule((value, field) => {
    checkKind(value, KIND.bigint, field);
    if (value >= least && value <= most) return;
    throw new ShapeError(field, `is ${value}n, need an exact integer from ${least}n to ${most}n`);
  });
}

/** True or false. */
export const flag: RequiredRule = rule((value, field) => checkKind(value, KIND.boolean, field));

/** A text of at most so many characters, in which something may have to be found. */
export function text(
  most: number,
  form?: { readonly pattern: RegExp; readonly need: string },
): RequiredRule {
  return rule((value, field) => {
    checkKind(value, KIND.string, field);
    if (value.length > most) {
      throw new ShapeError(field, `has ${value.length} characters, need ${most} or fewer`);
    }
    if (!form || form.pattern.test(value)) return;
    throw new ShapeError(field, `is ${shown(value)}, need ${form.need}`);
  });
}

/** One of a few words. */
export function word(words: readonly string[]): RequiredRule {
  return rule((value, field) => {
    checkKind(value, KIND.string, field);
    if (words.includes(value)) return;
    throw new ShapeError(field, `is ${shown(value)}, need one of ${words.join(", ")}`);
  });
}

/** A list whose elements follow a rule. */
export function list(element: Rule, [least, most]: Range = [0, Infinity]): RequiredRule {
  return rule((value, field) => {
    if (!Array.isArray(value)) throw wrongKind(value, KIND.list, field);
    if (value.length < least || value.length > most) {
      throw new ShapeError(field, `has ${value.length} elements, need ${least} to ${most}`);
    }
    value.forEach((item, at) => element.check(item, `${field}[${at}]`));
  });
}

/** A record with members of its own; what is in no table of them is refused, or taken as it is. */
export function record<T>(
  members: Members<T>,
  { others = "refused" }: { readonly others?: "refused" | "taken" } = {},
): RequiredRule {
  const known: readonly (readonly [string, OptionalRule | RequiredRule])[] = Object.entries(
    members,
  );
  const names = new Set(known.map(([name]) => name));
  return rule((value, field) => {
    if (!isRecord(value)) throw wrongKind(value, KIND.record, field);
    const stranger = Object.keys(value).find((name) => !names.has(name));
    if (stranger !== undefined && others === "refused") {
      throw new ShapeError(`${field}.${stranger}`, "is not a field of it");
    }
    for (const [name, { check, optional }] of known) {
      const item = Object.hasOwn(value, name) ? value[name] : undefined;
      if (item !== undefined) check(item, `${field}.${name}`);
      else if (!optional) throw new ShapeError(`${field}.${name}`, "is missing");
    }
  });
}

/** A record of any names, whose values follow the rule of their name. */
export function table(ruleOf: (name: string) => Rule): RequiredRule {
  return rule((value, field) => {
    if (!isRecord(value)) throw wrongKind(value, KIND.record, field);
    for (const [name, item] of Object.entries(value)) {
      ruleOf(name).check(item, `${field}[${JSON.stringify(name)}]`);
    }
  });
}

/**
 * A whole number between two others.
 *
 * @throws ShapeError
 */
export function checkRange(value: number, field: string, [least, most]: Range): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const need = least === most ? `${least}` : `a whole number from ${least} to ${most}`;
  throw new ShapeError(field, `is ${value}, need ${need}`);
}

/** A value as a record of values, whose fields have any kind. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Kinds of values as messages name them. */
const KIND = {
  number: "a number",
  bigint: 'an exact integer such as "12n"',
  string: "a text",
  boolean: "true or false",
  list: "a list",
  record: "a record",
} as const;

interface Kinds {
  readonly [KIND.number]: number;
  readonly [KIND.bigint]: bigint;
  readonly [KIND.string]: string;
  readonly [KIND.boolean]: boolean;
}

function checkKind<K extends keyof Kinds>(
  value: unknown,
  kind: K,
  field: string,
): asserts value is Kinds[K] {
  if (kindOf(value) !== kind) throw wrongKind(value, kind, field);
}

function wrongKind(value: unknown, need: string, field: string): ShapeError {
  return new ShapeError(field, `is ${kindOf(value)}, need ${need}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return KIND.list;
  if (isRecord(value)) return KIND.record;
  return KIND[typeof value as "number" | "bigint" | "string" | "boolean"];
}

const SHOWN = 60;

function shown(value: string): string {
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value);
}
