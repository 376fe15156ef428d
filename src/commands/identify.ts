// nvmectl identify: what a controller and its namespaces say of themselves.

import { command, type Context } from "../cli/command.ts";
import { integer, toggle } from "../cli/flags.ts";
import { structBlocks, tableBlock } from "../cli/present.ts";
import { type Block, heading, paragraph, type Report, table } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import {
  chooseNamespace,
  identifyControllerBytes,
  identifyNamespaceBytes,
} from "../controller/identify.ts";
import {
  CNS,
  commandSetControllerBytes,
  commandSetNamespaceBytes,
  controllerList,
  descriptorBytes,
  independentNamespaceBytes,
  listedNamespaces,
  listPage,
  type NamespaceLists,
  namespaceLists,
} from "../controller/identify_structures.ts";
import { useOf } from "../controller/inventory.ts";
import { StatusError, UsageError } from "../errors.ts";
import { formatBytes, type JsonObject, type Struct } from "../layout/mod.ts";
import { IdentifyController } from "../spec/identify/identify_controller.ts";
import { IdentifyControllerNvm } from "../spec/identify/identify_controller_nvm.ts";
import { IdentifyNamespaceIndependent } from "../spec/identify/identify_namespace_independent.ts";
import { NvmNamespace } from "../spec/identify/identify_namespace_nvm.ts";
import { NamespaceDescriptorsTarget } from "../spec/identify/targets.ts";
import { namespaceBlocks, namespaceJson } from "./identify_namespace.ts";
import { powerStateBlocks } from "./identify_power.ts";

/** The modes that ask for another structure than the default. */
const MODES = {
  namespaces: "--namespaces",
  controllers: "--controllers",
  descriptors: "--descriptors",
  commandSet: "--command-set",
} as const;

type Mode = keyof typeof MODES;

export const identify = command({
  name: "identify",
  group: "Look",
  summary: "Show what a controller or namespace says of itself",
  description:
    "The controller, unless an option asks for something else: also for a target that\n" +
    "names a namespace. A namespace that is not active is an answer, with exit status 0.\n" +
    "-o raw writes the 4096 bytes of the structure; of a list its first page.",
  effect: "read",
  target: "drive",
  flags: {
    namespace: integer("Show this namespace", { min: 1, max: 0xffffffff }),
    namespaces: toggle("List the active namespaces; with -v all, and their sizes"),
    controllers: toggle("List the subsystem's controllers, or those of --namespace N"),
    descriptors: toggle("Show the identifiers of a namespace: EUI-64, NGUID, UUID"),
    commandSet: toggle("Show what the NVM Command Set adds, for the controller or --namespace N"),
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl identify /dev/nvme0", "the controller: what matters"],
    ["nvmectl identify /dev/nvme0 -v", "every field, its meaning and its bits; power states"],
    ["nvmectl identify /dev/nvme0 --namespace 1", "a namespace, with its LBA formats"],
    ["nvmectl identify /dev/nvme0 --namespaces -v", "all namespaces and their sizes"],
    ["nvmectl identify /dev/nvme0n1 --descriptors", "the identifiers of a namespace"],
    ["nvmectl identify virtual: -o raw | xxd", "the bytes as the drive sent them"],
  ],
  async run(context, { flags }) {
    const mode = modeOf(flags);
    if (mode === "namespaces" && flags.namespace !== undefined) {
      throw new UsageError("Cannot use --namespaces with --namespace: it lists all of them");
    }
    const drive = await context.openDrive();
    switch (mode) {
      case "namespaces":
        return await namespacesReport(context, drive);
      case "controllers":
        return await controllersReport(context, drive, flags.namespace);
      case "descriptors":
        return await descriptorsReport(drive, await chooseNamespace(drive, flags.namespace));
      case "commandSet":
        return flags.namespace === undefined
          ? await commandSetReport(context, drive)
          : await commandSetNamespaceReport(context, drive, flags.namespace);
      default:
        if (flags.namespace !== undefined) {
          return await namespaceReport(context, drive, flags.namespace);
        }
        return await controllerReport(context, drive);
    }
  },
});

