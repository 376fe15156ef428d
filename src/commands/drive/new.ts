// nvmectl drive new: a drive file, out of a preset and options.

import { command } from "../../cli/command.ts";
import { type Flag, integer, text } from "../../cli/flags.ts";
import { facts, paragraph, type Report } from "../../cli/report.ts";
import { type LbaFormat, type Personality, preset, presetNames, variant } from "../../drive/mod.ts";
import { UsageError } from "../../errors.ts";
import { formatBytes } from "../../layout/mod.ts";
import { overridesOf, parseFormats, uniqueName } from "./new_drive.ts";
import { size, sizes } from "./size.ts";

/** The name of the preset that is `virtual:`. */
const DEFAULT_PRESET = "healthy";
const PRESETS = presetNames().map((name) => name || DEFAULT_PRESET);
const SPECIFICATIONS = ["1.0", "1.1", "1.2", "1.2.1", "1.3", "1.4", "2.0", "2.1"] as const;

const formats: Flag<readonly LbaFormat[] | undefined> = {
  help: "Block formats, the first in use: data bytes, with +N for metadata",
  value: "LIST",
  absent: undefined,
  parse: parseFormats,
};

export const driveNew = command({
  name: "drive new",
  group: "Rehearse",
  summary: "Make a virtual drive that is kept in a file",
  description:
    "Without options it is the drive virtual: with a serial number and names of its own.\n" +
    "FILE.json says what kind of drive it is and what it remembers; its blocks go to the folder\n" +
    "FILE.json.data beside it, in files with holes: a drive takes the room of what is written.",
  effect: "read",
  target: "none",
  positionals: [{ name: "FILE.json", help: "The drive file to make; nothing is overwritten" }],
  flags: {
    preset: {
      ...text("The kind of drive to begin with (default healthy)", "NAME"),
      choices: PRESETS,
    },
    size: size("Capacity, such as 1TiB or 960GB"),
    model: text("Model, up to 40 characters", "TEXT"),
    serial: text("Serial number, up to 20 characters; a new one when left out", "TEXT"),
    firmware: text("Firmware revision that runs, up to 8 characters", "TEXT"),
    formats,
    namespaces: integer("Make so many namespaces of equal size", { max: 1024 }),
    namespace: sizes("Make a namespace of this size; may be given again"),
    controllers: integer("Controllers that share the namespaces", { min: 1, max: 64 }),
    spec: {
      ...text("NVMe version, 1.0 to 2.1: what came later is left out", "VERSION"),
      choices: SPECIFICATIONS,
    },
    seed: integer("Seed of everything random", { max: 0xffffffff }),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive new d.json", "the default drive, to be used as virtual:d.json"],
    ["nvmectl drive new d.json --size 1TiB --formats 4096,4096+8", "one of your own making"],
    ["nvmectl drive new d.json --namespace 10GiB --namespace 20GiB", "two namespaces"],
    ["nvmectl drive new old.json --preset old --serial S1", "an old drive with that serial"],
  ],
  async run(context, { flags, words: [path = ""] }) {
    checkPath(path);
    const name = flags.preset ?? DEFAULT_PRESET;
    const base = presetOf(name);
    if (flags.spec !== undefined && !SPECIFICATIONS.some((known) => known === flags.spec)) {
      throw new UsageError(`Cannot use --spec ${JSON.stringify(flags.spec)}: no such version`, {
        next: `there are ${SPECIFICATIONS.join(", ")}`,
      });
    }
    const unique = uniqueName(path, context.clock.now());
    const overrides = overridesOf(base, flags, `NVC${unique}`);
    const seed = flags.seed ?? parseInt(unique.slice(0, 8), 16);
    const service = await context.drives();
    await service.create({ path, kind: { preset: name, overrides }, seed });
    return madeReport(path, { preset: name, personality: variant(base, overrides), seed });
  },
});

/** Throws UsageError for a path that `virtual:` would not take for a file. */
export function checkPath(path: string): void {
  if (path.endsWith(".json") && !/(^|\/)\.json$/.test(path)) return;
  throw new UsageError(`Cannot make ${JSON.stringify(path)}: a drive file's name ends in .json`, {
    next: "that is how virtual: tells files from presets",
  });
}

function presetOf(name: string): Personality {
  const found = preset(name === DEFAULT_PRESET ? "" : name);
  if (found) return found;
  throw new UsageError(`Cannot use --preset ${JSON.stringify(name)}: there is no such drive`, {
    next: `there are ${PRESETS.join(", ")}`,
  });
}

function madeReport(
  path: string,
  { preset, personality, seed }: {
    readonly preset: string;
    readonly personality: Personality;
    readonly seed: number;
  },
): Report {
  const { model, serial, namespaces, formats, controllers = 1 } = personality;
  const capacity = namespaces.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  return {
    json: {
      file: path,
      preset,
      model,
      serial,
      seed,
      controllers,
      namespaces: namespaces.map(({ nsid, capacityBytes, format }) => ({
        nsid,
        capacity_bytes: capacityBytes,
        lba_format: format,
      })),
      formats: formats.map(({ dataBytes, metadataBytes }) => ({
        data_bytes: dataBytes,
        metadata_bytes: metadataBytes,
      })),
    },
    blocks: [
      facts([
        ["Drive", `virtual:${path}`],
        ["Kind", preset],
        ["Model", model],
        ["Serial number", serial],
        ["Namespaces", `${namespaces.length}, together ${formatBytes(capacity)}`],
        ["Block formats", formats.map(formatText).join(", ")],
        ...(controllers > 1 ? [["Controllers", `${controllers}`] as const] : []),
      ]),
      paragraph(`Next: nvmectl health virtual:${path}; nvmectl drive serve virtual:${path}`),
    ],
  };
}

function formatText({ dataBytes, metadataBytes }: LbaFormat): string {
  return metadataBytes === 0 ? `${dataBytes}` : `${dataBytes}+${metadataBytes}`;
}
