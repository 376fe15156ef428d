// nvmectl vfio status: how the machine's NVMe functions stand with VFIO, and what is in the way.

import { command } from "../../cli/command.ts";
import type { FunctionStatus, InTheWay, VfioStatus } from "../../cli/pci_service.ts";
import {
  type Block,
  facts,
  heading,
  items,
  paragraph,
  type Report,
  table,
  type Text,
  toned,
} from "../../cli/report.ts";
import type { IommuGroup, NodeFacts, NvmeFunction, VfioMachine } from "../../host/pci/facts.ts";
import { formatList, memberText, othersInTheWay } from "../../host/pci/words.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { functionJson, identity, machineJson, usesJson } from "./json.ts";

export const vfioStatus = command({
  name: "vfio status",
  group: "Change",
  summary: "Show how NVMe functions stand with VFIO, and what is in the way",
  description:
    "Drivers, IOMMU groups, what uses a drive, kernel modules and parameters, and what\n" +
    "this user may do. Nothing is changed; where this user may, the ends of namespaces are read for\n" +
    "signatures of RAID, LVM and file systems.",
  effect: "read",
  target: "none",
  positionals: [{
    name: "BDF",
    help: "One function, such as 0000:01:00.0; all of them when left out",
    optional: true,
  }],
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl vfio status", "the machine, and every NVMe function"],
    ["nvmectl vfio status 01:00.0", "one of them, with all that is known"],
  ],
  async run(context, { words: [typed] }) {
    const service = await context.pci();
    const status = service.status(typed);
    return statusReport(status, context.verbose || typed !== undefined);
  },
});

function statusReport(status: VfioStatus, inFull: boolean): Report {
  const { machine, obstacles, functions } = status;
  return {
    json: {
      machine: { ...machineJson(machine), in_the_way: obstacles.map(inTheWayJson) },
      functions: functions.map((one) => ({
        ...functionJson(one.function),
        came_from: one.origin ?? null,
        uses: usesJson(one.uses),
        holders: one.holders.map(({ processId, program, path, certain }) => ({
          process_id: processId,
          program,
          path: path ?? null,
          certain,
        })),
        in_the_way: one.obstacles.map(inTheWayJson),
        ready: one.obstacles.length === 0,
      })),
    },
    blocks: [
      ...machineBlocks(machine),
      // Where there are functions, each says what is in its way, and that among it.
      ...(functions.length > 0 ? [] : inTheWay(obstacles)),
      heading("NVMe functions"),
      table(
        ["Function", "ID", "Driver", "Kernel's name", "Group", "In use", "Ready"],
        functions.map(row),
        "none: this machine shows no NVMe function",
      ),
      ...(inFull || functions.length === 1 ? functions.flatMap(functionBlocks) : [
        ...(functions.length === 0 ? [] : [paragraph("nvmectl vfio status BDF tells all of one.")]),
      ]),
    ],
  };
}

function machineBlocks(machine: VfioMachine): readonly Block[] {
  const { iommu, modules, modulesDisabled, unsafeMode, iommufd } = machine;
  const parameters = iommu.parameters.length === 0 ? "" : ` (${iommu.parameters.join(" ")})`;
  return [
    heading("Machine"),
    facts([
      [
        "IOMMU",
        iommu.groups === 0
          ? toned(`off: no groups${parameters}${firmware(machine)}`, "bad")
          : `on: ${iommu.groups} ${iommu.groups === 1 ? "group" : "groups"}${parameters}`,
      ],
      [
        "Modules",
        modules.map(({ name, state }) => `${name} ${state}`).join(", ") +
        (modulesDisabled ? "; loading is disabled until the next start" : ""),
      ],
      ...(unsafeMode === true
        ? [["no-IOMMU mode", toned("on: nvmectl does not use it", "warning")] as const]
        : []),
      ["iommufd", nodeText(iommufd)],
      ["Locked memory", memlockText(machine)],
    ]),
  ];
}