function modeOf(flags: Readonly<Record<Mode, boolean>>): Mode | undefined {
  const [mode, other] = (Object.keys(MODES) as Mode[]).filter((name) => flags[name]);
  if (mode !== undefined && other !== undefined) {
    throw new UsageError(
      `Cannot use ${MODES[mode]} with ${MODES[other]}: each asks for another structure`,
    );
  }
  return mode;
}

/** The keys that every answer begins with. */
function about(drive: Drive, cns: number, nsid?: number): JsonObject {
  return { device: drive.target, cns, ...(nsid === undefined ? {} : { nsid }) };
}

async function controllerReport(context: Context, drive: Drive): Promise<Report> {
  const bytes = await identifyControllerBytes(drive);
  const value = IdentifyController.decode(bytes);
  const { verbose } = context;
  if (drive.nsid !== undefined) {
    context.notice(
      `this is the controller behind ${drive.target}; ` +
        `nvmectl identify ${drive.target} --namespace ${drive.nsid} shows the namespace`,
    );
  }
  return {
    json: { ...about(drive, CNS.controller), controller: IdentifyController.json(value) },
    blocks: [
      heading(`Controller ${drive.target}`),
      ...structBlocks(IdentifyController, value, { verbose, omit: ["psd"] }),
      ...(verbose ? powerStateBlocks(value) : []),
    ],
    raw: bytes,
  };
}

async function namespaceReport(context: Context, drive: Drive, nsid: number): Promise<Report> {
  const bytes = await identifyNamespaceBytes(drive, nsid);
  return {
    json: { ...about(drive, CNS.namespace, nsid), ...namespaceJson(bytes) },
    blocks: [
      heading(`Namespace ${nsid} of ${drive.target}`),
      ...namespaceBlocks(bytes, nsid, context),
    ],
    raw: bytes,
  };
}

async function namespacesReport(context: Context, drive: Drive): Promise<Report> {
  const raw = context.format === "raw"
    ? { raw: await listPage(drive, CNS.activeNamespaces, 0) }
    : {};
  const lists = await namespaceLists(drive);
  const { active, allocated } = lists;
  const json = { ...about(drive, CNS.activeNamespaces), active, allocated: allocated ?? null };
  const title = heading(`Namespaces of ${drive.target}`);
  const none = `${drive.target} has no active namespace`;
  if (context.verbose) {
    const { blocks, entries } = await namespaceTable(drive, lists, none);
    return { json: { ...json, namespaces: entries }, blocks: [title, ...blocks], ...raw };
  }
  const detached = (allocated ?? []).filter((nsid) => !active.includes(nsid)).length;
  const more = detached === 0
    ? []
    : [paragraph(`${detached} more allocated, but not attached to this controller: -v shows all`)];
  return {
    json,
    blocks: [title, table([">NSID"], active.map((nsid) => [`${nsid}`]), none), ...more],
    ...raw,
  };
}

async function namespaceTable(
  drive: Drive,
  lists: NamespaceLists,
  none: string,
): Promise<{ blocks: readonly Block[]; entries: readonly JsonObject[] }> {
  const listed = (await listedNamespaces(drive, lists)).map((one) => ({
    ...one,
    use: useOf(one.identify),
  }));
  const rows = listed.map(({ nsid, active, use }) => [
    `${nsid}`,
    active ? "active" : "allocated",
    formatBytes(use.sizeBytes),
    formatBytes(use.usedBytes),
    `${use.blockBytes} + ${use.metadataBytes}`,
  ]);
  const note = lists.allocated === undefined
    ? [paragraph("Only active ones: the drive does not list allocated namespaces.")]
    : [];
  return {
    blocks: [table([">NSID", "State", ">Size", ">Used", "Format"], rows, none), ...note],
    entries: listed.map(({ nsid, active, identify, use }) => ({
      nsid,
      active,
      nsze: Number(identify.nsze),
      size_bytes: Number(use.sizeBytes),
      used_bytes: Number(use.usedBytes),
      block_bytes: use.blockBytes,
      metadata_bytes: use.metadataBytes,
    })),
  };
}

