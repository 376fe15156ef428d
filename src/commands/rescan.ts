// nvmectl rescan: the kernel looks at a controller's namespaces again.

import { command } from "../cli/command.ts";
import { facts } from "../cli/report.ts";
import { namespaceList } from "../controller/identify.ts";
import { rescanDrive } from "../controller/reset.ts";

export const rescan = command({
  name: "rescan",
  group: "Change",
  summary: "Make the kernel look at a controller's namespaces again",
  description:
    "For namespaces that were attached, detached or formatted by somebody else. Without\n" +
    "a kernel in between (virtual: and pci:) there is nothing to do.",
  effect: "write",
  target: "drive",
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl rescan /dev/nvme0", "after somebody else has changed its namespaces"],
    ["nvmectl rescan /dev/nvme0 -o json", "with the active namespaces, for a machine"],
  ],
  async run(context) {
    const drive = await context.openDrive();
    const rescanned = context.dryRun ? false : await rescanDrive(drive);
    const namespaces = await namespaceList(drive);
    return {
      json: { target: drive.target, rescanned, namespaces },
      blocks: [facts([
        ["Rescan", rescanned ? `done by the kernel for ${drive.target}` : "nothing in between"],
        ["Active namespaces", namespaces.length === 0 ? "none" : namespaces.join(", ")],
      ])],
    };
  },
});
