// What a value of a feature says: dword 0 of Get Features and the bytes beside it, by their tables.

import {
  type Codec,
  type Json,
  type JsonObject,
  List,
  type Part,
  snakeCase,
  type Struct,
} from "../layout/mod.ts";
import type { FeatureInfo } from "../spec/feature/registry.ts";
import { formatTimestamp, Timestamp } from "../spec/log/timestamp.ts";
import { selectingBits } from "../spec/recorded_request.ts";

type AnyStruct = Struct<object, unknown>;

const TIMESTAMP = 0x0e;
const PERFORMANCE = 0x1c;
const HOST_IDENTIFIER = 0x81;
const PERFORMANCE_IDENTIFIERS = 0xc0;
/** Fewer pieces than this are all worth a word, set or not. */
const MANY_PARTS = 5;
/** Fields of a data structure that a summary names. */
const SUMMARY_FIELDS = 3;

/** What Get Features answers. */
export interface FeatureAnswer {
  readonly dword0: number;
  readonly data?: Uint8Array;
}

/** One piece of a value. */
export interface FeatureField {
  /** What it is called when it is set: `tmpth`, `entries[3].itps`. */
  readonly path: string;
  readonly label: string;
  readonly text: string;
}

/** A decoded value of a feature. */
export interface FeatureValue extends FeatureAnswer {
  /** Those of a data structure without a meaning, all zero, are left out. */
  readonly fields: readonly FeatureField[];
  /** One line. */
  readonly text: string;
  /** Dword 0, the line, and every piece by its name. */
  readonly json: JsonObject;
}

/** What of a question decides about the answer's structure. */
export interface FeatureQuestionDword {
  readonly cdw11?: number | undefined;
}

/** The structure of dword 0 in the answer of Get Features; undefined where it says nothing. */
export function answerStructure(info: FeatureInfo): AnyStruct | undefined {
  if (info.result) return info.result;
  // Where dword 11 only selects the data, it does not come back.
  if (info.data && info.select) return undefined;
  return info.dwords?.size === 4 ? info.dwords : undefined;
}

/** The structure of a feature's data, which may depend on what dword 11 selects. */
export function dataStructure(
  { fid, data }: FeatureInfo,
  { cdw11 = 0 }: FeatureQuestionDword = {},
): AnyStruct | List<object, unknown> | undefined {
  if (data === undefined) return undefined;
  const [first, second] = data.others ?? [];
  if (fid === HOST_IDENTIFIER && (cdw11 & 1) === 1) return first;
  if (fid !== PERFORMANCE) return data.structure;
  const attribute = cdw11 & 0xff;
  if (attribute === PERFORMANCE_IDENTIFIERS) return first;
  return attribute > PERFORMANCE_IDENTIFIERS ? second : data.structure;
}

/**
 * What an answer of Get Features says. Total: a feature that is not known, and data that are too
 * short, are shown as numbers.
 */
export function decodeFeature(
  info: FeatureInfo | undefined,
  answer: FeatureAnswer,
  question: FeatureQuestionDword = {},
): FeatureValue {
  const words = info && answerStructure(info);
  // What selects one of several values is no part of it, and drives leave it out as they like.
  const selecting = info === undefined || info.result ? 0 : selectingBits(info.fid);
  const wordFields = words ? dwordFields(words, answer.dword0, selecting) : [];
  const layout = info && dataStructure(info, question);
  const dataFields = answer.data && layout ? fieldsOfData(layout, answer, answer.data) : [];
  const text = textOf(info, answer, { words, wordFields, dataFields, decoded: layout });
  return {
    ...answer,
    fields: [...wordFields, ...dataFields],
    text,
    json: jsonOf(answer, { words, selecting, layout, text }),
  };
}

interface Pieces {
  readonly words: AnyStruct | undefined;
  readonly wordFields: readonly FeatureField[];
  readonly dataFields: readonly FeatureField[];
  readonly decoded: unknown;
}

function textOf(
  info: FeatureInfo | undefined,
  { dword0, data }: FeatureAnswer,
  { words, wordFields, dataFields, decoded }: Pieces,
): string {
  const hex = `0x${dword0.toString(16).padStart(8, "0")}`;
  if (info === undefined) return hex;
  if (info.fid === TIMESTAMP && data && data.length >= Timestamp.size) {
    return formatTimestamp(Timestamp.decode(data));
  }
  const parts: string[] = [];
  if (words) {
    const row = words.fields(decodeDword(words, dword0))[0];
    const few = wordFields.length < MANY_PARTS;
    parts.push(few || !row ? listed(wordFields) : row.text);
  }
  if (data && decoded) {
    const shown = listed(dataFields.slice(0, SUMMARY_FIELDS));
    const more = dataFields.length - SUMMARY_FIELDS;
    parts.push(
      dataFields.length === 0 ? "all zero" : more > 0 ? `${shown} and ${more} more` : shown,
    );
  }
  return parts.length === 0 ? hex : parts.join("; ");
}

