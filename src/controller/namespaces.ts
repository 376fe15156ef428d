// Namespaces: which there are, making and deleting them, attaching them to controllers.

import { UnsupportedError, UsageError } from "../errors.ts";
import { formatBytes, formatCount } from "../layout/mod.ts";
import {
  ATTACHMENT_SELECT,
  MANAGEMENT_SELECT,
  NamespaceCreateData,
} from "../spec/admin/namespace_management.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import {
  ControllerList,
  COUNTED_LIST_ENTRIES,
  encodeControllerList,
  listedControllers,
} from "../spec/identify/identify_lists.ts";
import { IdentifyNamespace } from "../spec/identify/identify_namespace.ts";
import { GranularityList, listedGranularities } from "../spec/identify/resource_lists.ts";
import type { Drive } from "./drive.ts";
import { type BlockLayout, chooseLayout, type FormatWish } from "./format_choice.ts";
import { demandExtension } from "./format_extension.ts";
import { identify, identifyController, identifyNamespaceBytes, namespaceList } from "./identify.ts";

const NAMESPACE_MANAGEMENT = 0x0d;
const NAMESPACE_ATTACHMENT = 0x15;
const CNS = {
  allocatedList: 0x10,
  allocated: 0x11,
  attachedControllers: 0x12,
  allControllers: 0x13,
  granularity: 0x16,
} as const;
/** NSZE has 64 bits, the bytes that are unallocated 128. */
const BLOCKS_MAX = 2n ** 64n - 1n;
/** A create or delete may move data about; nvme-cli's default is the same. */
const MANAGEMENT_TIMEOUT_MS = 120_000;

/** A namespace of a drive. */
export interface NamespaceInfo {
  readonly nsid: number;
  /** Whether it is attached to the controller that was asked. */
  readonly active: boolean;
  readonly namespace: IdentifyNamespace;
  /** The controllers that it is attached to; undefined where the drive does not say. */
  readonly controllers: readonly number[] | undefined;
}

/**
 * All namespaces of the drive, attached or not; of a drive without namespace management those that
 * are active.
 */
export async function listNamespaces(drive: Drive): Promise<readonly NamespaceInfo[]> {
  const { oacs } = await identifyController(drive);
  const active = await namespaceList(drive);
  const all = oacs.nms ? await namespaceList(drive, CNS.allocatedList) : active;
  const found: NamespaceInfo[] = [];
  for (const nsid of all) {
    const bytes = oacs.nms
      ? await identify(drive, { cns: CNS.allocated, nsid }, `identify namespace ${nsid}`)
      : await identifyNamespaceBytes(drive, nsid);
    found.push({
      nsid,
      active: active.includes(nsid),
      namespace: IdentifyNamespace.decode(bytes),
      controllers: oacs.nms ? await attachedControllers(drive, nsid) : undefined,
    });
  }
  return found;
}

/** The controllers that a namespace is attached to, as the drive lists them. */
export function attachedControllers(drive: Drive, nsid: number): Promise<readonly number[]> {
  return controllers(drive, { cns: CNS.attachedControllers, nsid });
}

/** All controllers of the NVM subsystem. */
export function subsystemControllers(drive: Drive): Promise<readonly number[]> {
  return controllers(drive, { cns: CNS.allControllers });
}

async function controllers(
  drive: Drive,
  request: { readonly cns: number; readonly nsid?: number },
): Promise<readonly number[]> {
  const purpose = `list the controllers of ${drive.target}`;
  const found: number[] = [];
  for (let from = 0;;) {
    const page = await identify(drive, { ...request, cntid: from }, purpose);
    const part = listedControllers(ControllerList.decode(page)).filter((one) => one >= from);
    found.push(...part);
    const last = part.at(-1);
    if (part.length < COUNTED_LIST_ENTRIES || last === undefined || last >= 0xfffe) return found;
    from = last + 1;
  }
}

/** What a new namespace is to be. */
export interface CreateWish extends FormatWish {
  /** Bytes, rounded up to whole blocks; or blocks; or all that is unallocated. */
  readonly size: { readonly bytes: number } | { readonly blocks: bigint } | "all";
  /** Bytes that can be in use at a time; the size when left out. */
  readonly capacityBytes?: number | undefined;
  readonly shared: boolean;
  readonly anaGroup?: number | undefined;
  readonly nvmSet?: number | undefined;
  readonly enduranceGroup?: number | undefined;
}

