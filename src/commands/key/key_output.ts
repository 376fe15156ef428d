// How keys leave a verb: shown because they were asked for, or in a file for its owner only.

import type { Context } from "../../cli/command.ts";
import type { Fact } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { hashCode, hashTitle, type KeyHash, Secret } from "../../keys/mod.ts";
import type { JsonObject } from "../../layout/mod.ts";

/** The file that a secret result goes to, if any. */
export interface Place {
  readonly out: string | undefined;
  /** A key that the file holds may be lost. */
  readonly overwrite: boolean;
}

/**
 * Finds out whether the file can be written, before there is a secret that would be lost if not.
 *
 * @throws UsageError, also for a file that holds something and may not be replaced
 */
export async function checkOut(
  { files, format }: Context,
  { out, overwrite }: Place,
): Promise<void> {
  if (out !== undefined) {
    if (format !== "raw") return await files.probe(out, { keep: !overwrite });
    throw new UsageError("Cannot use -o raw with --out: both say where the key goes, need one");
  }
  if (!overwrite) return;
  throw new UsageError("Cannot use --overwrite: need --out, which names the file");
}

/** A secret result, where it belongs. */
export interface Delivered {
  /** The text, unless it went to a file. */
  readonly shown: string | undefined;
  readonly fact: Fact;
  readonly json: JsonObject;
  /** What `-o raw` writes; nothing when it went to a file. */
  readonly raw: { readonly raw?: Uint8Array };
}

/**
 * Puts a text that is a secret where the user wants it.
 *
 * @param name its key in JSON
 */
export async function deliverText(
  context: Context,
  { out, overwrite }: Place,
  { secret, label, name }: {
    readonly secret: Secret;
    readonly label: string;
    readonly name: string;
  },
): Promise<Delivered> {
  if (out !== undefined) {
    using line = new Secret(Uint8Array.from([...secret.bytes(), 0x0a]));
    return await toFile(context, { out, overwrite }, line);
  }
  const shown = secret.text();
  const raw = new TextEncoder().encode(`${shown}\n`);
  return { shown, fact: [label, shown], json: { [name]: shown }, raw: { raw } };
}

/**
 * Puts the bytes of a secret where the user wants them: into a file, or shown in hexadecimal where
 * `show` says so, and redacted otherwise.
 */
export async function deliverBytes(
  context: Context,
  { out, overwrite, show }: Place & { readonly show: boolean },
  { secret, label, name }: {
    readonly secret: Secret;
    readonly label: string;
    readonly name: string;
  },
): Promise<Delivered> {
  if (out !== undefined) return await toFile(context, { out, overwrite }, secret);
  return {
    shown: show ? secret.hex() : undefined,
    fact: [label, hidden(secret, show)],
    json: { [name]: show ? secret.hex() : null },
    // Bytes are asked for by asking for raw output.
    raw: context.format === "raw" ? { raw: secret.bytes().slice() } : {},
  };
}

/** A secret in hexadecimal where it may be shown; how long it is otherwise. */
export function hidden(secret: Secret, show: boolean): string {
  return show ? secret.hex() : `[redacted] ${secret.length} bytes; --show shows them`;
}

/** A hash function for a machine. */
export function hashJson(hash: KeyHash): JsonObject {
  return { value: hashCode(hash), text: hashTitle(hash) };
}

/** A checksum as both tools print it: eight hexadecimal digits. */
export function checksumText(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

async function toFile(
  context: Context,
  { out, overwrite }: Place & { readonly out: string },
  secret: Secret,
): Promise<Delivered> {
  await context.files.write(out, secret.bytes(), { secret: true, keep: !overwrite });
  return {
    shown: undefined,
    fact: ["Written to", `${out}, for its owner only`],
    json: { file: out },
    raw: {},
  };
}
