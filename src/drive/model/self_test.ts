// Device self-tests: they start, go on with the drive's clock, end or are aborted.

import { SELF_TEST_CODE } from "../../spec/admin/self_test.ts";
import type { Machine } from "../machine.ts";
import type { Personality, SelfTestFailure } from "../personality.ts";
import type { RunningSelfTest, SelfTestRecord } from "../state.ts";
import { tellTap } from "../tap/tell.ts";
import { criticalWarnings, powerOnHours } from "./health.ts";

/** How self-tests end [BASE-2.1 §5.1.12.1.7, Fig. 212]. */
export const SELF_TEST_RESULT = {
  passed: 0x0,
  abortedByCommand: 0x1,
  abortedByReset: 0x2,
  namespaceRemoved: 0x3,
  abortedByFormat: 0x4,
  fatalError: 0x5,
  failedUnknownSegment: 0x6,
  failedSegment: 0x7,
  abortedUnknown: 0x8,
  abortedBySanitize: 0x9,
} as const;

/** Results that the log keeps. */
export const RESULTS_KEPT = 20;
/** The segment that looks at the critical warnings [BASE-2.1 §8.1.7, Fig. 595]. */
const SMART_SEGMENT = 2;
const ALL_NAMESPACES = 0xffffffff;

/** How long a self-test takes; undefined for one that drives of this kind do not have. */
export function selfTestMs({ selfTests }: Personality, code: number): number | undefined {
  switch (code) {
    case SELF_TEST_CODE.short:
      return selfTests.shortMs;
    case SELF_TEST_CODE.extended:
      return selfTests.extendedMs;
    case SELF_TEST_CODE.vendor:
      return selfTests.vendorMs;
  }
}

/** Starts a self-test of the controller, of one namespace or of all. None may be running. */
export function startSelfTest(
  machine: Machine,
  { code, nsid, durationMs }: Pick<RunningSelfTest, "code" | "nsid" | "durationMs">,
): void {
  const { state, controller, now } = machine;
  state.selfTest = { code, nsid, startedAt: now(), durationMs, controller: controller.id };
  tellTap(machine, "nvme:selftest:event", "started", { code, nsid });
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
  enter(machine, failure ? "failed" : "passed", {
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
  enter(machine, "aborted", { code: selfTest.code, result, powerOnHours: powerOnHours(machine) });
}

/**
 * Lets the running self-test fail at once, for scenarios: with the segment, or without where the
 * drive does not know it, or because of an error that ends the test [BASE-2.1 §5.1.12.1.7].
 */
export function failSelfTest(
  machine: Machine,
  failure: Partial<SelfTestFailure> & { readonly fatal?: boolean } = {},
): void {
  const { state: { selfTest } } = machine;
  if (!selfTest) return;
  const { fatal, ...details } = failure;
  const known = details.segment !== undefined;
  const result = fatal
    ? SELF_TEST_RESULT.fatalError
    : known
    ? SELF_TEST_RESULT.failedSegment
    : SELF_TEST_RESULT.failedUnknownSegment;
  const record = { code: selfTest.code, result, powerOnHours: powerOnHours(machine), ...details };
  enter(machine, "failed", record);
}

/** A Controller Level Reset, or a loss of power: extended self-tests go on [BASE-2.1 §8.1.7]. */
export function resetSelfTest(machine: Machine): void {
  const { selfTest } = machine.state;
  if (!selfTest || selfTest.code === SELF_TEST_CODE.extended) return;
  if (selfTest.controller !== machine.controller.id) return;
  abortSelfTest(machine, SELF_TEST_RESULT.abortedByReset);
}

/** A namespace goes away: the self-test that it is a part of ends [BASE-2.1 §8.1.7]. */
export function removeFromSelfTest(machine: Machine, nsid: number): void {
  const tested = machine.state.selfTest?.nsid;
  if (tested !== nsid && tested !== ALL_NAMESPACES) return;
  abortSelfTest(machine, SELF_TEST_RESULT.namespaceRemoved);
}

/** What the self-test finds: what this kind of drive has, or a critical warning. */
function failureOf(machine: Machine, { code, nsid }: RunningSelfTest): SelfTestFailure | undefined {
  const { shortFailure, extendedFailure, vendorFailure } = machine.personality.selfTests;
  const planned = code === SELF_TEST_CODE.short
    ? shortFailure
    : code === SELF_TEST_CODE.extended
    ? extendedFailure
    : vendorFailure;
  // A test that leaves namespaces out cannot find a bad block in one.
  const reaches = planned?.nsid === undefined || nsid === ALL_NAMESPACES || nsid === planned.nsid;
  if (planned && reaches) return planned;
  const warned = Object.values(criticalWarnings(machine)).some((warning) => warning);
  return warned ? { segment: SMART_SEGMENT } : undefined;
}

function enter(machine: Machine, event: string, record: SelfTestRecord): void {
  const { state } = machine;
  state.selfTest = null;
  state.selfTestResults.unshift(record);
  state.selfTestResults.length = Math.min(state.selfTestResults.length, RESULTS_KEPT);
  const { code, result, segment = 0 } = record;
  tellTap(machine, "nvme:selftest:event", event, { code, result, segment });
}
