// nvmectl selftest: let a drive test itself, and say what came of it.

import { command, type Context } from "../cli/command.ts";
import { type Flag, parseInteger, toggle } from "../cli/flags.ts";
import {
  type Block,
  type Fact,
  facts,
  heading,
  paragraph,
  type Report,
  table,
  type Text,
  type Tone,
  toned,
} from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import { readLog } from "../controller/log.ts";
import {
  abortSelfTest,
  codeOf,
  followSelfTest,
  newResults,
  nominalMs,
  readSelfTest,
  requireSelfTest,
  type SelfTestKind,
  type SelfTestState,
  startSelfTest,
} from "../controller/selftest.ts";
import { EXIT, type ExitCode, NvmectlError, UsageError } from "../errors.ts";
import { codedJson, formatCount, formatDuration, type JsonObject, nameOf } from "../layout/mod.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import {
  SELF_TEST_CODE_NAMES,
  SELF_TEST_OPERATION_NAMES,
  SELF_TEST_RESULT_NAMES,
  SelfTestPage,
  type SelfTestResult,
  type SelfTestVerdict,
} from "../spec/log/self_test.ts";
import { SmartPage } from "../spec/log/smart.ts";
import { refuseToLeave, stoppedWaiting } from "./leaving.ts";

/** A drive that has self-tests, and what it says of itself. */
interface Subject {
  readonly drive: Drive;
  readonly controller: IdentifyController;
}

const CONTROLLER_ALONE = 0;
const LAST_NSID = 0xfffffffe;

/** `N`, `all` or `none`, as the namespace identifier that stands for it. */
const SCOPE: Flag<number | undefined> = {
  help: "Test namespace N, all namespaces, or none: the controller alone",
  value: "N|all|none",
  choices: ["all", "none"],
  absent: undefined,
  parse(typed, name) {
    if (typed === "all") return ALL_NAMESPACES;
    if (typed === "none") return CONTROLLER_ALONE;
    return parseInteger(typed, { name, min: 1, max: LAST_NSID });
  },
};

export const selftest = command({
  name: "selftest",
  group: "Test",
  summary: "Run or follow a self-test, or show past results",
  description:
    "Without --short, --extended or --abort: what runs now, and the results of past self-tests.\n" +
    "The namespace tested is the one that the target names, else all of them.\n" +
    "With --wait the exit status is the result: 0 passed, 1 failed or aborted. The status exits\n" +
    "with 1 when the newest self-test that came to an end had failed.",
  effect: "write",
  target: "drive",
  flags: {
    short: toggle("Start the short self-test: two minutes or less; over pci: with --wait"),
    extended: toggle("Start the extended self-test: as long as the drive says, often hours"),
    abort: toggle("Abort the self-test that runs"),
    wait: toggle("Wait for the result, of the self-test started or of the one that runs"),
    namespace: SCOPE,
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl selftest /dev/nvme0", "what runs, and what past self-tests found"],
    ["nvmectl selftest /dev/nvme0 --short --wait", "two minutes; the exit status is the result"],
    ["nvmectl selftest /dev/nvme0 --extended", "start the long one and come back later"],
    ["nvmectl selftest /dev/nvme0 --wait", "follow the self-test that runs already"],
    ["nvmectl selftest virtual:failing --short --wait", "see one fail"],
  ],
  async run(context, { flags }) {
    const action = actionOf(flags);
    const drive = await context.openDrive();
    const controller = await requireSelfTest(drive, PURPOSE[action]);
    if (action === "short" && !flags.wait) refuseToLeave(drive);
    const subject = { drive, controller };
    switch (action) {
      case "status":
        return await (flags.wait && !context.dryRun
          ? waitForRunning(context, subject)
          : showStatus(subject));
      case "abort":
        return await abort(context, subject);
      default:
        return await start(context, subject, {
          kind: action,
          nsid: flags.namespace ?? drive.nsid ?? ALL_NAMESPACES,
          wait: flags.wait,
        });
    }
  },
});

type Action = SelfTestKind | "abort" | "status";

const PURPOSE: Readonly<Record<Action, string>> = {
  short: "start the short self-test",
  extended: "start the extended self-test",
  abort: "abort a self-test",
  status: "show self-tests",
};

type Toggles = Readonly<Record<"short" | "extended" | "abort" | "wait", boolean>>;

function actionOf(flags: Toggles & { readonly namespace: number | undefined }): Action {
  const chosen = (["short", "extended", "abort"] as const).filter((word) => flags[word]);
  const [action = "status", other] = chosen;
  if (other !== undefined) {
    throw new UsageError(`Cannot use --${action} with --${other}: need one of them`);
  }
  if (action === "abort" && flags.wait) {
    throw new UsageError("Cannot use --wait with --abort: an aborted self-test ends at once");
  }
  if (flags.namespace !== undefined && (action === "abort" || action === "status")) {
    throw new UsageError(
      "Cannot use --namespace here: it says what a self-test to be started tests",
      { next: "add --short or --extended, or leave --namespace out" },
    );
  }
  return action;
}

