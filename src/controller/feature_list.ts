// All features that a drive has, with every value and what can be done with it.

import { StatusError } from "../errors.ts";
import type { FeatureCapabilities } from "../spec/feature/commands.ts";
import { type FeatureInfo, findFeature } from "../spec/feature/registry.ts";
import { EnduranceGroupList, listedEnduranceGroups } from "../spec/identify/identify_lists.ts";
import { listedNvmSets, NvmSetList } from "../spec/identify/resource_lists.ts";
import { FeatureEffectsPage, supportedFeatures } from "../spec/log/feature_effects.ts";
import { SmartPage } from "../spec/log/smart.ts";
import { announcedFeatures } from "./announced_features.ts";
import type { Drive } from "./drive.ts";
import {
  featureCapabilities,
  type FeatureQuestion,
  type FeatureSelect,
  type FeatureValue,
  readFeature,
} from "./features.ts";
import { identify, identifyController, namespaceList } from "./identify.ts";
import { readLog } from "./log.ts";
import { unlessRefused } from "./raw_context.ts";

const TEMPERATURE_THRESHOLD = 0x04;
const PLACEMENT_EVENTS = 0x1e;
const CONTROLLER_DATA_QUEUE = 0x21;
const HOST_IDENTIFIER = 0x81;
/** NOET: room for every type of event. */
const ALL_EVENT_TYPES = 0xff_0000;
const EXTENDED_HOST_IDENTIFIER = 1;
const CNS = { nvmSets: 0x04, enduranceGroups: 0x19 } as const;
const FIRST_VERSION = 0x010000;

/** One value of a feature, as a drive has it. */
export interface FeatureEntry {
  readonly question: FeatureQuestion;
  readonly info: FeatureInfo | undefined;
  /** Which of several: `namespace 1`, `sensor 2, under`; empty where there is one. */
  readonly which: string;
  readonly current: FeatureValue;
  /** Undefined where the drive does not tell. */
  readonly default: FeatureValue | undefined;
  /** Undefined where the drive does not tell, or nothing can be saved. */
  readonly saved: FeatureValue | undefined;
  /** Undefined where the drive does not tell. */
  readonly capabilities: FeatureCapabilities["dw0"] | undefined;
}

/** A feature that the drive should have and does not give. */
export interface RefusedFeature {
  readonly fid: number;
  readonly which: string;
  readonly reason: string;
}

/** What a drive has. */
export interface FeatureListing {
  readonly entries: readonly FeatureEntry[];
  readonly refused: readonly RefusedFeature[];
  /** Whether a log page of the drive says which features there are. */
  readonly listed: boolean;
}

interface Question {
  readonly question: FeatureQuestion;
  readonly which: string;
}

/**
 * Every feature of a drive: those of its log page 12h or, without one, those that its Identify
 * data announce, so that it is not asked for what it must refuse and remember as an error. Of
 * features with several values each has an entry: namespaces, temperature sensors, NVM sets.
 *
 * @param nsid only the values of this namespace, of features that namespaces have
 *
 * @example
 * ```ts
 * import { listFeatures, open } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * for (const { info, which, current } of (await listFeatures(drive)).entries) {
 *   console.log(info?.name, which, current.text);
 * }
 * ```
 */
export async function listFeatures(
  drive: Drive,
  { nsid = drive.nsid }: { readonly nsid?: number | undefined } = {},
): Promise<FeatureListing> {
  const { fids, listed } = await identifiersOf(drive);
  const entries: FeatureEntry[] = [];
  const refused: RefusedFeature[] = [];
  for (const fid of fids) {
    for (const { question, which } of await questionsOf(drive, fid, nsid)) {
      const found = await read(drive, { question, which });
      if (!(found instanceof StatusError)) entries.push(found);
      else refused.push({ fid, which, reason: found.message });
    }
  }
  return { entries, refused, listed };
}

async function identifiersOf(
  drive: Drive,
): Promise<{ readonly fids: readonly number[]; readonly listed: boolean }> {
  const controller = await identifyController(drive);
  if (FeatureEffectsPage.supportedBy(controller)) {
    const log = await unlessRefused(() => readLog(drive, FeatureEffectsPage));
    if (log) return { fids: supportedFeatures(log.value).map(({ fid }) => fid), listed: true };
  }
  const version = controller.ver.value || FIRST_VERSION;
  return { fids: announcedFeatures({ controller, version }), listed: false };
}

