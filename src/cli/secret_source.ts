// Where secrets come from that are in no file: standard input, a person's keyboard, chance.

import { InterruptedError, UsageError } from "../errors.ts";

/** Secrets from outside. Whoever asks wipes what comes. */
export interface SecretSource {
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
  /** One line from the person, which is not shown; UsageError where there is no terminal. */
  ask(question: string): Promise<Uint8Array>;
  /** Bytes that nobody can guess. */
  random(bytes: number): Uint8Array;
}

/** What is needed of the terminal. */
export interface SecretTerminal {
  readonly isTerminal: boolean;
  /** Bytes as they come; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Whether keys come at once and are not shown. */
  setRaw(raw: boolean): void;
  /** Writes to the person, outside the result. */
  write(text: string): void;
}

/** Longer than any key in any form; what is longer is none. */
const INPUT_BYTES_MAX = 64 * 1024;

const KEY = { interrupt: 3, end: 4, backspace: 8, newline: 10, enter: 13, erase: 21, delete: 127 };

/** Secrets from a terminal, and from `random`. */
export function secretsFrom(
  terminal: SecretTerminal,
  random: (bytes: number) => Uint8Array,
): SecretSource {
  return {
    readInput: () => readAll(terminal),
    ask: (question) => askHidden(terminal, question),
    random,
  };
}

/** The process's own. */
export const systemSecrets: SecretSource = secretsFrom({
  get isTerminal() {
    return Deno.stdin.isTerminal();
  },
  read: (into) => Deno.stdin.read(into),
  setRaw: (raw) => Deno.stdin.setRaw(raw),
  write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
}, (bytes) => crypto.getRandomValues(new Uint8Array(bytes)));

async function readAll(terminal: SecretTerminal): Promise<Uint8Array> {
  const buffer = new Uint8Array(INPUT_BYTES_MAX + 1);
  let length = 0;
  try {
    while (length < buffer.length) {
      const count = await terminal.read(buffer.subarray(length));
      if (count === null) return buffer.slice(0, length);
      length += count;
    }
    throw new UsageError(
      `Cannot read a secret from standard input: it has more than ${INPUT_BYTES_MAX} bytes`,
    );
  } finally {
    buffer.fill(0);
  }
}

async function askHidden(terminal: SecretTerminal, question: string): Promise<Uint8Array> {
  if (!terminal.isTerminal) {
    throw new UsageError("Cannot ask for a secret: standard input is no terminal", {
      next: "--in FILE reads one, --in - takes it from standard input",
    });
  }
  terminal.write(question);
  const typed = new Uint8Array(INPUT_BYTES_MAX);
  // Also when the process ends meanwhile: a terminal that shows nothing is hard to use.
  const restore = (): void => terminal.setRaw(false);
  globalThis.addEventListener("unload", restore);
  terminal.setRaw(true);
  try {
    return await readHidden(terminal, typed);
  } finally {
    restore();
    globalThis.removeEventListener("unload", restore);
    typed.fill(0);
    terminal.write("\n");
  }
}

/** Collects keys until the line ends; the only ones with a meaning are those that erase or end. */
async function readHidden(terminal: SecretTerminal, typed: Uint8Array): Promise<Uint8Array> {
  const chunk = new Uint8Array(256);
  let length = 0;
  try {
    for (;;) {
      const count = await terminal.read(chunk);
      if (count === null) return typed.slice(0, length);
      for (const key of chunk.subarray(0, count)) {
        if (key === KEY.interrupt) throw new InterruptedError("Interrupted; nothing was done");
        if (key === KEY.enter || key === KEY.newline || key === KEY.end) {
          return typed.slice(0, length);
        }
        if (key === KEY.backspace || key === KEY.delete) length = Math.max(0, length - 1);
        else if (key === KEY.erase) length = 0;
        else if (length < typed.length) typed[length++] = key;
      }
    }
  } finally {
    chunk.fill(0);
  }
}
