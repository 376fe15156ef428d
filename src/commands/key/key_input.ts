// How keys and secrets reach a verb: from a file, standard input, a prompt, or, with a warning, the
// command line.

import type { Context } from "../../cli/command.ts";
import { choice, type Flag, flagName, text, toggle } from "../../cli/flags.ts";
import { UsageError } from "../../errors.ts";
import { readHexSecret, Secret, secretText } from "../../keys/mod.ts";

/** Options of verbs that read a key in interchange form. */
export const KEY_FLAGS = {
  in: text("Read the key from FILE, or from standard input; asked for when left out", "FILE|-"),
  key: {
    ...text("The key itself, which every user of the machine can see here", "KEY|-"),
    secret: true,
  },
} as const;

/** Options of verbs that read a secret in hexadecimal. */
export const SECRET_FLAGS = {
  secretFile: text("Read the secret in hexadecimal from FILE, or from standard input", "FILE|-"),
  secret: {
    ...text("The secret in hexadecimal, which every user of the machine can see here", "HEX|-"),
    secret: true,
  },
} as const;

/** Shows what is redacted otherwise. */
export const SHOW = toggle("Show secrets, which are redacted otherwise");

/** Where a secret result goes. */
export const OUT_FLAGS = {
  out: text("Write it to FILE, for its owner only, and do not show it", "FILE"),
  overwrite: toggle("Replace FILE, and lose what it holds; with --out"),
} as const;

/** Lets a secret have another length than its hash function's result. */
export const ANY_LENGTH = toggle("Let hash function and length differ, as older software does not");

/** The hash function that goes with a key, among those given. */
export function hashFlag<const H extends string>(
  help: string,
  hashes: readonly H[],
): Flag<H | undefined> {
  return choice(help, hashes);
}

/** A key's length in bytes, among those given. */
export function lengthFlag(lengths: readonly number[]): Flag<number | undefined> {
  const { parse, help, value, choices } = choice("Bytes of a new secret", lengths.map(String));
  return {
    help,
    ...(value === undefined ? {} : { value }),
    ...(choices === undefined ? {} : { choices }),
    absent: undefined,
    parse: (typed, name) => Number(parse(typed, name)),
  };
}

/** Two options of which one may be given: a file, or the text itself. */
interface Source {
  readonly file: readonly [name: string, value: string | undefined];
  readonly argument: readonly [name: string, value: string | undefined];
  /** Asked of a person when neither is given. */
  readonly question: string;
}

/** The text of a key in interchange form, as it was given. Whoever asks disposes of it. */
export function readKeyText(
  context: Context,
  flags: { readonly in: string | undefined; readonly key: string | undefined },
): Promise<Secret> {
  const { in: file, key } = flags;
  return readText(context, { file: ["in", file], argument: ["key", key], question: "Key: " });
}

/** Whether a secret was given, rather than to be made. */
export function secretGiven(
  flags: { readonly secretFile: string | undefined; readonly secret: string | undefined },
): boolean {
  return flags.secretFile !== undefined || flags.secret !== undefined;
}

/** A secret that was given in hexadecimal. Whoever asks disposes of it. */
export async function readHex(
  context: Context,
  flags: { readonly secretFile: string | undefined; readonly secret: string | undefined },
): Promise<Secret> {
  using digits = await readText(context, {
    file: ["secretFile", flags.secretFile],
    argument: ["secret", flags.secret],
    question: "Secret in hexadecimal: ",
  });
  return readHexSecret(digits.bytes());
}

/** The bytes of a file, or of standard input, exactly. Whoever asks disposes of them. */
export async function readBytes(context: Context, file: string): Promise<Secret> {
  return new Secret(
    file === "-" ? await context.secrets.readInput() : await context.files.read(file),
  );
}

async function readText(
  context: Context,
  { file: [fileName, file], argument: [name, argument], question }: Source,
): Promise<Secret> {
  if (file !== undefined && argument !== undefined) {
    throw new UsageError(
      `Cannot use both --${flagName(fileName)} and --${flagName(name)}: one is enough`,
    );
  }
  if (argument !== undefined && argument !== "-") {
    context.notice(
      `--${flagName(name)} shows the secret to every user of this machine, and the shell keeps ` +
        `it; --${flagName(fileName)} FILE or - does not`,
    );
    return secretText(argument);
  }
  if (file !== undefined || argument !== undefined) {
    using bytes = await readBytes(context, file ?? argument ?? "-");
    return Secret.copyOf(withoutLineEnd(bytes.bytes()));
  }
  return new Secret(await context.secrets.ask(question));
}

/** One line break at the end belongs to the file, not to the key. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}
