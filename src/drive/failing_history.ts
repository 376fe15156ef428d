// The past of a drive that is going to fail: reads that went wrong, and self-tests that found out.

import { COMMON_IO_COMMANDS, NVM_COMMANDS } from "../spec/opcode.ts";
import { MEDIA } from "../spec/status/media.ts";
import { encodeStatus } from "../spec/status/field.ts";
import type { History } from "./model/abilities.ts";
import { SELF_TEST_RESULT } from "./model/self_test.ts";
import type { SelfTests } from "./personality.ts";
import { NO_LOCATION } from "./refusal.ts";
import type { ErrorRecord, SelfTestRecord } from "./state.ts";

/** Entries that were ever made in the error log; the drive still has the newest of them. */
export const ERRORS_BEFORE = 23;

/** Where the media is bad. */
const BAD_BLOCK = 0x1234_5678;

const SHORT = 1;
const EXTENDED = 2;

/** Reads, newest first: I/O queue, command, and how far from the bad block they began. */
const READS: readonly (readonly [sqid: number, cid: number, before: number])[] = [
  [3, 0x0117, 0],
  [3, 0x0116, 0],
  [3, 0x0114, 0],
  [1, 0x0a02, 8],
  [1, 0x09ff, 8],
  [4, 0x0031, 0],
  [2, 0x0c40, 16],
  [2, 0x0c3e, 16],
];

function unrecovered([sqid, cid, before]: (typeof READS)[number], age: number): ErrorRecord {
  const { type, code } = MEDIA.unrecoveredRead;
  return {
    count: BigInt(ERRORS_BEFORE - age),
    sqid,
    cid,
    status: encodeStatus({ type, code, more: true }),
    location: NO_LOCATION,
    lba: BigInt(BAD_BLOCK - before),
    nsid: 1,
    opcode: NVM_COMMANDS.read.opcode,
  };
}

/** Before the bad block began to show, a host once asked for something that does not exist. */
const MISTAKE: ErrorRecord = {
  count: BigInt(ERRORS_BEFORE - READS.length),
  sqid: 1,
  cid: 0x0001,
  status: encodeStatus({ type: 0, code: 0x0b, more: true, doNotRetry: true }),
  location: 4,
  lba: 0n,
  nsid: 2,
  opcode: COMMON_IO_COMMANDS.flush.opcode,
};

const FOUND = { nsid: 1, lba: BAD_BLOCK, statusCodeType: 2, statusCode: 0x81 } as const;
const { passed, failedSegment, abortedByReset, abortedByCommand } = SELF_TEST_RESULT;

const SELF_TESTS: readonly SelfTestRecord[] = [
  { code: SHORT, result: failedSegment, powerOnHours: 16_991, segment: 5, ...FOUND },
  { code: EXTENDED, result: failedSegment, powerOnHours: 16_823, segment: 7, ...FOUND },
  { code: SHORT, result: abortedByReset, powerOnHours: 16_822 },
  { code: EXTENDED, result: abortedByCommand, powerOnHours: 16_150 },
  { code: SHORT, result: passed, powerOnHours: 16_149 },
  { code: EXTENDED, result: passed, powerOnHours: 8_760 },
  { code: SHORT, result: passed, powerOnHours: 24 },
];

/** How its self-tests go. */
export const FAILING_SELF_TESTS: SelfTests = {
  shortMs: 3_000,
  extendedMs: 20_000,
  vendorMs: 5_000,
  shortFailure: { segment: 5, ...FOUND },
  extendedFailure: { segment: 7, ...FOUND },
};

/** What `virtual:failing` has behind it. */
export const FAILING_HISTORY: History = {
  errors: [...READS.map(unrecovered), MISTAKE],
  selfTests: SELF_TESTS,
};
