// Device self-tests: they start, go on with the drive's clock, end or are aborted.

import type { Machine } from "../machine.ts";
import type { SelfTestFailure } from "../personality.ts";
import type { RunningSelfTest, SelfTestRecord } from "../state.ts";
import { criticalWarnings, powerOnHours } from "./health.ts";

/** Self-test codes [BASE-2.1 §5.1.5, Fig. 171]. */
export const SELF_TEST = { short: 0x1, extended: 0x2, abort: 0xf } as const;

/** How self-tests end here [BASE-2.1 §5.1.12.1.7, Fig. 212]. */
export const SELF_TEST_RESULT = {
  passed: 0x0,
  abortedByCommand: 0x1,
  abortedByReset: 0x2,
  abortedByFormat: 0x4,
  failedSegment: 0x7,
} as const;

/** Results that the log keeps. */
export const RESULTS_KEPT = 20;
/** The segment that looks at the critical warnings [BASE-2.1 §8.1.7, Fig. 595]. */
const SMART_SEGMENT = 2;

/** Starts a self-test of the controller, of one namespace or of all. None may be running. */
export function startSelfTest(
  { personality, state, now }: Machine,
  code: typeof SELF_TEST.short | typeof SELF_TEST.extended,
  nsid: number,
): void {
  const { shortMs, extendedMs } = personality.selfTests;
  const durationMs = code === SELF_TEST.short ? shortMs : extendedMs;
  state.selfTest = { code, nsid, startedAt: now(), durationMs };
}

/** Percent of the running self-test that is done, 0 to 99. */
export function selfTestProgress({ startedAt, durationMs }: RunningSelfTest, at: number): number {
  const share = (at - startedAt) / durationMs;
  return Math.max(0, Math.min(99, Math.floor(share * 100)));
}

/** Ends the running self-test if it should be over by now. */
export function settleSelfTest(machine: Machine): void {
  const { state: { selfTest }, now } = machine;
  if (!selfTest) return;
  const endsAt = selfTest.startedAt + selfTest.durationMs;
  if (now() < endsAt) return;
  const failure = failureOf(machine, selfTest);
  enter(machine, {
    code: selfTest.code,
    result: failure ? SELF_TEST_RESULT.failedSegment : SELF_TEST_RESULT.passed,
    powerOnHours: powerOnHours(machine, endsAt),
    ...failure,
  });
}

/** Aborts the running self-test, if one is running. */
export function abortSelfTest(machine: Machine, result: number): void {
  const { state: { selfTest } } = machine;
  if (!selfTest) return;
  enter(machine, { code: selfTest.code, result, powerOnHours: powerOnHours(machine) });
}

/** What the self-test finds: what this kind of drive has, or a critical warning. */
function failureOf(machine: Machine, { code, nsid }: RunningSelfTest): SelfTestFailure | undefined {
  const { shortFailure, extendedFailure } = machine.personality.selfTests;
  const planned = code === SELF_TEST.short ? shortFailure : extendedFailure;
  // A test that leaves namespaces out cannot find a bad block in one.
  const reaches = planned?.nsid === undefined || nsid === 0xffffffff || nsid === planned.nsid;
  if (planned && reaches) return planned;
  const warned = Object.values(criticalWarnings(machine)).some((warning) => warning);
  return warned ? { segment: SMART_SEGMENT } : undefined;
}

function enter({ state }: Machine, record: SelfTestRecord): void {
  state.selfTest = null;
  state.selfTestResults.unshift(record);
  state.selfTestResults.length = Math.min(state.selfTestResults.length, RESULTS_KEPT);
}