/** What is running, and what past self-tests came to. */
async function showStatus(subject: Subject): Promise<Report> {
  const state = await readSelfTest(subject.drive);
  const newest = state.results.find(({ verdict }) => verdict === "passed" || verdict === "failed");
  const json = { action: "status", verdict: newest?.verdict ?? null };
  return reportOf(subject, state, {
    json,
    blocks: [
      paragraph(nowText(subject, state)),
      heading("Past self-tests, newest first"),
      await resultTable(subject.drive, state),
      ...(state.log.current.operation === 0 && state.results.length === 0
        ? [paragraph(`Next: nvmectl selftest ${subject.drive.target} --short --wait runs one.`)]
        : []),
    ],
    exit: newest?.verdict === "failed" ? EXIT.bad : EXIT.ok,
  });
}

/** `--wait` alone: the self-test that runs already, whoever started it. */
async function waitForRunning(context: Context, subject: Subject): Promise<Report> {
  const before = await readSelfTest(subject.drive);
  const code = before.log.current.operation;
  if (code === 0) {
    context.notice("no self-test is running: there is nothing to wait for");
    return await showStatus(subject);
  }
  return await follow(context, subject, { code, before, nsid: undefined });
}

async function abort(context: Context, subject: Subject): Promise<Report> {
  const { drive } = subject;
  const before = await readSelfTest(drive);
  await abortSelfTest(drive);
  const state = context.dryRun ? before : await readSelfTest(drive);
  const { operation } = before.log.current;
  const name = nameOf(SELF_TEST_CODE_NAMES, operation);
  const result = newResults(before, state).find(({ code }) => code === operation);
  const said = operation === 0
    ? "No self-test was running: there was nothing to abort."
    : result && result.verdict !== "aborted"
    ? `The ${name} self-test had ended before it could be aborted: ${resultText(result)}.`
    : `Aborted the ${name} self-test, which was ${before.log.completion.percent} % done.`;
  return reportOf(subject, state, {
    json: {
      action: "abort",
      aborted: operation === 0 ? null : codedJson(SELF_TEST_CODE_NAMES, operation),
    },
    blocks: [paragraph(said)],
    exit: EXIT.ok,
  });
}

async function start(
  context: Context,
  subject: Subject,
  { kind, nsid, wait }: { kind: SelfTestKind; nsid: number; wait: boolean },
): Promise<Report> {
  const { drive, drive: { target }, controller } = subject;
  const code = codeOf(kind);
  const before = await readSelfTest(drive);
  await startSelfTest(drive, { kind, nsid });
  if (wait && !context.dryRun) {
    return await follow(context, subject, { code, before, nsid });
  }
  const estimateMs = nominalMs(code, controller);
  return reportOf(subject, context.dryRun ? before : await readSelfTest(drive), {
    json: {
      action: "start",
      self_test: codedJson(SELF_TEST_CODE_NAMES, code),
      nsid,
      estimate_seconds: estimateMs === undefined ? null : estimateMs / 1000,
    },
    blocks: [
      paragraph(
        `Started the ${kind} self-test of ${scopeText(nsid)}; ${lengthText(kind, estimateMs)}.`,
      ),
      paragraph(
        `Next: nvmectl selftest ${target} --wait waits for the result; ` +
          `nvmectl selftest ${target} --abort stops it.`,
      ),
    ],
    exit: EXIT.ok,
  });
}

function lengthText(kind: SelfTestKind, estimateMs: number | undefined): string {
  if (estimateMs === undefined) return "the drive does not say how long it takes";
  const time = formatDuration(estimateMs);
  return kind === "short"
    ? `it takes ${time} or less`
    : `the drive says that it takes about ${time}, more when it is busy`;
}

/**
 * Waits with a progress display; Ctrl-C ends the waiting, and the self-test only where our own
 * driver leaves the drive with it.
 */
