// Judges a received PDU header: either where the PDU's parts stand, or what is wrong with it.

import { byteAt, getU32 } from "./bytes.ts";
import { crc32c } from "./crc32c.ts";
import { dataOffset, DIGEST_BYTES, type Framing } from "./framing.ts";
import { CommonHeader, FATAL_ERROR, PDU_FLAG, PDU_TYPE_NAMES } from "./pdu.ts";
import type { PduRule, ReceiveRules } from "./receive_rules.ts";
import { PduViolation } from "./violation.ts";

const TYPE = CommonHeader.row("type").first;
const FLAGS = CommonHeader.row("flags").first;
const HLEN = CommonHeader.row("hlen").first;
const PDO = CommonHeader.row("pdo").first;
const PLEN = CommonHeader.row("plen").first;

/** What decides about a header: who receives it, and what was agreed on. */
export interface Expectations {
  readonly rules: ReceiveRules;
  readonly framing: Framing;
}

/** Where the parts of a PDU stand, in bytes from its start. */
export interface PduPlan {
  readonly hlen: number;
  /** Bytes of the whole PDU. */
  readonly plen: number;
  readonly dataAt: number;
  readonly dataLength: number;
  /** A digest follows the data. */
  readonly dataDigest: boolean;
}

/**
 * Looks at the common header at `at`, all of which must be there: how many bytes, header and header
 * digest, `planPdu` needs. The other side has announced at least so many, so waiting for them is
 * safe.
 *
 * @throws {PduViolation} for a type that this side may not receive, and for a PLEN that does not
 * even cover the header; it echoes the common header alone
 */
export function headerSpan(bytes: Uint8Array, at: number, expected: Expectations): number {
  const type = byteAt(bytes, at + TYPE);
  const rule = expected.rules[type];
  if (rule === undefined) {
    const reason = `${name(type)} is not for this side`;
    throw invalid(TYPE, bytes.subarray(at, at + CommonHeader.size), reason, false);
  }
  const span = rule.hlen +
    (expected.framing.headerDigest && rule.digests !== "none" ? DIGEST_BYTES : 0);
  const plen = getU32(bytes, at + PLEN);
  if (plen >= span) return span;
  const reason = `${name(type)} has PLEN ${plen}, need at least ${span}`;
  throw invalid(PLEN, bytes.subarray(at, at + CommonHeader.size), reason, rule.final);
}

/**
 * Judges the header at `at`; `span` is what `headerSpan` said, and so many bytes are there.
 *
 * FLAGS and HLEN come first, because they say whether and where there is a digest; then the digest,
 * because nothing after it is worth a look if that is wrong; then the rest, from the lowest offset
 * up, as FEI wants it. Reserved bits and bytes are not looked at. PDO is held to its alignment,
 * not to the least possible offset, and where there is no data it means nothing.
 *
 * @throws {PduViolation} with the whole header to echo
 */
export function planPdu(
  bytes: Uint8Array,
  at: number,
  span: number,
  expected: Expectations,
): PduPlan {
  const type = byteAt(bytes, at + TYPE);
  const rule = expected.rules[type];
  if (rule === undefined) throw new RangeError(`Cannot plan ${name(type)}: it has no rule`);
  const plen = getU32(bytes, at + PLEN);
  const fail = (field: number, reason: string) =>
    invalid(field, bytes.subarray(at, at + rule.hlen), `${name(type)} has ${reason}`, rule.final);

  const flags = byteAt(bytes, at + FLAGS);
  if (!flagsAgree(flags, rule, expected.framing, plen > span)) {
    throw fail(FLAGS, `FLAGS 0x${flags.toString(16)}, which are not the digests agreed on`);
  }
  const hlen = byteAt(bytes, at + HLEN);
  if (hlen !== rule.hlen) throw fail(HLEN, `HLEN ${hlen}, need ${rule.hlen}`);
  if (span > hlen) checkHeaderDigest(bytes, at, hlen);

  if (plen === span) return withoutData(bytes, at, rule, plen, fail);
  if (rule.dataMax === 0) throw fail(PLEN, `PLEN ${plen}, need ${span}`);
  return withData(bytes, at, span, rule, expected.framing, fail);
}