function listed(fields: readonly FeatureField[]): string {
  return fields.map(({ label, text }) => `${label}: ${text}`).join(", ");
}

function jsonOf(
  { dword0, data }: FeatureAnswer,
  { words, selecting, layout, text }: {
    readonly words: AnyStruct | undefined;
    readonly selecting: number;
    readonly layout: AnyStruct | List<object, unknown> | undefined;
    readonly text: string;
  },
): JsonObject {
  return {
    value: dword0,
    text,
    ...(words ? dwordJson(words, dword0, selecting) : {}),
    ...(data && layout ? { data: dataJson(layout, { dword0, data }) } : {}),
  };
}

/** The pieces of a dword by their names, without a level for the dword itself. */
function dwordJson(structure: AnyStruct, dword: number, selecting: number): JsonObject {
  const merged: Record<string, Json> = {};
  for (const { key, row: { codec }, value } of structure.fields(decodeDword(structure, dword))) {
    const json = codec.json(value);
    if (!codec.parts || !isObject(json)) merged[key] = json;
    else {
      for (const part of ownParts(codec.parts, selecting)) {
        const name = snakeCase(part.name);
        const piece = json[name];
        if (piece !== undefined) merged[name] = piece;
      }
    }
  }
  return merged;
}

function isObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function dataJson(
  layout: AnyStruct | List<object, unknown>,
  { dword0, data }: { readonly dword0: number; readonly data: Uint8Array },
): Json {
  if (layout instanceof List) return layout.json(layout.decode(listBytes(layout, dword0, data)));
  return data.length < layout.size ? null : layout.json(layout.decode(data));
}

/** The entries that dword 0 says there are. */
function listBytes(list: List<object, unknown>, dword0: number, data: Uint8Array): Uint8Array {
  return data.subarray(0, Math.min(data.length, (dword0 & 0xff) * list.entry.size));
}

function decodeDword(structure: AnyStruct, dword: number): object {
  const bytes = new Uint8Array(structure.size);
  new DataView(bytes.buffer).setUint32(0, dword, true);
  return structure.decode(bytes);
}

function dwordFields(
  structure: AnyStruct,
  dword: number,
  selecting: number,
): readonly FeatureField[] {
  return structure.fields(decodeDword(structure, dword)).flatMap(({ row, value, key, text }) =>
    row.codec.parts
      ? ownParts(row.codec.parts, selecting)
        .map(({ name, label, text }) => ({ path: name, label, text: text(value) }))
      : [{ path: key, label: row.label, text }]
  );
}

/** The pieces that are no selection. */
function ownParts(
  parts: readonly Part<unknown>[],
  selecting: number,
): readonly Part<unknown>[] {
  return parts.filter(({ position }) =>
    (selecting >>> Number(position.split(":").at(-1)) & 1) === 0
  );
}

function fieldsOfData(
  layout: AnyStruct | List<object, unknown>,
  { dword0 }: FeatureAnswer,
  data: Uint8Array,
): readonly FeatureField[] {
  if (layout instanceof List) {
    return layout.decode(listBytes(layout, dword0, data)).map((entry, at) => ({
      path: `[${at}]`,
      label: `${at}`,
      text: layout.entry.text(entry),
    }));
  }
  if (data.length < layout.size) return [];
  return layout.fields(layout.decode(data)).flatMap(({ row, value, key, text }) => {
    const bytes = data.subarray(row.first, row.last + 1);
    if (isZero(bytes)) return [];
    const { codec, label } = row;
    if (codec.item) return elementFields(codec.item, { key, label, bytes, values: value });
    return codec.parts
      ? codec.parts.map((part) => ({ path: part.name, label: part.label, text: part.text(value) }))
      : [{ path: key, label, text }];
  });
}

function elementFields(
  item: Codec<unknown>,
  { key, label, bytes, values }: {
    readonly key: string;
    readonly label: string;
    readonly bytes: Uint8Array;
    readonly values: unknown;
  },
): readonly FeatureField[] {
  return (values as readonly unknown[]).flatMap((value, at) => {
    if (isZero(bytes.subarray(at * item.size, (at + 1) * item.size))) return [];
    return [{ path: `${key}[${at}]`, label: `${label} ${at}`, text: item.text(value) }];
  });
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
