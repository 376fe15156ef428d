// Secrets that come from nobody: standard input, a keyboard and chance in memory.

import type { SecretSource } from "../../src/cli/secret_source.ts";
import { UsageError } from "../../src/errors.ts";

/** What comes. */
export interface MemorySecretsOptions {
  /** All of standard input. */
  readonly input?: string | Uint8Array;
  /** What is typed where a secret is asked for; without it there is no terminal. */
  readonly typed?: string;
  /** The value of every random byte. */
  readonly random?: number;
}

/** A source in memory. */
export function memorySecrets(
  { input = "", typed, random = 0xa5 }: MemorySecretsOptions = {},
): SecretSource {
  const encoded = (text: string | Uint8Array): Uint8Array =>
    typeof text === "string" ? new TextEncoder().encode(text) : text.slice();
  return {
    readInput: () => Promise.resolve(encoded(input)),
    ask: () =>
      typed === undefined
        ? Promise.reject(new UsageError("Cannot ask for a secret: standard input is no terminal"))
        : Promise.resolve(encoded(typed)),
    random: (bytes) => new Uint8Array(bytes).fill(random),
  };
}
