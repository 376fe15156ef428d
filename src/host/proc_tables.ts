// The kernel's tables of mounts and swap areas, read from /proc [LINUX-6.1
// Documentation/filesystems/proc.rst].

import type { HostView } from "./host_view.ts";

/** One line of /proc/self/mountinfo: what this process sees mounted. */
export interface Mount {
  /** `major:minor` of the file system; major 0 where it has no one block device (btrfs, zfs). */
  readonly device: string;
  readonly mountPoint: string;
  /** `ext4`. */
  readonly type: string;
  /** What was mounted: a device's path, or words of the file system's own. */
  readonly source: string;
}

/** One line of /proc/swaps. */
export interface SwapArea {
  readonly path: string;
  readonly isFile: boolean;
}

/** What is mounted, as this process sees it; undefined where the kernel does not say. */
export function readMounts(view: HostView): readonly Mount[] | undefined {
  return view.readText("/proc/self/mountinfo")?.split("\n").flatMap(parseMount);
}

/** The swap areas in use; undefined where the kernel does not say. */
export function readSwaps(view: HostView): readonly SwapArea[] | undefined {
  const lines = view.readText("/proc/swaps")?.split("\n").slice(1);
  return lines?.flatMap((line) => {
    const [path, type] = line.split(/[ \t]+/);
    return path && type ? [{ path: decodeOctal(path), isFile: type === "file" }] : [];
  });
}

/** Gives back the characters that the kernel writes as a backslash and three octal digits. */
export function decodeOctal(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits) => {
    return String.fromCharCode(Number.parseInt(digits, 8));
  });
}

// id parent major:minor root mount-point options [optional ...] - type source super-options
function parseMount(line: string): Mount[] {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", 6);
  const [, , device, , mountPoint] = fields;
  const [type, source] = fields.slice(separator + 1);
  if (separator < 0 || device === undefined || mountPoint === undefined || type === undefined) {
    return [];
  }
  return [{
    device,
    mountPoint: decodeOctal(mountPoint),
    type: decodeOctal(type),
    source: decodeOctal(source ?? ""),
  }];
}
