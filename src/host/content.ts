// What udev has found written on a block device: a file system, a RAID member, a swap area.

import type { HostView } from "./host_view.ts";

/**
 * The content of a block device by udev's database, in words: `ext4 "home"`, `LVM2_member`.
 * Undefined where udev does not run, or recognised nothing. `device` is `major:minor`.
 */
export function contentOf(view: HostView, device: string): string | undefined {
  const lines = view.readText(`/run/udev/data/b${device}`)?.split("\n") ?? [];
  const property = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`E:${key}=`))?.slice(key.length + 3);
  const type = property("ID_FS_TYPE");
  if (!type) return undefined;
  const label = property("ID_FS_LABEL");
  return label ? `${type} "${label}"` : type;
}
