// Which file systems on a stack of devices are mounted, and where.

import { deviceNumber } from "./attribute.ts";
import { deviceAt } from "./device_at.ts";
import type { HostView } from "./host_view.ts";
import { type Mount, readMounts } from "./proc_tables.ts";
import type { StackedDevice } from "./stack.ts";
import type { Use } from "./use.ts";

const BTRFS = "/sys/fs/btrfs";

/** A mounted btrfs file system, which spans any number of devices. */
interface Btrfs {
  readonly uuid: string;
  /** `major:minor` of its devices. */
  readonly devices: readonly string[];
}

/** The mounts that stand on devices of the stack, in the order of the mount table. */
export function mountsOn(view: HostView, stack: readonly StackedDevice[]): readonly Use[] {
  const spans = readBtrfs(view);
  const uses = new Map<string, Use>();
  const seen = new Set<Btrfs>();
  for (const mount of readMounts(view) ?? []) {
    const numbers = devicesOf(view, mount);
    const span = spans.find(({ devices }) => numbers.some((number) => devices.includes(number)));
    if (span !== undefined) seen.add(span);
    for (const device of standingOn(stack, [...numbers, ...span?.devices ?? []])) {
      uses.set(`${device.name} ${mount.mountPoint}`, mountUse(device, mount));
    }
  }
  // Mounted for someone else: in another mount namespace.
  const others = spans.filter((span) => !seen.has(span)).flatMap((span) =>
    standingOn(stack, span.devices).map((device) => spanUse(device, span))
  );
  return [...uses.values(), ...others];
}

/** The device numbers behind a mount; file systems on several devices name them as the source. */
function devicesOf(view: HostView, { device, source }: Mount): readonly string[] {
  if (!device.startsWith("0:")) return [device];
  return source.split(/:(?=\/dev\/)/).filter((path) => path.startsWith("/dev/"))
    .map((path) => deviceAt(view, path)).filter((number) => number !== undefined);
}

function readBtrfs(view: HostView): readonly Btrfs[] {
  return view.readDir(BTRFS).map((uuid) => ({
    uuid,
    devices: view.readDir(`${BTRFS}/${uuid}/devices`)
      .map((name) => deviceNumber(view, `/sys/class/block/${name}/dev`))
      .filter((number) => number !== undefined),
  }));
}

function standingOn(
  stack: readonly StackedDevice[],
  numbers: readonly string[],
): readonly StackedDevice[] {
  return stack.filter(({ device }) => device !== undefined && numbers.includes(device));
}

function mountUse(device: StackedDevice, { mountPoint, type }: Mount): Use {
  return {
    kind: "mount",
    device: device.path,
    namespaces: device.namespaces,
    detail: mountPoint,
    blocking: true,
    text: `${placed(device)} is mounted at ${mountPoint} (${type})`,
  };
}

function spanUse(device: StackedDevice, { uuid }: Btrfs): Use {
  return {
    kind: "mount",
    device: device.path,
    namespaces: device.namespaces,
    detail: uuid,
    blocking: true,
    text: `${placed(device)} belongs to the mounted btrfs file system ${uuid}`,
  };
}

/** A device's path and, where that does not tell, what it lies on. */
function placed(device: StackedDevice): string {
  const bases = basesOf(device);
  return bases.includes(device)
    ? device.path
    : `${device.path} (on ${bases.map(({ path }) => path).join(" and ")})`;
}

/** The namespaces or their partitions that a device stands on: those whose names tell the drive. */
function basesOf(device: StackedDevice): readonly StackedDevice[] {
  const isBase = device.kind === "namespace" ||
    (device.kind === "partition" && device.below.every(({ kind }) => kind === "namespace"));
  if (isBase) return [device];
  return [...new Set(device.below.flatMap(basesOf))];
}
