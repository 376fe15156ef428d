// What uses a namespace: mounts, swap, RAID and LVM, loop devices, exports, and who has claimed it.

import { formatBytes } from "../layout/mod.ts";
import { contentOf } from "./content.ts";
import { deviceAt } from "./device_at.ts";
import { exportsOf } from "./export.ts";
import type { HostView } from "./host_view.ts";
import { type Loop, readLoops } from "./loop.ts";
import { mountsOn } from "./mounted.ts";
import { openIn, unseenProcesses } from "./open_in.ts";
import { readMounts, readSwaps } from "./proc_tables.ts";
import { type StackedDevice, stackOn } from "./stack.ts";
import { openExclusively } from "./system_view.ts";

/** Namespaces, and controllers as a whole, that are about to be changed; by the kernel's names. */
export interface UseScope {
  readonly namespaces: readonly string[];
  /** Controllers, where all that is reached through them matters too. */
  readonly controllers?: readonly string[];
}

/** The ways in which a namespace can be in use. */
export type UseKind =
  | "mount"
  | "swap"
  | "holder"
  | "loop"
  | "export"
  | "open"
  | "exclusive"
  | "partition"
  | "content";

/** One thing that uses a namespace, or lies on it: partitions and contents are not in use. */
export interface Use {
  readonly kind: UseKind;
  /** The device that is used, as people call it: `/dev/nvme0n1p2`, `/dev/mapper/vg0-root`. */
  readonly device: string;
  /** The namespaces behind it that were asked about; none for a controller or what is not known. */
  readonly namespaces: readonly string[];
  /** Where, by what, or how large: the mount point, the holder's path, the target's NQN. */
  readonly detail: string;
  /** Whether destroying the namespace now would take it from someone who is using it. */
  readonly blocking: boolean;
  /** The whole fact in words, without a full stop. Names of files are raw. */
  readonly text: string;
}

/** Says whether something has claimed a block device; undefined where that cannot be told. */
export type ClaimProbe = (path: string) => boolean | undefined;

/**
 * What uses the namespaces, through partitions and whatever is stacked on them. Where one namespace
 * has several devices, the scope must name them all (`sameNamespace`). Mounts are those of
 * this process's mount namespace; `probe` (`isClaimed`) finds the claims of all others, and is
 * asked only about namespaces whose use is not already explained.
 */
export function usesOf(view: HostView, scope: UseScope, probe?: ClaimProbe): readonly Use[] {
  const loops = readLoops(view);
  const stack = stackOn(view, scope.namespaces, loops);
  const uses = [
    ...mountsOn(view, stack),
    ...swapUses(view, stack),
    ...stack.flatMap(stackingUses),
    ...loops.filter(({ backing }) => backing === undefined).map(unidentifiedUse),
    ...exportsOf(view, stack, scope.controllers ?? []),
    ...openIn(view, stack),
  ];
  const explained = (name: string): boolean =>
    uses.some(({ kind, namespaces }) => CLAIMING.has(kind) && namespaces.includes(name));
  const claims = stack.filter(({ kind, device, name }) =>
    kind === "namespace" && device !== undefined && !explained(name)
  ).filter(({ path }) => probe?.(path) === true).map(claimUse);
  return [...uses, ...claims, ...stack.flatMap((device) => contentUses(view, device))];
}

/**
 * Whether something has claimed a block device, or a part of it, or the whole that it is part of:
 * a mount in any container, swap, RAID, a ZFS pool. Undefined where the device cannot be opened.
 */
export function isClaimed(
  path: string,
  open: (path: string) => Disposable = openExclusively,
): boolean | undefined {
  try {
    using _opened = open(path);
    return false;
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
    if (typeof code !== "string") throw error;
    return code === "EBUSY" ? true : undefined;
  }
}

/** What `usesOf` cannot see on this machine: one statement for each table that it cannot read. */
export function blindSpots(view: HostView): readonly string[] {
  const spots: string[] = [];
  if (readMounts(view) === undefined) {
    spots.push("mounts are not known: /proc/self/mountinfo cannot be read");
  }
  if (readSwaps(view) === undefined) {
    spots.push("swap areas are not known: /proc/swaps cannot be read");
  }
  if (view.readDir("/sys/class/block").length === 0) {
    spots.push("partitions and holders are not known: /sys/class/block cannot be read");
  }
  return [...spots, ...unseenProcesses(view)];
}

/** Uses that hold a claim on the namespace, so that the probe would only find them again. */
const CLAIMING: ReadonlySet<UseKind> = new Set(["mount", "swap", "holder"]);

function swapUses(view: HostView, stack: readonly StackedDevice[]): readonly Use[] {
  return (readSwaps(view) ?? []).flatMap(({ path, isFile }): Use[] => {
    const number = isFile ? view.stat(path)?.on : deviceAt(view, path);
    const on = number === undefined ? undefined : stack.find(({ device }) => device === number);
    if (on === undefined) return [];
    const text = isFile
      ? `${on.path} holds the swap file ${path}, which is in use`
      : `${on.path} is in use as swap`;
    const { namespaces } = on;
    return [{ kind: "swap", device: on.path, namespaces, detail: path, blocking: true, text }];
  });
}

/** A device's uses of what it stands on directly. */
function stackingUses(device: StackedDevice): readonly Use[] {
  const { kind, path, nature } = device;
  if (kind !== "holder" && kind !== "loop") return [];
  return device.below.map((on) => ({
    kind,
    device: on.path,
    namespaces: on.namespaces,
    detail: path,
    blocking: true,
    text: kind === "loop"
      ? `${on.path} is behind the loop device ${path}`
      : `${on.path} is held by ${path}, ${nature}`,
  }));
}

/** A loop device that may stand on what is asked about, since nothing tells what it stands on. */
function unidentifiedUse({ name, file }: Loop): Use {
  const device = `/dev/${name}`;
  const text = `${device} stands on something that cannot be identified: ${file}`;
  return { kind: "loop", device, namespaces: [], detail: file, blocking: true, text };
}

/** What lies on a namespace is worth telling, though nobody may be using it. */
function contentUses(
  view: HostView,
  { kind, path, device, namespaces, bytes }: StackedDevice,
): readonly Use[] {
  if (kind !== "partition" && kind !== "namespace") return [];
  const content = device === undefined ? undefined : contentOf(view, device);
  const rest = { device: path, namespaces, blocking: false };
  if (kind === "partition") {
    const size = bytes === undefined ? "unknown size" : formatBytes(bytes);
    const detail = content === undefined ? size : `${size}, ${content}`;
    return [{ kind, ...rest, detail, text: `${path} is a partition of ${detail}` }];
  }
  if (content === undefined) return [];
  return [{ kind: "content", ...rest, detail: content, text: `${path} contains ${content}` }];
}

function claimUse({ path, namespaces }: StackedDevice): Use {
  return {
    kind: "exclusive",
    device: path,
    namespaces,
    detail: "EBUSY",
    blocking: true,
    text: `${path} is claimed by something that cannot be seen from here, ` +
      "such as a mount in another container or a ZFS pool",
  };
}
