// nvmectl feature set: one feature, by its fields, with what it was before and is afterwards.

import { command, type Context } from "../../cli/command.ts";
import { integer, text, texts, toggle } from "../../cli/flags.ts";
import { heading, type Report, table } from "../../cli/report.ts";
import type { Drive } from "../../controller/drive.ts";
import {
  applyFeature,
  type FeatureChange,
  planFeature,
  tookOther,
} from "../../controller/feature_change.ts";
import { type Assignment, parseAssignment } from "../../controller/feature_fields.ts";
import type { FeatureValue } from "../../controller/feature_value.ts";
import { featureTitle, type NamedFeature } from "../../controller/features.ts";
import { UsageError } from "../../errors.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { unsavedNotice } from "../leaving.ts";
import { FEATURE, featureHeading, featureJson, featureOf, NAMESPACE, UUID_INDEX } from "./words.ts";

const DWORD_MAX = 0xffff_ffff;
const TIMESTAMP = 0x0e;

export const featureSet = command({
  name: "feature set",
  group: "Change",
  summary: "Change a feature, by its fields, and show what it was and what it is",
  description:
    `Fields go by the specification's names, as feature get shows them; what is not set stays
as it is. Numbers are the specification's, 0's based where it counts so; codes go by their
names too, temperatures as 80C, times as 500ms, data as text or hexadecimal digits; the
timestamp as a date, or now.
The drive is asked first whether the feature can be changed and saved. What the kernel has
set up for itself (queues, interrupts, events, memory of the host) is refused behind it.
What may write protect something for good, change what formats mean, or only a vendor
knows, is confirmed first.`,
  effect: "write",
  target: "drive",
  positionals: [FEATURE],
  flags: {
    set: texts("A field and its value; may be repeated", "FIELD=VALUE"),
    value: integer("Command dword 11 as a whole", { max: DWORD_MAX }),
    cdw12: integer("Command dword 12", { max: DWORD_MAX }),
    cdw13: integer("Command dword 13", { max: DWORD_MAX }),
    data: text("The data structure as a whole, from FILE", "FILE"),
    noData: toggle("Of a vendor's feature: it moves no data"),
    namespace: NAMESPACE,
    uuidIndex: UUID_INDEX,
    save: toggle("Keep it across resets and power cycles"),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl feature set temperature-threshold /dev/nvme0 --set tmpth=80C", "warn from 80 °C on"],
    ["nvmectl feature set volatile-write-cache /dev/nvme0 --set wce=off --save", "and keep it off"],
    ["nvmectl feature set write-protection /dev/nvme0n1 --set wps=protected", "asks first"],
    [
      "nvmectl feature set power-management virtual: --value 2 --dry-run",
      "see what would be sent",
    ],
  ],
  async run(context, { words: [word], flags }) {
    const { set, data, value, cdw12, cdw13, noData, namespace, uuidIndex, save } = flags;
    const feature = featureOf(word);
    const assignments = set.map(parseAssignment).map((one) => dated(context, feature, one));
    const bytes = data === undefined ? undefined : await context.files.read(data);
    const drive = await context.openDrive();
    const change = await planFeature(drive, {
      fid: feature.fid,
      nsid: namespace,
      assignments,
      data: bytes,
      value,
      cdw12,
      cdw13,
      noData,
      uuidIndex,
      save,
    });
    using _claim = await confirmed(context, drive, change);
    const { after } = await applyFeature(drive, change);
    if (!context.dryRun) noticeOther(context, change, after);
    const unsaved = context.dryRun || save ? undefined : unsavedNotice(drive);
    if (unsaved !== undefined) context.notice(unsaved);
    return report(drive, feature, { change, after });
  },
});

/** A timestamp may be typed as a date. */
function dated({ clock }: Context, { fid }: NamedFeature, assignment: Assignment): Assignment {
  const { path, text } = assignment;
  if (fid !== TIMESTAMP || path.toLowerCase() !== "timestamp" || /^[0-9]+$/.test(text)) {
    return assignment;
  }
  const time = text === "now" ? clock.now() : Date.parse(text);
  if (Number.isNaN(time)) {
    throw new UsageError(`Cannot set ${path} to ${JSON.stringify(text)}: that is no time`, {
      next: "need milliseconds since 1970, a date such as 2025-01-01T12:00:00Z, or now",
    });
  }
  return { path, text: `${time}` };
}

/** Asks where the feature is more than a setting. */
async function confirmed(
  context: Context,
  drive: Drive,
  { grave, setting: { fid, nsid = 0 }, namespaces, keepsData }: FeatureChange,
): Promise<Disposable> {
  if (grave === undefined) return { [Symbol.dispose]() {} };
  const of = nsid === 0 ? "" : ` of namespace ${nsid}`;
  return await context.confirm({
    drive,
    action: `Set ${featureTitle(fid)}${of}, ${grave}`,
    namespaces,
    keepsData,
  });
}

/** Says so where the drive has taken something else than what it was given. */
function noticeOther(
  context: Context,
  change: FeatureChange,
  after: FeatureValue | undefined,
): void {
  if (after !== undefined) {
    if (tookOther(change, after)) context.notice("the drive keeps another value than it was given");
    return;
  }
  const why = change.question === undefined ? "each namespace has its own" : "it cannot be read";
  context.notice(`what the feature now is, is not shown: ${why}`);
}

function report(
  drive: Drive,
  feature: NamedFeature,
  { change: { setting, before }, after }: {
    readonly change: FeatureChange;
    readonly after: FeatureValue | undefined;
  },
): Report {
  const { nsid = 0, cdw11 = 0, save = false } = setting;
  const of = nsid === 0 ? "" : `, namespace ${nsid}`;
  return {
    json: {
      device: drive.target,
      ...featureJson(feature),
      nsid,
      cdw11,
      saved: save,
      before: before?.json ?? null,
      after: after?.json ?? null,
    } satisfies JsonObject,
    blocks: [
      heading(`${featureHeading(feature)}${of}${save ? ", saved" : ""}`),
      table(["Field", "", "Before", "After"], rows(before, after), "its value cannot be read"),
    ],
  };
}

/** Every field, as it was and as it is. */
function rows(
  before: FeatureValue | undefined,
  after: FeatureValue | undefined,
): readonly (readonly string[])[] {
  const all = new Map<string, { label: string; before: string; after: string }>();
  for (const { path, label, text } of before?.fields ?? []) {
    all.set(path, { label, before: text, after: "0" });
  }
  for (const { path, label, text } of after?.fields ?? []) {
    all.set(path, { label, before: all.get(path)?.before ?? "0", after: text });
  }
  if (all.size === 0 && (before ?? after)) {
    return [["value", "", before?.text ?? "?", after?.text ?? "?"]];
  }
  return [...all].map(([path, row]) => [path, row.label, row.before, row.after]);
}
