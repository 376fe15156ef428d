// nvmectl list: which NVMe drives and namespaces this machine has, and how they are.

import { command, type Context } from "../cli/command.ts";
import { DRIVE_FLAGS } from "../cli/parse.ts";
import { type Block, heading, items, paragraph, table, type Text, toned } from "../cli/report.ts";
import type { Verdict } from "../controller/health.ts";
import {
  type Asked,
  type Inventory,
  judgementOf,
  namespaceUse,
  needsPrivilege,
  takeInventory,
  worstVerdict,
} from "../controller/inventory.ts";
import type { Controller, Namespace, NamespacePath, Topology } from "../host/topology.ts";
import { formatBytes } from "../layout/mod.ts";
import { inventoryJson } from "./list_json.ts";

const TONES = {
  good: "good",
  warning: "warning",
  critical: "bad",
  impossible: "bad",
} as const;

const UNKNOWN = "-";

/** Said in place of an empty table. */
const NO_DRIVES = "No NVMe drives: the kernel shows none. " +
  "nvmectl health virtual: shows the tool on a drive of its own; " +
  "nvmectl health says what is in the way.";

/** Orders device names by their letters, then by their numbers. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

export const list = command({
  name: "list",
  group: "Look",
  summary: "Show the drives and namespaces of this machine",
  description: "What the kernel shows, and what each drive says of itself when it may be asked.\n" +
    "A drive that does not answer says why and leaves the others alone. Exit status 0\n" +
    "whatever their health, and for no drives at all; nvmectl health --all judges.",
  effect: "read",
  target: "none",
  flags: { ...DRIVE_FLAGS },
  formats: ["table", "json"],
  examples: [
    ["nvmectl list", "one line a namespace: who, how large, how full, how well"],
    ["nvmectl list -v", "with subsystems, controller identifiers, paths and their states"],
    ["nvmectl list -o json", "controllers, namespaces and subsystems; empty arrays for none"],
  ],
  async run(context) {
    const inventory = await inventoryOf(context);
    return { json: inventoryJson(inventory), blocks: blocksOf(inventory, context.verbose) };
  },
});

async function inventoryOf(context: Context): Promise<Inventory> {
  return await takeInventory(await context.topology(), (device) => context.openOther(device));
}

function blocksOf(inventory: Inventory, verbose: boolean): readonly Block[] {
  const { topology } = inventory;
  const rows = rowsOf(inventory);
  const columns = [
    "Device",
    "Serial",
    "Model",
    "Firmware",
    ">Size",
    ">Used",
    "Format",
    "Transport",
    "Address",
    "Health",
  ];
  const found = topology.controllers.length + topology.namespaces.length > 0;
  return [
    table(columns, rows, NO_DRIVES),
    ...notes(inventory),
    ...(verbose && found ? details(topology) : []),
  ];
}

/** One line for each namespace and its paths, and for each controller that has none. */
function rowsOf(inventory: Inventory): readonly (readonly Text[])[] {
  const { controllers, namespaces } = inventory.topology;
  const groups = [
    ...namespaces.map((one) => ({ name: one.name, rows: () => namespaceRows(inventory, one) })),
    ...controllers.filter((one) => one.namespaces.length === 0)
      .map((one) => ({ name: one.name, rows: () => [controllerRow(inventory, one)] })),
  ];
  return groups.toSorted((one, other) => BY_NAME.compare(one.name, other.name))
    .flatMap(({ rows }) => rows());
}

function namespaceRows(inventory: Inventory, namespace: Namespace): readonly (readonly Text[])[] {
  const { topology: { controllers } } = inventory;
  const { paths } = namespace;
  const ways = paths.map((path) => ({
    path,
    controller: controllers.find(({ name }) => name === path.controller),
  }));
  const [first] = ways;
  const only = ways.length === 1 ? first?.controller : undefined;
  const owner = first?.controller;
  const row = [
    deviceOf(namespace),
    owner?.serial ?? UNKNOWN,
    owner?.model ?? UNKNOWN,
    owner?.firmware ?? UNKNOWN,
    ...sizes(inventory, namespace),
    ways.length > 1 ? `${ways.length} paths` : only?.transport ?? UNKNOWN,
    ways.length > 1 ? "" : only?.address ?? UNKNOWN,
    only ? healthCell(inventory.asked.get(only.name)) : sharedHealth(inventory, paths),
  ];
  if (ways.length < 2) return [row];
  return [row, ...ways.map(({ path, controller }) => pathRow(inventory, path, controller))];
}

/** The device to use: the block device, else the character device, else that there is none. */
function deviceOf({ name, generic, hidden }: Namespace): string {
  if (!hidden) return `/dev/${name}`;
  return generic === undefined ? `${name} (no device)` : `/dev/${generic}`;
}

/** Size, use and block format: from the drive, or as far as the kernel knows them. */
function sizes(inventory: Inventory, namespace: Namespace): readonly string[] {
  const use = namespaceUse(inventory, namespace);
  if (use === undefined || use.blockBytes === 0) {
    const { capacityBytes, blockBytes, metadataBytes } = namespace;
    const known = capacityBytes !== undefined && capacityBytes > 0n;
    return [
      known ? formatBytes(capacityBytes) : use ? "inactive" : UNKNOWN,
      UNKNOWN,
      blockBytes === undefined || !known ? UNKNOWN : format(blockBytes, metadataBytes),
    ];
  }
  return [
    formatBytes(use.sizeBytes),
    formatBytes(use.usedBytes),
    format(use.blockBytes, use.metadataBytes),
  ];
}

/** `4096 + 8`: data and metadata bytes of a block; the data alone where the rest is not known. */
function format(blockBytes: number, metadataBytes: number | undefined): string {
  return metadataBytes === undefined ? `${blockBytes}` : `${blockBytes} + ${metadataBytes}`;
}

