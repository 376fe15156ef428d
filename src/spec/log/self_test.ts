// Log page 06h: the self-test that runs now, and the results of the last twenty.

import {
  array,
  at,
  bit,
  bits,
  bytes,
  codedJson,
  counted,
  exactDigits,
  formatCount,
  hours,
  type Json,
  type JsonObject,
  measured,
  nameOf,
  percent,
  range,
  reserved,
  struct,
  toHex,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { decodeStatus, formatStatus } from "../status/status.ts";
import { fixedPage, isSet, type LogPage, type Table } from "./log_page.ts";

/** Which self-test runs now [BASE-2.1 §5.1.12.1.7, Fig. 211]. */
export const SELF_TEST_OPERATION_NAMES = {
  0x0: "none in progress",
  0x1: "short self-test in progress",
  0x2: "extended self-test in progress",
  0x3: "host-initiated refresh in progress",
  0xe: "vendor specific operation in progress",
} as const;

/** Which self-test a result is of [BASE-2.1 §5.1.12.1.7, Fig. 212]. */
export const SELF_TEST_CODE_NAMES = {
  0x1: "short",
  0x2: "extended",
  0x3: "host-initiated refresh",
  0xe: "vendor specific",
} as const;

/** How a self-test ended [BASE-2.1 §5.1.12.1.7, Fig. 212]. */
export const SELF_TEST_RESULT_NAMES = {
  0x0: "completed without error",
  0x1: "aborted by a Device Self-test command",
  0x2: "aborted by a Controller Level Reset",
  0x3: "aborted because a namespace was removed",
  0x4: "aborted by a Format NVM command",
  0x5: "stopped by a fatal or unknown error",
  0x6: "completed, an unknown segment failed",
  0x7: "completed, one or more segments failed",
  0x8: "aborted for an unknown reason",
  0x9: "aborted by a sanitize operation",
  0xf: "entry not used",
} as const;

/** One self-test result, 28 bytes. */
export const SelfTestEntry = struct(
  "Self-test Result",
  28,
  "[BASE-2.1 §5.1.12.1.7, Fig. 212]",
  [
    at(
      0,
      0,
      "status",
      bits(u8, {
        result: range(3, 0, "result", { names: SELF_TEST_RESULT_NAMES }),
        code: range(7, 4, "self-test", { names: SELF_TEST_CODE_NAMES }),
      }),
      "Status",
    ),
    at(1, 1, "segment", u8, "First failed segment"),
    at(
      2,
      2,
      "valid",
      bits(u8, {
        nsid: bit(0, "namespace identifier"),
        failingLba: bit(1, "failing LBA"),
        statusCodeType: bit(2, "status code type"),
        statusCode: bit(3, "status code"),
      }),
      "Valid diagnostic information",
    ),
    reserved(3, 3),
    at(4, 11, "powerOnHours", measured(u64, hours), "Power on hours"),
    at(12, 15, "nsid", u32, "Namespace identifier"),
    at(16, 23, "failingLba", u64, "Failing LBA"),
    at(24, 24, "statusCodeType", bits(u8, { type: range(2, 0, "type") }), "Status code type"),
    at(25, 25, "statusCode", u8, "Status code"),
    at(26, 27, "vendorSpecific", bytes(2), "Vendor specific"),
  ],
);

/** A decoded self-test result, fields that mean nothing included. */
export type SelfTestEntry = ReturnType<typeof SelfTestEntry.decode>;

/** The Device Self-test log page; the newest result comes first. */
export const SelfTestLog = struct("Device Self-test", 564, "[BASE-2.1 §5.1.12.1.7, Fig. 211]", [
  at(
    0,
    0,
    "current",
    bits(u8, { operation: range(3, 0, "operation", { names: SELF_TEST_OPERATION_NAMES }) }),
    "Current operation",
  ),
  at(
    1,
    1,
    "completion",
    bits(u8, { percent: range(6, 0, "done", { unit: percent }) }),
    "Current completion",
  ),
  reserved(2, 3),
  at(4, 563, "results", array(SelfTestEntry, 20), "Results, newest first"),
]);

/** A decoded Device Self-test log page. */
export type SelfTestLog = ReturnType<typeof SelfTestLog.decode>;

/** What a self-test's result amounts to. */
export type SelfTestVerdict = "passed" | "failed" | "aborted" | "unknown";

/** A self-test that was run: what its entry says, without what it does not say. */
export interface SelfTestResult {
  /** Which entry of the log it is, 1 for the newest. */
  readonly number: number;
  /** Which self-test it was, a key of `SELF_TEST_CODE_NAMES`. */
  readonly code: number;
  /** How it ended, a key of `SELF_TEST_RESULT_NAMES`. */
  readonly result: number;
  readonly verdict: SelfTestVerdict;
  readonly powerOnHours: bigint;
  /** The first segment that failed, where the drive knows it. */
  readonly segment?: number;
  readonly nsid?: number;
  readonly failingLba?: bigint;
  readonly statusCodeType?: number;
  readonly statusCode?: number;
  readonly vendorSpecific: Uint8Array;
}

const NOT_USED = 0xf;
const SEGMENT_KNOWN = 0x7;

/**
 * The results that are results, newest first. Entries that say they are not used are left out, and
 * so are those of self-test code 0h: no self-test has that code, and drives that never ran one may
 * leave zeros.
 */
export function selfTestResults(log: SelfTestLog): readonly SelfTestResult[] {
  return log.results.flatMap((entry, index) => {
    const { code, result } = entry.status;
    return code === 0 || result === NOT_USED ? [] : [resultOf(entry, index + 1)];
  });
}

function resultOf(entry: SelfTestEntry, number: number): SelfTestResult {
  const { status, valid } = entry;
  return {
    number,
    code: status.code,
    result: status.result,
    verdict: verdictOf(status.result),
    powerOnHours: entry.powerOnHours,
    ...(status.result === SEGMENT_KNOWN ? { segment: entry.segment } : {}),
    ...(valid.nsid ? { nsid: entry.nsid } : {}),
    ...(valid.failingLba ? { failingLba: entry.failingLba } : {}),
    ...(valid.statusCodeType ? { statusCodeType: entry.statusCodeType.type } : {}),
    ...(valid.statusCode ? { statusCode: entry.statusCode } : {}),
    vendorSpecific: entry.vendorSpecific,
  };
}

function verdictOf(result: number): SelfTestVerdict {
  if (result === 0x0) return "passed";
  if (result >= 0x5 && result <= 0x7) return "failed";
  return result <= 0x9 ? "aborted" : "unknown";
}

/** Log page 06h. */
export const SelfTestPage: LogPage<SelfTestLog> = fixedPage(SelfTestLog, {
  lid: 0x06,
  name: "selftest",
  aliases: ["self-test", "self-test-log"],
  since: "1.3",
  scope: "controller",
  supportedBy: ({ oacs }) => isSet(oacs, 4),
  json: selfTestJson,
  table: selfTestTable,
});

function selfTestJson(log: SelfTestLog): JsonObject {
  const { operation } = log.current;
  return {
    operation: codedJson(SELF_TEST_OPERATION_NAMES, operation),
    completion: operation === 0 ? null : log.completion.percent,
    results: selfTestResults(log).map(resultJson),
  };
}

function resultJson(result: SelfTestResult): JsonObject {
  const { number, code, verdict, segment, nsid, failingLba } = result;
  const { statusCodeType, statusCode } = result;
  const optional = (key: string, value: Json | undefined): JsonObject =>
    value === undefined ? {} : { [key]: value };
  return {
    number,
    self_test: codedJson(SELF_TEST_CODE_NAMES, code),
    result: codedJson(SELF_TEST_RESULT_NAMES, result.result),
    verdict,
    power_on_hours: Number(result.powerOnHours),
    ...exactDigits("power_on_hours", result.powerOnHours),
    ...optional("segment", segment),
    ...optional("nsid", nsid),
    ...(failingLba === undefined ? {} : {
      failing_lba: Number(failingLba),
      ...exactDigits("failing_lba", failingLba),
    }),
    ...optional("status_code_type", statusCodeType),
    ...optional("status_code", statusCode),
    vendor_specific: toHex(result.vendorSpecific),
  };
}

function selfTestTable(log: SelfTestLog): Table {
  const results = selfTestResults(log);
  const { operation } = log.current;
  const now = nameOf(SELF_TEST_OPERATION_NAMES, operation);
  return {
    columns: ["No.", "Self-test", "Result", "Power on hours", "Details"],
    rows: results.map((result) => [
      `${result.number}`,
      nameOf(SELF_TEST_CODE_NAMES, result.code),
      nameOf(SELF_TEST_RESULT_NAMES, result.result),
      formatCount(result.powerOnHours),
      details(result),
    ]),
    note: `${
      operation === 0 ? "no self-test in progress" : `${now}, ${log.completion.percent} %`
    }; ${counted(results.length, "result")}`,
  };
}

/** What the entry's valid fields say: where the test failed and with which status. */
function details(result: SelfTestResult): string {
  const { segment, nsid, failingLba, statusCodeType, statusCode } = result;
  const words: string[] = [];
  if (segment !== undefined) words.push(`segment ${segment}`);
  if (nsid !== undefined) words.push(nsid === 0xffffffff ? "all namespaces" : `namespace ${nsid}`);
  if (failingLba !== undefined) words.push(`LBA ${failingLba}`);
  if (statusCodeType !== undefined && statusCode !== undefined) {
    words.push(formatStatus(decodeStatus(statusCodeType << 8 | statusCode)));
  } else if (statusCode !== undefined) {
    words.push(`status code 0x${statusCode.toString(16)}`);
  }
  return words.join(", ");
}
