// Telling people of values that come from plug-ins, whatever they are: nothing here throws.

const LONGEST = 200;

/** What a callback threw, in one line. */
export function describeThrown(error: unknown): string {
  try {
    return oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  } catch {
    return "something that cannot be shown";
  }
}

/** A value in a few words: `'x'`, `10n`, `an object`. */
export function sentenceOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return oneLine(`'${value}'`);
    case "bigint":
      return oneLine(`${value}n`);
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    default:
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
  }
}

/** Whether something is a promise, or is one to `await`; false where it cannot be asked. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof value === "object" && value !== null &&
      typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false;
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s*[\r\n]+\s*/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
}
