// The Device Self-test log page.

import { assertEquals } from "@std/assert";
import {
  SELF_TEST_RESULT_NAMES,
  SelfTestEntry,
  SelfTestLog,
  SelfTestPage,
  selfTestResults,
} from "../../../src/spec/log/self_test.ts";
import { SELF_TEST_IMAGE } from "../../golden/log/images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { SELF_TEST_ENTRY_WITNESS, SELF_TEST_WITNESS, witnessTests } from "./witness.ts";

const FAILED = {
  status: { result: 7, code: 2 },
  segment: 4,
  valid: { nsid: true, failingLba: true, statusCodeType: true, statusCode: true },
  powerOnHours: 1000n,
  nsid: 1,
  failingLba: 2n ** 32n,
  statusCodeType: { type: 2 },
  statusCode: 0x81,
  vendorSpecific: Uint8Array.of(0xab, 0xcd),
};

structureTests(SelfTestEntry, {
  bytes: SELF_TEST_IMAGE.subarray(32, 60),
  decoded: {
    ...FAILED,
    status: { ...FAILED.status, value: 0x27 },
    valid: { ...FAILED.valid, value: 0x0f },
    statusCodeType: { type: 2, value: 2 },
  },
  encoded: FAILED,
});

const UNUSED = { status: { result: 0xf, code: 0 } };

structureTests(SelfTestLog, {
  bytes: SELF_TEST_IMAGE,
  decoded: {
    current: { value: 2, operation: 2 },
    completion: { value: 30, percent: 30 },
  },
  encoded: {
    current: { operation: 2 },
    completion: { percent: 30 },
    results: [
      { status: { result: 0, code: 1 }, powerOnHours: 10_000n },
      FAILED,
      {
        status: 0x21,
        segment: 0xff,
        powerOnHours: 100n,
        nsid: 0xffffffff,
        failingLba: 2n ** 64n - 1n,
        statusCodeType: 0x07,
        statusCode: 0xff,
      },
      ...Array.from({ length: 16 }, () => UNUSED),
    ],
  },
});

witnessTests(SelfTestLog, SELF_TEST_WITNESS);
witnessTests(SelfTestEntry, SELF_TEST_ENTRY_WITNESS);

const LOG = SelfTestLog.decode(SELF_TEST_IMAGE);

Deno.test("selfTestResults() leaves out entries that are not used, and all-zero ones", () => {
  assertEquals(selfTestResults(LOG).map(({ number }) => number), [1, 2, 3]);
  assertEquals(selfTestResults(SelfTestLog.decode(new Uint8Array(564))), []);
});

Deno.test("selfTestResults() gives only the fields that are valid", () => {
  const [passed, failed, aborted] = selfTestResults(LOG);
  assertEquals<unknown>(passed, {
    number: 1,
    code: 1,
    result: 0,
    verdict: "passed",
    powerOnHours: 10_000n,
    vendorSpecific: new Uint8Array(2),
  });
  assertEquals<unknown>(failed, {
    number: 2,
    code: 2,
    result: 7,
    verdict: "failed",
    powerOnHours: 1000n,
    segment: 4,
    nsid: 1,
    failingLba: 2n ** 32n,
    statusCodeType: 2,
    statusCode: 0x81,
    vendorSpecific: Uint8Array.of(0xab, 0xcd),
  });
  assertEquals<unknown>(aborted, {
    number: 3,
    code: 2,
    result: 1,
    verdict: "aborted",
    powerOnHours: 100n,
    vendorSpecific: new Uint8Array(2),
  });
});

Deno.test("selfTestResults() honours each valid bit on its own", () => {
  const fields = ["nsid", "failingLba", "statusCodeType", "statusCode"] as const;
  fields.forEach((field, position) => {
    const log = SelfTestLog.decode(page(564, { 4: `15 00 ${(1 << position).toString(16)}` }));
    const [result] = selfTestResults(log);
    assertEquals(fields.filter((other) => result?.[other] !== undefined), [field]);
  });
});

Deno.test("selfTestResults() judges every way in which a self-test may end", () => {
  const verdicts = Array.from({ length: 16 }, (_, result) => {
    const log = SelfTestLog.decode(page(564, { 4: `1${result.toString(16)}` }));
    return selfTestResults(log)[0]?.verdict;
  });
  assertEquals(verdicts, [
    "passed",
    ...Array.from({ length: 4 }, () => "aborted" as const),
    ...Array.from({ length: 3 }, () => "failed" as const),
    "aborted",
    "aborted",
    ...Array.from({ length: 5 }, () => "unknown" as const),
    undefined,
  ]);
});

Deno.test("SELF_TEST_RESULT_NAMES has a name for each result of the specification", () => {
  assertEquals(Object.keys(SELF_TEST_RESULT_NAMES).map(Number), [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    15,
  ]);
});

Deno.test("SelfTestPage.table() tells the results in words", () => {
  const table = SelfTestPage.table?.(LOG);
  assertEquals(table?.columns, ["No.", "Self-test", "Result", "Power on hours", "Details"]);
  assertEquals(table?.rows, [
    ["1", "short", "completed without error", "10,000", ""],
    [
      "2",
      "extended",
      "completed, one or more segments failed",
      "1,000",
      "segment 4, namespace 1, LBA 4294967296, Unrecovered Read Error (02h/81h)",
    ],
    ["3", "extended", "aborted by a Device Self-test command", "100", ""],
  ]);
  assertEquals(table?.note, "extended self-test in progress, 30 %; 3 results");
});

Deno.test("SelfTestPage.table() of a drive that never ran one says so", () => {
  const table = SelfTestPage.table?.(SelfTestLog.decode(new Uint8Array(564)));
  assertEquals(table?.rows, []);
  assertEquals(table?.note, "no self-test in progress; no results");
});

Deno.test("SelfTestPage.json() leaves out what is not valid", () => {
  const json = SelfTestPage.json(LOG);
  assertEquals(json["operation"], { value: 2, text: "extended self-test in progress" });
  assertEquals(json["completion"], 30);
  assertEquals((json["results"] as unknown[])[2], {
    number: 3,
    self_test: { value: 2, text: "extended" },
    result: { value: 1, text: "aborted by a Device Self-test command" },
    verdict: "aborted",
    power_on_hours: 100,
    vendor_specific: "0000",
  });
  assertEquals(SelfTestPage.json(SelfTestLog.decode(new Uint8Array(564)))["completion"], null);
});
