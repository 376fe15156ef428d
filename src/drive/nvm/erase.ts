// Commands that change blocks without data for them: Write Zeroes, Write Uncorrectable, Dataset
// Management; and Flush.

import { at, List, struct, u32, u64 } from "../../layout/mod.ts";
import { COMMON_IO_COMMANDS, NVM_COMMANDS } from "../../spec/opcode.ts";
import { IO_COMMAND } from "../../spec/status/io_commands.ts";
import { type DatasetLimits, has } from "../personality.ts";
import { done, type Handler, receive } from "../pipeline/handler.ts";
import { inDword, refuse } from "../refusal.ts";
import {
  type BlockRange,
  checkRange,
  checkWritable,
  namespaceOf,
  partsOf,
  rangeOf,
} from "./blocks.ts";
import { changeBlocks, flushNamespace } from "./media_access.ts";
import { insertProtection, protectionRequest, referenceTagAt } from "./protection.ts";

/** One range of Dataset Management; its count of blocks is not 0's based. */
export const DatasetRange = struct("Dataset Management range", 16, "[NVM-1.1 §3.3.3]", [
  at(0, 3, "attributes", u32, "Context attributes"),
  at(4, 7, "blocks", u32, "Logical blocks"),
  at(8, 15, "lba", u64, "Starting LBA"),
]);

/** The data of Dataset Management. */
export const DatasetRanges = new List(
  "Dataset Management ranges",
  "[NVM-1.1 §3.3.3]",
  DatasetRange,
);

/** Deallocate, in command dword 12 of Write Zeroes and in dword 11 of Dataset Management. */
const WRITE_ZEROES_DEALLOCATES = 0x0200_0000;
const DATASET_DEALLOCATES = 0x4;
/** PRCHK, in command dword 12. */
const PROTECTION_CHECKS = 0x1c00_0000;

/** Flush [BASE-2.1 §7.2], of one namespace or of all that the controller sees. */
export const Flush: Handler = {
  opcode: COMMON_IO_COMMANDS.flush.opcode,
  nsid: "active-or-all",
  effects: { scope: "namespace" },
  execute(machine, { namespace }) {
    const namespaces = namespace ? [namespace] : machine.namespaces.active();
    for (const one of namespaces) flushNamespace(machine, one);
    return done();
  },
};

/** Write Zeroes [NVM-1.1 §3.3.8]. */
export const WriteZeroes: Handler = {
  opcode: NVM_COMMANDS.writeZeroes.opcode,
  nsid: "active",
  effects: { blockContent: true, scope: "namespace" },
  supported: (personality) => has(personality, "write-zeroes"),
  execute(machine, exchange) {
    const range = rangeOf(machine, exchange);
    const { cdw12 } = exchange.entry;
    const { namespace: { media, state }, lba } = range;
    if (state.protection !== 0 && (cdw12 & PROTECTION_CHECKS) !== 0) {
      refuse(IO_COMMAND.protectionInformation, { location: inDword(12, 26), lba: BigInt(lba) });
    }
    checkWritable(machine, range);
    if ((cdw12 & WRITE_ZEROES_DEALLOCATES) !== 0) {
      changeBlocks(machine, range, "deallocate");
      return done();
    }
    const zeroed = changeBlocks(machine, range, "zero");
    const protection = protectionRequest(exchange.entry);
    if (state.protection === 0 || !protection.action) return done();
    for (const part of partsOf(zeroed)) {
      const referenceTag = referenceTagAt(range.namespace, protection, part.lba - lba);
      const blocks = media.read(part.lba, part.count);
      insertProtection(part, blocks, { ...protection, referenceTag });
      media.write(part.lba, part.count, blocks);
    }
    return done();
  },
};

/** Write Uncorrectable [NVM-1.1 §3.3.7]: the blocks cannot be read until they are written. */
export const WriteUncorrectable: Handler = {
  opcode: NVM_COMMANDS.writeUncorrectable.opcode,
  nsid: "active",
  effects: { blockContent: true, scope: "namespace" },
  supported: (personality) => has(personality, "write-uncorrectable"),
  execute(machine, exchange) {
    const range = rangeOf(machine, exchange);
    checkWritable(machine, range);
    changeBlocks(machine, range, "damage");
    return done();
  },
};

/** Dataset Management [NVM-1.1 §3.3.3]: deallocates; its hints change nothing here. */
export const DatasetManagement: Handler = {
  opcode: NVM_COMMANDS.datasetManagement.opcode,
  nsid: "active",
  effects: { blockContent: true, scope: "namespace" },
  supported: (personality) => has(personality, "dataset-management"),
  execute(machine, exchange) {
    const namespace = namespaceOf(machine, exchange);
    const { cdw10, cdw11 } = exchange.entry;
    const count = (cdw10 & 0xff) + 1;
    const deallocates = (cdw11 & DATASET_DEALLOCATES) !== 0;
    return receive({ data: count * DatasetRange.size, metadata: 0 }, ({ data }) => {
      const ranges = DatasetRanges.decode(data)
        .map(({ lba, blocks }) => checkRange(namespace, lba, blocks, "data"));
      if (!deallocates) return done();
      for (const range of ranges) checkWritable(machine, range);
      for (const range of limited(ranges, machine.personality.dataset)) {
        changeBlocks(machine, range, "deallocate");
      }
      return done();
    });
  },
};

/** What a drive with limits looks at; it leaves the rest alone [NVM-1.1 §3.3.3.1]. */
function limited(
  ranges: readonly BlockRange[],
  limits: DatasetLimits | undefined,
): readonly BlockRange[] {
  if (!limits) return ranges;
  let before = 0;
  return ranges.slice(0, limits.ranges).map((range) => {
    const rest = Math.max(0, limits.blocks - before);
    before += range.count;
    return { ...range, count: Math.min(range.count, limits.rangeBlocks, rest) };
  });
}
