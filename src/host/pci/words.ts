// What was found, in words; pure, for every layer.

import type { GroupMember, Holder, NvmeFunction } from "./facts.ts";

/** `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** The members that keep a function's group from being used, besides the function itself. */
export function othersInTheWay({ address, group }: NvmeFunction): readonly GroupMember[] {
  return group?.members.filter((one) => one.inTheWay && one.address !== address) ?? [];
}

/** A member of a group: `0000:01:00.1 (Ethernet controller, bound to e1000e)`. */
export function memberText({ address, what, driver }: GroupMember): string {
  return `${address} (${what}, ${driver === undefined ? "no driver" : `bound to ${driver}`})`;
}

/** Who holds a function: `process 4711 (spdk_tgt) has /dev/vfio/14 open`. */
export function holderText({ processId, program, path, certain }: Holder): string {
  const what = path ?? "a vfio device";
  return `process ${processId} (${program}) has ${what} open` +
    (certain ? "" : ", which may be this one");
}
