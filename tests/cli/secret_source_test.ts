// Secrets from outside: standard input whole, a keyboard that shows nothing.

import { assertEquals, assertRejects } from "@std/assert";
import { secretsFrom, type SecretTerminal } from "../../src/cli/secret_source.ts";
import { InterruptedError, UsageError } from "../../src/errors.ts";

interface Played extends SecretTerminal {
  readonly log: string[];
}

/** A terminal on which these chunks are typed. */
function played(chunks: readonly (string | Uint8Array)[], isTerminal = true): Played {
  const rest = [...chunks];
  const log: string[] = [];
  return {
    log,
    isTerminal,
    read(into) {
      const next = rest.shift();
      if (next === undefined) return Promise.resolve(null);
      const bytes = typeof next === "string" ? new TextEncoder().encode(next) : next;
      into.set(bytes.subarray(0, into.length));
      if (bytes.length > into.length) rest.unshift(bytes.subarray(into.length));
      return Promise.resolve(Math.min(bytes.length, into.length));
    },
    setRaw: (raw) => void log.push(raw ? "hidden" : "shown"),
    write: (text) => void log.push(text),
  };
}

const random = (bytes: number): Uint8Array => new Uint8Array(bytes);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("readInput() takes all of standard input, in whatever pieces it comes", async () => {
  const { readInput } = secretsFrom(played(["DHHC-1:", "00:", "abc\n"], false), random);
  assertEquals(text(await readInput()), "DHHC-1:00:abc\n");
  const endless = played(Array(300).fill(new Uint8Array(256)), false);
  await assertRejects(() => secretsFrom(endless, random).readInput(), UsageError, "more than");
});

Deno.test("ask() hides what is typed, and shows the terminal again", async () => {
  const terminal = played(["abc", "d\x7f", "\x08e\r", "rest"]);
  const { ask } = secretsFrom(terminal, random);
  assertEquals(text(await ask("Key: ")), "abe");
  assertEquals(terminal.log, ["Key: ", "hidden", "shown", "\n"]);
});

Deno.test("ask() starts anew after Ctrl-U, and ends at Ctrl-D", async () => {
  const { ask } = secretsFrom(played(["wrong\x15right\x04"]), random);
  assertEquals(text(await ask("Key: ")), "right");
});

Deno.test("ask() ends at Ctrl-C, with the terminal as it was", async () => {
  const terminal = played(["abc\x03"]);
  await assertRejects(() => secretsFrom(terminal, random).ask("Key: "), InterruptedError);
  assertEquals(terminal.log.at(-2), "shown");
});

Deno.test("ask() refuses where nobody can type", async () => {
  const terminal = played([], false);
  await assertRejects(() => secretsFrom(terminal, random).ask("Key: "), UsageError, "no terminal");
  assertEquals(terminal.log, []);
});
