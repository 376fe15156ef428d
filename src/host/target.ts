// What a path stands for among the machine's drives, found out without opening it.

import { deviceNumber, linkName } from "./attribute.ts";
import type { HostView } from "./host_view.ts";
import { parseName } from "./names.ts";
import { readTopology, type Topology } from "./topology.ts";

/** What every path has. */
interface Named {
  /** As it was given. */
  readonly path: string;
  /** Where it leads: absolute, without symbolic links; as given where it leads nowhere. */
  readonly resolved: string;
}

/** A device node; `name` is the kernel's, whatever the node is called. */
interface Node extends Named {
  /** `major:minor`. */
  readonly device: string;
}

/** A device node that belongs to a namespace. */
interface NamespaceNode extends Node {
  readonly name: string;
  /** The namespace's block device, `nvme0n1`, which it is, is a part of, or stands beside. */
  readonly namespace: string;
  readonly nsid: number | undefined;
  /** The controllers that reach the namespace, by name. */
  readonly controllers: readonly string[];
}

/** What a path stands for. */
export type Description =
  /** /dev/nvme0 */
  | (Node & { readonly kind: "controller"; readonly name: string })
  /** /dev/nvme0n1 */
  | (NamespaceNode & { readonly kind: "namespace" })
  /** /dev/ng0n1 */
  | (NamespaceNode & { readonly kind: "generic" })
  /** /dev/nvme0n1p2 */
  | (NamespaceNode & { readonly kind: "partition"; readonly partition: number })
  /** A device that is no NVMe device to the kernel, or whose sysfs entry cannot be seen. */
  | (Node & { readonly kind: "character" | "block"; readonly name: string | undefined })
  /** No device. `missing`: there is no such file, or this user may not look. */
  | (Named & { readonly kind: "file" | "directory" | "other" | "missing" });

/**
 * What a path stands for. A device node is known by its number, so its own name does not matter;
 * symbolic links such as those in /dev/disk/by-id are followed.
 */
export function describeDevice(
  view: HostView,
  path: string,
  topology: () => Topology = () => readTopology(view),
): Description {
  const resolved = view.realPath(path) ?? path;
  const file = view.stat(path);
  if (file === undefined) return { kind: "missing", path, resolved };
  const { type, device } = file;
  if ((type !== "character" && type !== "block") || device === undefined) {
    const kind = type === "regular" ? "file" : type === "directory" ? "directory" : "other";
    return { kind, path, resolved };
  }
  const name = kernelName(view, type, device);
  return nvmeDevice({ path, resolved, device }, type, name, topology) ??
    { kind: type, path, resolved, device, name };
}

function nvmeDevice(
  node: Node,
  type: "character" | "block",
  name: string | undefined,
  topology: () => Topology,
): Description | undefined {
  const parsed = name === undefined ? undefined : parseName(name);
  if (name === undefined || parsed === undefined) return undefined;
  const isBlock = type === "block";
  if (parsed.kind === "controller" && !isBlock) return { kind: "controller", ...node, name };
  if (parsed.kind === "generic" && !isBlock) {
    return { kind: "generic", ...node, name, ...reach(topology(), parsed.namespace) };
  }
  if (parsed.kind === "namespace" && isBlock) {
    return { kind: "namespace", ...node, name, ...reach(topology(), name) };
  }
  if (parsed.kind === "partition" && isBlock) {
    const { namespace, number } = parsed;
    return { kind: "partition", ...node, name, partition: number, ...reach(topology(), namespace) };
  }
  return undefined;
}

function reach(
  topology: Topology,
  namespace: string,
): Pick<NamespaceNode, "namespace" | "nsid" | "controllers"> {
  const found = topology.namespaces.find(({ name }) => name === namespace);
  return {
    namespace,
    nsid: found?.nsid,
    controllers: found?.paths.map(({ controller }) => controller) ?? [],
  };
}

/** The kernel's name of a device number; by searching where sysfs has no index of the numbers. */
function kernelName(
  view: HostView,
  type: "character" | "block",
  device: string,
): string | undefined {
  const index = type === "character" ? "char" : "block";
  const name = linkName(view, `/sys/dev/${index}/${device}`);
  if (name !== undefined) return name;
  const classes = type === "character" ? ["nvme", "nvme-generic"] : ["block"];
  for (const directory of classes.map((entry) => `/sys/class/${entry}`)) {
    const found = view.readDir(directory)
      .find((entry) => deviceNumber(view, `${directory}/${entry}/dev`) === device);
    if (found !== undefined) return found;
  }
  return undefined;
}
