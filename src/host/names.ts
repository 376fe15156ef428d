// The kernel's names for NVMe devices, taken apart, and their order.

/** A name taken apart; the numbers are the kernel's own, none of them is an NSID. */
export type DeviceName =
  | { readonly kind: "subsystem" | "controller" }
  /** A block device: of one controller, or of the subsystem with native multipath. */
  | { readonly kind: "namespace"; readonly generic: string }
  /** One controller's hidden way to a namespace of its subsystem. */
  | { readonly kind: "path"; readonly head: string }
  | { readonly kind: "partition"; readonly namespace: string; readonly number: number }
  /** A character device of a namespace. */
  | { readonly kind: "generic"; readonly namespace: string };

/** What sort of NVMe device a name stands for; undefined for every other name. */
export function parseName(name: string): DeviceName | undefined {
  if (/^nvme-subsys\d+$/.test(name)) return { kind: "subsystem" };
  if (/^nvme\d+$/.test(name)) return { kind: "controller" };
  const generic = /^ng(\d+n\d+)$/.exec(name);
  if (generic) return { kind: "generic", namespace: `nvme${generic[1]}` };
  const block = /^nvme(\d+)(c\d+)?n(\d+)(?:p(\d+))?$/.exec(name);
  if (!block) return undefined;
  const [, subsystem, path, namespace, partition] = block;
  const numbers = `${subsystem}n${namespace}`;
  if (path !== undefined) {
    return partition === undefined ? { kind: "path", head: `nvme${numbers}` } : undefined;
  }
  return partition === undefined
    ? { kind: "namespace", generic: `ng${numbers}` }
    : { kind: "partition", namespace: `nvme${numbers}`, number: Number(partition) };
}

/** Orders names by their letters, then by their numbers: nvme2 before nvme10. */
export function compareNames(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let at = 0; at < left.length && at < right.length; at++) {
    const order = compareParts(left[at] ?? "", right[at] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function parts(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

function compareParts(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference) && difference !== 0) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}
