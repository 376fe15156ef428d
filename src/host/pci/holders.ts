// Which processes hold a PCI function through vfio: while one does, unbinding waits for it.

import type { HostView } from "../host_view.ts";
import { filesOf, nameOf, processes } from "../open_in.ts";
import { type Holder, type NvmeFunction, VFIO_DRIVER } from "./facts.ts";

/** What the link of an open vfio device says, whichever device it is. */
const DEVICE_LINK = "anon_inode:[vfio-device]";

/**
 * The processes, but for this one, that have a device node such as /dev/vfio/14 open. Only those of
 * this user are seen without privileges.
 */
export function holdersOf(view: HostView, path: string): readonly Holder[] {
  const node = view.stat(path);
  return processes(view).flatMap((process) => {
    const holds = openFiles(view, process).some(({ file, target }) =>
      node?.device === undefined
        ? target === path
        : target.startsWith("/") && sameNode(view.stat(file), node)
    );
    return holds ? holder(view, process, { path, certain: true }) : [];
  });
}

/**
 * The processes that hold a function: its group's node or its own, or an open device that says that
 * it is this one. A device that does not say what it is counts as well, though not for certain,
 * unless its process has other nodes of vfio open.
 */
export function functionHolders(
  view: HostView,
  { address, driver, group, cdev }: NvmeFunction,
): readonly Holder[] {
  if (driver !== VFIO_DRIVER) return [];
  const nodes = [group?.node, cdev].flatMap((node) => node?.exists ? [node.path] : []);
  const found = new Map<number, Holder>();
  for (const one of nodes.flatMap((path) => holdersOf(view, path))) {
    if (!found.has(one.processId)) found.set(one.processId, one);
  }
  for (const process of processes(view)) {
    if (found.has(Number(process))) continue;
    const certain = holdsDevice(view, process, address);
    if (certain === undefined) continue;
    for (const one of holder(view, process, { path: undefined, certain })) {
      found.set(one.processId, one);
    }
  }
  return [...found.values()].sort((a, b) => a.processId - b.processId);
}

/**
 * Whether a process has the device of an address open, without its node: true for certain, false
 * where it may; undefined where it has none.
 */
function holdsDevice(view: HostView, process: string, address: string): boolean | undefined {
  const files = openFiles(view, process);
  const devices = files.filter(({ target }) => target === DEVICE_LINK);
  if (devices.length === 0) return undefined;
  // Newer kernels say which device it is.
  const paths = devices.map(({ number }) =>
    /^vfio-device-syspath:\s*(\S+)/m.exec(
      view.readText(`/proc/${process}/fdinfo/${number}`) ?? "",
    )?.[1]
  );
  if (paths.some((path) => path?.endsWith(`/${address}`))) return true;
  if (!paths.includes(undefined)) return undefined;
  return files.some(({ target }) => isDeviceNode(target)) ? undefined : false;
}

/** A node that stands for certain devices, other than the container, which all programs open. */
function isDeviceNode(target: string): boolean {
  return /^\/dev\/vfio\/(\d+|noiommu-\d+|devices\/vfio\d+)$/.test(target);
}

function openFiles(
  view: HostView,
  process: string,
): readonly { readonly number: string; readonly file: string; readonly target: string }[] {
  const directory = filesOf(view, process);
  return view.readDir(directory).flatMap((number) => {
    const file = `${directory}/${number}`;
    const target = view.readLink(file);
    return target === undefined ? [] : [{ number, file, target }];
  });
}

function sameNode(
  a: ReturnType<HostView["stat"]>,
  b: NonNullable<ReturnType<HostView["stat"]>>,
): boolean {
  return a !== undefined && a.type === b.type && a.device === b.device;
}

function holder(
  view: HostView,
  process: string,
  found: Pick<Holder, "path" | "certain">,
): readonly Holder[] {
  const program = nameOf(view, process);
  return program === undefined ? [] : [{ processId: Number(process), program, ...found }];
}