async function controllersReport(
  context: Context,
  drive: Drive,
  nsid: number | undefined,
): Promise<Report> {
  const cns = nsid === undefined ? CNS.controllers : CNS.attachedControllers;
  const raw = context.format === "raw" ? { raw: await listPage(drive, cns, nsid ?? 0) } : {};
  const controllers = await controllerList(drive, nsid);
  const what = nsid === undefined
    ? `Controllers of the NVM subsystem of ${drive.target}`
    : `Controllers that namespace ${nsid} of ${drive.target} is attached to`;
  const rows = controllers.map((cntlid) => [`0x${cntlid.toString(16).padStart(4, "0")}`]);
  return {
    json: { ...about(drive, cns, nsid), controllers },
    blocks: [heading(what), table(["Controller"], rows, "none")],
    ...raw,
  };
}

async function descriptorsReport(drive: Drive, nsid: number): Promise<Report> {
  const bytes = await descriptorBytes(drive, nsid);
  const target = NamespaceDescriptorsTarget;
  const value = target.decode(bytes);
  const rows = target.table?.(value) ?? { columns: [], rows: [] };
  return {
    json: { ...about(drive, CNS.descriptors, nsid), ...target.json(value) },
    blocks: [
      heading(`Identifiers of namespace ${nsid} of ${drive.target}`),
      tableBlock({ ...rows, note: "the namespace has no identifiers" }),
    ],
    raw: bytes,
  };
}

async function commandSetReport(context: Context, drive: Drive): Promise<Report> {
  const bytes = await commandSetControllerBytes(drive);
  const { json, blocks } = shown(IdentifyControllerNvm, bytes, context);
  return {
    json: { ...about(drive, CNS.commandSetController), controller: json },
    blocks,
    raw: bytes,
  };
}

/** Two structures: what the NVM Command Set adds, and what holds for any command set. */
async function commandSetNamespaceReport(
  context: Context,
  drive: Drive,
  nsid: number,
): Promise<Report> {
  if (context.format === "raw") {
    throw new UsageError("Cannot write --command-set of a namespace raw: it is two structures", {
      next: "nvmectl raw admin reads one of them: opcode 0x06 with CNS 05h or 08h",
    });
  }
  const asked = [
    await answer(() => commandSetNamespaceBytes(drive, nsid)),
    await answer(() => independentNamespaceBytes(drive, nsid)),
  ] as const;
  const [specific, independent] = asked;
  if (specific instanceof StatusError && independent instanceof StatusError) throw specific;
  for (const one of asked) if (one instanceof StatusError) context.notice(one.message);
  const parts = [
    specific instanceof StatusError ? undefined : shown(NvmNamespace, specific, context),
    independent instanceof StatusError
      ? undefined
      : shown(IdentifyNamespaceIndependent, independent, context),
  ] as const;
  return {
    json: {
      ...about(drive, CNS.commandSetNamespace, nsid),
      namespace: parts[0]?.json ?? null,
      independent: parts[1]?.json ?? null,
    },
    blocks: parts.flatMap((part) => part?.blocks ?? []),
  };
}

/** The bytes, or the drive's refusal: drives may have either structure without the other. */
async function answer(ask: () => Promise<Uint8Array>): Promise<Uint8Array | StatusError> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error;
  }
}

function shown<T extends object, I>(
  structure: Struct<T, I>,
  bytes: Uint8Array,
  { verbose }: Context,
): { readonly json: JsonObject; readonly blocks: readonly Block[] } {
  const value = structure.decode(bytes);
  return {
    json: structure.json(value),
    blocks: [heading(structure.title), ...structBlocks(structure, value, { verbose })],
  };
}
