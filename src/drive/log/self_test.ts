// Log page 06h: the self-test that runs, and those that ended.

import { SelfTestLog } from "../../spec/log/self_test.ts";
import { RESULTS_KEPT, selfTestProgress } from "../model/self_test.ts";
import type { SelfTestRecord } from "../state.ts";
import type { DriveLogPage } from "./page.ts";

/** A result entry that holds no result. */
const UNUSED_RESULT = { status: { result: 0xf } } as const;

/** Device Self-test. */
export const SelfTestPage: DriveLogPage = {
  lid: 0x06,
  read(machine) {
    const { selfTest, selfTestResults } = machine.state;
    return SelfTestLog.encode({
      current: { operation: selfTest?.code ?? 0 },
      completion: { percent: selfTest ? selfTestProgress(selfTest, machine.now()) : 0 },
      results: Array.from({ length: RESULTS_KEPT }, (_, at) => {
        const record = selfTestResults[at];
        return record ? resultEntry(record) : UNUSED_RESULT;
      }),
    });
  },
};

type ResultInput = NonNullable<
  NonNullable<Parameters<typeof SelfTestLog.encode>[0]["results"]>[number]
>;

function resultEntry(record: SelfTestRecord): ResultInput {
  const { code, result, powerOnHours, segment, nsid, lba, statusCodeType, statusCode } = record;
  return {
    status: { code, result },
    segment: segment ?? 0,
    valid: {
      nsid: nsid !== undefined,
      failingLba: lba !== undefined,
      statusCodeType: statusCodeType !== undefined,
      statusCode: statusCode !== undefined,
    },
    powerOnHours,
    nsid: nsid ?? 0,
    failingLba: lba ?? 0,
    statusCodeType: statusCodeType ?? 0,
    statusCode: statusCode ?? 0,
  };
}
