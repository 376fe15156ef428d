// Which PDUs a host and a controller may receive, and how large each may be.

import {
  C2HData,
  C2HTermReq,
  CapsuleCmd,
  CapsuleResp,
  FATAL_ERROR,
  H2CData,
  H2CTermReq,
  ICReq,
  ICResp,
  PDU_TYPE,
  R2T,
  TERM_DATA_MAX,
} from "./pdu.ts";

/** What is expected of the PDUs of one type. */
export interface PduRule {
  /** HLEN, exactly. */
  readonly hlen: number;
  /** The digests that follow where they were agreed on. */
  readonly digests: "none" | "header" | "both";
  /** Bytes of data, at most; 0 where the type carries none. */
  readonly dataMax: number;
  /** Where the header repeats the length of the data; 0 where it does not. */
  readonly datalAt: number;
  /** The Fatal Error Status for more data than that. */
  readonly excess: number;
  /**
   * Ends the connection: PDO is reserved, the data stands right behind the header, and what is
   * wrong with it is not answered [TCP-1.1 §3.5].
   */
  readonly final: boolean;
}

/** The rules of one side, by PDU type; a type without a rule may not be received. */
export type ReceiveRules = readonly (PduRule | undefined)[];

const BARE: Omit<PduRule, "hlen"> = {
  digests: "none",
  dataMax: 0,
  datalAt: 0,
  excess: FATAL_ERROR.invalidHeaderField,
  final: false,
};

/** What a controller may receive [TCP-1.1 §3.3]. */
export function controllerRules(limits: {
  /** Bytes of data in a command capsule, at most; 0 where commands carry none. */
  readonly inCapsuleMax: number;
  /** MAXH2CDATA of the ICResp: bytes of data in an H2CData PDU, at most. */
  readonly h2cDataMax: number;
}): ReceiveRules {
  const { icReq, h2cTermReq, capsuleCmd, h2cData } = PDU_TYPE;
  return table([
    [icReq, { ...BARE, hlen: ICReq.size }],
    [h2cTermReq, { ...BARE, hlen: H2CTermReq.size, dataMax: TERM_DATA_MAX, final: true }],
    [capsuleCmd, {
      ...BARE,
      hlen: CapsuleCmd.size,
      digests: "both",
      dataMax: limits.inCapsuleMax,
    }],
    [h2cData, {
      ...BARE,
      hlen: H2CData.size,
      digests: "both",
      dataMax: limits.h2cDataMax,
      datalAt: H2CData.row("datal").first,
      excess: FATAL_ERROR.limitExceeded,
    }],
  ]);
}

/** What a host may receive [TCP-1.1 §3.3]. */
export function hostRules(limits: {
  /** Bytes of the largest data buffer of any command: no C2HData PDU fits into it with more. */
  readonly c2hDataMax: number;
}): ReceiveRules {
  const { icResp, c2hTermReq, capsuleResp, c2hData, r2t } = PDU_TYPE;
  return table([
    [icResp, { ...BARE, hlen: ICResp.size }],
    [c2hTermReq, { ...BARE, hlen: C2HTermReq.size, dataMax: TERM_DATA_MAX, final: true }],
    [capsuleResp, { ...BARE, hlen: CapsuleResp.size, digests: "header" }],
    [c2hData, {
      ...BARE,
      hlen: C2HData.size,
      digests: "both",
      dataMax: limits.c2hDataMax,
      datalAt: C2HData.row("datal").first,
      excess: FATAL_ERROR.outOfRange,
    }],
    [r2t, { ...BARE, hlen: R2T.size, digests: "header" }],
  ]);
}

function table(rules: readonly (readonly [type: number, rule: PduRule])[]): ReceiveRules {
  const byType: (PduRule | undefined)[] = new Array(1 + Math.max(...rules.map(([type]) => type)));
  byType.fill(undefined);
  for (const [type, rule] of rules) byType[type] = rule;
  return byType;
}
