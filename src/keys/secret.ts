// Bytes that nobody should see by accident: they print as [redacted] and are wiped after use.

import { invariant } from "../errors.ts";

const REDACTED = "[redacted]";

/**
 * Secret bytes. Strings, JSON, templates and inspection show `[redacted]`; disposing overwrites the
 * bytes with zeros. Whoever makes a Secret disposes of it.
 *
 * What JavaScript itself copies cannot be wiped: `text()` makes a string, which is for printing a
 * result that was asked for and for nothing else.
 *
 * @example
 * ```ts
 * import { Secret } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using secret = new Secret(new Uint8Array([1, 2, 3]));
 * assertEquals(`${secret}`, "[redacted]");
 * assertEquals(JSON.stringify({ secret }), '{"secret":"[redacted]"}');
 * assertEquals(secret.bytes()[0], 1);
 * ```
 */
export class Secret implements Disposable {
  #bytes: Uint8Array | undefined;

  /** @param bytes taken over, not copied: they are zero once the Secret is disposed of */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A Secret of its own with the same bytes. */
  static copyOf(bytes: Uint8Array): Secret {
    return new Secret(bytes.slice());
  }

  /** How many bytes there are. Not secret; 0 once wiped. */
  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  /** The bytes themselves, not a copy. AssertionFailure once wiped. */
  bytes(): Uint8Array {
    invariant(this.#bytes !== undefined, "a secret was used after it had been wiped");
    return this.#bytes;
  }

  /** The bytes as text, to be printed because somebody asked for it. */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** The bytes in hexadecimal, to be printed because somebody asked for it. */
  hex(): string {
    return Array.from(this.bytes(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Whether both hold the same bytes. Takes the same time wherever they differ. */
  equals(other: Secret): boolean {
    const [one, two] = [this.bytes(), other.bytes()];
    if (one.length !== two.length) return false;
    return one.reduce((difference, byte, at) => difference | (byte ^ (two[at] ?? 0)), 0) === 0;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Secret ${REDACTED}`;
  }

  /** Overwrites the bytes with zeros. */
  [Symbol.dispose](): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }
}

/** Text as a Secret. The string itself stays in memory until it is collected. */
export function secretText(text: string): Secret {
  return new Secret(new TextEncoder().encode(text));
}
