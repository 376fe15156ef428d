// nvmectl telemetry: what the vendor's support asks for, in a file.

import { command, type Context } from "../../cli/command.ts";
import { integer, text, toggle } from "../../cli/flags.ts";
import { facts, type Report, toned } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import {
  captureTelemetry,
  type TelemetryCapture,
  type TelemetryKind,
} from "../../controller/telemetry.ts";
import { UsageError } from "../../errors.ts";
import { formatBinaryBytes, formatCount } from "../../layout/mod.ts";
import { TELEMETRY_BLOCK_BYTES, type TelemetryArea } from "../../spec/log/telemetry.ts";

const DEFAULT_AREA = 3;

export const telemetry = command({
  name: "telemetry",
  group: "Look",
  summary: "Save the drive's telemetry for its vendor's support",
  description:
    "--host reads the capture that a host asked for last; with --new the drive captures\n" +
    "its state first. --controller reads the one that the drive began by itself, and lets it\n" +
    "go afterwards unless --retain is given. The file is whole or not there. Data area 4 is\n" +
    "enabled for as long as that takes; where only disabling it fails, the file stays, and\n" +
    "the exit status is that of the failure.",
  effect: "write",
  target: "drive",
  flags: {
    host: toggle("The capture that a host asks for"),
    new: toggle("Let the drive capture its state now; with --host"),
    controller: toggle("The capture that the drive began by itself"),
    area: integer("Up to this data area: each holds more than the one below (3)", {
      min: 1,
      max: 4,
    }),
    retain: toggle("Keep the controller's capture after it was read"),
    out: text("Where to write it", "FILE"),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl telemetry /dev/nvme0 --host --new --out nvme0.bin", "capture now, and save it"],
    ["nvmectl telemetry /dev/nvme0 --controller --area 4 --out nvme0.bin", "all that there is"],
  ],
  async run(context, { flags }) {
    const kind = kindOf(flags);
    const { out } = flags;
    if (out === undefined) {
      throw new UsageError("Cannot capture telemetry: --out is missing", {
        next: "--out FILE says where to write it",
      });
    }
    if (!context.dryRun) await context.files.probe(out);
    const drive = await context.openDrive();
    const area = (flags.area ?? DEFAULT_AREA) as TelemetryArea;
    const request = { kind, area, create: flags.new, retain: flags.retain };
    const capture = await save(context, drive, { out, request });
    if (capture.bytes === TELEMETRY_BLOCK_BYTES && !context.dryRun) {
      context.notice(
        `${out} has a header and no data: ` +
          (kind === "host" && !flags.new
            ? "nobody has asked the drive for a capture yet, --new does"
            : `the drive gives nothing up to data area ${area}`),
      );
    }
    const { notRestored } = capture;
    if (notRestored) {
      context.notice(
        `${out} is whole, but data area 4 stays enabled; ${disables(drive.target)} tries again`,
      );
      context.notice(notRestored.message);
    }
    return report(drive, { kind, area, out, capture });
  },
});

/** What undoes it where data area 4 was enabled and could not be disabled again. */
function disables(target: string): string {
  return `nvmectl feature set host-behavior ${target} --set etdas=0`;
}

interface Toggles {
  readonly host: boolean;
  readonly controller: boolean;
  readonly new: boolean;
  readonly retain: boolean;
}

function kindOf({ host, controller, new: create, retain }: Toggles): TelemetryKind {
  if (host === controller) {
    throw new UsageError(
      host
        ? "Cannot use --host with --controller: one capture at a time"
        : "Cannot capture telemetry: which one is missing",
      { next: "--host --new lets the drive capture now; --controller reads its own capture" },
    );
  }
  if (create && controller) {
    throw new UsageError("Cannot use --new with --controller: the drive begins those by itself");
  }
  if (retain && host) {
    throw new UsageError("Cannot use --retain with --host: reading it lets nothing go");
  }
  return host ? "host" : "controller";
}

async function save(
  context: Context,
  drive: Drive,
  { out, request }: {
    readonly out: string;
    readonly request: {
      readonly kind: TelemetryKind;
      readonly area: TelemetryArea;
      readonly create: boolean;
      readonly retain: boolean;
    };
  },
): Promise<TelemetryCapture> {
  using progress = context.progress(`Telemetry of ${drive.target}`);
  const { signal } = context;
  const options = {
    ...request,
    signal,
    progress: (bytes: number, of: number) => progress.update({ fraction: bytes / of }),
  };
  if (context.dryRun) {
    const nowhere = { writeAt: () => Promise.resolve(), resize: () => Promise.resolve() };
    return await captureTelemetry(drive, nowhere, options);
  }
  await using file = await context.files.stage(out);
  const capture = await captureTelemetry(drive, file, options);
  await file.commit();
  return capture;
}

function report(
  drive: Drive,
  { kind, area, out, capture: { bytes, generation, attempts, chunk, notRestored } }: {
    readonly kind: TelemetryKind;
    readonly area: TelemetryArea;
    readonly out: string;
    readonly capture: TelemetryCapture;
  },
): Report {
  const next = disables(drive.target);
  return {
    json: {
      target: drive.target,
      kind,
      area,
      file: out,
      bytes,
      generation,
      attempts,
      chunk_bytes: chunk,
      not_restored: notRestored
        ? { feature: "host-behavior", field: "etdas", message: notRestored.message, next }
        : null,
    },
    ...(notRestored ? { exit: notRestored.exitCode } : {}),
    blocks: [facts([
      ["Saved", `${out}, ${formatCount(bytes)} bytes (${formatBinaryBytes(bytes)})`],
      ["Of", `the ${kind}'s capture, data areas 1 to ${area}`],
      ["Generation", `${generation}`],
      ...(attempts > 1 ? [["Read", `${attempts} times: it changed meanwhile`] as const] : []),
      ...(notRestored
        ? [["Beware", toned(`data area 4 stays enabled: ${next}`, "bad")] as const]
        : []),
    ])],
  };
}