/** All that the drive tells of one value; its refusal where it does not even have a current one. */
async function read(
  drive: Drive,
  { question, which }: Question,
): Promise<FeatureEntry | StatusError> {
  const value = (select: FeatureSelect): Promise<FeatureValue | undefined> =>
    unlessRefused(() => readFeature(drive, question, select));
  let current: FeatureValue;
  try {
    current = await readFeature(drive, question);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  const capabilities = await unlessRefused(() => featureCapabilities(drive, question));
  return {
    question,
    info: findFeature(question.fid),
    which,
    current,
    default: capabilities && await value("default"),
    saved: capabilities?.saveable ? await value("saved") : undefined,
    capabilities,
  };
}

/** What to ask: once for each value that the feature has. */
async function questionsOf(
  drive: Drive,
  fid: number,
  nsid: number | undefined,
): Promise<readonly Question[]> {
  switch (fid) {
    case TEMPERATURE_THRESHOLD:
      return await thresholds(drive);
    case CONTROLLER_DATA_QUEUE:
      // Of queues that only whoever made them knows.
      return [];
    case PLACEMENT_EVENTS:
      return await namespaces(drive, { fid, cdw11: ALL_EVENT_TYPES }, nsid);
    case HOST_IDENTIFIER: {
      const { ctratt } = await identifyController(drive);
      return [{ question: { fid, cdw11: ctratt.hids ? EXTENDED_HOST_IDENTIFIER : 0 }, which: "" }];
    }
  }
  switch (findFeature(fid)?.scope) {
    case "namespace":
      return await namespaces(drive, { fid }, nsid);
    case "NVM set":
      return await nvmSets(drive, fid);
    case "endurance group":
      return await enduranceGroups(drive, fid);
    default:
      return [{ question: { fid }, which: "" }];
  }
}

async function namespaces(
  drive: Drive,
  question: FeatureQuestion,
  nsid: number | undefined,
): Promise<readonly Question[]> {
  const active = nsid === undefined
    ? await drive.once("active", () => namespaceList(drive))
    : [nsid];
  return active.map((one) => ({ question: { ...question, nsid: one }, which: `namespace ${one}` }));
}

/** The composite temperature, and the sensors that show something. */
async function thresholds(drive: Drive): Promise<readonly Question[]> {
  const smart = await unlessRefused(() => readLog(drive, SmartPage, { rae: true }));
  const sensors = smart?.value.temperatureSensors ?? [];
  const count = sensors.findLastIndex((kelvin) => kelvin !== 0) + 1;
  return Array.from({ length: count + 1 }, (_, sensor) => sensor).flatMap((sensor) =>
    ["over", "under"].map((direction, at) => ({
      question: { fid: TEMPERATURE_THRESHOLD, cdw11: sensor << 16 | at << 20 },
      which: `${sensor === 0 ? "composite" : `sensor ${sensor}`}, ${direction}`,
    }))
  );
}

async function nvmSets(drive: Drive, fid: number): Promise<readonly Question[]> {
  const { ctratt } = await identifyController(drive);
  if (!ctratt.nsets) return [{ question: { fid }, which: "" }];
  const bytes = await unlessRefused(() =>
    drive.once("nvm-sets", () => identify(drive, { cns: CNS.nvmSets }, "list the NVM sets"))
  );
  const sets = bytes ? listedNvmSets(NvmSetList.decode(bytes)) : [];
  return sets.map(({ nsetid }) => ({
    question: { fid, cdw11: nsetid },
    which: `NVM set ${nsetid}`,
  }));
}

async function enduranceGroups(drive: Drive, fid: number): Promise<readonly Question[]> {
  const bytes = await unlessRefused(() =>
    drive.once(
      "endurance-groups",
      () => identify(drive, { cns: CNS.enduranceGroups }, "list the endurance groups"),
    )
  );
  const groups = bytes ? listedEnduranceGroups(EnduranceGroupList.decode(bytes)) : [];
  return groups.map((group) => ({
    question: { fid, cdw11: group },
    which: `endurance group ${group}`,
  }));
}
