// nvmectl namespace create: a new namespace out of unallocated capacity.

import { command, type Context } from "../../cli/command.ts";
import { bigInteger, choice, integer, toggle } from "../../cli/flags.ts";
import { facts, type Report } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import { layoutText, type ProtectionType } from "../../controller/format_choice.ts";
import {
  attachNamespace,
  createNamespace,
  type CreatePlan,
  type CreateWish,
  planCreate,
} from "../../controller/namespaces.ts";
import { leftBehind } from "../../controller/next_step.ts";
import { UsageError } from "../../errors.ts";
import { exactDigits, formatBinaryBytes, formatBytes, formatCount } from "../../layout/mod.ts";
import { size } from "../drive/size.ts";
import { checkFormatFlags } from "../format.ts";
import { chosenControllers, CONTROLLERS, showKernel } from "./words.ts";

const GROUP_MAX = 0xffff_ffff;
const SET_MAX = 0xffff;
const LARGEST_BLOCK = 65_536;

export const namespaceCreate = command({
  name: "namespace create",
  group: "Change",
  summary: "Create a namespace, and attach it in the same step",
  description:
    "The size is rounded up to whole blocks. What the drive has left, and how it would\n" +
    "rather be asked (granularity), is looked at first. Prints the new identifier.",
  effect: "write",
  target: "drive",
  flags: {
    size: size("So many bytes: 960GB, 1TiB"),
    blocks: bigInteger("So many blocks, in place of --size"),
    all: toggle("All that is unallocated, in place of --size"),
    capacity: size("Bytes that can be in use at a time; as many as the size"),
    blockSize: integer("Blocks of so many bytes", {
      min: 512,
      max: LARGEST_BLOCK,
      value: "BYTES",
    }),
    lbaFormat: integer("The drive's format N", { max: 63 }),
    metadata: integer("Bytes of metadata with each block", { max: 0xffff, value: "BYTES" }),
    metadataInline: toggle("Metadata at the end of each block, not in a buffer of its own"),
    protection: integer("Protection information of type N", { max: 3 }),
    protectionFirst: toggle("Protection information in the first bytes of the metadata"),
    shared: toggle("For several controllers at a time"),
    attach: toggle("Attach it at once, to this controller or to --controllers"),
    controllers: CONTROLLERS,
    anaGroup: integer("Its ANA group", { min: 1, max: GROUP_MAX }),
    nvmSet: integer("Its NVM set", { min: 1, max: SET_MAX }),
    enduranceGroup: integer("Its endurance group", { min: 1, max: SET_MAX }),
    print: choice("Only the new identifier, for scripts", ["nsid"]),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl namespace create /dev/nvme0 --size 100GB --attach", "and use it at once"],
    ["nvmectl namespace create /dev/nvme0 --all --block-size 4096 --attach", "all that is left"],
    [
      "nvmectl namespace create /dev/nvme0 --blocks 0x1000000 --shared --attach --controllers all",
      "for every controller of the drive",
    ],
  ],
  async run(context, { flags }) {
    checkFormatFlags(flags);
    const wish = wishOf(flags);
    if (flags.controllers !== undefined && !flags.attach) {
      throw new UsageError("Cannot use --controllers: it says whom --attach attaches it to");
    }
    const drive = await context.openDrive();
    const plan = await planCreate(drive, wish);
    noticeGranularity(context, plan);
    const controllers = flags.attach ? await chosenControllers(drive, flags.controllers) : [];
    if (controllers.length > 1 && !flags.shared) {
      throw new UsageError(
        `Cannot attach it to ${controllers.length} controllers: without --shared it is for one`,
      );
    }
    const nsid = await createNamespace(drive, plan);
    if (controllers.length > 0) await attach(drive, nsid, controllers);
    await showKernel(context, drive);
    return report(drive, { nsid, plan, controllers, bare: flags.print === "nsid" });
  },
});

interface SizeFlags extends Omit<CreateWish, "size" | "capacityBytes" | "protection"> {
  readonly size: number | undefined;
  readonly blocks: bigint | undefined;
  readonly all: boolean;
  readonly capacity: number | undefined;
  readonly protection: number | undefined;
}

function wishOf({ size, blocks, all, capacity, protection, ...rest }: SizeFlags): CreateWish {
  const given = [size !== undefined, blocks !== undefined, all].filter(Boolean).length;
  if (given !== 1) {
    throw new UsageError(
      given === 0
        ? "Cannot create a namespace: how large is missing"
        : "Cannot create a namespace: its size is given more than once",
      { next: "one of --size 100GB, --blocks N, --all" },
    );
  }
  if (blocks === 0n) throw new UsageError("Cannot create a namespace of 0 blocks");
  return {
    ...rest,
    protection: protection as ProtectionType | undefined,
    capacityBytes: capacity,
    size: all ? "all" : size !== undefined ? { bytes: size } : { blocks: blocks ?? 0n },
  };
}

function noticeGranularity(
  context: Context,
  { granularity, sizeBlocks, layout }: CreatePlan,
): void {
  const bytes = sizeBlocks * BigInt(layout.format.blockBytes);
  if (granularity === undefined || bytes % BigInt(granularity) === 0n) return;
  const rest = BigInt(granularity) - bytes % BigInt(granularity);
  context.notice(
    `the drive allocates multiples of ${formatBinaryBytes(granularity)}: ` +
      `${formatBinaryBytes(rest)} will be of no use`,
  );
}

async function attach(drive: Drive, nsid: number, controllers: readonly number[]): Promise<void> {
  try {
    await attachNamespace(drive, nsid, controllers);
  } catch (error) {
    throw leftBehind(error, nsid);
  }
}

function report(
  drive: Drive,
  { nsid, plan: { layout, sizeBlocks, capacityBlocks }, controllers, bare }: {
    readonly nsid: number;
    readonly plan: CreatePlan;
    readonly controllers: readonly number[];
    readonly bare: boolean;
  },
): Report {
  const bytes = sizeBlocks * BigInt(layout.format.blockBytes);
  return {
    json: {
      target: drive.target,
      nsid,
      nsze: Number(sizeBlocks),
      ...exactDigits("nsze", sizeBlocks),
      ncap: Number(capacityBlocks),
      ...exactDigits("ncap", capacityBlocks),
      size_bytes: Number(bytes),
      ...exactDigits("size_bytes", bytes),
      block_bytes: layout.format.blockBytes,
      attached_to: [...controllers],
    },
    blocks: bare ? [{ kind: "text", text: `${nsid}` }] : [facts([
      ["Created", `namespace ${nsid} of ${drive.target}`],
      ["Size", `${formatBytes(bytes)}, ${formatCount(sizeBlocks)} blocks`],
      ["Format", layoutText(layout)],
      [
        "Attached to",
        controllers.length === 0
          ? `nothing yet: nvmectl namespace attach ${drive.target} --namespace ${nsid}`
          : `controller ${controllers.join(", ")}`,
      ],
    ])],
  };
}
