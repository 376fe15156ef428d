// nvmectl namespace delete: a namespace and all that is in it goes.

import { command } from "../../cli/command.ts";
import { toggle } from "../../cli/flags.ts";
import { facts } from "../../cli/report.ts";
import { identifyController } from "../../controller/identify.ts";
import { deleteNamespace, listNamespaces } from "../../controller/namespaces.ts";
import { useOf } from "../../controller/inventory.ts";
import { UsageError } from "../../errors.ts";
import { exactDigits, formatBytes } from "../../layout/mod.ts";
import { ALL_NAMESPACES } from "../../spec/command.ts";
import { namedNamespace, NAMESPACE, noNamespace, showKernel } from "./words.ts";

export const namespaceDelete = command({
  name: "namespace delete",
  group: "Change",
  summary: "Delete a namespace and all that is in it",
  description: "Refused while this machine uses it; asks for the serial number.",
  effect: "destroy",
  target: "drive",
  flags: { namespace: NAMESPACE, all: toggle("All namespaces of the drive") },
  formats: ["table", "json"],
  examples: [
    ["nvmectl namespace delete /dev/nvme0 --namespace 2", "asks first"],
    ["nvmectl namespace delete /dev/nvme0 --namespace 2 --dry-run", "see what would be sent"],
  ],
  async run(context, { flags }) {
    if (flags.all && flags.namespace !== undefined) {
      throw new UsageError("Cannot use --all with --namespace: need one of them");
    }
    const drive = await context.openDrive();
    const nsid = flags.all ? ALL_NAMESPACES : namedNamespace(drive, flags.namespace, "delete");
    const found = await listNamespaces(drive);
    const doomed = flags.all ? found : found.filter((one) => one.nsid === nsid);
    if (doomed.length === 0) {
      throw flags.all
        ? new UsageError(`Cannot delete all namespaces: ${drive.target} has none`)
        : noNamespace(drive, "delete", { nsid, found });
    }
    const bytes = doomed.reduce((sum, { namespace }) => sum + useOf(namespace).sizeBytes, 0n);
    const all = doomed.length === 1 ? "the only namespace" : `all ${doomed.length} namespaces`;
    const which = flags.all ? all : `namespace ${nsid}`;
    const claim = await context.confirm({
      drive,
      action: `Delete ${which} (${formatBytes(bytes)}) of ${drive.target}`,
      namespaces: flags.all ? "all" : [nsid],
    });
    try {
      await deleteNamespace(drive, nsid);
    } finally {
      claim[Symbol.dispose]();
    }
    await showKernel(context, drive);
    const { unvmcap } = await identifyController(drive);
    return {
      json: {
        target: drive.target,
        deleted: doomed.map((one) => one.nsid),
        unallocated_bytes: Number(unvmcap),
        ...exactDigits("unallocated_bytes", unvmcap),
      },
      blocks: [facts([
        ["Deleted", `${which} of ${drive.target}`],
        ["Unallocated now", formatBytes(unvmcap)],
      ])],
    };
  },
});
