// What the kernel's own NVMe target (nvmet) offers to other machines from the drives of this one.

import { attribute, deviceNumber, flag } from "./attribute.ts";
import { backingAt } from "./device_at.ts";
import type { HostView } from "./host_view.ts";
import { compareNames } from "./names.ts";
import type { StackedDevice } from "./stack.ts";
import type { Use } from "./use.ts";

const SUBSYSTEMS = "/sys/kernel/config/nvmet/subsystems";
const CONTROLLERS = "/sys/class/nvme";

/** Exports of devices in the stack, and of controllers passed through whole. Needs root to see. */
export function exportsOf(
  view: HostView,
  stack: readonly StackedDevice[],
  controllers: readonly string[],
): readonly Use[] {
  return [...view.readDir(SUBSYSTEMS)].sort(compareNames).flatMap((nqn) => [
    ...[...view.readDir(`${SUBSYSTEMS}/${nqn}/namespaces`)].sort(compareNames)
      .flatMap((nsid) => exportedNamespace(view, stack, nqn, nsid)),
    ...exportedController(view, controllers, nqn),
  ]);
}

function exportedNamespace(
  view: HostView,
  stack: readonly StackedDevice[],
  nqn: string,
  nsid: string,
): readonly Use[] {
  const directory = `${SUBSYSTEMS}/${nqn}/namespaces/${nsid}`;
  const path = devicePath(view, directory);
  if (path === undefined) return [];
  const as = `namespace ${nsid} of the NVMe target ${nqn}`;
  const number = backingAt(view, path);
  if (number === undefined) return unidentified(view, directory, { path, nqn, as });
  const device = stack.find((entry) => entry.device === number);
  if (device === undefined) return [];
  return [exportUse(view, directory, { on: device.path, device, nqn, as })];
}

function exportedController(
  view: HostView,
  controllers: readonly string[],
  nqn: string,
): readonly Use[] {
  const directory = `${SUBSYSTEMS}/${nqn}/passthru`;
  const path = devicePath(view, directory);
  if (path === undefined) return [];
  const as = `the NVMe target ${nqn}`;
  const known = controllerAt(view, path);
  // Without its node and its class, a controller still has its name.
  const name = controllers.find((one) => one === known || (!known && path === `/dev/${one}`));
  if (name !== undefined) return [exportUse(view, directory, { on: `/dev/${name}`, nqn, as })];
  return known === undefined ? unidentified(view, directory, { path, nqn, as }) : [];
}

/** The name of the controller whose node a path leads to or, where there is no node, is of. */
function controllerAt(view: HostView, path: string): string | undefined {
  const number = view.stat(path)?.device;
  return view.readDir(CONTROLLERS).find((name) =>
    number === undefined
      ? path === `/dev/${name}`
      : number === deviceNumber(view, `${CONTROLLERS}/${name}/dev`)
  );
}

/** An export of something that may be what is asked about, since nothing tells what it is. */
function unidentified(
  view: HostView,
  directory: string,
  { path, nqn, as }: { readonly path: string; readonly nqn: string; readonly as: string },
): readonly Use[] {
  if (flag(view, `${directory}/enable`) === false) return [];
  const text = `something that cannot be identified is exported as ${as}: ${path}`;
  return [{ kind: "export", device: path, namespaces: [], detail: nqn, blocking: true, text }];
}

/** What is configured but not enabled is not open, and harms nobody. */
function exportUse(
  view: HostView,
  directory: string,
  { on, device, nqn, as }: {
    readonly on: string;
    readonly device?: StackedDevice;
    readonly nqn: string;
    readonly as: string;
  },
): Use {
  const enabled = flag(view, `${directory}/enable`) ?? true;
  return {
    kind: "export",
    device: on,
    namespaces: device?.namespaces ?? [],
    detail: nqn,
    blocking: enabled,
    text: enabled ? `${on} is exported as ${as}` : `${on} is set up, but not enabled, as ${as}`,
  };
}

/** The path that was configured; nvmet writes `(null)` where none was. */
function devicePath(view: HostView, directory: string): string | undefined {
  const path = attribute(view, `${directory}/device_path`);
  return path?.startsWith("/") ? path : undefined;
}
