// Get Features and Set Features: the dwords that every feature shares.

import { at, bit, type Names, range, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";
import { dword0 } from "./dword_layouts.ts";
import { FEATURE_SELECT } from "./registry.ts";

const SELECT_NAMES: Names = {
  [FEATURE_SELECT.current]: "current value",
  [FEATURE_SELECT.default]: "default value",
  [FEATURE_SELECT.saved]: "saved value",
  [FEATURE_SELECT.capabilities]: "capabilities",
};

/** Command dword 10 of Get Features. */
export const GetFeaturesDword = struct(
  "Get Features command dword 10",
  4,
  "[BASE-2.1 §5.1.11, Fig. 192]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        fid: range(7, 0, "feature"),
        sel: range(10, 8, "select", { names: SELECT_NAMES }),
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded command dword 10 of Get Features. */
export type GetFeaturesDword = ReturnType<typeof GetFeaturesDword.decode>;

/** What Get Features answers when asked for capabilities. */
export const FeatureCapabilities = dword0(
  "Get Features, capabilities",
  "[BASE-2.1 §5.1.11, Fig. 195]",
  {
    saveable: bit(0, "can be saved"),
    nsSpecific: bit(1, "each namespace has its own"),
    changeable: bit(2, "can be changed"),
  },
);

/** Decoded capabilities of a feature. */
export type FeatureCapabilities = ReturnType<typeof FeatureCapabilities.decode>;

/** Command dword 10 of Set Features. */
export const SetFeaturesDword = struct(
  "Set Features command dword 10",
  4,
  "[BASE-2.1 §5.1.25, Fig. 383]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({ fid: range(7, 0, "feature"), sv: bit(31, "save") }),
      "Command dword 10",
    ),
  ],
);

/** Decoded command dword 10 of Set Features. */
export type SetFeaturesDword = ReturnType<typeof SetFeaturesDword.decode>;

/** Command dword 14 of both: which UUID list entry gives a vendor specific feature its meaning. */
export const FeatureUuidDword = struct(
  "Get and Set Features command dword 14",
  4,
  "[BASE-2.1 §5.1.25, Fig. 384]",
  [at(0, 3, "cdw14", bits32({ uidx: range(6, 0, "UUID index") }), "Command dword 14")],
);

/** Decoded command dword 14. */
export type FeatureUuidDword = ReturnType<typeof FeatureUuidDword.decode>;
