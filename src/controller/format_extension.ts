// LBA formats above 15, which a host has to enable before a drive shows them.

import { UnsupportedError } from "../errors.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import type { Drive } from "./drive.ts";
import { enableHostBehavior, isEnabled, readHostBehavior } from "./host_behavior.ts";

/** Formats whose index has four bits. */
const PLAIN_FORMATS = 16;

/**
 * Returns when LBA formats above 15 are enabled, at once for any other format; without that the
 * drive would take the lower four bits of their index for all of it. Behind the kernel's driver the
 * kernel is the host, and one that has not enabled these formats would take them for others too,
 * and corrupt what it writes.
 *
 * @throws UnsupportedError where they cannot be enabled, or not from here
 */
export async function demandExtension(
  drive: Drive,
  { ctratt }: Pick<IdentifyController, "ctratt">,
  index = 0,
): Promise<void> {
  if (index < PLAIN_FORMATS) return;
  const { target, transport } = drive;
  const cannot = `Cannot use LBA format ${index} of ${target}`;
  if (!ctratt.elbas) {
    throw new UnsupportedError(`${cannot}: it has none above 15 (CTRATT bit 15 is 0)`);
  }
  const behavior = await readHostBehavior(drive);
  if (isEnabled(behavior, "lbafee")) return;
  if (transport.kind === "passthrough") {
    throw new UnsupportedError(`${cannot}: this kernel has not enabled formats above 15`, {
      next: "use a newer kernel, which enables them, or a format up to 15",
    });
  }
  if (drive.options.dryRun) {
    throw new UnsupportedError(
      `${cannot} in a dry run: the drive does not show formats above 15 until they are enabled`,
    );
  }
  await enableHostBehavior(drive, behavior, "lbafee");
}
