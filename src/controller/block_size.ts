// How many bytes a logical block of a namespace has.

import { UnsupportedError } from "../errors.ts";
import { currentFormat } from "../spec/identify/identify_namespace.ts";
import type { Drive } from "./drive.ts";
import { identifyNamespace } from "./identify.ts";

/**
 * Bytes of data in a logical block of a namespace, without metadata, whichever of the 64 formats it
 * has: the index of those above the sixteenth is in two fields [NVM-1.1 §4.1.5.1, Fig. 114].
 *
 * @throws UnsupportedError for a namespace that is not active, or has a format that is none
 *
 * @example
 * ```ts
 * import { logicalBlockSize, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * console.log(await logicalBlockSize(drive, 1)); // 512
 * ```
 */
export async function logicalBlockSize(drive: Drive, nsid: number): Promise<number> {
  const format = currentFormat(await identifyNamespace(drive, nsid));
  if (format !== undefined) return format.blockBytes;
  throw new UnsupportedError(
    `Cannot tell the block size of namespace ${nsid}: ${drive.target} has no such active ` +
      "namespace of blocks",
    { next: "nvmectl identify --namespaces lists the active ones" },
  );
}
