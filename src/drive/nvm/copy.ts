// Copy: blocks of a namespace, from several places to one.

import { NVM_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { IO_COMMAND } from "../../spec/status/io_commands.ts";
import type { Machine } from "../machine.ts";
import { countTransfer } from "../model/health.ts";
import { type CopyLimits, has, type Personality } from "../personality.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { done, type Handler, receive } from "../pipeline/handler.ts";
import { inDword, Refusal, refuse } from "../refusal.ts";
import { type BlockRange, checkRange, checkWritable, namespaceOf, partsOf } from "./blocks.ts";
import { copyRange, type CopySource, copySources } from "./copy_ranges.ts";
import { FORCE_UNIT_ACCESS, writeBlocks } from "./media_access.ts";
import {
  checkProtection,
  checkRequest,
  insertProtection,
  type ProtectionRequest,
  protectionRequest,
  referenceTagAt,
} from "./protection.ts";
import { load } from "./read_write.ts";

/** At most 8 MiB of blocks of 4 KiB: what a drive copies in a moment, others do not wait for it. */
const DEFAULT_LIMITS: CopyLimits = { rangeBlocks: 256, blocks: 2048, ranges: 128 };

/** How much one Copy of this kind of drive may copy. */
export function copyLimits({ copy = DEFAULT_LIMITS }: Personality): CopyLimits {
  return copy;
}

/** What is to be copied, checked as far as that goes without the blocks. */
interface Job {
  readonly destination: BlockRange;
  /** Protection information as the command wants it written. */
  readonly write: ProtectionRequest;
  /** What it wants checked of what is read; each source has its own tags. */
  readonly read: ProtectionRequest;
  readonly fua: boolean;
}

/**
 * Copy [NVM-1.1 §3.3.2]. Ranges are copied one after the other, so that where sources and
 * destination overlap a later range reads what an earlier one wrote; the specification leaves that
 * open. When a range fails, dword 0 of the completion is its number: those before it are copied.
 */
export const Copy: Handler = {
  opcode: NVM_COMMANDS.copy.opcode,
  nsid: "active",
  effects: { blockContent: true, scope: "namespace" },
  supported: (personality) => has(personality, "copy"),
  execute(machine, exchange) {
    const namespace = namespaceOf(machine, exchange);
    const { cdw12 } = exchange.entry;
    const descriptor = copyRange((cdw12 >>> 8) & 0xf);
    if (!descriptor) refuse(GENERIC.invalidField, { location: inDword(12, 8) });
    if (namespace.state.protection !== 0 && descriptor !== copyRange(0)) {
      refuse(GENERIC.invalidNamespace, { location: inDword(12, 8) });
    }
    const count = (cdw12 & 0xff) + 1;
    if (count > copyLimits(machine.personality).ranges) {
      refuse(IO_COMMAND.sizeLimit, { location: inDword(12) });
    }
    return receive({ data: count * descriptor.size, metadata: 0 }, ({ data }) => {
      const sources = copySources(descriptor, data);
      const job = jobOf(machine, exchange, sources);
      copyAll(machine, job, sources);
      return done();
    });
  },
};

function jobOf(machine: Machine, exchange: Exchange, sources: readonly CopySource[]): Job {
  const { entry } = exchange;
  const { cdw10, cdw11, cdw12 } = entry;
  const namespace = namespaceOf(machine, exchange);
  const limits = copyLimits(machine.personality);
  const total = sources.reduce((sum, { count }) => sum + count, 0);
  if (total > limits.blocks || sources.some(({ count }) => count > limits.rangeBlocks)) {
    refuse(IO_COMMAND.sizeLimit);
  }
  for (const { lba, count } of sources) checkRange(namespace, lba, count, "data");
  const destination = checkRange(namespace, (BigInt(cdw11) << 32n) | BigInt(cdw10), total);
  checkWritable(machine, destination);
  const write = protectionRequest(entry);
  // The read part's PRINFO has the same bits lower down: 15:12 instead of 29:26.
  const read = protectionRequest({ ...entry, cdw12: (cdw12 << 14) >>> 0 });
  if (namespace.state.protection !== 0) {
    if (read.action !== write.action) {
      refuse(GENERIC.invalidField, { location: inDword(12, 26) });
    }
    checkRequest(destination, write);
  }
  return { destination, write, read, fua: (cdw12 & FORCE_UNIT_ACCESS) !== 0 };
}

function copyAll(machine: Machine, job: Job, sources: readonly CopySource[]): void {
  let copied = 0;
  sources.forEach((source, index) => {
    try {
      copyOne(machine, job, { source, copied });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.status, { ...error.blame, dw0: index });
    }
    copied += source.count;
  });
  countTransfer(machine, "write", copied * job.destination.namespace.blockBytes);
}

/**
 * Copies one range in parts, of which only one is in memory. Where the destination begins within
 * the source the last part goes first, so that no part is overwritten before it was read.
 */
function copyOne(
  machine: Machine,
  job: Job,
  { source, copied }: { readonly source: CopySource; readonly copied: number },
): void {
  const { namespace, lba } = job.destination;
  const from = { namespace, lba: Number(source.lba), count: source.count };
  const protection = { ...job.read, ...tagsOf(source) };
  if (namespace.state.protection !== 0) checkRequest(from, protection);
  const shift = lba + copied - from.lba;
  const parts = [...partsOf(from)];
  if (shift > 0 && shift < from.count) parts.reverse();
  for (const part of parts) {
    const offset = part.lba - from.lba;
    copyPart(machine, job, {
      from: part,
      to: { ...part, lba: part.lba + shift },
      read: { ...protection, referenceTag: referenceTagAt(namespace, protection, offset) },
      write: { ...job.write, referenceTag: referenceTagAt(namespace, job.write, copied + offset) },
    });
  }
}

function copyPart(
  machine: Machine,
  job: Job,
  { from, to, read, write }: Pick<Job, "read" | "write"> & {
    readonly from: BlockRange;
    readonly to: BlockRange;
  },
): void {
  const blocks = load(machine, { range: from, protection: read, fua: false });
  if (from.namespace.state.protection !== 0) {
    if (write.action) insertProtection(to, blocks, write);
    else checkProtection(to, blocks, write);
  }
  writeBlocks(machine, to, blocks, job.fua);
}

function tagsOf(
  { referenceTag, applicationTag, applicationTagMask }: CopySource,
): Pick<ProtectionRequest, "referenceTag" | "applicationTag" | "applicationTagMask"> {
  return { referenceTag, applicationTag, applicationTagMask };
}
