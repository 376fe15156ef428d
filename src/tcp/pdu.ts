// NVMe/TCP protocol data units: the header of each, as the tables of the transport specification
// give it, and a whole unit from a header and its data.

import {
  at,
  bit,
  bits,
  type Codec,
  coded,
  hex,
  range,
  reserved,
  type Row,
  type Struct,
  struct,
  u16,
  u32,
  u64,
  u8,
  zeroBasedCount,
} from "../layout/mod.ts";
import { CompletionEntry } from "../spec/completion.ts";
import { SubmissionEntry } from "../spec/command.ts";

/** The port of an NVMe/TCP I/O controller [TCP-1.1 §3.1.2]. */
export const NVME_TCP_PORT = 4420;

/** The most data that an Admin or Fabrics command capsule may carry [TCP-1.1 §3.3.1]. */
export const ADMIN_IN_CAPSULE_MAX = 8192;

/**
 * The PDU types; bit 0 is the direction, 0 from the host and 1 from the controller
 * [TCP-1.1 §3.3].
 */
export const PDU_TYPE = {
  icReq: 0x00,
  icResp: 0x01,
  h2cTermReq: 0x02,
  c2hTermReq: 0x03,
  capsuleCmd: 0x04,
  capsuleResp: 0x05,
  h2cData: 0x06,
  c2hData: 0x07,
  r2t: 0x09,
} as const;

/** The PDU types' names [TCP-1.1 §3.3]. */
export const PDU_TYPE_NAMES = {
  0x00: "ICReq",
  0x01: "ICResp",
  0x02: "H2CTermReq",
  0x03: "C2HTermReq",
  0x04: "CapsuleCmd",
  0x05: "CapsuleResp",
  0x06: "H2CData",
  0x07: "C2HData",
  0x09: "R2T",
} as const;

/** Why a host ended the connection, by FES [TCP-1.1 §3.6.2.4]. */
export const H2C_FATAL_ERROR_NAMES = {
  1: "Invalid PDU Header Field",
  2: "PDU Sequence Error",
  3: "Header Digest Error",
  4: "Data Transfer Out of Range",
  5: "R2T Limit Exceeded",
  6: "Unsupported Parameter",
} as const;

/** Why a controller ended the connection, by FES [TCP-1.1 §3.6.2.5]. */
export const C2H_FATAL_ERROR_NAMES = {
  ...H2C_FATAL_ERROR_NAMES,
  5: "Data Transfer Limit Exceeded",
} as const;

/** Bits of FLAGS, in the PDUs that have them [TCP-1.1 §3.6.2.6] [TCP-1.1 §3.6.2.9]. */
export const PDU_FLAG = {
  headerDigest: 0x01,
  dataDigest: 0x02,
  last: 0x04,
  success: 0x08,
} as const;

/** The most bytes of an offending header in a Terminate Connection Request [TCP-1.1 §3.5]. */
export const TERM_DATA_MAX = 128;

/**
 * FES, why a connection ends [TCP-1.1 §3.6.2.4]. The limit is one of R2Ts where the host says it,
 * one of data where the controller does.
 */
export const FATAL_ERROR = {
  invalidHeaderField: 1,
  sequence: 2,
  headerDigest: 3,
  outOfRange: 4,
  limitExceeded: 5,
  unsupportedParameter: 6,
} as const;

const hdgst = bit(0, "header digest follows the header");
const ddgst = bit(1, "data digest follows the data");
const last = bit(2, "last");

/** The first eight bytes of every PDU, with the flags of the kind [TCP-1.1 §3.6.2.1]. */
function commonRows<T, I>(flags: Codec<T, I>): [
  Row<"type", number>,
  Row<"flags", T, I>,
  Row<"hlen", number>,
  Row<"pdo", number>,
  Row<"plen", number>,
] {
  return [
    at(0, 0, "type", coded(u8, PDU_TYPE_NAMES), "PDU type"),
    at(1, 1, "flags", flags, "Flags"),
    at(2, 2, "hlen", u8, "Header length, without the digest"),
    at(3, 3, "pdo", u8, "Data offset"),
    at(4, 7, "plen", u32, "Length of the whole PDU"),
  ];
}

/** What every PDU starts with, whatever its kind: enough to know how much to read. */
export const CommonHeader = struct(
  "PDU Common Header",
  8,
  "[TCP-1.1 §3.6.2.1]",
  commonRows(hex(u8)),
);

const digests = bits(u8, {
  header: bit(0, "header digest"),
  data: bit(1, "data digest"),
});

/** Initialize Connection Request: the host's first PDU. */
export const ICReq = struct("Initialize Connection Request", 128, "[TCP-1.1 §3.6.2.2]", [
  ...commonRows(bits(u8, { kickstart: bit(7, "kickstart discovery connection") })),
  at(8, 9, "pfv", u16, "PDU format version"),
  at(10, 10, "hpda", zeroBasedCount(u8), "Host PDU data alignment, dwords"),
  at(11, 11, "digest", digests, "Digests asked for"),
  at(12, 15, "maxr2t", zeroBasedCount(u32), "Outstanding R2Ts of a command, at most"),
  reserved(16, 127),
]);

/** Initialize Connection Response: the controller's first PDU. */
export const ICResp = struct("Initialize Connection Response", 128, "[TCP-1.1 §3.6.2.3]", [
  ...commonRows(hex(u8)),
  at(8, 9, "pfv", u16, "PDU format version"),
  at(10, 10, "cpda", zeroBasedCount(u8), "Controller PDU data alignment, dwords"),
  at(11, 11, "digest", digests, "Digests in use"),
  at(12, 15, "maxh2cdata", u32, "Bytes of data in one H2CData PDU, at most"),
  reserved(16, 127),
]);

