// nvmectl health: is this drive all right, and why.

import { command, type Context } from "../cli/command.ts";
import { duration, integer, toggle } from "../cli/flags.ts";
import { structBlocks } from "../cli/present.ts";
import { type Block, heading, items, type Report, type Text, toned } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import { judge, type Judgement, type Reason, type Verdict } from "../controller/health.ts";
import { identifyControllerBytes } from "../controller/identify.ts";
import { readLog } from "../controller/log.ts";
import {
  EXIT,
  type ExitCode,
  interrupted,
  InterruptedError,
  NvmectlError,
  UsageError,
} from "../errors.ts";
import { celsius, formatBytes, type JsonObject } from "../layout/mod.ts";
import { IdentifyController } from "../spec/identify/identify_controller.ts";
import { SmartLog, SmartPage } from "../spec/log/smart.ts";
import { DATA_UNIT_BYTES } from "../spec/units.ts";

/** What of Identify Controller health is about: names, and limits of the temperature. */
const CONTROLLER_FIELDS = ["mn", "sn", "fr", "wctemp", "cctemp"] as const;

/** A drive's health at one moment. */
interface Reading {
  readonly drive: Drive;
  readonly controller: Pick<IdentifyController, (typeof CONTROLLER_FIELDS)[number]>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly smart: SmartLog;
  readonly judgement: Judgement;
}

const TONES = {
  good: "good",
  warning: "warning",
  critical: "bad",
  impossible: "bad",
} as const;

export const health = command({
  name: "health",
  group: "Look",
  summary: "Say whether a drive is healthy, and why",
  description:
    "Exit status 0 means good; 1 means warning, critical, or a page that cannot be true;\n" +
    "4 that a drive could not be asked.",
  effect: "read",
  target: "drive",
  flags: {
    all: toggle("Every NVMe drive of this machine"),
    watch: duration("Ask again every so often; plain numbers are seconds", "SECONDS"),
    count: integer("Stop watching after N readings", { min: 1, max: 0xffffffff }),
  },
  formats: ["table", "json", "raw", "ndjson"],
  examples: [
    ["nvmectl health /dev/nvme0", "one drive: the verdict, its reasons, the counters"],
    ["nvmectl health --all -o json", "every drive, for a monitoring system"],
    ["nvmectl health /dev/nvme0 --watch 10", "ask every ten seconds until Ctrl-C"],
    ["nvmectl health virtual:warning", "what a worn drive looks like, without one"],
  ],
  async run(context, { flags }) {
    if (flags.count !== undefined && flags.watch === undefined) {
      throw new UsageError("Cannot use --count without --watch");
    }
    if (flags.all) {
      if (context.target !== undefined || flags.watch !== undefined) {
        throw new UsageError(
          "Cannot use --all with a target or with --watch: name one or take all",
        );
      }
      return await allDrives(context);
    }
    if (flags.watch !== undefined && (context.format === "json" || context.format === "raw")) {
      throw new UsageError(`Cannot watch with -o ${context.format}: results stream`, {
        next: "use -o ndjson, one object a reading",
      });
    }
    const first = await read(await context.openDrive());
    if (flags.watch === undefined) return reportOf(first, context.verbose);
    return await watch(context, first, { everyMs: flags.watch, count: flags.count });
  },
});

async function read(drive: Drive): Promise<Reading> {
  const controller = IdentifyController.decodeOnly(
    await identifyControllerBytes(drive),
    ...CONTROLLER_FIELDS,
  );
  const { bytes, value: smart } = await readLog(drive, SmartPage);
  return { drive, controller, bytes, smart, judgement: judge(smart, controller) };
}

function exitOf({ verdict }: Judgement): ExitCode {
  return verdict === "good" ? EXIT.ok : EXIT.bad;
}

function reportOf(reading: Reading, verbose: boolean): Report {
  return {
    get json() {
      return jsonOf(reading);
    },
    get blocks() {
      return blocksOf(reading, verbose);
    },
    raw: reading.bytes,
    exit: exitOf(reading.judgement),
  };
}

function jsonOf({ drive, controller, smart, judgement }: Reading): JsonObject {
  return {
    device: drive.target,
    model: controller.mn,
    serial: controller.sn,
    firmware: controller.fr,
    verdict: judgement.verdict,
    reasons: judgement.reasons.map(({ severity, text }) => ({ severity, text })),
    smart: SmartLog.json(smart),
  };
}

