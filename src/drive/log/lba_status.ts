// Log page 0Eh: where blocks are that may not be read any more.

import {
  encodeLbaStatusLog,
  type LbaRange,
  type LbaStatusNamespace,
} from "../../spec/log/lba_status_information.ts";
import { readLbaStatus, type TrackedRange } from "../model/lba_status.ts";
import type { DriveLogPage } from "./page.ts";

/** In Get LBA Status: return what is tracked, without a scan. */
const TRACKED = 0x11;
/** ESTULB is 32 bits wide, and all ones say that there is no estimate. */
const MOST_ESTIMATED = 0xffff_fffe;
/** A range counts its blocks in 32 bits, 0's based. */
const MOST_BLOCKS = 2 ** 32;

/** LBA Status Information [NVM-1.1 §4.1.4]. */
export const LbaStatusInformationPage: DriveLogPage = {
  lid: 0x0e,
  read(machine, { rae }) {
    const { generation, reported } = readLbaStatus(machine, rae);
    const total = reported.reduce((sum, { count }) => sum + count, 0);
    return encodeLbaStatusLog({
      generation,
      unrecoverable: Math.min(total, MOST_ESTIMATED),
      namespaces: byNamespace(reported),
    });
  },
};

function byNamespace(ranges: readonly TrackedRange[]): readonly LbaStatusNamespace[] {
  const namespaces = new Map<number, LbaRange[]>();
  for (const { nsid, lba, count } of ranges) {
    const list = namespaces.get(nsid) ?? [];
    namespaces.set(nsid, list);
    for (let done = 0; done < count; done += MOST_BLOCKS) {
      list.push({ start: BigInt(lba + done), blocks: Math.min(count - done, MOST_BLOCKS) });
    }
  }
  return [...namespaces].map(([nsid, list]) => ({ nsid, action: TRACKED, ranges: list }));
}
