// nvmectl vfio bind: give an NVMe function to vfio-pci, so that pci: targets can drive it.

import { command } from "../../cli/command.ts";
import { choice, toggle } from "../../cli/flags.ts";
import { type Block, facts, paragraph } from "../../cli/report.ts";
import type { Changed } from "../../host/pci/facts.ts";
import { change } from "./change.ts";
import { identity } from "./json.ts";

export const vfioBind = command({
  name: "vfio bind",
  group: "Change",
  summary: "Take an NVMe function from its driver and give it to vfio-pci",
  description:
    "Refused while anything uses the drive: mounts, swap, RAID, LVM, open files. A member\n" +
    "of an array or a pool that is not in use is refused too, unless --ignore signature is\n" +
    "given. Modules are loaded where needed. The driver that had the function is remembered\n" +
    "until the machine starts again.",
  effect: "write",
  target: "none",
  positionals: [{ name: "BDF", help: "The function, such as 0000:01:00.0 or 01:00.0" }],
  flags: {
    ignore: choice("Bind although the drive has this: a member of an array or pool", ["signature"]),
    dryRun: toggle("Only show what would be written and loaded"),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl vfio bind 01:00.0", "then: nvmectl identify pci:01:00.0"],
    ["nvmectl vfio bind 01:00.0 --dry-run", "every write to /sys, and none of them done"],
  ],
  async run(context, { flags, words: [typed = ""] }) {
    const service = await context.pci();
    const plan = service.planBind(typed, { ignoreSignatures: flags.ignore === "signature" });
    return await change(context, plan, (changed) => boundBlocks(changed, plan.function.driver));
  },
});

function boundBlocks(
  { function: about, changed }: Changed,
  before: string | undefined,
): readonly Block[] {
  const { address, driver, group } = about;
  return [
    facts([
      ["Function", `${address}, ${identity(about)}`],
      ["Driver", changed ? `${driver}, was ${before ?? "none"}` : `${driver}`],
      ...(group === undefined ? [] : [
        [
          "IOMMU group",
          `${group.number}, ${group.viable ? group.node.path : "not viable"}`,
        ] as const,
      ]),
    ]),
    ...(group?.viable === false ? [] : [
      paragraph(`Next: nvmectl identify pci:${address}`),
      paragraph(`Back to the kernel: nvmectl vfio unbind ${address}`),
    ]),
  ];
}