type Fail = (field: number, reason: string) => PduViolation;

function withoutData(
  bytes: Uint8Array,
  at: number,
  rule: PduRule,
  plen: number,
  fail: Fail,
): PduPlan {
  if (rule.datalAt > 0 && getU32(bytes, at + rule.datalAt) !== 0) {
    throw fail(rule.datalAt, `DATAL ${getU32(bytes, at + rule.datalAt)}, but no data`);
  }
  return { hlen: rule.hlen, plen, dataAt: plen, dataLength: 0, dataDigest: false };
}

function withData(
  bytes: Uint8Array,
  at: number,
  span: number,
  rule: PduRule,
  { dataDigest: digests, alignment }: Framing,
  fail: Fail,
): PduPlan {
  const { hlen, dataMax, datalAt, final } = rule;
  const plen = getU32(bytes, at + PLEN);
  const pdo = final ? span : byteAt(bytes, at + PDO);
  if (pdo < span || (!final && pdo % alignment !== 0)) {
    throw fail(PDO, `PDO ${pdo}, need a multiple of ${alignment} from ${span} on`);
  }
  const dataDigest = digests && rule.digests === "both";
  const dataLength = plen - pdo - (dataDigest ? DIGEST_BYTES : 0);
  if (dataLength < 0) {
    const field = pdo > dataOffset(span, alignment) ? PDO : PLEN;
    throw fail(field, `PLEN ${plen}, which leaves no room for data at PDO ${pdo}`);
  }
  if (datalAt > 0 && getU32(bytes, at + datalAt) !== dataLength) {
    throw fail(datalAt, `DATAL ${getU32(bytes, at + datalAt)}, but ${dataLength} bytes of data`);
  }
  if (dataLength > dataMax) {
    const violation = fail(PLEN, `${dataLength} bytes of data, need at most ${dataMax}`);
    if (rule.excess === FATAL_ERROR.invalidHeaderField) throw violation;
    const { header, message } = violation;
    throw new PduViolation({ fes: rule.excess, header, reason: message });
  }
  return { hlen, plen, dataAt: pdo, dataLength, dataDigest };
}

/** Whether the bits of the digests are as agreed on [TCP-1.1 §3.3.1.1]. */
function flagsAgree(flags: number, rule: PduRule, framing: Framing, hasData: boolean): boolean {
  if (rule.digests === "none") return true;
  if (((flags & PDU_FLAG.headerDigest) !== 0) !== framing.headerDigest) return false;
  if (rule.digests === "header") return true;
  const dataDigest = (flags & PDU_FLAG.dataDigest) !== 0;
  // A capsule without data may say that it would have had a digest.
  return framing.dataDigest ? dataDigest || !hasData : !dataDigest;
}

function checkHeaderDigest(bytes: Uint8Array, at: number, hlen: number): void {
  const received = getU32(bytes, at + hlen);
  const computed = crc32c(bytes, at, at + hlen);
  if (received === computed) return;
  throw new PduViolation({
    fes: FATAL_ERROR.headerDigest,
    fei: received,
    header: bytes.subarray(at, at + hlen),
    reason: `header digest is ${received.toString(16)}, its bytes give ${computed.toString(16)}`,
  });
}

function invalid(fei: number, header: Uint8Array, reason: string, silent: boolean): PduViolation {
  return new PduViolation({ fes: FATAL_ERROR.invalidHeaderField, fei, header, reason, silent });
}

function name(type: number): string {
  const names: Readonly<Record<number, string>> = PDU_TYPE_NAMES;
  return names[type] ?? `PDU type ${type.toString(16).padStart(2, "0")}h`;
}
