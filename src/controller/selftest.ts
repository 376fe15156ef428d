// Device self-tests: start one, abort it, and follow it to the result that is its own.

import { DeadlineError, MalformedError, StatusError, UnsupportedError } from "../errors.ts";
import { nameOf, toHex } from "../layout/mod.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import {
  SELF_TEST_CODE_NAMES,
  SELF_TEST_OPERATION_NAMES,
  SelfTestEntry,
  type SelfTestLog,
  SelfTestPage,
  type SelfTestResult,
  selfTestResults,
} from "../spec/log/self_test.ts";
import { decodeStatus, formatStatus } from "../spec/status/status.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import { readLog } from "./log.ts";

const DEVICE_SELF_TEST = 0x14;
/** Self-test codes: Command Dword 10, bits 3:0 [BASE-2.1 §5.1.5, Fig. 171]. */
const STC = { short: 0x1, extended: 0x2, abort: 0xf } as const;
/** Device Self-test In Progress: 01h/1Dh. */
const IN_PROGRESS = { type: 0x1, code: 0x1d } as const;
/** Where the results begin in the log page, and their number [BASE-2.1 §5.1.12.1.7, Fig. 211]. */
const RESULTS_AT = 4;
const RESULTS = 20;

const MINUTE_MS = 60_000;
/** A short self-test takes two minutes or less [BASE-2.1 §8.1.7]. */
const SHORT_MS = 2 * MINUTE_MS;
/** How long to wait where a drive does not say what its extended self-test takes. */
const UNKNOWN_LIMIT_MS = 12 * 60 * MINUTE_MS;
/** What a limit has beyond twice the time that the self-test should take. */
const LIMIT_MARGIN_MS = MINUTE_MS;
/** Time between two looks at the log: it grows to the longest, and shrinks near the end. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const PAUSE_GROWTH = 1.5;
/** How long the log may take to show the result of a self-test that has ended. */
const RESULT_GRACE_MS = 10_000;
/** Percent that must have passed before their pace says more than the drive's own estimate. */
const PACE_PERCENT = 2;
/** Results that may be new since the last look while the log still counts as a list in order. */
const MOST_NEW = 4;

/** The self-tests that can be started. */
export type SelfTestKind = "short" | "extended";

/** The log at one moment. */
export interface SelfTestState {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly log: SelfTestLog;
  /** The entries that are results, newest first. */
  readonly results: readonly SelfTestResult[];
}

