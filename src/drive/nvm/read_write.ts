// Read, Write, Compare and Verify.

import { NVM_COMMANDS } from "../../spec/opcode.ts";
import { MEDIA } from "../../spec/status/media.ts";
import type { Machine } from "../machine.ts";
import type { Blocks } from "../media/block_store.ts";
import { countTransfer } from "../model/health.ts";
import { has } from "../personality.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { done, type Handler, receive, send } from "../pipeline/handler.ts";
import { refuse } from "../refusal.ts";
import {
  type BlockRange,
  checkAllocated,
  checkedSizes,
  checkWritable,
  partsOf,
  PROTECTION_BYTES,
  rangeOf,
  toBlocks,
  toPayload,
} from "./blocks.ts";
import { checkReadable, FORCE_UNIT_ACCESS, readBlocks, writeBlocks } from "./media_access.ts";
import {
  checkProtection,
  checkRequest,
  insertProtection,
  isBare,
  markUnwritten,
  type ProtectionRequest,
  protectionRequest,
  referenceTagAt,
} from "./protection.ts";

/** What these commands are about, checked as far as that goes without data. */
interface Access {
  readonly range: BlockRange;
  readonly protection: ProtectionRequest;
  /** No metadata moves. */
  readonly bare: boolean;
  /** The media themselves, not the cache. */
  readonly fua: boolean;
}

/** Read [NVM-1.1 §3.3.4]. */
export const Read: Handler = {
  opcode: NVM_COMMANDS.read.opcode,
  nsid: "active",
  effects: { scope: "namespace" },
  execute(machine, exchange) {
    const access = accessOf(machine, exchange);
    const sizes = checkedSizes(machine, access.range, access.bare);
    const blocks = load(machine, access);
    countTransfer(machine, "read", blocks.data.length);
    const { data, metadata } = toPayload(access.range, blocks, access.bare);
    return send(data, sizes.metadata === 0 ? {} : { metadata });
  },
};

/** Write [NVM-1.1 §3.3.6]. */
export const Write: Handler = {
  opcode: NVM_COMMANDS.write.opcode,
  nsid: "active",
  effects: { blockContent: true, scope: "namespace" },
  execute(machine, exchange) {
    const access = accessOf(machine, exchange);
    const { range, protection, bare } = access;
    const sizes = checkedSizes(machine, range, bare);
    checkWritable(machine, range);
    return receive(sizes, (payload) => {
      const blocks = toBlocks(range, payload, bare);
      if (range.namespace.state.protection !== 0) {
        if (protection.action) insertProtection(range, blocks, protection);
        else checkProtection(range, blocks, protection);
      }
      writeBlocks(machine, range, blocks, access.fua);
      countTransfer(machine, "write", blocks.data.length);
      return done();
    });
  },
};

/** Compare [NVM-1.1 §3.3.1]: what the host sends with what is stored, metadata included. */
export const Compare: Handler = {
  opcode: NVM_COMMANDS.compare.opcode,
  nsid: "active",
  effects: { scope: "namespace" },
  supported: (personality) => has(personality, "compare"),
  execute(machine, exchange) {
    const access = accessOf(machine, exchange);
    const { range, bare } = access;
    return receive(checkedSizes(machine, range, bare), (payload) => {
      const stored = load(machine, access);
      const sent = toBlocks(range, payload, bare);
      countTransfer(machine, "read", stored.data.length);
      const differing = firstDifference(access, sent, stored);
      if (differing !== undefined) refuse(MEDIA.compare, { lba: BigInt(differing) });
      return done();
    });
  },
};

/** Verify [NVM-1.1 §3.3.5]: a read whose data stays in the drive. */
export const Verify: Handler = {
  opcode: NVM_COMMANDS.verify.opcode,
  nsid: "active",
  effects: { scope: "namespace" },
  supported: (personality) => has(personality, "verify"),
  execute(machine, exchange) {
    const { range, protection } = accessOf(machine, exchange);
    const reads = range.namespace.state.protection !== 0 ||
      machine.drive.taps.armed["nvme:media:read"] !== undefined;
    for (const part of partsOf(range)) {
      if (!reads) {
        checkAllocated(machine, part);
        checkReadable(part);
        continue;
      }
      const referenceTag = referenceTagAt(range.namespace, protection, part.lba - range.lba);
      load(machine, { range: part, protection: { ...protection, referenceTag }, fua: false });
    }
    const bytes = range.count * range.namespace.blockBytes;
    machine.state.counters.sectorsRead += BigInt(bytes / 512);
    return done();
  },
};

function accessOf(machine: Machine, exchange: Exchange): Access {
  const range = rangeOf(machine, exchange);
  const protection = protectionRequest(exchange.entry);
  if (range.namespace.state.protection !== 0) checkRequest(range, protection);
  const fua = (exchange.entry.cdw12 & FORCE_UNIT_ACCESS) !== 0;
  return { range, protection, bare: isBare(range.namespace, protection), fua };
}

/** The stored blocks, checked as the command asks. */
export function load(
  machine: Machine,
  { range, protection, fua }: Pick<Access, "range" | "protection" | "fua">,
): Blocks {
  checkAllocated(machine, range);
  const { namespace } = range;
  const blocks = readBlocks(machine, range, fua);
  markUnwritten(range, blocks);
  if (namespace.state.protection !== 0) checkProtection(range, blocks, protection);
  return blocks;
}

/**
 * The first block that differs. Protection information that did not travel is left out, and so is
 * that which the drive checks by itself.
 */
function firstDifference(
  { range, bare }: Access,
  sent: Blocks,
  stored: Blocks,
): number | undefined {
  const { namespace, lba, count } = range;
  const { blockBytes, metadataBytes, state: { protection, protectionFirst } } = namespace;
  const from = protection !== 0 && protectionFirst ? PROTECTION_BYTES : 0;
  const to = protection !== 0 && !protectionFirst
    ? metadataBytes - PROTECTION_BYTES
    : metadataBytes;
  for (let block = 0; block < count; block++) {
    const data = block * blockBytes;
    const metadata = block * metadataBytes;
    if (
      !same(sent.data, stored.data, data, data + blockBytes) ||
      (!bare && !same(sent.metadata, stored.metadata, metadata + from, metadata + to))
    ) return lba + block;
  }
  return undefined;
}

function same(one: Uint8Array, other: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (one[at] !== other[at]) return false;
  return true;
}
