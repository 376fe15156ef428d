// nvmectl feature get: one feature, every piece of its value with its unit.

import { command } from "../../cli/command.ts";
import { choice, integer, texts } from "../../cli/flags.ts";
import { facts, heading, type Report } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import { assignField, parseAssignment } from "../../controller/feature_fields.ts";
import { isPerNamespace } from "../../controller/feature_change.ts";
import { dataStructure } from "../../controller/feature_value.ts";
import {
  featureCapabilities,
  type FeatureQuestion,
  type FeatureSelect,
  type NamedFeature,
  readFeature,
} from "../../controller/features.ts";
import { chooseNamespace } from "../../controller/identify.ts";
import { UnsupportedError, UsageError } from "../../errors.ts";
import {
  capabilityJson,
  capabilityWords,
  FEATURE,
  featureHeading,
  featureJson,
  featureOf,
  NAMESPACE,
  UUID_INDEX,
} from "./words.ts";
import { valueBlocks } from "./words.ts";

const DWORD_MAX = 0xffff_ffff;
const LENGTH_MAX = 1 << 20;

export const featureGet = command({
  name: "feature get",
  group: "Change",
  summary: "Show a feature: its current, default or saved value, or what can be done with it",
  description:
    `Of a feature with several values --which says which, by the fields of its dword 11: a
temperature sensor (tmpsel), a direction (thsel), an interrupt vector (iv), an NVM set
(nvmsetid), an endurance group (endgid). --cdw11 gives the dword as a whole.`,
  effect: "read",
  target: "drive",
  positionals: [FEATURE],
  flags: {
    namespace: NAMESPACE,
    select: choice("Which of its values; otherwise the current one", [
      "current",
      "default",
      "saved",
      "supported",
    ]),
    which: texts("Which of several values: a field of dword 11; may be repeated", "FIELD=VALUE"),
    cdw11: integer("Command dword 11", { max: DWORD_MAX }),
    uuidIndex: UUID_INDEX,
    length: integer("Read so many bytes, of a feature that is not known here", {
      min: 4,
      max: LENGTH_MAX,
      value: "BYTES",
    }),
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl feature get temperature-threshold /dev/nvme0", "when the drive warns of heat"],
    [
      "nvmectl feature get temperature-threshold virtual: --which tmpsel=1 --which thsel=under",
      "the lower threshold of sensor 1",
    ],
    ["nvmectl feature get 0x06 /dev/nvme0 --select saved -o json", "what a reset brings back"],
    ["nvmectl feature get timestamp /dev/nvme0 -o raw > t.bin", "the bytes, as the drive has them"],
  ],
  async run(context, { words: [word], flags }) {
    const { select = "current", namespace, uuidIndex, length } = flags;
    const feature = featureOf(word);
    const cdw11 = selection(feature, flags);
    const drive = await context.openDrive();
    const nsid = isPerNamespace(feature.info)
      ? await chooseNamespace(drive, namespace)
      : namespace ?? 0;
    const question = { fid: feature.fid, nsid, cdw11, uuidIndex, length };
    const asked = { drive, feature, question };
    return select === "supported" ? await capabilities(asked) : await value(asked, select);
  },
});

interface Asked {
  readonly drive: Drive;
  readonly feature: NamedFeature;
  readonly question: FeatureQuestion;
}

/** Dword 11, as a whole or from its fields. */
function selection(
  { info, fid }: NamedFeature,
  { cdw11, which }: { readonly cdw11: number | undefined; readonly which: readonly string[] },
): number {
  const structure = info?.select;
  const bytes = new Uint8Array(structure?.size ?? 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, cdw11 ?? 0, true);
  for (const assignment of which.map(parseAssignment)) {
    if (structure === undefined) {
      throw new UsageError(`Cannot use --which ${assignment.path}: there is one value only`, {
        next: info ? "leave it out" : `use --cdw11: the fields of ${fid} are not known here`,
      });
    }
    assignField({ structure, bytes }, assignment);
  }
  return view.getUint32(0, true);
}

async function capabilities({ drive, feature, question }: Asked): Promise<Report> {
  const found = await featureCapabilities(drive, question);
  if (found === undefined) {
    throw new UnsupportedError(
      `Cannot tell what ${drive.target} can do with the feature: it does not say (ONCS, bit 4)`,
    );
  }
  return {
    json: {
      device: drive.target,
      ...featureJson(feature),
      select: "supported",
      capabilities: capabilityJson(found),
    },
    blocks: [
      heading(featureHeading(feature)),
      facts([
        ["Can be changed", found.changeable ? "yes" : "no"],
        ["Can be saved", found.saveable ? "yes" : "no"],
        ["Each namespace has its own", found.nsSpecific ? "yes" : "no"],
        ["In short", capabilityWords(found)],
      ]),
    ],
  };
}

async function value(
  { drive, feature, question }: Asked,
  select: FeatureSelect,
): Promise<Report> {
  const found = await readFeature(drive, question, select);
  const { nsid = 0, cdw11 = 0 } = question;
  const decoded = feature.info !== undefined &&
    dataStructure(feature.info, question) !== undefined;
  const of = nsid === 0 ? "" : `, namespace ${nsid}`;
  return {
    json: {
      device: drive.target,
      ...featureJson(feature),
      nsid,
      cdw11,
      select,
      ...found.json,
      ...(found.data ? { data_hex: found.data.toHex() } : {}),
    },
    blocks: [
      heading(`${featureHeading(feature)}${of}  ${select}`),
      ...valueBlocks(found, decoded),
    ],
    raw: found.data ?? dwordBytes(found.dword0),
  };
}

/** Of a feature without data the raw value is dword 0. */
function dwordBytes(dword: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, dword, true);
  return bytes;
}
