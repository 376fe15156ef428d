// What Set Features is to send for a wish: its dwords and its data, over what the drive has now.

import { UsageError } from "../errors.ts";
import { List, type Struct } from "../layout/mod.ts";
import type { FeatureInfo } from "../spec/feature/registry.ts";
import { selectingBits } from "../spec/recorded_request.ts";
import {
  assignField,
  type Assignment,
  fieldHelp,
  fieldNames,
  type FieldSpace,
  hasField,
} from "./feature_fields.ts";
import { answerStructure, dataStructure } from "./feature_value.ts";
import { type FeatureAnswer, featureTitle } from "./features.ts";
import { setFeatureBytes } from "./raw_features.ts";

type AnyStruct = Struct<object, unknown>;

const TIMESTAMP = 0x0e;
/** Features whose elements are added one by one: what is there now is not what to send. */
const ELEMENTS: ReadonlySet<number> = new Set([0x7d, 0x7e, 0x7f]);

/** What is wished for. */
export interface FeatureContent {
  /** Dword 11 as a whole; fields go on top of it. */
  readonly value?: number | undefined;
  readonly assignments: readonly Assignment[];
  /** The data structure as a whole; fields go on top of it. */
  readonly data?: Uint8Array | undefined;
  /** Of a feature that only its vendor knows: it moves no data. */
  readonly noData?: boolean;
}

/** Dwords 11 and up, and the data. */
export interface FeatureBytes {
  readonly cdw11: number;
  readonly cdw12: number;
  readonly cdw13: number;
  readonly cdw14: number;
  readonly cdw15: number;
  readonly data: Uint8Array | undefined;
}

/** A feature of which a wish is. */
export interface WishedFeature {
  readonly fid: number;
  readonly info: FeatureInfo | undefined;
}

/**
 * Dword 11 of the Get Features that asks for the value which the wish is about.
 *
 * @throws UsageError for a field that the feature does not have, or a value that is none of it
 */
export function selectedBy({ fid, info }: WishedFeature, content: FeatureContent): number {
  const words = dwordSpace(info, content.value ?? 0);
  for (const assignment of content.assignments) {
    if (words && hasField(words.structure, assignment.path)) assignField(words, assignment);
  }
  const cdw11 = words ? dwordsOf(words).cdw11 : content.value ?? 0;
  return (cdw11 & selectingBits(fid)) >>> 0;
}

/** Whether what the drive has now must be known for a wish that does not say everything. */
export function needsCurrent({ info }: WishedFeature, content: FeatureContent): boolean {
  if (info === undefined) return false;
  const words = content.value === undefined && content.assignments.length > 0;
  return words || (info.data?.set === true && content.data === undefined);
}

/**
 * The dwords and data of a wish. What it does not say stays as it is now.
 *
 * @throws UsageError for fields and data that are not the feature's, or missing
 */
export function composeFeature(
  feature: WishedFeature,
  content: FeatureContent,
  current: FeatureAnswer | undefined,
): FeatureBytes {
  const { info } = feature;
  const words = wordsOver(feature, content, current);
  const cdw11 = words ? dwordsOf(words).cdw11 : content.value ?? 0;
  const data = dataOver(feature, content, { current, cdw11 });
  for (const assignment of content.assignments) {
    const { path } = assignment;
    const space = [words, data].find((one) => one && hasField(one.structure, path));
    if (space === undefined) throw noField(info, feature, path);
    assignField(space, assignment);
  }
  const dwords = words ? dwordsOf(words) : { cdw11, cdw12: 0, cdw13: 0, cdw14: 0, cdw15: 0 };
  const bytes = data?.bytes ?? content.data;
  checkData(feature, { cdw11: dwords.cdw11, bytes, noData: content.noData === true });
  return { ...dwords, data: bytes };
}

function noField(info: FeatureInfo | undefined, { fid }: WishedFeature, path: string): UsageError {
  const structures = [info?.dwords, info && dataStructure(info)];
  const help = structures.flatMap((one) =>
    one === undefined || one instanceof List ? [] : fieldHelp(one)
  );
  return new UsageError(`Cannot set ${path}: ${featureTitle(fid)} has no such field`, {
    next: help.length === 0
      ? "its fields are not known here: use --value and --data"
      : `it has ${help.join("; ")}`,
  });
}

function dwordSpace(info: FeatureInfo | undefined, value: number): FieldSpace | undefined {
  if (info?.dwords === undefined) return undefined;
  const bytes = new Uint8Array(info.dwords.size);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return { structure: info.dwords, bytes };
}

