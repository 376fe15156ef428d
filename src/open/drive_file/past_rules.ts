// What a drive may have behind it, in a personality's history as in its state: errors, self-tests,
// events.

import type { ErrorRecord, SelfTestRecord } from "../../drive/state.ts";
import { exact, optional, record, type RequiredRule, whole } from "./rule.ts";
import { base64, BLOCKS, BYTE, COUNT, DWORD, WORD } from "./values.ts";

const CODE = [0, 0xf] as const;
const MOST_QWORD = 2n ** 64n - 1n;

const qword = exact(0n, MOST_QWORD);

/** An entry of the error log [BASE-2.1 §5.1.12.1.2, Fig. 205]; the status is without its phase. */
export const errorRecord: RequiredRule = record<ErrorRecord>({
  count: qword,
  sqid: whole(WORD),
  cid: whole(WORD),
  status: whole([0, 0x7fff]),
  location: whole(WORD),
  lba: qword,
  nsid: whole(DWORD),
  opcode: whole(BYTE),
  specific: optional(qword),
}, { others: "taken" });

/** A self-test result [BASE-2.1 §5.1.12.1.7, Fig. 212]. */
export const selfTestRecord: RequiredRule = record<SelfTestRecord>({
  code: whole(CODE),
  result: whole(CODE),
  powerOnHours: whole(COUNT),
  segment: optional(whole(BYTE)),
  nsid: optional(whole(DWORD)),
  lba: optional(whole(BLOCKS)),
  statusCodeType: optional(whole([0, 7])),
  statusCode: optional(whole(BYTE)),
  vendorSpecific: optional(whole(WORD)),
}, { others: "taken" });

/** An event of the persistent event log, whole. */
export const persistentEvent: RequiredRule = base64();