function pathRow(
  inventory: Inventory,
  { controller: name, anaState, state }: NamespacePath,
  controller: Controller | undefined,
): readonly Text[] {
  const health = healthCell(inventory.asked.get(name));
  const isLive = state === undefined || state === "live";
  return [
    `  via ${name}${isLive && anaState ? ` (${anaState})` : ""}`,
    ...Array.from({ length: 6 }, () => ""),
    controller?.transport ?? UNKNOWN,
    controller?.address ?? UNKNOWN,
    health,
  ];
}

function controllerRow(inventory: Inventory, controller: Controller): readonly Text[] {
  const { name, serial, model, firmware, transport, address, type } = controller;
  const what = type === "discovery" ? "discovery" : "none";
  return [
    `/dev/${name}`,
    serial ?? UNKNOWN,
    model ?? UNKNOWN,
    firmware ?? UNKNOWN,
    what,
    UNKNOWN,
    UNKNOWN,
    transport ?? UNKNOWN,
    address ?? UNKNOWN,
    healthCell(inventory.asked.get(name)),
  ];
}

function healthCell(asked: Asked | undefined): Text {
  if (asked === undefined) return UNKNOWN;
  if (asked.kind === "not-live") return toned(asked.state, stateTone(asked.state));
  if (asked.kind === "failed") {
    return needsPrivilege(asked.error) ? UNKNOWN : toned("no answer", "bad");
  }
  const judgement = judgementOf(asked);
  if (judgement) return verdictText(judgement.verdict);
  return asked.survey.health === undefined ? UNKNOWN : toned("not told", "warning");
}

function stateTone(state: string): "bad" | "warning" {
  return state === "dead" ? "bad" : "warning";
}

function sharedHealth(inventory: Inventory, paths: readonly NamespacePath[]): Text {
  const verdict = worstVerdict(inventory, paths.map(({ controller }) => controller));
  return verdict === undefined ? UNKNOWN : verdictText(verdict);
}

function verdictText(verdict: Verdict): Text {
  return toned(verdict, TONES[verdict]);
}

/** What the table has no room for: what keeps drives from answering, and what a dead one needs. */
function notes(inventory: Inventory): readonly Block[] {
  const { topology: { controllers }, asked } = inventory;
  const failed = [...asked].flatMap(([name, one]) =>
    one.kind === "failed" ? [{ name, error: one.error }] : []
  );
  const refused = failed.filter(({ error }) => needsPrivilege(error));
  const rest: Text[] = failed.filter(({ error }) => !needsPrivilege(error))
    .map(({ name, error }) => `/dev/${name}: ${error.message}${next(error.next)}`);
  for (const controller of controllers) {
    rest.push(...controllerNotes(controller, asked.get(controller.name)));
  }
  const root = paragraph(
    "Health, use and metadata need root: sudo nvmectl list",
  );
  return [...(refused.length > 0 ? [root] : []), ...(rest.length > 0 ? [items(rest)] : [])];
}

function controllerNotes(
  { name, namespaces }: Controller,
  asked: Asked | undefined,
): readonly Text[] {
  if (asked?.kind === "not-live") {
    const why = asked.state === "dead"
      ? "the kernel has given the drive up; dmesg says why"
      : "it was not asked, because it would answer late or never";
    return [toned(`/dev/${name} is ${asked.state}: ${why}`, stateTone(asked.state))];
  }
  if (asked?.kind !== "answered") return [];
  const { health, namespaces: uses, active } = asked.survey;
  const texts = [health, ...uses.values()].flatMap((answer) =>
    answer?.kind === "error" ? [`/dev/${name}: ${answer.error.message}`] : []
  );
  if (namespaces.length === 0 && active !== undefined && active.length > 0) {
    texts.push(
      `/dev/${name} has active namespaces that the kernel offers no device for: ${
        active.join(", ")
      }`,
    );
  }
  return texts;
}

function next(step: string | undefined): string {
  return step === undefined ? "" : ` (${step})`;
}

/** Everything else that the kernel says: for `-v`. */
function details({ subsystems, controllers, namespaces }: Topology): readonly Block[] {
  const or = (value: string | number | undefined): string => `${value ?? UNKNOWN}`;
  return [
    heading("Controllers"),
    table(
      ["Controller", "State", "Type", ">ID", "Transport", "Address", ">NUMA", "Subsystem"],
      controllers.map((one) => [
        one.name,
        one.state && one.state !== "live" ? toned(one.state, stateTone(one.state)) : or(one.state),
        or(one.type),
        one.cntlid === undefined ? UNKNOWN : `0x${one.cntlid.toString(16).padStart(4, "0")}`,
        or(one.transport),
        or(one.address),
        or(one.numaNode),
        or(one.subsystem),
      ]),
    ),
    heading("Namespaces"),
    table(
      ["Namespace", ">NSID", "Generic", "Identifier", "Subsystem", "Paths"],
      namespaces.map((one) => [
        one.name,
        or(one.nsid),
        one.generic === undefined ? UNKNOWN : `/dev/${one.generic}`,
        or(one.uuid ?? one.nguid ?? one.eui ?? one.wwid),
        or(one.subsystem),
        one.paths.map(pathText).join(", ") || UNKNOWN,
      ]),
      "none",
    ),
    heading("Subsystems"),
    table(
      ["Subsystem", "NQN", "I/O policy", "Controllers"],
      subsystems.map((one) => [
        one.name,
        or(one.nqn),
        or(one.ioPolicy),
        one.controllers.join(", "),
      ]),
      "The kernel shows none.",
    ),
  ];
}

function pathText({ controller, anaState, state }: NamespacePath): string {
  return [controller, state, anaState].filter((word) => word !== undefined).join(" ");
}
