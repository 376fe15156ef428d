// nvmectl sanitize: erase all of a drive for good, and see that it happened.

import { command, type Context } from "../cli/command.ts";
import { integer, toggle } from "../cli/flags.ts";
import {
  type Block,
  type Fact,
  facts,
  heading,
  paragraph,
  type Report,
  toned,
} from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import { identifyController } from "../controller/identify.ts";
import { withNextStep } from "../controller/next_step.ts";
import {
  exitSanitizeFailure,
  followSanitize,
  planSanitize,
  readSanitize,
  type SanitizeMethod,
  type SanitizePlan,
  sanitizeProgressOf,
  startSanitize,
} from "../controller/sanitize.ts";
import {
  DeadlineError,
  EXIT,
  type ExitCode,
  interrupted,
  InterruptedError,
  UnreachableError,
  UsageError,
} from "../errors.ts";
import { codedJson, formatDuration, nameOf } from "../layout/mod.ts";
import { SANITIZE_ACTION_NAMES } from "../spec/admin/sanitize.ts";
import { SANITIZE_STATUS_NAMES, SanitizeLog } from "../spec/log/sanitize.ts";

const PATTERN_MAX = 0xffff_ffff;
const RUNNING = 2;
const FAILED = 3;

export const sanitize = command({
  name: "sanitize",
  group: "Change",
  summary: "Erase all of a drive for good, or show how that goes",
  description: `Without an operation: what runs or ran last. All namespaces of all controllers lose
their data, the caches too, and nothing can stop it once begun, not even a power cut.
With --wait the exit status is the result: 0 erased, 1 failed.
After a failure the drive refuses to read and write until it is sanitized again, or
until --exit-failure where the operation was begun with --unrestricted-exit.`,
  effect: "destroy",
  target: "drive",
  flags: {
    block: toggle("Erase the blocks of the media"),
    crypto: toggle("Change the keys that the data is encrypted with"),
    overwrite: toggle("Write a pattern over everything"),
    passes: integer("Passes of an overwrite (1)", { min: 1, max: 16 }),
    pattern: integer("The 32 bits that an overwrite writes (0)", {
      max: PATTERN_MAX,
      value: "PATTERN",
    }),
    invert: toggle("Invert the pattern between the passes"),
    noDeallocate: toggle("Leave the blocks allocated, so that they can be read and checked"),
    unrestrictedExit: toggle("Allow --exit-failure if it fails"),
    exitFailure: toggle("Leave the failure of the last operation"),
    wait: toggle("Wait for the end, of the operation started or of the one that runs"),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl sanitize /dev/nvme0", "what runs or ran last, what the drive can do, how long"],
    ["nvmectl sanitize /dev/nvme0 --block --wait", "erase all of it; asks first"],
    ["nvmectl sanitize /dev/nvme0 --overwrite --passes 3 --pattern 0xa5a5a5a5", "three passes"],
    ["nvmectl sanitize virtual: --crypto --wait --dry-run", "see what would be sent"],
  ],
  async run(context, { flags }) {
    const method = methodOf(flags);
    const drive = await context.openDrive();
    if (flags.exitFailure) return await leaveFailure(context, drive);
    const log = await readSanitize(drive);
    if (method === undefined) {
      if (flags.wait && log.status.operation === RUNNING && !context.dryRun) {
        return await follow(context, drive);
      }
      return await statusReport(drive, log, log.status.operation === FAILED ? EXIT.bad : EXIT.ok);
    }
    const plan = planSanitize(await identifyController(drive), log, { ...flags, method });
    return await erase(context, drive, { plan, wait: flags.wait });
  },
});

interface Toggles {
  readonly block: boolean;
  readonly crypto: boolean;
  readonly overwrite: boolean;
  readonly exitFailure: boolean;
  readonly passes: number | undefined;
  readonly pattern: number | undefined;
  readonly invert: boolean;
  readonly noDeallocate: boolean;
  readonly unrestrictedExit: boolean;
  readonly wait: boolean;
}

