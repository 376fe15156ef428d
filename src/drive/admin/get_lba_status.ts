// Get LBA Status: which blocks of a range cannot be read.

import { encodeLbaStatus, type LbaStatusRange } from "../../spec/lba_status.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { DamagedRange } from "../media/block_store.ts";
import { isTracked } from "../model/lba_status.ts";
import { checkRange, namespaceOf } from "../nvm/blocks.ts";
import { has } from "../personality.ts";
import { type Handler, send } from "../pipeline/handler.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { inDword, refuse } from "../refusal.ts";

/** Action types [NVM-1.1 §4.2.1]: look for damage that nobody knew of, or tell what is known. */
const ACTION = { scan: 0x10, tracked: 0x11 } as const;
/** Completion conditions: as much as was asked for; everything there is. */
const COMPLETION = { cut: 1, whole: 2 } as const;
const LIST_BYTES = 8;
const DESCRIPTOR_BYTES = 16;
/** A descriptor counts its blocks in 32 bits, 0's based. */
const MOST_BLOCKS = 2 ** 32;

/** Get LBA Status [NVM-1.1 §4.2.1]. */
export const GetLbaStatus: Handler = {
  opcode: ADMIN_COMMANDS.getLbaStatus.opcode,
  nsid: "active",
  effects: { scope: "namespace" },
  supported: (personality) => has(personality, "get-lba-status"),
  execute(machine, exchange) {
    const { cdw10, cdw11, cdw12, cdw13 } = exchange.entry;
    const namespace = namespaceOf(machine, exchange);
    const action = cdw13 >>> 24;
    if (action !== ACTION.scan && action !== ACTION.tracked) {
      refuse(GENERIC.invalidField, { location: inDword(13, 24) });
    }
    const start = (BigInt(cdw11) << 32n) | BigInt(cdw10);
    const { lba } = checkRange(namespace, start, 1);
    // A length of zero reaches to the end of the namespace.
    const count = (cdw13 & 0xffff) || namespace.blocks - lba;
    checkRange(namespace, start, count);
    const bytes = (cdw12 + 1) * 4;
    checkTransferSize(machine, bytes, inDword(12));
    if (action === ACTION.scan) namespace.media.discover(lba, count);
    const ranges = namespace.media.damaged(lba, count).filter(isTracked).flatMap(statusRanges);
    const room = Math.max(0, Math.floor((bytes - LIST_BYTES) / DESCRIPTOR_BYTES));
    const answer = encodeLbaStatus({
      completion: ranges.length > room ? COMPLETION.cut : COMPLETION.whole,
      ranges: ranges.slice(0, room),
    });
    return send(answer.subarray(0, bytes));
  },
};

function statusRanges({ lba, count, damage }: DamagedRange): readonly LbaStatusRange[] {
  const ranges: LbaStatusRange[] = [];
  for (let done = 0; done < count; done += MOST_BLOCKS) {
    ranges.push({
      start: BigInt(lba + done),
      blocks: Math.min(count - done, MOST_BLOCKS),
      unrecovered: true,
      writtenUncorrectable: damage === "written",
    });
  }
  return ranges;
}
