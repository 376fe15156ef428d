// nvmectl feature list: every feature of a drive, its values side by side.

import { command } from "../../cli/command.ts";
import { integer } from "../../cli/flags.ts";
import { type Block, heading, paragraph, table, type Text, toned } from "../../cli/report.ts";
import {
  type FeatureEntry,
  type FeatureListing,
  listFeatures,
} from "../../controller/feature_list.ts";
import type { FeatureValue } from "../../controller/feature_value.ts";
import { featureTitle } from "../../controller/features.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { FEATURES } from "../../spec/feature/registry.ts";
import { capabilityJson, capabilityWords, featureJson } from "./words.ts";

const LAST_NSID = 0xffff_fffe;
/** Cells longer than that are for `feature get`. */
const CELL = 48;

export const featureList = command({
  name: "feature list",
  group: "Change",
  summary: "Show all features that a drive has: current, default, saved, what can be done",
  description:
    `The features are those of the drive's own log page of features or, without one, those
that its Identify data announce. With -v also those that it does not have.
A default or saved value that says "same" is the current one.`,
  effect: "read",
  target: "drive",
  flags: {
    namespace: integer("Only this namespace's values, of features that each namespace has", {
      min: 1,
      max: LAST_NSID,
    }),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl feature list /dev/nvme0", "everything that can be set, and how it is set"],
    ["nvmectl feature list /dev/nvme0 -v", "also what the drive does not have"],
    ["nvmectl feature list virtual: -o json", "the same for a machine"],
  ],
  async run({ openDrive, verbose }, { flags: { namespace } }) {
    const drive = await openDrive();
    const listing = await listFeatures(drive, { nsid: namespace ?? drive.nsid });
    const absent = absentFeatures(listing);
    return {
      json: {
        device: drive.target,
        from_log: listing.listed,
        features: listing.entries.map(entryJson),
        refused: listing.refused.map(({ fid, which, reason }) => ({ fid, which, reason })),
        absent: absent.map(({ fid, name }) => ({ fid, name })),
      },
      blocks: [
        heading(`${drive.target}  features`),
        table(
          ["Fid", "Name", "Of", "Current", "Default", "Saved", "Can"],
          listing.entries.map(entryRow),
          "no features",
        ),
        ...(verbose ? absentBlocks(listing, absent) : []),
        paragraph(toned("nvmectl feature get NAME shows one in full", "dim")),
      ],
    };
  },
});

/** Features of the specification that the drive does not claim. */
function absentFeatures({ entries, refused }: FeatureListing) {
  const seen = new Set([...entries.map(({ question: { fid } }) => fid), ...refused.map(fidOf)]);
  return FEATURES.filter(({ fid }) => !seen.has(fid));
}

function fidOf({ fid }: { readonly fid: number }): number {
  return fid;
}

function absentBlocks(
  { refused }: FeatureListing,
  absent: readonly (typeof FEATURES)[number][],
): Block[] {
  return [
    heading("Not there"),
    table(
      ["Feature", "Why"],
      [
        ...refused.map(({ fid, which, reason }) => [
          which === "" ? featureTitle(fid) : `${featureTitle(fid)}, ${which}`,
          reason,
        ]),
        ...absent.map(({ fid }) => [featureTitle(fid), "the drive does not claim to have it"]),
      ],
      "the drive has every feature",
    ),
  ];
}

function entryRow(entry: FeatureEntry): Text[] {
  const { question: { fid }, info, which, current, capabilities } = entry;
  return [
    `${fid.toString(16).padStart(2, "0")}h`,
    info?.name ?? toned("vendor specific", "dim"),
    which,
    short(current.text),
    other(entry, entry.default),
    other(entry, entry.saved),
    capabilityWords(capabilities),
  ];
}

function other({ current }: FeatureEntry, value: FeatureValue | undefined): Text {
  if (value === undefined) return "-";
  return value.text === current.text ? toned("same", "dim") : short(value.text);
}

function short(text: string): string {
  return text.length <= CELL ? text : `${text.slice(0, CELL - 1)}…`;
}

function entryJson(
  { question: { fid, nsid, cdw11 }, info, which, current, default: initial, saved, capabilities }:
    FeatureEntry,
): JsonObject {
  return {
    ...featureJson({ fid, info }),
    nsid: nsid ?? null,
    cdw11: cdw11 ?? 0,
    which,
    current: current.json,
    default: initial?.json ?? null,
    saved: saved?.json ?? null,
    capabilities: capabilityJson(capabilities),
  };
}
