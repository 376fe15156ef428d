// nvmectl telemetry show: what a file of telemetry holds, without a drive.

import { command, type FileHead } from "../../cli/command.ts";
import {
  facts,
  heading,
  paragraph,
  type Report,
  table,
  type Text,
  toned,
} from "../../cli/report.ts";
import { EXIT, MalformedError } from "../../errors.ts";
import { formatBinaryBytes, formatCount } from "../../layout/mod.ts";
import {
  TELEMETRY_BLOCK_BYTES,
  type TelemetryArea,
  telemetryBytes,
  TelemetryControllerLog,
  TelemetryHostLog,
} from "../../spec/log/telemetry.ts";

const AREAS: readonly TelemetryArea[] = [1, 2, 3, 4];
const HOST_LID = 0x07;
const CONTROLLER_LID = 0x08;

export const telemetryShow = command({
  name: "telemetry show",
  group: "Look",
  summary: "Describe a file of telemetry",
  effect: "read",
  target: "none",
  positionals: [{ name: "FILE", help: "What nvmectl telemetry or nvme telemetry-log wrote" }],
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl telemetry show nvme0.bin", "whose, of which drive, how much, and whether complete"],
    ["nvmectl telemetry show nvme0.bin -o json", "the same for a machine"],
  ],
  async run(context, { words: [path = ""] }) {
    return describe(path, await context.files.head(path, TELEMETRY_BLOCK_BYTES));
  },
});

/** What the header says, and whether the file holds as much. */
function describe(path: string, { bytes: head, size }: FileHead): Report {
  const structure = structureOf(path, head);
  const header = structure.decode(head);
  const { area1LastBlock, area2LastBlock, area3LastBlock, area4LastBlock, ieee } = header;
  const reason = new TextDecoder().decode(header.reason).replace(/[\0 ]+$/, "");
  const sizes = AREAS.map((area) => {
    const end = telemetryBytes(header, area);
    const below = area === 1
      ? TELEMETRY_BLOCK_BYTES
      : telemetryBytes(header, (area - 1) as TelemetryArea);
    return { area, bytes: end - below, whole: end <= size };
  });
  const held = sizes.filter((one) => one.whole && (one.bytes > 0 || one.area === 1));
  const whole = held.at(-1)?.area;
  return {
    json: {
      file: path,
      bytes: size,
      ...structure.json(header as never),
      areas: sizes.map(({ area, bytes, whole }) => ({ area, bytes, whole })),
    },
    exit: whole === undefined ? EXIT.bad : EXIT.ok,
    blocks: [
      heading(`${path}  ${structure.title}, ${formatBinaryBytes(size)}`),
      facts([
        ["IEEE OUI", ieee.toString(16).padStart(6, "0")],
        [
          "Last blocks",
          [area1LastBlock, area2LastBlock, area3LastBlock, area4LastBlock].join(", "),
        ],
        ["Generation", `${generationOf(header)}`],
        ["Reason", reason === "" ? "-" : reason],
      ]),
      table(
        [">Area", ">Its own bytes", "In the file"],
        sizes.map((one) => [
          `${one.area}`,
          formatCount(one.bytes),
          stateOf(one),
        ]),
      ),
      paragraph(
        whole === undefined
          ? toned("Not even data area 1 is whole: the file is cut short", "bad")
          : `Whole up to data area ${whole}`,
      ),
    ],
  };
}

/** Areas begin where the one below ends, so that a higher one may add nothing. */
function stateOf({ bytes, whole }: { readonly bytes: number; readonly whole: boolean }): Text {
  if (bytes === 0) return "nothing of its own";
  return whole ? "whole" : toned("cut short", "warning");
}

type Header =
  | ReturnType<typeof TelemetryHostLog.decode>
  | ReturnType<
    typeof TelemetryControllerLog.decode
  >;

function generationOf(header: Header): number {
  return "hostGeneration" in header ? header.hostGeneration : header.controllerGeneration;
}

function structureOf(
  path: string,
  head: Uint8Array,
): typeof TelemetryHostLog | typeof TelemetryControllerLog {
  if (head.length < TELEMETRY_BLOCK_BYTES) {
    throw new MalformedError(
      `Cannot describe ${path}: ${head.length} bytes, telemetry begins with ` +
        `${TELEMETRY_BLOCK_BYTES}`,
    );
  }
  const [lid] = head;
  if (lid === HOST_LID) return TelemetryHostLog;
  if (lid === CONTROLLER_LID) return TelemetryControllerLog;
  throw new MalformedError(
    `Cannot describe ${path}: its first byte is 0x${(lid ?? 0).toString(16)}, telemetry has 0x7 ` +
      "or 0x8 (the log page)",
    { next: "check that it is a file of nvmectl telemetry or nvme telemetry-log" },
  );
}