function dwordsOf({ bytes }: FieldSpace): Omit<FeatureBytes, "data"> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number => 4 * at < bytes.length ? view.getUint32(4 * at, true) : 0;
  return { cdw11: word(0), cdw12: word(1), cdw13: word(2), cdw14: word(3), cdw15: word(4) };
}

/** The dwords as they are now, with the selection of the wish; or as the wish has them whole. */
function wordsOver(
  feature: WishedFeature,
  content: FeatureContent,
  current: FeatureAnswer | undefined,
): FieldSpace | undefined {
  const { fid, info } = feature;
  const words = dwordSpace(info, content.value ?? 0);
  if (!info || !words || content.value !== undefined || !current) return words;
  const selecting = selectingBits(fid);
  const answer = answerStructure(info);
  if (answer === undefined) return words;
  if (answer === info.dwords) {
    const kept = (current.dword0 & ~selecting) >>> 0;
    return dwordSpace(info, (kept | selectedBy(feature, content)) >>> 0);
  }
  const given = content.assignments.map(({ path }) => path);
  const known = fieldNames(answer);
  const missing = fieldNames(words.structure).filter((name) =>
    !known.includes(name) && !given.includes(name) && !isSelection(words.structure, name, info)
  );
  if (missing.length > 0) {
    throw new UsageError(
      `Cannot set ${featureTitle(fid)}: the drive does not tell ${missing.join(", ")} as they are`,
      { next: "set them too, or dword 11 as a whole with --value" },
    );
  }
  copyFields(answer, current.dword0, words);
  return words;
}

function isSelection(structure: AnyStruct, name: string, { select }: FeatureInfo): boolean {
  return select !== undefined && hasField(select, name) && hasField(structure, name);
}

/** Fields of dword 0 into the fields of the same name. */
function copyFields(answer: AnyStruct, dword0: number, target: FieldSpace): void {
  const bytes = new Uint8Array(answer.size);
  new DataView(bytes.buffer).setUint32(0, dword0, true);
  for (const { row, value } of answer.fields(answer.decode(bytes))) {
    for (const { name } of row.codec.parts ?? []) {
      if (!hasField(target.structure, name)) continue;
      const piece = (value as Readonly<Record<string, number | boolean>>)[name];
      assignField(target, { path: name, text: `${Number(piece)}` });
    }
  }
}

/** The data structure as it is now, or as the wish has it. */
function dataOver(
  { fid, info }: WishedFeature,
  content: FeatureContent,
  { current, cdw11 }: { readonly current: FeatureAnswer | undefined; readonly cdw11: number },
): (FieldSpace & { readonly structure: AnyStruct }) | undefined {
  if (!info?.data?.set) return undefined;
  const structure = dataStructure(info, { cdw11 });
  if (structure === undefined || structure instanceof List) return undefined;
  if (content.data) {
    checkLength(fid, content.data.length, structure.size);
    return { structure, bytes: new Uint8Array(content.data) };
  }
  if (ELEMENTS.has(fid)) {
    throw new UsageError(`Cannot set ${featureTitle(fid)}: which elements is missing`, {
      next: "--data FILE has them, with their count in front",
    });
  }
  const bytes = new Uint8Array(structure.size);
  if (fid !== TIMESTAMP && current?.data) bytes.set(current.data.subarray(0, bytes.length));
  return { structure, bytes };
}

/** Exactly what the drive takes must be there: it would go on to memory that nobody gave it. */
function checkData(
  { fid }: WishedFeature,
  { cdw11, bytes, noData }: {
    readonly cdw11: number;
    readonly bytes: Uint8Array | undefined;
    readonly noData: boolean;
  },
): void {
  const need = setFeatureBytes({ cdw10: fid, cdw11 });
  if (need !== "some") {
    if (noData) throw new UsageError("Cannot use --no-data: what the feature moves is known");
    return checkLength(fid, bytes?.length ?? 0, need);
  }
  if ((bytes === undefined) === noData) return;
  throw new UsageError(
    bytes === undefined
      ? `Cannot set ${featureTitle(fid)}: only its vendor knows whether it moves data`
      : "Cannot use --no-data with --data",
    { next: "--data FILE sends some; --no-data is for a feature that is all in its dwords" },
  );
}

function checkLength(fid: number, found: number, need: number): void {
  if (found === need) return;
  throw new UsageError(
    need === 0
      ? `Cannot send data with ${featureTitle(fid)}: it takes none`
      : `Cannot set ${featureTitle(fid)} with ${found} bytes of data: it takes ${need}`,
  );
}
