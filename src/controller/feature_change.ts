// Changing a feature: whether that can be done, what may be lost by it, and what came of it.

import { UnsupportedError, UsageError } from "../errors.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { FeatureCapabilities } from "../spec/feature/commands.ts";
import { type FeatureInfo, findFeature } from "../spec/feature/registry.ts";
import { changesText, FeatureEffectsPage } from "../spec/log/feature_effects.ts";
import { selectingBits } from "../spec/recorded_request.ts";
import type { Drive } from "./drive.ts";
import { composeFeature, type FeatureContent, needsCurrent, selectedBy } from "./feature_bytes.ts";
import {
  answerStructure,
  decodeFeature,
  type FeatureAnswer,
  type FeatureValue,
} from "./feature_value.ts";
import {
  featureCapabilities,
  type FeatureQuestion,
  type FeatureSetting,
  featureTitle,
  getFeature,
  readFeature,
  setFeature,
} from "./features.ts";
import { chooseNamespace, identifyController } from "./identify.ts";
import { readLog } from "./log.ts";
import { unlessRefused } from "./raw_context.ts";
import { graveFeature } from "./raw_features.ts";
import type { DestroyedNamespaces } from "./raw_scope.ts";

/** It goes on while one looks. */
const TIMESTAMP = 0x0e;
const BOOT_PARTITION_PROTECTION = 0x85;

/**
 * Features that whoever drives the controller has set up for itself, and what they are about.
 * Changed under it they take its queues, its memory or its events away.
 */
const OWNED: ReadonlyMap<number, string> = new Map([
  [0x07, "its queues"],
  [0x08, "its interrupts"],
  [0x09, "its interrupts"],
  [0x0b, "the events that it waits for"],
  [0x0d, "memory of the host"],
  [0x0f, "its connection"],
]);

/** What is to become of a feature. */
export interface FeatureWish extends FeatureContent {
  readonly fid: number;
  /** FFFFFFFFh for all namespaces. */
  readonly nsid?: number | undefined;
  readonly uuidIndex?: number | undefined;
  /** Keep it across resets and power cycles. */
  readonly save?: boolean;
  /** Further dwords, of features that are not known here. */
  readonly cdw12?: number | undefined;
  readonly cdw13?: number | undefined;
}

/** A change that this drive can take. */
export interface FeatureChange {
  readonly setting: FeatureSetting;
  /** Asks for the value that changes; undefined where that is one of each namespace. */
  readonly question: FeatureQuestion | undefined;
  /** Undefined where it cannot be read. */
  readonly before: FeatureValue | undefined;
  /** Why it is more than a setting, as a relative clause; undefined where it is not. */
  readonly grave: string | undefined;
  /** Whose data is at stake where it is. */
  readonly namespaces: DestroyedNamespaces;
  /** Whether data stay what they are all the same. */
  readonly keepsData: boolean;
}

/**
 * What to send for a wish, over what the drive has now.
 *
 * @throws UnsupportedError for what the drive does not allow, or what is not ours to change;
 * UsageError for a wish that is none; StatusError where the drive does not have the feature
 *
 * @example
 * ```ts
 * import { applyFeature, open, planFeature } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const change = await planFeature(drive, {
 *   fid: 0x04,
 *   assignments: [{ path: "tmpth", text: "80C" }],
 * });
 * console.log(change.before?.text, (await applyFeature(drive, change)).after?.text);
 * ```
 */
export async function planFeature(drive: Drive, wish: FeatureWish): Promise<FeatureChange> {
  const { fid, uuidIndex, save = false } = wish;
  const info = findFeature(fid);
  checkOwner(drive, fid);
  checkWish(wish, info);
  const cdw11 = selectedBy({ fid, info }, wish);
  const { nsid, capabilities } = await namespaceFor(drive, wish, info, cdw11);
  checkCapabilities(drive, { fid, save, capabilities });
  const question = { fid, nsid, cdw11, uuidIndex };
  const own = capabilities?.nsSpecific ?? isPerNamespace(info);
  const broadcast = own && nsid === ALL_NAMESPACES;
  const current = broadcast ? undefined : await currentOf(drive, question, wish);
  if (broadcast && needsCurrent({ fid, info }, wish)) {
    throw new UsageError(`Cannot set fields of ${featureTitle(fid)} for all namespaces at once`, {
      next: "give all of it, with --value and --data, or name one namespace",
    });
  }
  const { cdw12, cdw13, ...bytes } = composeFeature({ fid, info }, wish, current);
  const grave = await graveReason(drive, fid);
  return {
    setting: {
      fid,
      nsid,
      save,
      ...bytes,
      cdw12: wish.cdw12 ?? cdw12,
      cdw13: wish.cdw13 ?? cdw13,
      ...(uuidIndex === undefined ? {} : { cdw14: uuidIndex }),
    },
    question: broadcast ? undefined : question,
    before: current && decodeFeature(info, current, question),
    ...grave,
    namespaces: reach(fid, nsid),
  };
}

/** What came of a change. */
export interface FeatureOutcome {
  /** Dword 0 of the answer to Set Features, in which some features say what they took. */
  readonly dword0: number;
  /** Undefined where it cannot be read. */
  readonly after: FeatureValue | undefined;
}

/**
 * Makes the change, and reads what the drive then has: it may have taken another value.
 *
 * @throws StatusError where the drive refuses it
 */
export async function applyFeature(
  drive: Drive,
  { setting, question }: FeatureChange,
): Promise<FeatureOutcome> {
  const dword0 = await setFeature(drive, setting);
  // Formats and command sets that the host enables are in the Identify data from now on.
  drive.forget();
  const after = question && await unlessRefused(() => readFeature(drive, question));
  return { dword0, after };
}