/** A namespace that can be made. */
export interface CreatePlan {
  readonly layout: BlockLayout;
  readonly sizeBlocks: bigint;
  readonly capacityBlocks: bigint;
  /** Bytes that the drive would rather allocate multiples of, where it says so. */
  readonly granularity: number | undefined;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * What would be sent to make such a namespace, checked against the formats, the granularity and
 * the unallocated capacity that the drive reports.
 *
 * @throws UnsupportedError for what the drive cannot do, UsageError for a wish that is none
 */
export async function planCreate(drive: Drive, wish: CreateWish): Promise<CreatePlan> {
  const controller = await identifyController(drive);
  demandManagement(drive, controller, "create a namespace");
  await demandExtension(drive, controller, wish.lbaFormat);
  const common = IdentifyNamespace.decode(
    await identify(drive, { cns: 0x00, nsid: ALL_NAMESPACES }, "read what namespaces can be"),
  );
  const layout = chooseLayout(common, wish, "a new namespace");
  await demandExtension(drive, controller, layout.format.index);
  const { blockBytes } = layout.format;
  const granularity = await granularityOf(drive, controller, layout);
  const sizeBlocks = wish.size === "all"
    ? allBlocks(controller, layout, granularity)
    : "blocks" in wish.size
    ? wish.size.blocks
    : blocksOf(wish.size.bytes, blockBytes);
  const capacityBlocks = wish.capacityBytes === undefined
    ? sizeBlocks
    : blocksOf(wish.capacityBytes, blockBytes);
  checkCapacity(drive, { controller, blockBytes, sizeBlocks, capacityBlocks });
  return {
    layout,
    sizeBlocks,
    capacityBlocks,
    granularity,
    data: encodeCreate(wish, { layout, sizeBlocks, capacityBlocks }),
  };
}

/**
 * How many blocks all that is unallocated makes, metadata counted wherever it lies, in whole
 * granules where there is room for one: a drive that rounds up has no more.
 */
function allBlocks(
  { unvmcap }: Pick<IdentifyController, "unvmcap">,
  { format: { blockBytes, metadataBytes } }: BlockLayout,
  granularity: number | undefined,
): bigint {
  const blocks = unvmcap / BigInt(blockBytes + metadataBytes);
  const granule = BigInt(Math.max(1, Math.floor((granularity ?? 0) / blockBytes)));
  const all = blocks < granule ? blocks : blocks - blocks % granule;
  return BLOCKS_MAX < all ? BLOCKS_MAX : all;
}

function blocksOf(bytes: number, blockBytes: number): bigint {
  return BigInt(Math.ceil(bytes / blockBytes));
}

function demandManagement(
  drive: Drive,
  { oacs }: Pick<IdentifyController, "oacs">,
  doing: string,
): void {
  if (oacs.nms) return;
  throw new UnsupportedError(
    `Cannot ${doing} on ${drive.target}: it has no namespace management (OACS bit 3)`,
  );
}

function checkCapacity(
  drive: Drive,
  { controller: { tnvmcap, unvmcap }, blockBytes, sizeBlocks, capacityBlocks }: {
    readonly controller: Pick<IdentifyController, "tnvmcap" | "unvmcap">;
    readonly blockBytes: number;
    readonly sizeBlocks: bigint;
    readonly capacityBlocks: bigint;
  },
): void {
  if (capacityBlocks > sizeBlocks) {
    throw new UsageError(
      `Cannot create a namespace of ${formatCount(sizeBlocks)} blocks with a capacity of ` +
        `${formatCount(capacityBlocks)}: need no more than its size`,
    );
  }
  if (sizeBlocks === 0n) {
    const [found, next] = tnvmcap === 0n
      ? ["it does not say how much is unallocated", "--size or --blocks in place of --all"]
      : ["no capacity is unallocated", "nvmectl namespace list shows what there is to delete"];
    throw new UnsupportedError(`Cannot create a namespace on ${drive.target}: ${found}`, { next });
  }
  // A drive that reports no total capacity reports no unallocated one either.
  const needed = capacityBlocks * BigInt(blockBytes);
  if (tnvmcap === 0n || needed <= unvmcap) return;
  throw new UnsupportedError(
    `Cannot create a namespace of ${formatBytes(needed)} on ${drive.target}: ` +
      `${formatBytes(unvmcap)} are unallocated`,
    { next: "make it smaller, or delete another namespace first" },
  );
}

async function granularityOf(
  drive: Drive,
  { ctratt }: Pick<IdentifyController, "ctratt">,
  { format: { index } }: BlockLayout,
): Promise<number | undefined> {
  if (!ctratt.ng) return undefined;
  const bytes = await identify(drive, { cns: CNS.granularity }, "read the namespace granularity");
  const list = GranularityList.decode(bytes);
  const all = listedGranularities(list);
  const found = list.nga.gdm ? all[index] : all[0];
  return found === undefined || found.nsg === 0n ? undefined : Number(found.nsg);
}

function encodeCreate(
  { shared, anaGroup = 0, nvmSet = 0, enduranceGroup = 0 }: CreateWish,
  { layout, sizeBlocks, capacityBlocks }: Pick<
    CreatePlan,
    "layout" | "sizeBlocks" | "capacityBlocks"
  >,
): Uint8Array<ArrayBuffer> {
  const { format: { index }, metadataInline, protection, protectionFirst } = layout;
  return NamespaceCreateData.encode({
    nsze: sizeBlocks,
    ncap: capacityBlocks,
    flbas: { fidxl: index & 0xf, mtelba: metadataInline, fidxu: index >>> 4 },
    dps: { pit: protection, pip: protectionFirst },
    nmic: shared ? 1 : 0,
    anagrpid: anaGroup,
    nvmsetid: nvmSet,
    endgid: enduranceGroup,
  });
}

/**
 * Makes a namespace with Namespace Management [BASE-2.1 §5.1.21]; it is attached to nothing yet.
 * Returns its identifier.
 *
 * @example
 * ```ts
 * import { createNamespace, open, planCreate } from "nvmectl";
 *
 * await using drive = await open("virtual:spacious");
 * const plan = await planCreate(drive, {
 *   size: { bytes: 2 ** 30 },
 *   shared: false,
 *   metadataInline: false,
 *   protectionFirst: false,
 * });
 * console.log(await createNamespace(drive, plan));
 * ```
 */
export async function createNamespace(
  drive: Drive,
  plan: Pick<CreatePlan, "data">,
): Promise<number> {
  using data = drive.transport.allocate(plan.data.length);
  data.bytes.set(plan.data);
  const { result } = await drive.execute({
    queue: "admin",
    opcode: NAMESPACE_MANAGEMENT,
    cdw10: MANAGEMENT_SELECT.create,
    direction: "out",
    data,
    timeoutMs: MANAGEMENT_TIMEOUT_MS,
    slow: true,
  }, `create a namespace on ${drive.target}`);
  drive.forget();
  return Number(result & 0xffff_ffffn);
}

/** Deletes a namespace, or all (FFFFFFFFh), and what is in it [BASE-2.1 §5.1.21]. */
export async function deleteNamespace(drive: Drive, nsid: number): Promise<void> {
  demandManagement(drive, await identifyController(drive), "delete a namespace");
  const which = nsid === ALL_NAMESPACES ? "all namespaces" : `namespace ${nsid}`;
  await drive.execute({
    queue: "admin",
    opcode: NAMESPACE_MANAGEMENT,
    nsid,
    cdw10: MANAGEMENT_SELECT.delete,
    timeoutMs: MANAGEMENT_TIMEOUT_MS,
    slow: true,
  }, `delete ${which} of ${drive.target}`);
  drive.forget();
}

/**
 * Attaches a namespace to controllers [BASE-2.1 §5.1.20]; more than fit one list take further
 * commands.
 *
 * @throws StatusError for a controller that there is not, or one that has the namespace already
 *
 * @example
 * ```ts
 * import { attachNamespace, createNamespace, identifyController, open, planCreate } from "nvmectl";
 *
 * await using drive = await open("virtual:spacious");
 * const plan = await planCreate(drive, {
 *   size: { blocks: 2048n },
 *   shared: false,
 *   metadataInline: false,
 *   protectionFirst: false,
 * });
 * const nsid = await createNamespace(drive, plan);
 * const { cntlid } = await identifyController(drive);
 * await attachNamespace(drive, nsid, [cntlid]);
 * ```
 */
export async function attachNamespace(
  drive: Drive,
  nsid: number,
  controllers: readonly number[],
): Promise<void> {
  await sendAttachment(drive, { nsid, controllers, select: ATTACHMENT_SELECT.attach });
}

/**
 * Detaches a namespace from controllers: they lose sight of it, its data stays.
 *
 * @example
 * ```ts
 * import { detachNamespace, identifyController, listNamespaces, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { cntlid } = await identifyController(drive);
 * await detachNamespace(drive, 1, [cntlid]);
 * const [one] = await listNamespaces(drive);
 * if (one?.active) throw new Error("it is still there");
 * ```
 */
export async function detachNamespace(
  drive: Drive,
  nsid: number,
  controllers: readonly number[],
): Promise<void> {
  await sendAttachment(drive, { nsid, controllers, select: ATTACHMENT_SELECT.detach });
}

async function sendAttachment(
  drive: Drive,
  { nsid, controllers, select }: {
    readonly nsid: number;
    readonly controllers: readonly number[];
    readonly select: number;
  },
): Promise<void> {
  const [word, preposition] = select === ATTACHMENT_SELECT.attach
    ? ["attach", "to"]
    : ["detach", "from"];
  demandManagement(drive, await identifyController(drive), `${word} a namespace`);
  const sorted = [...new Set(controllers)].toSorted((one, other) => one - other);
  if (sorted.length === 0) {
    throw new UsageError(`Cannot ${word} namespace ${nsid}: no controller is named`);
  }
  for (let at = 0; at < sorted.length; at += COUNTED_LIST_ENTRIES) {
    const part = sorted.slice(at, at + COUNTED_LIST_ENTRIES);
    const list = encodeControllerList(part);
    using data = drive.transport.allocate(list.length);
    data.bytes.set(list);
    const which = part.length === 1
      ? `controller ${part[0]}`
      : `${part.length} controllers (${part[0]} to ${part.at(-1)})`;
    await drive.execute({
      queue: "admin",
      opcode: NAMESPACE_ATTACHMENT,
      nsid,
      cdw10: select,
      direction: "out",
      data,
      timeoutMs: MANAGEMENT_TIMEOUT_MS,
      slow: true,
    }, `${word} namespace ${nsid} ${preposition} ${which} of ${drive.target}`);
  }
  drive.forget();
}
