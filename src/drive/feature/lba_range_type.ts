// Feature 03h: what a host says that it uses ranges of blocks for.

import { LbaRange, LbaRangeData } from "../../spec/feature/data.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { inDword, refuse } from "../refusal.ts";
import type { DataFeature } from "./feature.ts";
import { storeData, storedData } from "./stored_data.ts";

/** The number of ranges in dword 11, 0's based. */
const NUMBER = 0x3f;

/** LBA Range Type [NVM-1.1 §4.1.3.1]: one range for everything until the host says otherwise. */
export const LbaRangeType: DataFeature = {
  kind: "data",
  fid: 0x03,
  scope: "namespace",
  saveable: false,
  persistent: true,
  size: () => LbaRangeData.size,
  read(machine, { slot, which }) {
    const kept = storedData(machine, LbaRangeType, { slot, which });
    const ranges = kept ?? LbaRange.encode({ nlb: lastBlock(machine, Number(slot)) });
    const data = new Uint8Array(LbaRangeData.size);
    data.set(ranges);
    return { data, dw0: ranges.length / LbaRange.size - 1 };
  },
  write(machine, data, { slot, command }) {
    const count = (command.cdw11 & NUMBER) + 1;
    checkRanges(LbaRangeData.decode(data).ranges.slice(0, count), lastBlock(machine, Number(slot)));
    storeData(machine, LbaRangeType, {
      slot,
      save: false,
      data: data.subarray(0, count * LbaRange.size),
    });
  },
};

function lastBlock({ namespaces }: Machine, nsid: number): bigint {
  return BigInt(namespaces.find(nsid)?.blocks ?? 1) - 1n;
}

function checkRanges(
  ranges: readonly { readonly slba: bigint; readonly nlb: bigint }[],
  last: bigint,
): void {
  const sorted = ranges.toSorted((one, other) => Number(one.slba - other.slba));
  let end = -1n;
  for (const { slba, nlb } of sorted) {
    if (slba + nlb > last) refuse(GENERIC.lbaOutOfRange, { lba: slba });
    if (slba <= end) refuse(COMMAND_SPECIFIC.overlappingRange, { location: inDword(11) });
    end = slba + nlb;
  }
}
