// Get Features and Set Features: the commands, what they move, and what a feature can do.

import { UsageError } from "../errors.ts";
import { List } from "../layout/mod.ts";
import { FeatureCapabilities } from "../spec/feature/commands.ts";
import {
  FEATURE_SELECT,
  type FeatureInfo,
  findFeature,
  VENDOR_FEATURE,
} from "../spec/feature/registry.ts";
import { decodeWords } from "../spec/words.ts";
import type { Completion } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import {
  dataStructure,
  decodeFeature,
  type FeatureAnswer,
  type FeatureValue,
} from "./feature_value.ts";
import { identifyController } from "./identify.ts";
import { getFeatureBytes } from "./raw_features.ts";

export type { FeatureAnswer, FeatureField, FeatureValue } from "./feature_value.ts";

const GET_FEATURES = 0x0a;
const SET_FEATURES = 0x09;
const SAVE = 0x8000_0000;
const FID_MAX = 0xff;
/** Room for the data of a feature that only its vendor knows: no defined one moves more. */
const UNKNOWN_BYTES = 4096;

/** Which value of a feature is meant. */
export type FeatureSelect = "current" | "default" | "saved";

/** A question of Get Features. */
export interface FeatureQuestion {
  /** Feature Identifier. */
  readonly fid: number;
  readonly nsid?: number | undefined;
  /** Dword 11, where it selects one of several values: a sensor, an NVM set. */
  readonly cdw11?: number | undefined;
  readonly uuidIndex?: number | undefined;
  /** Bytes to make room for, of a feature that is not known here. */
  readonly length?: number | undefined;
}

/** What Set Features is told. */
export interface FeatureSetting extends Omit<FeatureQuestion, "length"> {
  /** Keep the value across resets and power cycles. */
  readonly save?: boolean;
  readonly cdw12?: number | undefined;
  readonly cdw13?: number | undefined;
  readonly cdw14?: number | undefined;
  readonly cdw15?: number | undefined;
  readonly data?: Uint8Array | undefined;
}

/** A feature by the word that somebody typed for it. */
export interface NamedFeature {
  readonly fid: number;
  /** What is known of it. */
  readonly info: FeatureInfo | undefined;
}

/**
 * The feature that a word names: a name, an alias, or a number such as `4`, `0x04`, `04h`.
 *
 * @throws UsageError for a name that no feature has, and a number that is none
 */
export function namedFeature(word: string): NamedFeature {
  const digits = /^([0-9a-f]{1,2})h$/i.exec(word)?.[1];
  const isNumber = /^(0x[0-9a-f]+|[0-9]+)$/i.test(word);
  if (digits === undefined && !isNumber) {
    const info = findFeature(word);
    if (info) return { fid: info.fid, info };
    throw new UsageError(`Cannot find feature ${JSON.stringify(word)}: there is none of that name`);
  }
  const fid = digits === undefined ? Number(word) : parseInt(digits, 16);
  if (fid === 0 || fid > FID_MAX) {
    throw new UsageError(`Cannot use feature ${word}: numbers go from 1 to 0xff`);
  }
  return { fid, info: findFeature(fid) };
}

/** `Temperature Threshold (04h)`, `vendor specific (c0h)`. */
export function featureTitle(fid: number): string {
  const hex = `${fid.toString(16).padStart(2, "0")}h`;
  const unknown = fid >= VENDOR_FEATURE ? "vendor specific" : "undefined";
  return `${findFeature(fid)?.title ?? unknown} (${hex})`;
}

/**
 * A value of a feature, as the drive answers [BASE-2.1 §5.1.11].
 *
 * @throws StatusError where the drive refuses: it does not have the feature, or not that value
 */
export async function getFeature(
  drive: Drive,
  question: FeatureQuestion,
  select: FeatureSelect = "current",
): Promise<FeatureAnswer> {
  const length = answerBytes(question, FEATURE_SELECT[select]);
  if (length === 0) return { dword0: dword0(await ask(drive, question, select)) };
  using data = drive.transport.allocate(length);
  const completion = await ask(drive, question, select, data);
  return { dword0: dword0(completion), data: data.bytes.slice() };
}

