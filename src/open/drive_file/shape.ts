// What a value has to look like, learned from examples: what is missing, misspelt or of another
// kind in a file that somebody wrote by hand is found before a drive is made of it.

/** Something in a file is not as it has to be. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
  /** @param field where it is: `state.namespaces[0].format` */
  constructor(readonly field: string, readonly reason: string) {
    super(`${field} ${reason}`);
  }
}

/** The kinds of values that a place was seen to hold. */
export interface Shape {
  readonly kinds: ReadonlySet<string>;
  /** The fields of records; those that all examples have are required. */
  readonly fields: ReadonlyMap<string, { readonly shape: Shape; readonly required: boolean }>;
  /** Of an array's elements, where an example had any. */
  readonly element?: Shape;
}

/** How strictly a value is looked at. */
export interface Strictness {
  /** Fields that no example has: refused, or taken as they are. */
  readonly unknown: "refuse" | "accept";
  /** Whether fields may be missing. */
  readonly missing: "refuse" | "accept";
  /** Fields whose records have any names: `personality.savedFeatures`. */
  readonly open?: ReadonlySet<string>;
}

/** The shape that all of these examples have. */
export function shapeOf(examples: readonly unknown[]): Shape {
  const records = examples.filter(isRecord);
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  const elements = examples.filter((example) => Array.isArray(example)).flat();
  return {
    kinds: new Set(examples.map(kindOf)),
    fields: new Map([...names].map((name) => {
      const values = records.map((record) => record[name]).filter((value) => value !== undefined);
      return [name, { shape: shapeOf(values), required: values.length === records.length }];
    })),
    ...(elements.length > 0 ? { element: shapeOf(elements) } : {}),
  };
}

/** Throws ShapeError where a value is not of a shape; `field` is where the value stands. */
export function checkShape(
  value: unknown,
  shape: Shape,
  field: string,
  strictness: Strictness,
): void {
  const kind = kindOf(value);
  if (!shape.kinds.has(kind)) {
    throw new ShapeError(field, `is ${kind}, need ${[...shape.kinds].join(" or ")}`);
  }
  if (Array.isArray(value)) {
    const { element } = shape;
    if (!element) return;
    value.forEach((item, at) => checkShape(item, element, `${field}[${at}]`, strictness));
  } else if (isRecord(value)) checkRecord(value, shape, field, strictness);
}

function checkRecord(
  record: Readonly<Record<string, unknown>>,
  { fields }: Shape,
  field: string,
  strictness: Strictness,
): void {
  if (strictness.open?.has(field)) return;
  for (const [name, value] of Object.entries(record)) {
    const known = fields.get(name);
    if (known) checkShape(value, known.shape, `${field}.${name}`, strictness);
    else if (strictness.unknown === "refuse") {
      throw new ShapeError(`${field}.${name}`, "is not a field of it");
    }
  }
  if (strictness.missing === "accept") return;
  for (const [name, { required }] of fields) {
    if (required && record[name] === undefined) {
      throw new ShapeError(`${field}.${name}`, "is missing");
    }
  }
}

/** A value as a record of values, whose fields have any kind. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "a record";
    case "bigint":
      return 'an exact integer such as "12n"';
    case "number":
      return "a number";
    case "string":
      return "a text";
    default:
      return "true or false";
  }
}