/**
 * Whether the drive keeps something else than it was given, as far as that can be seen: it may cut
 * values to what it can do.
 */
export function tookOther({ setting }: FeatureChange, after: FeatureValue): boolean {
  const { fid, cdw11 = 0, data } = setting;
  const info = findFeature(fid);
  const same = info !== undefined && info.dwords !== undefined &&
    answerStructure(info) === info.dwords;
  if (same && ((after.dword0 ^ cdw11) & ~selectingBits(fid)) !== 0) return true;
  if (fid === TIMESTAMP || data === undefined || after.data === undefined) return false;
  return data.some((byte, at) => byte !== after.data?.[at]);
}

/** Throws UnsupportedError for a feature that whoever drives the controller has set for itself. */
function checkOwner({ transport: { kind, target } }: Drive, fid: number): void {
  const what = OWNED.get(fid);
  if (what === undefined || kind === "virtual" || kind === "scripted") return;
  const owner = kind === "passthrough" ? "the kernel" : "the driver that this program has inside";
  throw new UnsupportedError(
    `Cannot set ${featureTitle(fid)} of ${target}: ${what} belong to ${owner}`,
    { next: "nvmectl feature get shows it; try changes on a virtual drive: virtual:" },
  );
}

function checkWish(wish: FeatureWish, info: FeatureInfo | undefined): void {
  const { fid, value, assignments, data, cdw12, cdw13 } = wish;
  const given = [value, data, cdw12, cdw13].some((one) => one !== undefined);
  if (given || assignments.length > 0) return;
  throw new UsageError(`Cannot set ${featureTitle(fid)}: what to set it to is missing`, {
    next: info ? "--set FIELD=VALUE, --value or --data" : "--value or --data",
  });
}

interface Named {
  readonly nsid: number;
  readonly capabilities: FeatureCapabilities["dw0"] | undefined;
}

/** The namespace that the wish is about, 0 for none, checked by what the drive says. */
async function namespaceFor(
  drive: Drive,
  { fid, nsid: asked, uuidIndex }: FeatureWish,
  info: FeatureInfo | undefined,
  cdw11: number,
): Promise<Named> {
  const expected = isPerNamespace(info);
  const first = expected ? await chooseNamespace(drive, asked) : asked ?? 0;
  const capabilities = await featureCapabilities(drive, { fid, nsid: first, cdw11, uuidIndex });
  const nsid = capabilities?.nsSpecific && first === 0
    ? await chooseNamespace(drive, undefined)
    : first;
  const whole = !expected && capabilities?.nsSpecific !== true && info !== undefined;
  if (whole && nsid !== 0 && nsid !== ALL_NAMESPACES) {
    throw new UsageError(
      `Cannot use --namespace ${nsid}: ${featureTitle(fid)} is not of single namespaces`,
      { next: "leave it out" },
    );
  }
  return { nsid, capabilities };
}

/** Whether each namespace has its own value of the feature, by the specification. */
export function isPerNamespace(info: FeatureInfo | undefined): boolean {
  return info?.scope === "namespace" || info?.scope === "reclaim unit handle";
}

function checkCapabilities(
  { target }: Drive,
  { fid, save, capabilities }: Pick<Named, "capabilities"> & {
    readonly fid: number;
    readonly save: boolean;
  },
): void {
  if (capabilities?.changeable === false) {
    throw new UnsupportedError(
      `Cannot set ${featureTitle(fid)} of ${target}: the drive says that it cannot be changed`,
    );
  }
  if (!save || capabilities?.saveable) return;
  throw new UnsupportedError(
    capabilities === undefined
      ? `Cannot save ${featureTitle(fid)}: ${target} saves no features (ONCS, bit 4)`
      : `Cannot save ${featureTitle(fid)}: ${target} says that it cannot be saved`,
    { next: "without --save it stays until the next reset" },
  );
}

/** What the drive has now; its refusal counts only where the wish cannot do without. */
async function currentOf(
  drive: Drive,
  question: FeatureQuestion,
  wish: FeatureWish,
): Promise<FeatureAnswer | undefined> {
  const ask = (): Promise<FeatureAnswer> => getFeature(drive, question);
  const needed = needsCurrent({ fid: wish.fid, info: findFeature(wish.fid) }, wish);
  return needed ? await ask() : await unlessRefused(ask);
}

/** Why the feature is no mere setting: by the specification, or by the drive's own log. */
async function graveReason(
  drive: Drive,
  fid: number,
): Promise<Pick<FeatureChange, "grave" | "keepsData">> {
  const grave = graveFeature(fid);
  if (grave !== undefined) return { grave, keepsData: findFeature(fid) !== undefined };
  if (!FeatureEffectsPage.supportedBy(await identifyController(drive))) {
    return { grave: undefined, keepsData: true };
  }
  const log = await unlessRefused(() => readLog(drive, FeatureEffectsPage, { rae: true }));
  const effects = log?.value.features[fid];
  if (!effects?.userData && !effects?.namespaceInventory) {
    return { grave: undefined, keepsData: true };
  }
  const changes = changesText(effects);
  return { grave: `which by the drive's own log may change ${changes}`, keepsData: false };
}

function reach(fid: number, nsid: number): DestroyedNamespaces {
  if (fid === BOOT_PARTITION_PROTECTION) return [];
  return nsid === 0 || nsid === ALL_NAMESPACES ? "all" : [nsid];
}
