// Asymmetric Namespace Access: how long the log page can be, and the page itself.

import { UnsupportedError } from "../errors.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import { AnaGroupDescriptor, AnaLog, AnaPage } from "../spec/log/ana.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import { readLog } from "./log.ts";

const NSID_BYTES = 4;

/** RGO: descriptors of groups without their namespaces [BASE-2.1 §5.1.12.1.13, Fig. 222]. */
export const GROUPS_ONLY = 1;

/** How much of the page is wanted. */
export interface AnaExtent {
  /** Leave out which namespaces are in the groups. */
  readonly groupsOnly?: boolean;
}

/**
 * The most bytes that the page can have by what Identify Controller says: a header, a descriptor
 * for each of NANAGRPID groups and, unless only groups are asked for, an identifier for each of at
 * most MNAN namespaces. A controller that leaves MNAN zero can have as many as NN.
 *
 * @example
 * ```ts
 * import { anaLogBytes, identifyController, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const controller = await identifyController(drive);
 * console.log(anaLogBytes(controller, { groupsOnly: true }));
 * ```
 */
export function anaLogBytes(
  { nanagrpid, mnan, nn }: Pick<IdentifyController, "nanagrpid" | "mnan" | "nn">,
  { groupsOnly = false }: AnaExtent = {},
): number {
  const groups = AnaLog.size + nanagrpid * AnaGroupDescriptor.size;
  return groupsOnly ? groups : groups + (mnan || nn) * NSID_BYTES;
}

/**
 * The most bytes that the page of a drive can have.
 *
 * @throws UnsupportedError for a drive that does not report asymmetric access (CMIC, bit 3)
 *
 * @example
 * ```ts
 * import { anaLogLength, open } from "nvmectl";
 *
 * await using drive = await open("virtual:multipath");
 * console.log(await anaLogLength(drive, { groupsOnly: true }));
 * ```
 */
export async function anaLogLength(drive: Drive, extent: AnaExtent = {}): Promise<number> {
  const controller = await identifyController(drive);
  if (!controller.cmic.anars) {
    throw new UnsupportedError(
      `Cannot tell the length of the ANA log of ${drive.target}: it has none (CMIC, bit 3)`,
    );
  }
  return anaLogBytes(controller, extent);
}

/**
 * The page, exactly as long as its groups and their namespaces make it, read again where its change
 * count moved meanwhile.
 *
 * @throws StatusError where the drive does not have it
 *
 * @example
 * ```ts
 * import { open, readAna } from "nvmectl";
 *
 * await using drive = await open("virtual:multipath");
 * for (const { group, access, nsids } of (await readAna(drive)).groups) {
 *   console.log(group, access.state, nsids);
 * }
 * ```
 */
export async function readAna(
  drive: Drive,
  { groupsOnly = false }: AnaExtent = {},
): Promise<AnaLog> {
  const { value } = await readLog(drive, AnaPage, groupsOnly ? { lsp: GROUPS_ONLY } : {});
  return value;
}
