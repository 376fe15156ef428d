// nvmectl namespace attach and detach: which controllers see a namespace.

import { command, type Context } from "../../cli/command.ts";
import { facts, type Report } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import {
  attachedControllers,
  attachNamespace,
  detachNamespace,
} from "../../controller/namespaces.ts";
import {
  allocatedNamespace,
  chosenControllers,
  CONTROLLERS,
  NAMESPACE,
  showKernel,
} from "./words.ts";

const FLAGS = { namespace: NAMESPACE, controllers: CONTROLLERS } as const;

export const namespaceAttach = command({
  name: "namespace attach",
  group: "Change",
  summary: "Attach a namespace to controllers, which then see it",
  effect: "write",
  target: "drive",
  flags: FLAGS,
  formats: ["table", "json"],
  examples: [
    ["nvmectl namespace attach /dev/nvme0 --namespace 2", "to this controller"],
    ["nvmectl namespace attach /dev/nvme0 --namespace 2 --controllers 0,1", "to these"],
  ],
  async run(context, { flags }) {
    const drive = await context.openDrive();
    const nsid = await allocatedNamespace(drive, flags.namespace, "attach");
    await attachNamespace(drive, nsid, await chosenControllers(drive, flags.controllers));
    return await finish(context, drive, nsid);
  },
});

export const namespaceDetach = command({
  name: "namespace detach",
  group: "Change",
  summary: "Detach a namespace from controllers; its data stays",
  description: "Refused while this machine uses the namespace; asks for the serial number.",
  effect: "destroy",
  target: "drive",
  flags: FLAGS,
  formats: ["table", "json"],
  examples: [
    ["nvmectl namespace detach /dev/nvme0 --namespace 2", "from this controller; asks first"],
    ["nvmectl namespace detach /dev/nvme0 --namespace 2 --controllers all", "from every one"],
  ],
  async run(context, { flags }) {
    const drive = await context.openDrive();
    const nsid = await allocatedNamespace(drive, flags.namespace, "detach");
    const controllers = await chosenControllers(drive, flags.controllers);
    const claim = await context.confirm({
      drive,
      action: `Detach namespace ${nsid} from controller ${controllers.join(", ")}`,
      namespaces: [nsid],
      keepsData: true,
    });
    try {
      await detachNamespace(drive, nsid, controllers);
    } finally {
      claim[Symbol.dispose]();
    }
    return await finish(context, drive, nsid);
  },
});

async function finish(context: Context, drive: Drive, nsid: number): Promise<Report> {
  await showKernel(context, drive);
  const now = await attachedControllers(drive, nsid);
  return {
    json: { target: drive.target, nsid, controllers: [...now] },
    blocks: [facts([
      ["Namespace", `${nsid} of ${drive.target}`],
      ["Attached to", now.length === 0 ? "no controller" : `controller ${now.join(", ")}`],
    ])],
  };
}
