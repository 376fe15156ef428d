// Loop devices: what each of them stands on.

import { backingAt } from "./device_at.ts";
import type { HostView } from "./host_view.ts";
import { compareNames } from "./names.ts";

const BLOCK = "/sys/class/block";

/** A loop device that is set up on something other than a file. */
export interface Loop {
  /** `loop0`. */
  readonly name: string;
  /** `major:minor` of the block device behind it; undefined where it cannot be identified. */
  readonly backing: string | undefined;
  /** What the kernel calls the thing behind it. It may be gone, or have become another. */
  readonly file: string;
}

/** The loop devices in use, but for those on files: the mount that holds the file tells of them. */
export function readLoops(view: HostView): readonly Loop[] {
  const names = view.readDir(BLOCK).filter((name) => /^loop\d+$/.test(name)).sort(compareNames);
  return names.flatMap((name) => {
    const file = view.readText(`${BLOCK}/${name}/loop/backing_file`)?.replace(/\n$/, "");
    if (file === undefined) return [];
    // The kernel knows what it has opened; what the path means by now is second best.
    const known = view.loopBacking?.(name);
    const backing = known === "0:0" ? "file" : known ?? backingAt(view, file);
    return backing === "file" ? [] : [{ name, backing, file }];
  });
}
