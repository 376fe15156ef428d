// How commands get at the media: through the taps of `nvme:media:*`, with what the media cannot do
// turned into a status. A plug-in sees what a command is about to do to blocks and can change it.

import { MEDIA } from "../../spec/status/media.ts";
import { decodeStatus } from "../../spec/status/status.ts";
import { currentValue } from "../feature/feature.ts";
import { VolatileWriteCache } from "../feature/word_features.ts";
import type { Machine } from "../machine.ts";
import { type Blocks, StorageFailure } from "../media/block_store.ts";
import type { Namespace } from "../namespace.ts";
import { type RefusalStatus, refuse } from "../refusal.ts";
import { decideAtOnce, type Decision } from "../tap/at_once.ts";
import type { Claim, MediaTap } from "../tap/verdict.ts";
import type { BlockRange } from "./blocks.ts";

/** The taps of media accesses. */
type MediaTapName = `nvme:media:${"read" | "write" | "flush" | "deallocate"}`;

/** Force Unit Access, in command dword 12 of reading and writing commands [NVM-1.1 §3.3.6]. */
export const FORCE_UNIT_ACCESS = 0x4000_0000;

/**
 * Reads blocks, from the media themselves where `fua` says so. Refuses with 02h/81h and the first
 * block where some are damaged. What a plug-in decides: other data (the rest stays as it was),
 * other blocks (`lba`), nothing at all (`drop`: zeros), a refusal or data of its own (`claim`).
 */
export function readBlocks(machine: Machine, range: BlockRange, fua = false): Blocks {
  checkReadable(range);
  const { namespace: { media }, lba, count } = range;
  const blocks = attempt(MEDIA.unrecoveredRead, lba, () => {
    if (fua && media.isDirty) media.flush();
    return media.read(lba, count);
  });
  const decision = decide(machine, "nvme:media:read", range, blocks.data);
  return decision ? decidedRead(range, blocks, decision) : blocks;
}

/** Refuses with 02h/81h and the first damaged block, if there is one; the drive knows it then. */
export function checkReadable({ namespace: { media }, lba, count }: BlockRange): void {
  const [damaged] = media.damaged(lba, count);
  if (!damaged) return;
  attempt(MEDIA.unrecoveredRead, damaged.lba, () => media.discover(damaged.lba, damaged.count));
  refuse(MEDIA.unrecoveredRead, { lba: BigInt(damaged.lba) });
}

/**
 * Writes blocks: into the volatile write cache where it is on, to the media where it is off or
 * `fua` says so. What a plug-in decides: other data, another place (`lba`), fewer blocks (`count`),
 * nothing at all (`drop`), a refusal (`claim`).
 */
export function writeBlocks(
  machine: Machine,
  range: BlockRange,
  blocks: Blocks,
  fua = false,
): void {
  const decision = decide(machine, "nvme:media:write", range, blocks.data);
  const target = decision ? decidedTarget(range, decision) : range;
  if (target.count === 0) return;
  const { media } = range.namespace;
  const data = decision?.context.data;
  const content = decision && data ? cutTo(target, { ...blocks, data }) : blocks;
  const keeps = !fua && cacheEnabled(machine) ? "cached" : "at-once";
  attempt(MEDIA.writeFault, range.lba, () => {
    media.write(target.lba, target.count, content, keeps);
  });
}

/** A change of blocks that needs no data: it is kept at once, cache or not. */
export type Change = "zero" | "deallocate" | "damage";

/**
 * Changes blocks, and says which: plug-ins decide as for a write. To them zeroing and damaging is a
 * write without data.
 */
export function changeBlocks(machine: Machine, range: BlockRange, change: Change): BlockRange {
  const tap = change === "deallocate" ? "nvme:media:deallocate" : "nvme:media:write";
  const decision = decide(machine, tap, range);
  const target = decision ? decidedTarget(range, decision) : range;
  const { namespace: { media }, lba, count } = target;
  if (count === 0) return target;
  attempt(MEDIA.writeFault, range.lba, () => {
    if (change === "zero") media.zero(lba, count);
    else if (change === "deallocate") media.deallocate(lba, count);
    else media.damage(lba, count, "written");
  });
  return target;
}