async function follow(
  context: Context,
  subject: Subject,
  { code, before, nsid }: {
    readonly code: number;
    readonly before: SelfTestState;
    /** What it tests; undefined for one that somebody else started. */
    readonly nsid: number | undefined;
  },
): Promise<Report> {
  const { clock, signal } = context;
  const { drive } = subject;
  const name = `${nameOf(SELF_TEST_CODE_NAMES, code)} self-test`;
  const startedAt = clock.now();
  try {
    using progress = context.progress(capital(name));
    const { state, result } = await followSelfTest(drive, { code, before }, {
      clock,
      signal,
      onProgress: ({ percent, remainingMs }) =>
        progress.update({
          fraction: percent / 100,
          ...(remainingMs === undefined ? {} : { remainingMs }),
        }),
    });
    const waitedMs = clock.now() - startedAt;
    return reportOf(subject, state, {
      json: {
        action: "wait",
        self_test: codedJson(SELF_TEST_CODE_NAMES, code),
        ...(nsid === undefined ? {} : { nsid }),
        verdict: result.verdict,
        result: codedJson(SELF_TEST_RESULT_NAMES, result.result),
        result_number: result.number,
        waited_seconds: waitedMs / 1000,
      },
      blocks: outcomeBlocks(subject, state, { name, nsid, result, waitedMs }),
      exit: result.verdict === "passed" ? EXIT.ok : EXIT.bad,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw stoppedWaiting(drive, { name, isShort: code === codeOf("short"), signal });
  }
}

const TONES: Readonly<Record<SelfTestVerdict, Tone>> = {
  passed: "good",
  failed: "bad",
  aborted: "warning",
  unknown: "warning",
};

function outcomeBlocks(
  { drive }: Subject,
  state: SelfTestState,
  { name, nsid, result, waitedMs }: {
    readonly name: string;
    readonly nsid: number | undefined;
    readonly result: SelfTestResult;
    readonly waitedMs: number;
  },
): readonly Block[] {
  const verdict = `${result.verdict.toUpperCase()}: the ${name} ${resultText(result)}`;
  const rows: Fact[] = [];
  if (nsid !== undefined) rows.push(["Tested", scopeText(nsid)]);
  rows.push(["Power-on hours", formatCount(result.powerOnHours)]);
  const details = detailsOf(state)[state.results.indexOf(result)] ?? "";
  if (details !== "") rows.push(["Details", details]);
  rows.push(["Waited", formatDuration(waitedMs)]);
  const blocks: Block[] = [paragraph(toned(verdict, TONES[result.verdict])), facts(rows)];
  if (result.verdict === "failed") {
    blocks.push(paragraph(`Next: save what is on it; nvmectl health ${drive.target} says more.`));
  }
  return blocks;
}

/** What every result of the verb has in common: the drive, and the log in full. */
function reportOf(
  { drive, controller: { mn, sn, fr } }: Subject,
  { bytes, log }: SelfTestState,
  { json, blocks, exit }: {
    readonly json: JsonObject;
    readonly blocks: readonly Block[];
    readonly exit: ExitCode;
  },
): Report {
  return {
    json: { device: drive.target, model: mn, serial: sn, ...json, log: SelfTestPage.json(log) },
    blocks: [heading(`${drive.target}  ${mn}  serial ${sn}  firmware ${fr}`), ...blocks],
    raw: bytes,
    exit,
  };
}

function nowText({ controller }: Subject, { log }: SelfTestState): Text {
  const { current: { operation }, completion: { percent } } = log;
  if (operation === 0) return "No self-test is running.";
  const whole = nominalMs(operation, controller);
  const left = whole === undefined
    ? ""
    : `, about ${formatDuration(whole * (100 - percent) / 100)} left by the drive's estimate`;
  return toned(
    `${capital(nameOf(SELF_TEST_OPERATION_NAMES, operation))}: ${percent} % done${left}`,
    "strong",
  );
}

async function resultTable(drive: Drive, state: SelfTestState): Promise<Block> {
  const nowHours = state.results.length === 0 ? undefined : await powerOnHours(drive);
  const details = detailsOf(state);
  const rows = state.results.map(({ number, code, result, verdict, powerOnHours: then }, at) => {
    const ago = nowHours === undefined || then > nowHours ? undefined : nowHours - then;
    return [
      `${number}`,
      nameOf(SELF_TEST_CODE_NAMES, code),
      toned(nameOf(SELF_TEST_RESULT_NAMES, result), TONES[verdict]),
      formatCount(then),
      ago === undefined ? "" : ago === 0n ? "this hour" : `${formatCount(ago)} h`,
      details[at] ?? "",
    ];
  });
  return table(
    [">No.", "Self-test", "Result", ">Power-on hours", ">Ago", "Details"],
    rows,
    "The drive's log holds no result.",
  );
}

/** Results say when they were by the drive's hours; those of now make that mean something. */
async function powerOnHours(drive: Drive): Promise<bigint | undefined> {
  try {
    return (await readLog(drive, SmartPage)).value.powerOnHours;
  } catch (error) {
    if (!(error instanceof NvmectlError)) throw error;
    return undefined;
  }
}

/** What the valid fields of each result say in words: the last column of the page's own table. */
function detailsOf({ log }: SelfTestState): readonly string[] {
  return (SelfTestPage.table?.(log).rows ?? []).map((row) => row.at(-1) ?? "");
}

function resultText({ result }: SelfTestResult): string {
  const name = nameOf(SELF_TEST_RESULT_NAMES, result);
  return /^(aborted|stopped)/.test(name) ? `was ${name}` : name;
}

function scopeText(nsid: number): string {
  if (nsid === CONTROLLER_ALONE) return "the controller alone";
  return nsid === ALL_NAMESPACES ? "the controller and all namespaces" : `namespace ${nsid}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
