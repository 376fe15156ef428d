// Device Self-test: which test.

import { at, type Names, range, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** What to do, by STC [BASE-2.1 §5.1.5, Fig. 171]. */
export const SELF_TEST_CODE = {
  short: 0x1,
  extended: 0x2,
  refresh: 0x3,
  vendor: 0xe,
  abort: 0xf,
} as const;

/** The names of the codes. */
export const SELF_TEST_CODE_NAMES: Names = {
  [SELF_TEST_CODE.short]: "short",
  [SELF_TEST_CODE.extended]: "extended",
  [SELF_TEST_CODE.refresh]: "host-initiated refresh",
  [SELF_TEST_CODE.vendor]: "vendor specific",
  [SELF_TEST_CODE.abort]: "abort",
};

/** Command dword 10 of Device Self-test. */
export const SelfTestDword = struct(
  "Device Self-test command dword 10",
  4,
  "[BASE-2.1 §5.1.5, Fig. 171]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({ stc: range(3, 0, "code", { names: SELF_TEST_CODE_NAMES }) }),
      "Command dword 10",
    ),
  ],
);

/** Decoded command dword 10 of Device Self-test. */
export type SelfTestDword = ReturnType<typeof SelfTestDword.decode>;

/** Command dword 15 of Device Self-test. */
export const SelfTestParameter = struct(
  "Device Self-test command dword 15",
  4,
  "[BASE-2.1 §5.1.5, Fig. 172]",
  [at(0, 3, "cdw15", bits32({ dstp: range(15, 0, "parameter") }), "Command dword 15")],
);

/** Decoded command dword 15 of Device Self-test. */
export type SelfTestParameter = ReturnType<typeof SelfTestParameter.decode>;
