// nvmectl drive clone: a drive file that answers as a drive does, made of what that drive says.

import { command } from "../../cli/command.ts";
import { type Flag, parseInteger, toggle } from "../../cli/flags.ts";
import { DRIVE_FLAGS } from "../../cli/parse.ts";
import { facts, items, paragraph, type Report } from "../../cli/report.ts";
import { recordDrive, type Recorded } from "../../controller/clone.ts";
import type { Personality } from "../../drive/mod.ts";
import { anonymous } from "../../drive/recorded/anonymize.ts";
import { personalityOf } from "../../drive/recorded/personality.ts";
import { formatBytes } from "../../layout/mod.ts";
import { checkPath } from "./new.ts";
import { uniqueName } from "./new_drive.ts";

const logs: Flag<readonly number[]> = {
  help: "Also read this log page, such as a vendor's that no list names; may be given again",
  value: "LID",
  absent: [],
  parse: (typed, name) => [parseInteger(typed, { name, min: 0, max: 0xff })],
  all: (typed, name) => typed.map((one) => parseInteger(one, { name, min: 0, max: 0xff })),
};

export const driveClone = command({
  name: "drive clone",
  group: "Rehearse",
  summary: "Make a drive file that answers as another drive does",
  description: "Reads Identify, log pages and features, and changes nothing. User data is not\n" +
    "copied. The clone sends the bytes that were read until something changes it; from then on\n" +
    "it counts, tests and formats by itself. What the source refuses may stand in its error log.\n" +
    "--anonymize leaves areas of vendors as they are, apart from the names in them.",
  effect: "read",
  target: "none",
  positionals: [
    { name: "SOURCE", help: "The drive to read: /dev/nvme0, serial:NUMBER, virtual:NAME" },
    { name: "FILE.json", help: "The drive file to make; nothing is overwritten" },
  ],
  flags: {
    anonymize: toggle("Replace serial number, NQN and namespace names; leave out what hosts said"),
    telemetry: toggle("Also read telemetry and the persistent event log, which takes a capture"),
    log: logs,
    timeout: DRIVE_FLAGS.timeout,
    trace: DRIVE_FLAGS.trace,
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive clone /dev/nvme0 bug.json --anonymize", "for a report that can be replayed"],
    ["nvmectl drive clone virtual:failing f.json", "to try it out"],
    ["nvmectl drive clone /dev/nvme0 d.json --log 0xc0", "with a vendor's log page"],
  ],
  async run(context, { flags, words: [source = "", path = ""] }) {
    checkPath(path);
    const drive = await context.openOther(source);
    const recorded = await readAll();
    const unique = uniqueName(path, context.clock.now());
    const recording = flags.anonymize ? anonymous(recorded.recording, unique) : recorded.recording;
    const personality = personalityOf(recording);
    const service = await context.drives();
    const seed = parseInt(unique.slice(0, 8), 16);
    await service.create({ path, kind: { personality }, seed });
    return clonedReport(path, { source, personality, recorded, anonymized: flags.anonymize });

    async function readAll(): Promise<Recorded> {
      using progress = context.progress(`Reading ${source}`);
      return await recordDrive(drive, {
        telemetry: flags.telemetry && !flags.anonymize,
        more: flags.log,
        asked: (kind) => {
          context.signal.throwIfAborted();
          progress.update({ text: WHAT[kind] });
        },
      });
    }
  },
});

/** What is being read, for people. */
const WHAT = { identify: "Identify", log: "log pages", feature: "features" } as const;

interface Cloned {
  readonly source: string;
  readonly personality: Personality;
  readonly recorded: Recorded;
  readonly anonymized: boolean;
}

function clonedReport(path: string, cloned: Cloned): Report {
  const { source, personality, recorded, anonymized } = cloned;
  const { model, serial, namespaces } = personality;
  const answers = Object.keys(personality.recorded?.answers ?? {}).length;
  const capacity = namespaces.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  const { refused, leftOut } = recorded;
  return {
    json: {
      file: path,
      source,
      model,
      serial,
      anonymized,
      answers,
      refused,
      left_out: leftOut,
      namespaces: namespaces.map(({ nsid, capacityBytes }) => ({
        nsid,
        capacity_bytes: capacityBytes,
      })),
    },
    blocks: [
      facts([
        ["Clone", `virtual:${path}`],
        ["Of", source],
        ["Model", model],
        ["Serial number", serial],
        ["Namespaces", `${namespaces.length}, together ${formatBytes(capacity)}, empty`],
        ["Answers", `${answers}, ${refused.length} of them refusals`],
      ]),
      ...(leftOut.length > 0 ? [paragraph("Left out:"), items(leftOut)] : []),
      paragraph(
        anonymized
          ? "Its names are new. Vendor specific areas and log pages are as the drive sent them."
          : "It has the serial number and names of its source: do not serve it to a host that has " +
            "the source too. --anonymize gives it its own.",
      ),
      paragraph(`Next: nvmectl identify virtual:${path}; nvmectl drive serve virtual:${path}`),
    ],
  };
}