/** Time, injectable. */
export interface WaitClock {
  now(): number;
  /** Rejects with the signal's reason as soon as it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How far a self-test has come. */
export interface SelfTestProgress {
  readonly percent: number;
  /** An estimate: by its pace, at first by what the drive says of itself. */
  readonly remainingMs: number | undefined;
}

/** A self-test that was started or found running. */
export interface SelfTestRun {
  /** Its self-test code, which is also the number of the operation that the log shows. */
  readonly code: number;
  /** The log before it started, or when it was found running. */
  readonly before: SelfTestState;
}

/** How to wait. */
export interface SelfTestWait {
  readonly clock: WaitClock;
  readonly signal: AbortSignal;
  onProgress(progress: SelfTestProgress): void;
}

/** The Identify data of a controller with self-tests; UnsupportedError for one without. */
export async function requireSelfTest(drive: Drive, purpose: string): Promise<IdentifyController> {
  const controller = await identifyController(drive);
  if (controller.oacs.dsts) return controller;
  throw new UnsupportedError(
    `Cannot ${purpose}: ${drive.target} does not support self-tests ` +
      "(Identify Controller, OACS bit 4 is 0)",
    { next: `nvmectl health ${drive.target} shows what the drive knows of its own health` },
  );
}

/** The Device Self-test log, now. */
export async function readSelfTest(drive: Drive): Promise<SelfTestState> {
  const { bytes, value: log } = await readLog(drive, SelfTestPage);
  return { bytes, log, results: selfTestResults(log) };
}

/**
 * Starts a self-test; it then runs in the background.
 * @param nsid one namespace, FFFFFFFFh for all of them, 0 for the controller alone
 * @throws StatusError; where another one runs already it names that one and how far it is
 */
export async function startSelfTest(
  drive: Drive,
  { kind, nsid }: { readonly kind: SelfTestKind; readonly nsid: number },
): Promise<void> {
  const purpose = `start the ${kind} self-test on ${drive.target}`;
  const command = { queue: "admin", opcode: DEVICE_SELF_TEST, nsid, cdw10: STC[kind] } as const;
  try {
    await drive.execute(command, purpose);
  } catch (error) {
    if (!(error instanceof StatusError) || !isInProgress(error.status)) throw error;
    throw await alreadyRunning(drive, { purpose, status: error.status });
  }
}

/** Aborts the self-test that runs, whichever it is; without one it is no error. */
export async function abortSelfTest(drive: Drive): Promise<void> {
  const command = {
    queue: "admin",
    opcode: DEVICE_SELF_TEST,
    nsid: ALL_NAMESPACES,
    cdw10: STC.abort,
  } as const;
  await drive.execute(command, `abort the self-test on ${drive.target}`);
}

/** The self-test code of what a command starts. */
export function codeOf(kind: SelfTestKind): number {
  return STC[kind];
}

/** How long a self-test should take by the specification or the drive; undefined where unknown. */
export function nominalMs(
  code: number,
  { edstt }: Pick<IdentifyController, "edstt">,
): number | undefined {
  if (code === STC.short) return SHORT_MS;
  return code === STC.extended && edstt > 0 ? edstt * MINUTE_MS : undefined;
}

/**
 * Waits until a self-test has ended and returns its result: the entry that the log did not have
 * before. That the log shows no running self-test says nothing; it is so before one begins, too.
 *
 * @throws DeadlineError when the self-test takes more than twice its time and does not get on;
 * MalformedError when it has ended without leaving a result; the signal's reason when it fires. In
 * every case the drive goes on as it likes.
 */
export async function followSelfTest(
  drive: Drive,
  { code, before }: SelfTestRun,
  { clock, signal, onProgress }: SelfTestWait,
): Promise<{ readonly state: SelfTestState; readonly result: SelfTestResult }> {
  const name = `the ${nameOf(SELF_TEST_CODE_NAMES, code)} self-test of ${drive.target}`;
  const running = before.log.current.operation === code;
  const pace = new Pace(nominalMs(code, await identifyController(drive)), {
    now: clock.now(),
    percent: running ? before.log.completion.percent : 0,
  });
  let endedAt: number | undefined;
  for (let pauseMs = FIRST_PAUSE_MS;;) {
    await clock.sleep(pauseMs, signal);
    const state = await readSelfTest(drive);
    const now = clock.now();
    const result = newResults(before, state).find((one) => one.code === code);
    if (result) return { state, result };
    if (state.log.current.operation === code) {
      endedAt = undefined;
      const progress = pace.observe(now, state.log.completion.percent);
      onProgress(progress);
      if (pace.isOver(now)) throw stalled(drive, { name, progress, limitMs: pace.limitMs });
      pauseMs = nextPause(pauseMs, pace.isKnown ? progress.remainingMs : undefined);
      continue;
    }
    endedAt ??= now;
    if (now - endedAt >= RESULT_GRACE_MS) {
      const last = indistinguishable(before, state);
      if (last?.code === code) return { state, result: last };
      throw lost(drive, name);
    }
    pauseMs = FIRST_PAUSE_MS;
  }
}

/**
 * The results that a log has and an earlier one did not. Entries carry no number of their own, and
 * two of the same hour may be equal, so it is their order that tells: the old ones stand where they
 * stood, as many places further back as there are new ones. In a log that is in no order, contrary
 * to the specification, the new ones are those that the earlier one had fewer of.
 */
export function newResults(before: SelfTestState, after: SelfTestState): readonly SelfTestResult[] {
  const old = entries(before);
  const now = entries(after);
  for (let fresh = 0; fresh <= MOST_NEW; fresh++) {
    if (now.slice(fresh).every((entry, at) => entry === old[at])) {
      return after.results.filter(({ number }) => number <= fresh);
    }
  }
  const left = [...old];
  return after.results.filter(({ number }) => {
    const known = left.indexOf(now[number - 1] ?? "");
    if (known >= 0) left.splice(known, 1);
    return known < 0;
  });
}

function entries({ bytes }: SelfTestState): readonly string[] {
  const { size } = SelfTestEntry;
  return Array.from(
    { length: RESULTS },
    (_, at) => toHex(bytes.subarray(RESULTS_AT + at * size, RESULTS_AT + (at + 1) * size)),
  );
}

/** The newest result of a log so full of equal ones that one more could not be seen in it. */
function indistinguishable(
  before: SelfTestState,
  after: SelfTestState,
): SelfTestResult | undefined {
  const kinds = new Set([...entries(before), ...entries(after)]);
  return kinds.size === 1 && after.results.length === RESULTS ? after.results[0] : undefined;
}

/** How fast a self-test gets on, and when it has had its time. */
class Pace {
  readonly limitMs: number;
  #highest: number;
  #advancedAt: number;

