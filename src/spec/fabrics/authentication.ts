// Authentication Send and Receive: what carries the messages by which host and subsystem prove
// themselves.

import { at, coded, hex, reserved, struct, u32, u8 } from "../../layout/mod.ts";
import { SECURITY_PROTOCOL_NAMES } from "../admin/security.ts";

/** The protocol specific bytes of every NVMe authentication message [BASE-2.1 §6.2, Fig. 543]. */
export const AUTHENTICATION_SPSP = { spsp0: 1, spsp1: 1 } as const;

const SECP = coded(u8, SECURITY_PROTOCOL_NAMES);

/** Bytes 40 to 63 of an Authentication Receive command. */
export const AuthenticationReceiveFields = struct(
  "Authentication Receive command fields",
  24,
  "[BASE-2.1 §6.1, Fig. 541]",
  [
    reserved(0, 0),
    at(1, 1, "spsp0", hex(u8), "Protocol specific 0"),
    at(2, 2, "spsp1", hex(u8), "Protocol specific 1"),
    at(3, 3, "secp", SECP, "Security protocol"),
    at(4, 7, "al", u32, "Allocation length, bytes"),
    reserved(8, 23),
  ],
);

/** Decoded bytes 40 to 63 of an Authentication Receive command. */
export type AuthenticationReceiveFields = ReturnType<typeof AuthenticationReceiveFields.decode>;

/** Bytes 40 to 63 of an Authentication Send command. */
export const AuthenticationSendFields = struct(
  "Authentication Send command fields",
  24,
  "[BASE-2.1 §6.2, Fig. 543]",
  [
    reserved(0, 0),
    at(1, 1, "spsp0", hex(u8), "Protocol specific 0"),
    at(2, 2, "spsp1", hex(u8), "Protocol specific 1"),
    at(3, 3, "secp", SECP, "Security protocol"),
    at(4, 7, "tl", u32, "Transfer length, bytes"),
    reserved(8, 23),
  ],
);

/** Decoded bytes 40 to 63 of an Authentication Send command. */
export type AuthenticationSendFields = ReturnType<typeof AuthenticationSendFields.decode>;
