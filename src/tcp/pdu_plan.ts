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

/** Of a type that nobody knows, the common header is all that can be told. */
const UNKNOWN = { hlen: CommonHeader.size, final: false };

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
    throw fault(bytes, at, UNKNOWN, TYPE, "no place on this side of a connection");
  }
  const span = rule.hlen +
    (expected.framing.headerDigest && rule.digests !== "none" ? DIGEST_BYTES : 0);
  const plen = getU32(bytes, at + PLEN);
  if (plen >= span) return span;
  const known = { hlen: CommonHeader.size, final: rule.final };
  throw fault(bytes, at, known, PLEN, `PLEN ${plen}, need at least ${span}`);
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
  const flags = byteAt(bytes, at + FLAGS);
  if (!flagsAgree(flags, rule, expected.framing, plen > span)) {
    const reason = `FLAGS ${hex(flags)}, which are not the digests agreed on`;
    throw fault(bytes, at, rule, FLAGS, reason);
  }
  const hlen = byteAt(bytes, at + HLEN);
  if (hlen !== rule.hlen) throw fault(bytes, at, rule, HLEN, `HLEN ${hlen}, need ${rule.hlen}`);
  if (span > hlen) checkHeaderDigest(bytes, at, hlen);

  if (plen > span) return planData(bytes, at, span, rule, expected.framing);
  const datal = rule.datalAt === 0 ? 0 : getU32(bytes, at + rule.datalAt);
  if (datal !== 0) throw fault(bytes, at, rule, rule.datalAt, `DATAL ${datal}, but no data`);
  return { hlen, plen, dataAt: plen, dataLength: 0, dataDigest: false };
}

/** The rest of `planPdu` for a PDU that is longer than its header. */
function planData(
  bytes: Uint8Array,
  at: number,
  span: number,
  rule: PduRule,
  { dataDigest: digests, alignment }: Framing,
): PduPlan {
  const { hlen, dataMax, datalAt, final } = rule;
  const plen = getU32(bytes, at + PLEN);
  if (dataMax === 0) throw fault(bytes, at, rule, PLEN, `PLEN ${plen}, need ${span}`);
  const pdo = final ? span : byteAt(bytes, at + PDO);
  if (pdo < span || (!final && pdo % alignment !== 0)) {
    const reason = `PDO ${pdo}, need a multiple of ${alignment} from ${span} on`;
    throw fault(bytes, at, rule, PDO, reason);
  }
  const dataDigest = digests && rule.digests === "both";
  const dataLength = plen - pdo - (dataDigest ? DIGEST_BYTES : 0);
  if (dataLength < 0) {
    const field = pdo > dataOffset(span, alignment) ? PDO : PLEN;
    throw fault(bytes, at, rule, field, `PDO ${pdo} and PLEN ${plen}, which leave no room`);
  }
  const datal = datalAt === 0 ? dataLength : getU32(bytes, at + datalAt);
  if (datal !== dataLength) {
    throw fault(bytes, at, rule, datalAt, `DATAL ${datal}, but ${dataLength} bytes of data`);
  }
  if (dataLength > dataMax) {
    const reason = `${dataLength} bytes of data, need at most ${dataMax}`;
    throw fault(bytes, at, rule, PLEN, reason, rule.excess);
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
    reason: `header digest is ${hex(received)}, its bytes give ${hex(computed)}`,
  });
}

/** A violation by the header at `at`, which is echoed whole; FEI is an offset only with FES 1. */
function fault(
  bytes: Uint8Array,
  at: number,
  { hlen, final }: Pick<PduRule, "hlen" | "final">,
  field: number,
  found: string,
  fes: number = FATAL_ERROR.invalidHeaderField,
): PduViolation {
  const header = bytes.subarray(at, at + hlen);
  const reason = `${name(byteAt(bytes, at + TYPE))} has ${found}`;
  const fei = fes === FATAL_ERROR.invalidHeaderField ? field : 0;
  return new PduViolation({ fes, fei, header, reason, silent: final });
}

function name(type: number): string {
  const names: Readonly<Record<number, string>> = PDU_TYPE_NAMES;
  return names[type] ?? `PDU type ${hex(type)}`;
}

function hex(value: number): string {
  return `${value.toString(16).toUpperCase().padStart(2, "0")}h`;
}
