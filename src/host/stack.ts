// What the kernel has built on namespaces: partitions, RAID, LVM, encryption, caches, loop devices.

import { attribute, deviceNumber, sectorBytes } from "./attribute.ts";
import { deviceAt } from "./device_at.ts";
import type { HostView } from "./host_view.ts";
import { type Loop, readLoops } from "./loop.ts";
import { compareNames } from "./names.ts";

const BLOCK = "/sys/class/block";

/** How a device came to stand on another. */
export type StackKind = "namespace" | "partition" | "holder" | "loop";

/** A block device that is, or stands on, one of the namespaces asked for. */
export interface StackedDevice {
  /** The kernel's name: `dm-0`. */
  readonly name: string;
  /** What people call it: `/dev/mapper/vg0-root`. */
  readonly path: string;
  /** `major:minor`. */
  readonly device: string | undefined;
  readonly kind: StackKind;
  /** What a holder is, in words: `an LVM volume`. */
  readonly nature: string;
  /** The devices of this stack that it stands on directly; none for a namespace. */
  readonly below: readonly StackedDevice[];
  /** The namespaces that it stands on in the end, by name. */
  readonly namespaces: readonly string[];
  readonly bytes: bigint | undefined;
}

/** One under construction: what it stands on is still being found. */
interface Growing extends StackedDevice {
  readonly below: Growing[];
  readonly namespaces: string[];
}

/** The namespaces, and every block device on them, each after what it was first found on. */
export function stackOn(
  view: HostView,
  namespaces: readonly string[],
  loops: readonly Loop[] = readLoops(view),
): readonly StackedDevice[] {
  const stack = new Map<string, Growing>();
  for (const name of namespaces) grow(view, { stack, loops, kind: "namespace", name });
  return [...stack.values()];
}

function grow(
  view: HostView,
  { stack, loops, kind, name, on }: {
    readonly stack: Map<string, Growing>;
    readonly loops: readonly Loop[];
    readonly kind: StackKind;
    readonly name: string;
    readonly on?: Growing;
  },
): void {
  const known = stack.get(name);
  const here = known ?? born(view, kind, name);
  if (on === undefined) addNamespace(stack, here, name);
  else if (!here.below.includes(on)) here.below.push(on);
  stack.set(name, here);
  for (const namespace of on?.namespaces ?? []) addNamespace(stack, here, namespace);
  if (known !== undefined) return;

  const children = (kind: StackKind, names: readonly string[]): void => {
    for (const child of [...names].sort(compareNames)) {
      grow(view, { stack, loops, kind, name: child, on: here });
    }
  };
  children("partition", partitionsOf(view, name));
  children("holder", view.readDir(`${BLOCK}/${name}/holders`));
  const { device } = here;
  const above = loops.filter(({ backing }) => device !== undefined && backing === device);
  children("loop", above.map((loop) => loop.name));
}

/** Notes that a device, and so all that stands on it, stands on a namespace. */
function addNamespace(stack: Map<string, Growing>, device: Growing, namespace: string): void {
  if (device.namespaces.includes(namespace)) return;
  device.namespaces.push(namespace);
  for (const above of stack.values()) {
    if (above.below.includes(device)) addNamespace(stack, above, namespace);
  }
}

function born(view: HostView, kind: StackKind, name: string): Growing {
  const directory = `${BLOCK}/${name}`;
  const mapped = view.readText(`${directory}/dm/name`)?.trimEnd();
  return {
    name,
    path: mapped ? `/dev/mapper/${mapped}` : `/dev/${name}`,
    // Where sysfs shows nothing of it, its node may still be there.
    device: deviceNumber(view, `${directory}/dev`) ?? deviceAt(view, `/dev/${name}`),
    kind,
    nature: natureOf(view, directory, name),
    below: [],
    namespaces: [],
    bytes: sectorBytes(view, `${directory}/size`),
  };
}

const MAPPED: readonly (readonly [prefix: string, nature: string])[] = [
  ["LVM-", "an LVM volume"],
  ["CRYPT-", "an encrypted volume"],
  ["mpath-", "a multipath device"],
  ["DMRAID-", "a RAID array"],
  ["VDO-", "a VDO volume"],
];

/** What a stacked device is; device mapper tells by the prefix that its maker gave the UUID. */
function natureOf(view: HostView, directory: string, name: string): string {
  const uuid = attribute(view, `${directory}/dm/uuid`) ?? "";
  const mapped = MAPPED.find(([prefix]) => uuid.startsWith(prefix));
  if (mapped !== undefined) return mapped[1];
  if (/^part\d+-/.test(uuid)) return "a partition of a device-mapper device";
  if (name.startsWith("dm-")) return "a device-mapper device";
  if (name.startsWith("bcache")) return "a bcache device";
  if (!name.startsWith("md")) return "a block device";
  const level = attribute(view, `${directory}/md/level`);
  return level === undefined ? "a RAID array" : `a RAID array (${level})`;
}

/** The partitions that the kernel has on a disk: directories inside its own. */
function partitionsOf(view: HostView, name: string): readonly string[] {
  const directory = `${BLOCK}/${name}`;
  return view.readDir(directory).filter((entry) =>
    entry !== name && entry.startsWith(name) &&
    attribute(view, `${directory}/${entry}/partition`) !== undefined
  );
}