  constructor(
    private readonly nominalMs: number | undefined,
    private readonly start: { readonly now: number; readonly percent: number },
  ) {
    this.limitMs = nominalMs === undefined ? UNKNOWN_LIMIT_MS : 2 * nominalMs + LIMIT_MARGIN_MS;
    this.#highest = start.percent;
    this.#advancedAt = start.now;
  }

  /** Whether enough was seen for an estimate of its own. */
  get isKnown(): boolean {
    return this.#highest - this.start.percent >= PACE_PERCENT;
  }

  observe(now: number, percent: number): SelfTestProgress {
    if (percent > this.#highest) {
      this.#highest = percent;
      this.#advancedAt = now;
    }
    const left = 100 - percent;
    const remainingMs = this.isKnown
      ? (now - this.start.now) / (this.#highest - this.start.percent) * left
      : this.nominalMs === undefined
      ? undefined
      : this.nominalMs * left / 100;
    return { percent, remainingMs };
  }

  /** Past its limit, and no further for a tenth of it: a busy drive may be slow, if it gets on. */
  isOver(now: number): boolean {
    return now - this.start.now > this.limitMs && now - this.#advancedAt > this.limitMs / 10;
  }
}

function nextPause(pauseMs: number, remainingMs: number | undefined): number {
  const grown = Math.min(LONGEST_PAUSE_MS, pauseMs * PAUSE_GROWTH);
  return Math.max(FIRST_PAUSE_MS, Math.min(grown, (remainingMs ?? Infinity) / 4));
}

function isInProgress(status: number): boolean {
  const { type, code } = decodeStatus(status);
  return type === IN_PROGRESS.type && code === IN_PROGRESS.code;
}

async function alreadyRunning(
  drive: Drive,
  { purpose, status }: { readonly purpose: string; readonly status: number },
): Promise<StatusError> {
  const { current: { operation }, completion } = (await readSelfTest(drive)).log;
  const found = operation === 0
    // One at a time in the subsystem, and this controller's log shows none: another's runs.
    ? "one is running on another controller of the drive, or has just ended"
    : `${nameOf(SELF_TEST_OPERATION_NAMES, operation)}, ${completion.percent} % done`;
  return new StatusError(
    `Cannot ${purpose}: ${found}; the drive answered ${formatStatus(decodeStatus(status))}`,
    status,
    {
      next: `nvmectl selftest ${drive.target} --wait waits for it; ` +
        `nvmectl selftest ${drive.target} --abort stops it`,
    },
  );
}

function stalled(
  drive: Drive,
  { name, progress, limitMs }: {
    readonly name: string;
    readonly progress: SelfTestProgress;
    readonly limitMs: number;
  },
): DeadlineError {
  return new DeadlineError(`${name}, which stands at ${progress.percent} %`, limitMs, {
    next: `the drive goes on with it; nvmectl selftest ${drive.target} shows it, ` +
      `nvmectl selftest ${drive.target} --abort stops it`,
  });
}

function lost(drive: Drive, name: string): MalformedError {
  return new MalformedError(
    `Cannot find the result of ${name}: no self-test is running any more, and the log has no new ` +
      "result of its kind",
    {
      next: `nvmectl selftest ${drive.target} shows the results there are; ` +
        "a reset or power loss can end a self-test without one",
    },
  );
}