function firmware({ iommu }: VfioMachine): string {
  if (iommu.described === undefined) return "";
  return iommu.described ? "; the firmware describes one" : "; the firmware describes none";
}

function memlockText({ memlock: { limitBytes, needBytes, counts } }: VfioMachine): Text {
  const need = `${needBytes / 1024n} KiB needed`;
  if (limitBytes === undefined) return `no limit; ${need}`;
  const limit = `limit ${limitBytes / 1024n} KiB`;
  if (!counts) return `${limit}, which does not count for this user; ${need}`;
  return limitBytes < needBytes ? toned(`${limit}; ${need}`, "bad") : `${limit}; ${need}`;
}

function nodeText({ path, exists, permissions = 0, userId, group, mayUse }: NodeFacts): Text {
  if (!exists) return `${path} is not there`;
  const mode = permissions.toString(8).padStart(4, "0");
  const who = `${path}, mode ${mode}, owner ${userId === 0 ? "root" : userId}, group ${group}`;
  return mayUse === false ? toned(`${who}; not for this user`, "warning") : who;
}

function row({ function: about, uses, obstacles }: FunctionStatus): readonly Text[] {
  const { address, vendor, device, driver, controller, group } = about;
  return [
    address,
    `${vendor ?? "?"}:${device ?? "?"}`,
    driver ?? "none",
    controller?.name ?? "",
    group === undefined
      ? "none"
      : `${group.number}${othersInTheWay(about).length === 0 ? "" : " (not viable)"}`,
    uses.some(({ weight }) => weight === "use") ? toned("yes", "warning") : "no",
    obstacles.length === 0 ? toned("yes", "good") : "no",
  ];
}

/** The group, and whether others than this function keep it from being used. */
function groupText(about: NvmeFunction, { number }: IommuGroup): Text {
  const others = othersInTheWay(about);
  if (others.length === 0) return number;
  return toned(`${number}, not viable: ${formatList(others.map(memberText))}`, "warning");
}

function functionBlocks(status: FunctionStatus): readonly Block[] {
  const { function: about, uses, obstacles, origin } = status;
  const { address, driver, override, controller, group, cdev } = about;
  return [
    heading(address),
    facts([
      ["Drive", identity(about)],
      [
        "Driver",
        `${driver ?? "none"}${override === undefined ? "" : `, reserved for ${override}`}` +
        (origin === undefined ? "" : `, came from ${origin}`),
      ],
      ...(controller === undefined ? [] : [
        [
          "Kernel's name",
          `/dev/${controller.name}, ${controller.state ?? "state unknown"}` +
          controller.namespaces.map((name) => `, /dev/${name}`).join(""),
        ] as const,
      ]),
      ...(group === undefined ? [["IOMMU group", toned("none", "bad")] as const] : [
        ["IOMMU group", groupText(about, group)] as const,
        ["Group's node", nodeText(group.node)] as const,
      ]),
      ...(cdev === undefined || !cdev.exists ? [] : [["Own node", nodeText(cdev)] as const]),
    ]),
    ...(group === undefined ? [] : [
      table(
        ["Member", "Class", "Driver", ""],
        group.members.map((member) => [
          member.address,
          member.what,
          member.driver ?? "none",
          member.inTheWay ? toned("in the way", "warning") : "",
        ]),
      ),
    ]),
    ...listed(
      "Used by, and on the drive:",
      uses.map(({ text, weight }) => {
        return weight === "note" ? text : toned(text, "warning");
      }),
    ),
    ...(obstacles.length === 0
      ? [paragraph(toned(`Ready: nvmectl identify pci:${address}`, "good"))]
      : inTheWay(obstacles)),
  ];
}

function inTheWay(obstacles: readonly InTheWay[]): readonly Block[] {
  return listed("In the way:", obstacles.map(({ text, next }) => `${text}. Next: ${next}`));
}

function inTheWayJson({ text, next }: InTheWay): JsonObject {
  return { text, next };
}

function listed(title: string, texts: readonly Text[]): readonly Block[] {
  return texts.length === 0 ? [] : [paragraph(title), items(texts)];
}