/** Writes what waits in the cache to the media; a plug-in that drops it leaves it in the cache. */
export function flushNamespace(machine: Machine, namespace: Namespace): void {
  const range = { namespace, lba: 0, count: namespace.blocks };
  const decision = decide(machine, "nvme:media:flush", range);
  if (decision?.final) return refuseClaimed(range, decision.final);
  attempt(MEDIA.writeFault, 0, () => namespace.media.flush());
}

/** Whether writes wait in the volatile write cache [BASE-2.1 §5.1.25.1.4]. */
export function cacheEnabled(machine: Machine): boolean {
  return machine.personality.writeCache && currentValue(machine, VolatileWriteCache) === 1;
}

function decide(
  { drive, controller, now }: Machine,
  tap: MediaTapName,
  { namespace, lba, count }: BlockRange,
  data?: Uint8Array,
): Decision<MediaTap> | undefined {
  if (!drive.taps.armed[tap]) return undefined;
  const { nsid, blockBytes } = namespace;
  return decideAtOnce(drive.taps, tap, (): MediaTap => ({
    kind: "media",
    tap,
    device: drive.device,
    controller: controller.id,
    now: now(),
    nsid,
    lba,
    count,
    blockBytes,
    ...(data ? { data } : {}),
  }));
}

function decidedRead(
  range: BlockRange,
  blocks: Blocks,
  { context, final }: Decision<MediaTap>,
): Blocks {
  if (final && final.kind !== "claim") {
    return { ...blocks, data: new Uint8Array(blocks.data.length) };
  }
  if (final) refuseClaimed(range, final);
  const data = final?.data ?? context.data ?? blocks.data;
  if (data !== blocks.data) {
    const whole = blocks.data.slice();
    whole.set(data.subarray(0, whole.length));
    return { ...blocks, data: whole };
  }
  const elsewhere = within(range, context.lba, range.count);
  if (context.lba === range.lba || elsewhere.count < range.count) return blocks;
  return range.namespace.media.read(elsewhere.lba, elsewhere.count);
}

/** Where a change of blocks goes after all; of no blocks where it does not happen. */
function decidedTarget(range: BlockRange, { context, final }: Decision<MediaTap>): BlockRange {
  if (final) {
    refuseClaimed(range, final);
    return { ...range, count: 0 };
  }
  const { data } = context;
  const filled = data ? Math.ceil(data.length / range.namespace.blockBytes) : range.count;
  return within(range, context.lba, Math.min(wholeOr(context.count, range.count), filled));
}

/** The part of a range that lies in the namespace. */
function within({ namespace }: BlockRange, lba: number, count: number): BlockRange {
  const first = Math.max(0, Math.min(wholeOr(lba, namespace.blocks), namespace.blocks));
  return { namespace, lba: first, count: Math.max(0, Math.min(count, namespace.blocks - first)) };
}

/** What a plug-in gave, if it is a number of blocks. */
function wholeOr(value: number, otherwise: number): number {
  return Number.isSafeInteger(value) ? value : otherwise;
}

/** As many blocks as the target has; data that ends within a block is filled with zeros. */
function cutTo({ namespace, count }: BlockRange, { data, metadata }: Blocks): Blocks {
  const whole = new Uint8Array(count * namespace.blockBytes);
  whole.set(data.subarray(0, whole.length));
  return { data: whole, metadata: metadata.subarray(0, count * namespace.metadataBytes) };
}

/** Refuses with the status of a claim; a claim of success refuses nothing. */
function refuseClaimed(
  { lba }: BlockRange,
  final: NonNullable<Decision<MediaTap>["final"]>,
): void {
  const status = final.kind === "claim" ? claimedStatus(final) : undefined;
  if (status) refuse(status, { lba: BigInt(lba) });
}

function claimedStatus({ status = 0 }: Claim): RefusalStatus | undefined {
  const { type, code, doNotRetry = false } = typeof status === "number"
    ? decodeStatus(status & 0x7fff)
    : status;
  if (type === 0 && code === 0) return undefined;
  return { type, code, name: "status of a plug-in", doNotRetry };
}

/** Runs an access; a storage that cannot do it is a media error. */
function attempt<T>(status: RefusalStatus, lba: number, access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof StorageFailure) refuse(status, { lba: BigInt(lba) });
    throw error;
  }
}
