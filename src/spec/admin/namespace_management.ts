// Namespace Management and Namespace Attachment. Attachment transfers a Controller List, which
// stands with the lists of Identify.

import {
  array,
  at,
  bit,
  bits,
  hex,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { COMMAND_SET_NAMES } from "../identify/command_sets.ts";
import { NMIC } from "../identify/namespace_fields.ts";
import { bits32 } from "../words.ts";

/** What is done, by SEL [BASE-2.1 §5.1.21, Fig. 367]. */
export const MANAGEMENT_SELECT = { create: 0, delete: 1 } as const;
const MANAGEMENT_NAMES: Names = {
  [MANAGEMENT_SELECT.create]: "create",
  [MANAGEMENT_SELECT.delete]: "delete",
};

/** Namespace Management. The completion of a create has the new identifier in dword 0. */
export const NamespaceManagementDwords = struct(
  "Namespace Management command dwords",
  8,
  "[BASE-2.1 §5.1.21, Fig. 367]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({ sel: range(3, 0, "operation", { names: MANAGEMENT_NAMES }) }),
      "Command dword 10",
    ),
    at(
      4,
      7,
      "cdw11",
      bits32({ csi: range(31, 24, "command set", { names: COMMAND_SET_NAMES }) }),
      "Command dword 11",
    ),
  ],
);

/** Decoded dwords of Namespace Management. */
export type NamespaceManagementDwords = ReturnType<typeof NamespaceManagementDwords.decode>;

/** Dword 0 of the completion of a create. */
export const NamespaceManagementResult = struct(
  "Namespace Management, completion dword 0",
  4,
  "[BASE-2.1 §5.1.21.1, Fig. 371]",
  [at(0, 3, "nsid", u32, "Namespace")],
);

/** Decoded dword 0 of the completion of a create. */
export type NamespaceManagementResult = ReturnType<typeof NamespaceManagementResult.decode>;

/** What is done, by SEL [BASE-2.1 §5.1.20, Fig. 364]. */
export const ATTACHMENT_SELECT = { attach: 0, detach: 1 } as const;
const ATTACHMENT_NAMES: Names = {
  [ATTACHMENT_SELECT.attach]: "attach",
  [ATTACHMENT_SELECT.detach]: "detach",
};

/** Namespace Attachment. */
export const NamespaceAttachmentDword = struct(
  "Namespace Attachment command dword 10",
  4,
  "[BASE-2.1 §5.1.20, Fig. 364]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({ sel: range(3, 0, "operation", { names: ATTACHMENT_NAMES }) }),
      "Command dword 10",
    ),
  ],
);

/** Decoded dword of Namespace Attachment. */
export type NamespaceAttachmentDword = ReturnType<typeof NamespaceAttachmentDword.decode>;

const PLACEMENT_HANDLES = 128;

/**
 * What a host says of the namespace to be created: fields of Identify Namespace at their places
 * there, up to byte 383, then those of the command sets.
 */
export const NamespaceCreateData = struct(
  "Namespace Management data",
  4096,
  "[NVM-1.1 §4.1.6]",
  [
    at(0, 7, "nsze", u64, "Size, blocks"),
    at(8, 15, "ncap", u64, "Capacity, blocks"),
    reserved(16, 25),
    at(
      26,
      26,
      "flbas",
      bits(u8, {
        fidxl: range(3, 0, "format index, lower"),
        mtelba: bit(4, "metadata at the end of each block"),
        fidxu: range(6, 5, "format index, upper"),
      }),
      "Format",
    ),
    reserved(27, 28),
    at(
      29,
      29,
      "dps",
      bits(u8, {
        pit: range(2, 0, "protection type"),
        pip: bit(3, "protection information first"),
      }),
      "Protection",
    ),
    at(30, 30, "nmic", NMIC, "Sharing"),
    reserved(31, 91),
    at(92, 95, "anagrpid", u32, "ANA group"),
    reserved(96, 99),
    at(100, 101, "nvmsetid", u16, "NVM set"),
    at(102, 103, "endgid", u16, "Endurance group"),
    reserved(104, 383),
    at(384, 391, "lbstm", hex(u64), "Storage tag mask"),
    at(392, 393, "nphndls", u16, "Placement handles"),
    reserved(394, 498),
    at(499, 499, "znsco", bits(u8, { azrwa: bit(0, "allocate ZRWA resources") }), "Zoned options"),
    at(500, 503, "rar", u32, "Active resources"),
    at(504, 507, "ror", u32, "Open resources"),
    at(508, 511, "rnumzrwa", u32, "ZRWA resources"),
    at(512, 767, "phndl", array(u16, PLACEMENT_HANDLES), "Reclaim unit handles"),
    reserved(768, 4095),
  ],
);

/** Decoded data of Namespace Management. */
export type NamespaceCreateData = ReturnType<typeof NamespaceCreateData.decode>;
