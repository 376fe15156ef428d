// What the drive knows of blocks that may be unrecoverable, and what it has told the host of them.

import type { Machine } from "../machine.ts";
import type { DamagedRange } from "../media/block_store.ts";
import type { Namespace } from "../namespace.ts";

/** Tracked blocks of a namespace: the drive knows that they cannot be read. */
export interface TrackedRange {
  readonly nsid: number;
  readonly lba: number;
  readonly count: number;
}

/** The LBA Status Information log as a controller tells it [NVM-1.1 §4.1.4]. */
export interface LbaStatusState {
  /** LSGC: counts up when the log has blocks that it did not have when it was last read. */
  generation: number;
  /** What the log had when it was last read. */
  reported: TrackedRange[];
  /** A host is reading the log and retains its event: the log stays as it is. */
  held: boolean;
  /** When the log was last read without retaining its event, on the drive's clock. */
  readAt: number;
}

/** The log of a drive that nobody has asked yet. */
export function initialLbaStatus(now: number): LbaStatusState {
  return { generation: 0, reported: [], held: false, readAt: now };
}

/** Milliseconds in one unit of the LBA Status Information Report Interval. */
export const REPORT_INTERVAL_UNIT_MS = 100;
const GENERATIONS = 0x1_0000;

/** Damage that the drive knows of; a latent one it has to come upon first. */
export function isTracked({ damage }: DamagedRange): boolean {
  return damage !== "latent";
}

/** The tracked blocks of the namespaces that a controller sees, by namespace and block. */
export function trackedRanges({ namespaces }: Pick<Machine, "namespaces">): TrackedRange[] {
  return namespaces.active().flatMap((namespace) => trackedIn(namespace));
}

/**
 * What the log says when it is read: new, or as it was while a host is reading it in pieces. A host
 * that retains the event holds the log until it reads it without [NVM-1.1 §5.2.1].
 */
export function readLbaStatus(
  machine: Machine,
  retains: boolean,
): Pick<LbaStatusState, "generation" | "reported"> {
  const status = machine.controller.lbaStatus;
  if (!(retains && status.held)) {
    const ranges = trackedRanges(machine);
    if (ranges.some((range) => !isCovered(range, status.reported))) {
      status.generation = (status.generation + 1) % GENERATIONS;
    }
    status.reported = ranges;
  }
  status.held = retains;
  if (!retains) status.readAt = machine.now();
  return status;
}

/**
 * Whether the host is to be alerted: there are tracked blocks, and the log was not read for as long
 * as the LBA Status Information Report Interval, in its units of 100 ms [NVM-1.1 §4.1.3.5]. An
 * interval of zero asks for no alerts.
 */
export function lbaStatusAlertDue(machine: Machine, reportInterval: number): boolean {
  const { readAt } = machine.controller.lbaStatus;
  if (reportInterval === 0) return false;
  if (machine.now() - readAt < reportInterval * REPORT_INTERVAL_UNIT_MS) return false;
  return trackedRanges(machine).length > 0;
}

function trackedIn({ nsid, media, blocks }: Namespace): TrackedRange[] {
  const ranges: TrackedRange[] = [];
  for (const { lba, count } of media.damaged(0, blocks).filter(isTracked)) {
    const last = ranges.at(-1);
    // Blocks of different damage are one range to the host.
    if (last && last.lba + last.count === lba) {
      ranges[ranges.length - 1] = { ...last, count: last.count + count };
    } else ranges.push({ nsid, lba, count });
  }
  return ranges;
}

/** Whether all blocks of a range are in ranges that are ascending and do not touch. */
function isCovered({ nsid, lba, count }: TrackedRange, ranges: readonly TrackedRange[]): boolean {
  return ranges.some((range) =>
    range.nsid === nsid && range.lba <= lba && range.lba + range.count >= lba + count
  );
}