function methodOf(flags: Toggles): SanitizeMethod | undefined {
  const words = ["block", "crypto", "overwrite", "exitFailure"] as const;
  const [first, second] = words.filter((word) => flags[word]);
  if (first !== undefined && second !== undefined) {
    throw new UsageError("Cannot sanitize in two ways at once: need one of them", {
      next: "--block, --crypto, --overwrite or --exit-failure",
    });
  }
  if (first !== undefined && first !== "exitFailure") return first;
  const { passes, pattern, invert, noDeallocate, unrestrictedExit } = flags;
  if (passes !== undefined || pattern !== undefined || invert || noDeallocate || unrestrictedExit) {
    throw new UsageError("Cannot sanitize: which operation is missing", {
      next: "--block, --crypto or --overwrite",
    });
  }
  if (first === "exitFailure" && flags.wait) {
    throw new UsageError("Cannot use --wait with --exit-failure: it is done at once");
  }
  return undefined;
}

const ACTIONS: Readonly<Record<SanitizeMethod, string>> = {
  block: "block erase",
  crypto: "crypto erase",
  overwrite: "overwrite",
};

async function erase(
  context: Context,
  drive: Drive,
  { plan, wait }: { readonly plan: SanitizePlan; readonly wait: boolean },
): Promise<Report> {
  const takes = plan.estimateMs === undefined
    ? "the drive does not say how long it takes"
    : `about ${formatDuration(plan.estimateMs)} by the drive's estimate`;
  const claim = await context.confirm({
    drive,
    action: `Sanitize the whole drive by ${ACTIONS[plan.method]}; ${takes}`,
    namespaces: "all",
  });
  let running = false;
  try {
    await startSanitize(drive, plan);
    if (wait && !context.dryRun) return await follow(context, drive);
  } catch (error) {
    running = error instanceof InterruptedError;
    throw error;
  } finally {
    // Interrupted, the drive goes on erasing: nobody may begin to use it while we still live.
    if (!running) claim[Symbol.dispose]();
  }
  return await statusReport(drive, await readSanitize(drive), EXIT.ok, [
    paragraph(`Started; ${takes}. nvmectl sanitize ${drive.target} --wait waits for the end.`),
  ]);
}

/** Waits with a progress display; Ctrl-C ends the waiting, never the erasing. */
async function follow(context: Context, drive: Drive): Promise<Report> {
  const { clock, signal } = context;
  const startedAt = clock.now();
  using progress = context.progress(`Sanitize of ${drive.target}`);
  try {
    const log = await followSanitize(drive, {
      clock,
      signal,
      onProgress: ({ fraction, remainingMs }) =>
        progress.update({ fraction, ...(remainingMs === undefined ? {} : { remainingMs }) }),
    });
    const failed = log.status.operation === FAILED;
    const waited = `waited ${formatDuration(clock.now() - startedAt)}`;
    return await statusReport(drive, log, failed ? EXIT.bad : EXIT.ok, [
      paragraph(
        failed
          ? toned(`FAILED: the drive is not erased (${waited})`, "bad")
          : toned(`ERASED (${waited})`, "good"),
      ),
    ]);
  } catch (error) {
    if (!signal.aborted) throw lostSight(error, drive);
    throw interrupted(
      signal,
      `Stopped waiting: ${drive.target} goes on erasing, and nothing can stop it`,
      `nvmectl sanitize ${drive.target} --wait waits for the end`,
    );
  }
}

/** That the drive cannot be asked any more does not stop it. */
function lostSight(error: unknown, { target }: Drive): unknown {
  if (!(error instanceof UnreachableError) || error instanceof DeadlineError) return error;
  return withNextStep(
    error,
    `the drive goes on erasing all the same: nvmectl sanitize ${target} --wait waits for the end`,
  );
}

