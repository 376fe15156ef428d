// nvmectl vfio unbind: give an NVMe function back to the driver that it came from.

import { command } from "../../cli/command.ts";
import { duration, toggle } from "../../cli/flags.ts";
import { type Block, facts } from "../../cli/report.ts";
import type { Changed } from "../../host/pci/facts.ts";
import { change } from "./change.ts";
import { identity } from "./json.ts";

export const vfioUnbind = command({
  name: "vfio unbind",
  group: "Change",
  summary: "Give an NVMe function back to the driver that it came from",
  description:
    "That is the driver which nvmectl vfio bind took it from, or the one that the kernel\n" +
    "chooses. Refused while a process holds the function, because the kernel would wait for it.\n" +
    "Returns when the kernel's controller is at work again.",
  effect: "write",
  target: "none",
  positionals: [{ name: "BDF", help: "The function, such as 0000:01:00.0 or 01:00.0" }],
  flags: {
    timeout: duration("Longest wait for the kernel's controller (60s)"),
    dryRun: toggle("Only show what would be written and loaded"),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl vfio unbind 01:00.0", "and /dev/nvme0 is there again"],
    ["nvmectl vfio unbind 01:00.0 --dry-run", "every write to /sys, and none of them done"],
  ],
  async run(context, { words: [typed = ""] }) {
    const service = await context.pci();
    const plan = service.planUnbind(typed);
    return await change(context, plan, (changed) => backBlocks(changed, plan.function.driver));
  },
});

function backBlocks(
  { function: about, changed }: Changed,
  before: string | undefined,
): readonly Block[] {
  const { address, driver, controller } = about;
  return [facts([
    ["Function", `${address}, ${identity(about)}`],
    ["Driver", changed ? `${driver}, was ${before ?? "none"}` : `${driver}`],
    ...(controller === undefined ? [] : [
      ["Kernel's name", `/dev/${controller.name}, ${controller.state ?? "state unknown"}`] as const,
    ]),
  ])];
}
