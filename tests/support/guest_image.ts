// What a drive of a guest holds: written below the guest, and compared by checksums.

import { toHex } from "../../src/layout/mod.ts";
import type { Guest } from "../../scripts/vm/guest.ts";
import { shell } from "./guest.ts";

const SLOW = { timeoutMs: 180_000 } as const;

/** The checksum of some bytes, in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** The checksum of what a script prints in the guest. */
export async function guestSha256(guest: Guest, script: string): Promise<string> {
  return (await shell(guest, `${script} | sha256sum`, SLOW)).split(" ")[0] ?? "";
}

/** Fills a namespace's image, below the guest, with what differs everywhere. */
export async function fillImage(path: string, salt: number): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await Deno.stat(path);
  const words = new Uint32Array(size / 4);
  let value = salt;
  for (let at = 0; at < words.length; at++) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = value;
  }
  const bytes = new Uint8Array(words.buffer);
  using file = await Deno.open(path, { write: true });
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
  await file.sync();
  return bytes;
}