function blocksOf(reading: Reading, verbose: boolean): readonly Block[] {
  const { drive, controller, smart, judgement } = reading;
  const { mn, sn, fr } = controller;
  return [
    heading(`${drive.target}  ${mn}  serial ${sn}  firmware ${fr}`),
    ...verdictBlocks(judgement),
    heading("SMART / Health Information"),
    ...structBlocks(SmartLog, smart, { verbose }),
  ];
}

const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  good: "GOOD: the drive reports nothing wrong",
  warning: "WARNING: the drive works, but needs attention",
  critical: "CRITICAL: save what is on it and replace it",
  impossible: "IMPOSSIBLE: what the drive reports cannot be true, so its health is not known",
};

const OVERHEATED = "CRITICAL: its temperature endangers it; see to its cooling first";

function verdictBlocks({ verdict, reasons }: Judgement): readonly Block[] {
  const worst = reasons.filter(({ severity }) => severity === "critical");
  const overheated = verdict === "critical" && worst.every(({ temperature }) => temperature);
  const verdictText: Block = {
    kind: "text",
    text: toned(overheated ? OVERHEATED : VERDICT_TEXT[verdict], TONES[verdict]),
  };
  return reasons.length === 0 ? [verdictText] : [verdictText, items(reasons.map(reasonText))];
}

function reasonText({ severity, text }: Reason): Text {
  return toned(text, TONES[severity]);
}

async function allDrives(context: Context): Promise<Report> {
  if (context.format === "raw") {
    throw new UsageError("Cannot write --all raw: pages of several drives", {
      next: "name one drive, or use -o json",
    });
  }
  const controllers = await context.controllers();
  const drives: JsonObject[] = [];
  const blocks: Block[] = [];
  let exit: ExitCode = EXIT.ok;
  for (const name of controllers) {
    const device = `/dev/${name}`;
    try {
      const reading = await read(await context.openOther(device));
      drives.push(jsonOf(reading));
      blocks.push(...blocksOf(reading, context.verbose));
      if (exitOf(reading.judgement) === EXIT.bad) exit = EXIT.bad;
    } catch (error) {
      if (!(error instanceof NvmectlError)) throw error;
      drives.push({ device, error: error.message, ...(error.next ? { next: error.next } : {}) });
      blocks.push(heading(device), { kind: "text", text: toned(error.message, "bad") });
      if (error.next) blocks.push({ kind: "text", text: `Next: ${error.next}` });
      if (exit === EXIT.ok) exit = error.exitCode;
    }
  }
  if (controllers.length === 0) {
    blocks.push({ kind: "text", text: "The kernel shows no NVMe drive; nvmectl health says why." });
  }
  return { json: { drives }, blocks, exit };
}

/** Readings one after another: the first in full, then a line each with what has changed. */
async function watch(
  context: Context,
  first: Reading,
  { everyMs, count }: { everyMs: number; count: number | undefined },
): Promise<Report> {
  const { signal } = context;
  let last = first;
  let report = stamped(reportOf(first, context.verbose), context.clock.now());
  for (let readings = 1; count === undefined || readings < count; readings++) {
    await context.emit(report);
    try {
      await context.clock.sleep(everyMs, signal);
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      throw interrupted(
        signal,
        `Stopped watching ${first.drive.target} after ${readings} readings`,
        "nothing goes on; the drive was only read",
      );
    }
    const next = await read(first.drive);
    const now = context.clock.now();
    report = stamped({ ...reportOf(next, false), blocks: [changeLine(last, next, now)] }, now);
    last = next;
  }
  return report;
}

function stamped(report: Report, now: number): Report {
  return { ...report, json: { time: new Date(now).toISOString(), ...report.json } };
}

function changeLine(before: Reading, { smart, judgement }: Reading, now: number): Block {
  const grown = (key: "dataUnitsRead" | "dataUnitsWritten"): string =>
    formatBytes((smart[key] - before.smart[key]) * DATA_UNIT_BYTES);
  const parts = [
    new Date(now).toISOString(),
    judgement.verdict,
    ...(smart.compositeTemperature === 0 ? [] : [`${celsius(smart.compositeTemperature)} °C`]),
    `read +${grown("dataUnitsRead")}`,
    `written +${grown("dataUnitsWritten")}`,
    `media errors ${smart.mediaErrors}`,
    ...judgement.reasons.map(({ text }) => text),
  ];
  return { kind: "text", text: toned(parts.join("  "), TONES[judgement.verdict]) };
}
