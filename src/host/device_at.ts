// Which block device a path means.

import { deviceNumber } from "./attribute.ts";
import type { HostView } from "./host_view.ts";

const BLOCK = "/sys/class/block";

/**
 * `major:minor` of the block device that a path such as a mount's source means. Where the node is
 * not in this container's /dev, the path's name is looked up in sysfs instead.
 */
export function deviceAt(view: HostView, path: string): string | undefined {
  const file = view.stat(path);
  if (file !== undefined) return file.type === "block" ? file.device : undefined;
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(path)?.[1];
  if (mapped !== undefined) {
    const name = view.readDir(BLOCK).filter((entry) => entry.startsWith("dm-"))
      .find((entry) => view.readText(`${BLOCK}/${entry}/dm/name`)?.trimEnd() === mapped);
    return name === undefined ? undefined : deviceNumber(view, `${BLOCK}/${name}/dev`);
  }
  const name = /^\/dev\/([^/]+)$/.exec(path)?.[1];
  return name === undefined || name.startsWith(".")
    ? undefined
    : deviceNumber(view, `${BLOCK}/${name}/dev`);
}

/** What a path leads to, as far as it matters to a drive: a block device, a file, or not known. */
export function backingAt(view: HostView, path: string): string | "file" | undefined {
  return view.stat(path)?.type === "regular" ? "file" : deviceAt(view, path);
}
