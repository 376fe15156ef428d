// The command dwords of Set Features of what the NVM and Key Value command sets add.

import { bit, range, type Unit } from "../../layout/mod.ts";
import { dword0, dword11 } from "./dword_layouts.ts";
import { hundredMilliseconds } from "./dwords.ts";

/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };

const RANGES = { num: range(5, 0, "ranges", { unit: counted }) } as const;

/** LBA Range Type; the number of ranges is 0's based. */
export const LbaRangeTypeDwords = dword11("LBA Range Type", "[NVM-1.1 §4.1.3.1]", RANGES);

/** Error Recovery. */
export const ErrorRecoveryDwords = dword11("Error Recovery", "[NVM-1.1 §4.1.3.2]", {
  tler: range(15, 0, "time limit", { unit: hundredMilliseconds }),
  dulbe: bit(16, "deallocated blocks are errors"),
});

/** Write Atomicity Normal. */
export const WriteAtomicityDwords = dword11("Write Atomicity Normal", "[NVM-1.1 §4.1.3.3]", {
  dn: bit(0, "only what holds in a power failure"),
});

/** LBA Status Information Attributes; Set Features answers with them too. */
export const LbaStatusDwords = dword11("LBA Status Information Attributes", "[NVM-1.1 §4.1.3.5]", {
  lsiri: range(15, 0, "report interval", { unit: hundredMilliseconds }),
  lsipi: range(31, 16, "poll interval", { unit: hundredMilliseconds }),
});

/** Which performance attribute, by ATTRI [NVM-1.1 §4.1.3.7]. */
export const PERFORMANCE_ATTRIBUTE = { standard: 0x00, identifiers: 0xc0, vendor: 0xc1 } as const;

/** Performance Characteristics. */
export const PerformanceDwords = dword11("Performance Characteristics", "[NVM-1.1 §4.1.3.7]", {
  attri: range(7, 0, "attribute"),
  rvspa: bit(8, "revert vendor specific attribute"),
});

/** Key Value Configuration. */
export const KeyValueDwords = dword11("Key Value Configuration", "[KV-1.1 §4.1.3.1]", {
  ednek: bit(0, "deleting an absent key is an error"),
});

/** Dword 0 of LBA Range Type. */
export const LbaRangeTypeResult = dword0("LBA Range Type", "[NVM-1.1 §4.1.3.1]", RANGES);
