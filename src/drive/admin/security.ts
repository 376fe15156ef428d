// Security Send and Security Receive: a drive that tells what it has, which is no locking.

import {
  SECURITY_PROTOCOL,
  SecurityReceiveDwords,
  SupportedSecurityProtocols,
} from "../../spec/admin/security.ts";
import {
  DiscoveryHeader,
  FeatureHeader,
  LEVEL_0_COMID,
  LockingFeature,
  TCG_FEATURE,
  TperFeature,
} from "../../spec/admin/tcg_discovery.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { sanitizeCapabilities } from "../model/sanitize.ts";
import { has, type Personality } from "../personality.ts";
import { type Handler, send } from "../pipeline/handler.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { inDword, refuse } from "../refusal.ts";

const SECURITY_PROTOCOL_BIT = 24;
const PROTOCOL_SPECIFIC_BIT = 8;
const PROTOCOLS = [SECURITY_PROTOCOL.information, SECURITY_PROTOCOL.tcgFirst];
/** What stands before the list of protocols. */
const LIST_AT = 8;
/** In a discovery: the length field itself is not counted. */
const LENGTH_BYTES = 4;

/** Security Receive [BASE-2.1 §5.1.23]: the protocols, and the TCG's Level 0 Discovery. */
export const SecurityReceive: Handler = {
  opcode: ADMIN_COMMANDS.securityReceive.opcode,
  nsid: "own",
  effects: { scope: "subsystem" },
  supported: (personality) => has(personality, "security"),
  execute(machine, { entry: { cdw10, cdw11 } }) {
    const { cdw10: { secp, spsp0, spsp1 }, al } = SecurityReceiveDwords.decode(
      words(cdw10, cdw11),
    );
    checkTransferSize(machine, al, inDword(11));
    const answer = answerTo(machine.personality, secp, (spsp1 << 8) | spsp0);
    return send(answer.subarray(0, al));
  },
};

/** Security Send [BASE-2.1 §5.1.24]: there is no protocol to send anything with. */
export const SecuritySend: Handler = {
  opcode: ADMIN_COMMANDS.securitySend.opcode,
  nsid: "own",
  effects: { scope: "subsystem" },
  supported: (personality) => has(personality, "security"),
  execute(_machine, { entry: { cdw10 } }) {
    const protocol = cdw10 >>> SECURITY_PROTOCOL_BIT;
    const bit = PROTOCOLS.some((known) => known === protocol)
      ? PROTOCOL_SPECIFIC_BIT
      : SECURITY_PROTOCOL_BIT;
    return refuse(GENERIC.invalidField, { location: inDword(10, bit) });
  },
};

function answerTo(personality: Personality, protocol: number, specific: number): Uint8Array {
  if (protocol === SECURITY_PROTOCOL.information && specific === 0) {
    const list = SupportedSecurityProtocols.encode({
      length: PROTOCOLS.length,
      protocols: PROTOCOLS,
    });
    return list.subarray(0, LIST_AT + PROTOCOLS.length);
  }
  if (protocol === SECURITY_PROTOCOL.tcgFirst && specific === LEVEL_0_COMID) {
    return discovery(personality);
  }
  const known = PROTOCOLS.some((other) => other === protocol);
  const bit = known ? PROTOCOL_SPECIFIC_BIT : SECURITY_PROTOCOL_BIT;
  return refuse(GENERIC.invalidField, { location: inDword(10, bit) });
}

/** Level 0 Discovery [TCG-2.01 §3.3.6]: a TPer, and locking that is not there. */
function discovery(personality: Personality): Uint8Array {
  const tper = TperFeature.encode({
    code: TCG_FEATURE.tper,
    version: { version: 1 },
    length: TperFeature.size - FeatureHeader.size,
    flags: { sync: true, streaming: true },
  });
  const locking = LockingFeature.encode({
    code: TCG_FEATURE.locking,
    version: { version: 1 },
    length: LockingFeature.size - FeatureHeader.size,
    flags: { encryption: sanitizeCapabilities(personality).ces, mbrAbsent: true },
  });
  const length = DiscoveryHeader.size + tper.length + locking.length;
  const answer = new Uint8Array(length);
  answer.set(DiscoveryHeader.encode({ length: length - LENGTH_BYTES, minor: 1 }));
  answer.set(tper, DiscoveryHeader.size);
  answer.set(locking, DiscoveryHeader.size + tper.length);
  return answer;
}

function words(...dwords: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(dwords).buffer);
}
