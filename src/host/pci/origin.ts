// The driver that a function had before we took it, so that it can be given back. It is kept until
// the machine starts again, which is as long as a binding lasts.

import type { HostView } from "../host_view.ts";

const FOLDER = "/run/nvmectl/vfio";

/** The file that keeps the driver of a function. */
export function originPath(address: string): string {
  return `${FOLDER}/${address}`;
}

/** The driver that a function came from; undefined where that was not kept, or makes no sense. */
export function originOf(view: HostView, address: string): string | undefined {
  const name = view.readText(originPath(address))?.trim();
  return name !== undefined && /^[\w-]{1,64}$/.test(name) ? name : undefined;
}
