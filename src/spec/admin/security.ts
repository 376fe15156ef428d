// Security Send and Receive: which protocol, which part of it, how much.

import {
  array,
  at,
  coded,
  hex,
  type Names,
  range,
  reserved,
  struct,
  u32,
  u8,
} from "../../layout/mod.ts";
import { bits32 } from "../words.ts";
import { u16be } from "./big_endian.ts";

/**
 * Security protocols. Those of the Trusted Computing Group and of IEEE 1667 keep their own rules;
 * EAh is NVMe's [BASE-2.1 §5.1.23.3, Fig. 378].
 */
export const SECURITY_PROTOCOL = {
  information: 0x00,
  tcgFirst: 0x01,
  tcgLast: 0x06,
  cbcs: 0x07,
  tapeEncryption: 0x20,
  dataEncryptionConfiguration: 0x21,
  saCreationCapabilities: 0x40,
  ikev2Scsi: 0x41,
  dmtfSpdm: 0xe8,
  nvmeAuthentication: 0xe9,
  nvme: 0xea,
  ufs: 0xec,
  sdTrustedFlash: 0xed,
  ieee1667: 0xee,
  ata: 0xef,
} as const;

/** The names of the security protocols. */
export const SECURITY_PROTOCOL_NAMES: Names = {
  0x00: "security protocol information",
  0x01: "TCG 1 (storage)",
  0x02: "TCG 2 (stack reset, ComID management)",
  0x03: "TCG 3",
  0x04: "TCG 4",
  0x05: "TCG 5",
  0x06: "TCG 6 (TPer messages)",
  0x07: "credential based commands",
  0x20: "tape data encryption",
  0x21: "data encryption configuration",
  0x40: "SA creation capabilities",
  0x41: "IKEv2-SCSI",
  0xe8: "DMTF SPDM",
  0xe9: "NVMe in-band authentication",
  0xea: "NVMe",
  0xec: "JEDEC UFS",
  0xed: "SD TrustedFlash",
  0xee: "IEEE 1667",
  0xef: "ATA device server password",
};

/** What NSSF says for protocol EAh [BASE-2.1 §5.1.23.3, Fig. 378]. */
export const NVME_SECURITY_SPSP = { rpmb: 0x0001 } as const;

/** Dword 10 of both commands. SPSP1 is the upper half of the 16-bit protocol specific field. */
const cdw10 = bits32({
  nssf: range(7, 0, "NVMe security specific"),
  spsp0: range(15, 8, "protocol specific 0"),
  spsp1: range(23, 16, "protocol specific 1"),
  secp: range(31, 24, "security protocol", { names: SECURITY_PROTOCOL_NAMES }),
});

/** Command dwords 10 and 11 of Security Receive. */
export const SecurityReceiveDwords = struct(
  "Security Receive command dwords",
  8,
  "[BASE-2.1 §5.1.23, Fig. 376]",
  [
    at(0, 3, "cdw10", cdw10, "Command dword 10"),
    at(4, 7, "al", u32, "Allocation length, bytes"),
  ],
);

/** Decoded command dwords of Security Receive. */
export type SecurityReceiveDwords = ReturnType<typeof SecurityReceiveDwords.decode>;

/** Command dwords 10 and 11 of Security Send. */
export const SecuritySendDwords = struct(
  "Security Send command dwords",
  8,
  "[BASE-2.1 §5.1.24, Fig. 380]",
  [
    at(0, 3, "cdw10", cdw10, "Command dword 10"),
    at(4, 7, "tl", u32, "Transfer length, bytes"),
  ],
);

/** Decoded command dwords of Security Send. */
export type SecuritySendDwords = ReturnType<typeof SecuritySendDwords.decode>;

const LISTED_PROTOCOLS = 504;

/**
 * What protocol 00h answers: the protocols that there are, ascending. The list is as long as it
 * says; the structure is the 512 bytes that hold every drive's list.
 */
export const SupportedSecurityProtocols = struct(
  "Supported Security Protocols",
  512,
  "[SPC-5 §7.7.1]",
  [
    reserved(0, 5),
    at(6, 7, "length", u16be, "Length of the list"),
    at(
      8,
      511,
      "protocols",
      array(coded(hex(u8), SECURITY_PROTOCOL_NAMES), LISTED_PROTOCOLS),
      "Security protocols",
    ),
  ],
);

/** The decoded answer of protocol 00h. */
export type SupportedSecurityProtocols = ReturnType<typeof SupportedSecurityProtocols.decode>;

/** The protocols of a list. */
export function listedProtocols(
  { length, protocols }: SupportedSecurityProtocols,
): readonly number[] {
  return protocols.slice(0, length);
}
