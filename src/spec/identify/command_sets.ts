// Which I/O command sets a controller has, and which of them it can use together (CNS 1Ch).

import { array, at, bit, bits, type Names, struct, u64 } from "../../layout/mod.ts";

/** The command set identifiers, by what CSI says [BASE-2.1 §5.1.13.1, Fig. 311]. */
export const COMMAND_SET = { nvm: 0, kv: 1, zns: 2, slm: 3, cp: 4 } as const;

/** The names of the command sets. */
export const COMMAND_SET_NAMES: Names = {
  [COMMAND_SET.nvm]: "NVM Command Set",
  [COMMAND_SET.kv]: "Key Value Command Set",
  [COMMAND_SET.zns]: "Zoned Namespace Command Set",
  [COMMAND_SET.slm]: "Subsystem Local Memory Command Set",
  [COMMAND_SET.cp]: "Computational Programs Command Set",
};

/** Combinations in the data structure. */
const COMBINATIONS = 512;

/** An I/O Command Set Vector [BASE-2.1 §5.1.13.2.19, Fig. 328]. */
export const CommandSetVector = bits(u64, {
  nvmcs: bit(0, "NVM"),
  kvcs: bit(1, "Key Value"),
  znscs: bit(2, "Zoned Namespace"),
  slmcs: bit(3, "Subsystem Local Memory"),
  cpncs: bit(4, "Computational Programs"),
});

/** A decoded I/O Command Set Vector. */
export type CommandSetVector = ReturnType<typeof CommandSetVector.get>;

/** The Identify I/O Command Set data structure: combinations, zeros after the last. */
export const CommandSets = struct(
  "Identify I/O Command Set",
  4096,
  "[BASE-2.1 §5.1.13.2.19, Fig. 327]",
  [
    at(
      0,
      4095,
      "iocsc",
      array(CommandSetVector, COMBINATIONS),
      "Command sets that work together",
    ),
  ],
);

/** A decoded Identify I/O Command Set data structure. */
export type CommandSets = ReturnType<typeof CommandSets.decode>;

/** The combinations, by the index that the I/O Command Set Profile feature takes. */
export function combinations({ iocsc }: CommandSets): readonly CommandSetVector[] {
  const end = iocsc.findIndex(({ value }) => value === 0n);
  return end < 0 ? iocsc : iocsc.slice(0, end);
}
