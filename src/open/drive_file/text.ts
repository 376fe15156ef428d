// The text of a drive file: JSON, in which an exact integer of any size is a string such as "12n".

/** What a drive file can hold. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | { readonly [name: string]: Value | undefined };

/** A string that looks like an integer has a `~` before it, and so has one that looks like that. */
const INTEGER = /^-?\d+n$/;
const ESCAPED = /^~+-?\d+n$/;

/** A value as text. `parseValue` gives the same value back. */
export function valueText(value: Value): string {
  return JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item === "bigint") return `${item}n`;
    return typeof item === "string" && (INTEGER.test(item) || ESCAPED.test(item))
      ? `~${item}`
      : item;
  }, 2) + "\n";
}

/** The value of a text; throws SyntaxError. */
export function parseValue(text: string): Value {
  return JSON.parse(text, (_name, item: unknown) => {
    if (typeof item !== "string") return item;
    if (INTEGER.test(item)) return BigInt(item.slice(0, -1));
    return ESCAPED.test(item) ? item.slice(1) : item;
  });
}