/**
 * A value of a feature, decoded by its table, with units.
 *
 * @throws StatusError where the drive refuses
 *
 * @example
 * ```ts
 * import { open, readFeature } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const { text } = await readFeature(drive, { fid: 0x04 });
 * console.log(text); // threshold: 82 °C (355 K), …
 * ```
 */
export async function readFeature(
  drive: Drive,
  question: FeatureQuestion,
  select: FeatureSelect = "current",
): Promise<FeatureValue> {
  const answer = await getFeature(drive, question, select);
  return decodeFeature(findFeature(question.fid), answer, question);
}

/**
 * What can be done with a feature; undefined of a drive that does not tell (ONCS, bit 4 clear).
 *
 * @throws StatusError where the drive does not have the feature
 */
export async function featureCapabilities(
  drive: Drive,
  question: FeatureQuestion,
): Promise<FeatureCapabilities["dw0"] | undefined> {
  const { oncs } = await identifyController(drive);
  if (!oncs.ssfs) return undefined;
  const completion = await ask(drive, question, "capabilities");
  return decodeWords(FeatureCapabilities, [dword0(completion)]).dw0;
}

/**
 * Sends Set Features as it is told [BASE-2.1 §5.1.25]: nothing is checked here. Returns dword 0,
 * in which some features answer with what they took.
 *
 * @throws StatusError where the drive refuses
 *
 * @example
 * ```ts
 * import { open, setFeature } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * await setFeature(drive, { fid: 0x04, cdw11: 350, save: true });
 * ```
 */
export async function setFeature(drive: Drive, setting: FeatureSetting): Promise<number> {
  const { fid, nsid = 0, save = false, uuidIndex = 0, data } = setting;
  const { cdw11 = 0, cdw12 = 0, cdw13 = 0, cdw14 = uuidIndex, cdw15 = 0 } = setting;
  using buffers = new DisposableStack();
  const buffer = data && buffers.use(drive.transport.allocate(data.length));
  if (data) buffer?.bytes.set(data);
  const completion = await drive.execute({
    queue: "admin",
    opcode: SET_FEATURES,
    nsid,
    cdw10: (fid | (save ? SAVE : 0)) >>> 0,
    cdw11,
    cdw12,
    cdw13,
    cdw14,
    cdw15,
    ...(buffer ? { direction: "out", data: buffer } : {}),
  }, `set feature ${featureTitle(fid)} of ${drive.target}`);
  return dword0(completion);
}

function ask(
  drive: Drive,
  { fid, nsid = 0, cdw11 = 0, uuidIndex = 0 }: FeatureQuestion,
  select: keyof typeof FEATURE_SELECT,
  data?: ReturnType<Drive["transport"]["allocate"]>,
): Promise<Completion> {
  return drive.execute({
    queue: "admin",
    opcode: GET_FEATURES,
    nsid,
    cdw10: fid | (FEATURE_SELECT[select] << 8),
    cdw11,
    cdw14: uuidIndex,
    ...(data ? { direction: "in", data } : {}),
  }, `read feature ${featureTitle(fid)} of ${drive.target}`);
}

function dword0({ result }: Completion): number {
  return Number(result & 0xffff_ffffn);
}

/** Room for what Get Features brings: more than it moves does no harm. */
function answerBytes({ fid, cdw11 = 0, length }: FeatureQuestion, select: number): number {
  const moved = getFeatureBytes({ cdw10: fid | (select << 8), cdw11 });
  if (moved === "some") return length ?? UNKNOWN_BYTES;
  if (moved === 0) return 0;
  const info = findFeature(fid);
  const structure = info && dataStructure(info, { cdw11 });
  const size = structure === undefined || structure instanceof List ? 0 : structure.size;
  return Math.max(moved, size);
}