/** Terminate Connection Request, from the host; the offending header follows as data. */
export const H2CTermReq = struct(
  "Host to Controller Terminate Connection Request",
  24,
  "[TCP-1.1 §3.6.2.4]",
  [
    ...commonRows(hex(u8)),
    at(8, 9, "fes", coded(u16, H2C_FATAL_ERROR_NAMES), "Fatal error status"),
    // FEI stands at byte 10, where no dword of the PDU begins.
    at(10, 13, "fei", hex(u32), "Fatal error information: field offset or received digest"),
    reserved(14, 23),
  ],
);

/** Terminate Connection Request, from the controller; the offending header follows as data. */
export const C2HTermReq = struct(
  "Controller to Host Terminate Connection Request",
  24,
  "[TCP-1.1 §3.6.2.5]",
  [
    ...commonRows(hex(u8)),
    at(8, 9, "fes", coded(u16, C2H_FATAL_ERROR_NAMES), "Fatal error status"),
    at(10, 13, "fei", hex(u32), "Fatal error information: field offset or received digest"),
    reserved(14, 23),
  ],
);

/** Command Capsule: one command, and its data where that is in the capsule. */
export const CapsuleCmd = struct("Command Capsule", 72, "[TCP-1.1 §3.6.2.6]", [
  ...commonRows(bits(u8, { hdgst, ddgst })),
  at(8, 71, "sqe", SubmissionEntry, "Submission queue entry"),
]);

/** Response Capsule: one completion. */
export const CapsuleResp = struct("Response Capsule", 24, "[TCP-1.1 §3.6.2.7]", [
  ...commonRows(bits(u8, { hdgst })),
  at(8, 23, "cqe", CompletionEntry, "Completion queue entry"),
]);

/** Host To Controller Data: what an R2T asked for, or a part of it. */
export const H2CData = struct("Host To Controller Data Transfer", 24, "[TCP-1.1 §3.6.2.8]", [
  ...commonRows(bits(u8, { hdgst, ddgst, last })),
  at(8, 9, "cccid", hex(u16), "Command capsule identifier"),
  at(10, 11, "ttag", hex(u16), "Transfer tag of the R2T"),
  at(12, 15, "datao", u32, "Offset in the command's buffer"),
  at(16, 19, "datal", u32, "Bytes of data here"),
  reserved(20, 23),
]);

/** Controller To Host Data: a command's answer, or a part of it. */
export const C2HData = struct("Controller To Host Data Transfer", 24, "[TCP-1.1 §3.6.2.9]", [
  ...commonRows(bits(u8, {
    hdgst,
    ddgst,
    last,
    success: bit(3, "succeeded, no response capsule follows"),
  })),
  at(8, 9, "cccid", hex(u16), "Command capsule identifier"),
  reserved(10, 11),
  at(12, 15, "datao", u32, "Offset in the command's buffer"),
  at(16, 19, "datal", u32, "Bytes of data here"),
  reserved(20, 23),
]);

/** Ready to Transfer: the controller asks for a command's data, or a part of it. */
export const R2T = struct("Ready to Transfer", 24, "[TCP-1.1 §3.6.2.10]", [
  ...commonRows(bits(u8, { hdgst })),
  at(8, 9, "cccid", hex(u16), "Command capsule identifier"),
  at(10, 11, "ttag", hex(u16), "Transfer tag"),
  at(12, 15, "r2to", u32, "Offset in the command's buffer"),
  at(16, 19, "r2tl", u32, "Bytes wanted"),
  reserved(20, 23),
]);

/** SGL descriptor types that NVMe/TCP has [BASE-2.1 §4.3.2]. */
export const SGL_TYPE_NAMES = { 0: "data block", 5: "transport data block" } as const;

/**
 * The SGL descriptor in the data pointer of a command. NVMe/TCP has exactly two kinds: data in the
 * capsule (type 0h, subtype 1h) and data in PDUs of its own (type 5h, subtype Ah)
 * [TCP-1.1 §3.3.2].
 */
export const SglDescriptor = struct("SGL Descriptor", 16, "[BASE-2.1 §4.3.2]", [
  at(0, 7, "address", hex(u64), "Address, or offset in the capsule"),
  at(8, 11, "length", u32, "Length"),
  reserved(12, 14),
  at(
    15,
    15,
    "identifier",
    bits(u8, {
      subtype: range(3, 0, "subtype"),
      type: range(7, 4, "type", { names: SGL_TYPE_NAMES }),
    }),
    "SGL identifier",
  ),
]);

/** The SGL identifier of data in the command's own capsule [TCP-1.1 §3.3.2]. */
export const SGL_IN_CAPSULE = 0x01;
/** The SGL identifier of data that travels in H2CData or C2HData PDUs [TCP-1.1 §3.3.2]. */
export const SGL_COMMAND_BUFFER = 0x5a;

/** What `pdu` fills in by itself. */
type Measured = "type" | "hlen" | "pdo" | "plen";

/**
 * One PDU: the header with its type and lengths filled in, then `data` right behind it. No
 * alignment padding and no digests: both belong to connections that agreed on them.
 */
export function pdu<T extends object, I extends object>(
  type: number,
  header: Struct<T, I>,
  fields: Omit<I, Measured>,
  data?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const length = data?.length ?? 0;
  const bytes = new Uint8Array(header.size + length);
  const measured = {
    type,
    hlen: header.size,
    pdo: length > 0 ? header.size : 0,
    plen: bytes.length,
  };
  // The structures above all start with the measured fields; the type system cannot say so of `I`.
  header.put(new DataView(bytes.buffer), 0, { ...fields, ...measured } as unknown as I);
  if (data) bytes.set(data, header.size);
  return bytes;
}