async function leaveFailure(context: Context, drive: Drive): Promise<Report> {
  const log = await readSanitize(drive);
  if (log.status.operation !== FAILED) {
    return await statusReport(drive, log, EXIT.ok, [
      paragraph("The last operation did not fail: there is nothing to leave, nothing was sent."),
    ]);
  }
  using _claim = await context.confirm({
    drive,
    action: "Leave the failure of the sanitize operation: what was not erased can be read again",
    namespaces: "all",
    keepsData: true,
    whileInUse: true,
  });
  await exitSanitizeFailure(drive);
  return await statusReport(drive, await readSanitize(drive), EXIT.ok);
}

async function statusReport(
  drive: Drive,
  log: SanitizeLog,
  exit: ExitCode,
  above: readonly Block[] = [],
): Promise<Report> {
  const { mn, sn, fr, sanicap } = await identifyController(drive);
  const progress = sanitizeProgressOf(log);
  const { status: { operation, passes, globalDataErased }, cdw10 } = log;
  const can = [
    ...(sanicap.bes ? ["block erase"] : []),
    ...(sanicap.ces ? ["crypto erase"] : []),
    ...(sanicap.ows ? ["overwrite"] : []),
  ];
  return {
    exit,
    json: {
      target: drive.target,
      sn,
      operation: codedJson(SANITIZE_STATUS_NAMES, operation),
      action: codedJson(SANITIZE_ACTION_NAMES, cdw10 & 0x7),
      fraction: progress?.fraction ?? null,
      remaining_seconds: progress?.remainingMs === undefined ? null : progress.remainingMs / 1000,
      passes_completed: passes,
      nothing_written_since: globalDataErased,
      supported: can,
      log: SanitizeLog.json(log),
    },
    blocks: [
      heading(`${drive.target}  ${mn}  serial ${sn}  firmware ${fr}`),
      ...above,
      facts([...operationFacts(log), ["The drive can", can.join(", ")], ...timeFacts(log)]),
      ...(operation === FAILED
        ? [paragraph(
          "Next: sanitize it again; or --exit-failure, where it was begun with " +
            "--unrestricted-exit",
        )]
        : []),
    ],
  };
}

/** What runs or ran last, and how far it is. */
function operationFacts(log: SanitizeLog): readonly Fact[] {
  const { status: { operation, globalDataErased }, cdw10 } = log;
  const progress = sanitizeProgressOf(log);
  return [
    ["Last operation", toned(nameOf(SANITIZE_STATUS_NAMES, operation), toneOf(operation))],
    ...(operation === 0 ? [] : [
      [
        "By",
        nameOf(SANITIZE_ACTION_NAMES, cdw10 & 0x7),
      ] as const,
    ]),
    ...(progress === undefined ? [] : [
      [
        "Progress",
        `${Math.floor(progress.fraction * 100)} %` +
        (progress.remainingMs === undefined
          ? ""
          : `, about ${formatDuration(progress.remainingMs)} left`),
      ] as const,
    ]),
    ...(operation === RUNNING || operation === 0
      ? []
      : [["Written since", globalDataErased ? "nothing" : "yes, or not known"] as const]),
  ];
}

function toneOf(operation: number): "good" | "bad" | "strong" | "dim" {
  if (operation === 1 || operation === 4) return "good";
  return operation === FAILED ? "bad" : operation === RUNNING ? "strong" : "dim";
}

const NOT_REPORTED = 0xffff_ffff;

function timeFacts(
  { blockEraseTime, cryptoEraseTime, overwriteTime }: SanitizeLog,
): readonly (readonly [string, string])[] {
  const rows = [
    ["A block erase takes", blockEraseTime],
    ["A crypto erase takes", cryptoEraseTime],
    ["An overwrite takes", overwriteTime],
  ] as const;
  return rows.filter(([, time]) => time !== NOT_REPORTED && time !== 0)
    .map(([label, time]) => [label, `about ${formatDuration(time * 1000)}`]);
}
