// What the kernel's own NVMe target (nvmet) offers to other machines from the drives of this one.

import { attribute, deviceNumber, flag } from "./attribute.ts";
import type { HostView } from "./host_view.ts";
import { compareNames } from "./names.ts";
import { deviceAt, type StackedDevice } from "./stack.ts";
import type { Use } from "./use.ts";

const SUBSYSTEMS = "/sys/kernel/config/nvmet/subsystems";

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
  const number = path === undefined ? undefined : deviceAt(view, path);
  const device = stack.find((entry) => number !== undefined && entry.device === number);
  if (device === undefined) return [];
  const as = `namespace ${nsid} of the NVMe target ${nqn}`;
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
  const number = view.stat(path)?.device;
  const name = controllers.find((name) =>
    number === undefined
      ? path === `/dev/${name}`
      : number === deviceNumber(view, `/sys/class/nvme/${name}/dev`)
  );
  if (name === undefined) return [];
  return [exportUse(view, directory, { on: `/dev/${name}`, nqn, as: `the NVMe target ${nqn}` })];
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
