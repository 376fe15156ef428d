// A recording without what would lead to its owner: serial number, NQN, the names of namespaces,
// and what hosts have told the drive of themselves.

import { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../spec/identify/identify_namespace.ts";
import { decodeNamespaceDescriptors, NIDT } from "../../spec/identify/namespace_descriptors.ts";
import {
  answerText,
  type RecordedRequest,
  type Recording,
  requestKey,
} from "../../spec/recording.ts";
import { type Answered, Answers } from "./answers.ts";

/** Features in which hosts leave their names: labels, addresses, metadata, identifiers. */
const HOST_FEATURES: ReadonlySet<number> = new Set([0x1f, 0x78, 0x79, 0x7d, 0x7e, 0x7f, 0x81]);
/** Pages in which anything may stand: telemetry, events, addresses. */
const TELLING_LOGS: ReadonlySet<number> = new Set([0x07, 0x08, 0x0d, 0x18, 0x70, 0x71]);
/** Shorter serial numbers would be found where they are none. */
const LEAST_SERIAL = 4;
const LEAST_NQN = 12;

/** Bytes, and what stands in their place. Both have the same length. */
interface Replacement {
  readonly find: Uint8Array;
  readonly put: Uint8Array;
}

/**
 * The recording with other names in it, wherever the old ones stand, and without answers that may
 * tell of the host. Areas of vendors stay, apart from the names in them.
 *
 * @param token what the new names are made of: another token gives other names
 */
export function anonymous(recording: Recording, token: string): Recording {
  const answers = new Answers(recording);
  const replacements = replacementsOf(answers, token);
  const kept = (["identify", "log", "feature"] as const)
    .flatMap((kind) => answers.all(kind))
    .filter(({ request }) => !tellsOfHost(request))
    .map((answered) => {
      const data = answered.answer.data.slice();
      for (const replacement of replacements) replaceAll(data, replacement);
      if (isController(answered)) rename(data, token);
      return [requestKey(answered.request), answerText({ ...answered.answer, data })] as const;
    });
  return { controller: recording.controller, answers: Object.fromEntries(kept) };
}

function isController({ request: { kind, id }, answer }: Answered): boolean {
  return kind === "identify" && id === 0x01 && answer.data.length >= IdentifyController.size;
}

function tellsOfHost({ kind, id }: RecordedRequest): boolean {
  return (kind === "feature" && HOST_FEATURES.has(id)) || (kind === "log" && TELLING_LOGS.has(id));
}

/** Everything that names the drive or a namespace. */
function replacementsOf(answers: Answers, token: string): readonly Replacement[] {
  const found = new Map<string, Replacement>();
  const add = (find: Uint8Array, put: Uint8Array): void => {
    if (find.some((byte) => byte !== 0)) found.set(find.toHex(), { find: find.slice(), put });
  };
  const name = (bytes: Uint8Array): void => add(bytes, digest(`${token}/${bytes.toHex()}`, bytes));
  for (const answered of answers.succeeded("identify")) {
    const { request: { id }, answer: { data } } = answered;
    if (isController(answered)) {
      const { sn, subnqn } = IdentifyController.decode(data);
      const serial = sn.trim();
      if (serial.length >= LEAST_SERIAL) add(latin(serial), letters(`${token}/serial`, serial));
      if (subnqn.length >= LEAST_NQN) add(latin(subnqn), letters(`${token}/nqn`, subnqn));
      name(field(data, IdentifyController.row("fguid")));
    } else if ((id === 0x00 || id === 0x11) && data.length >= IdentifyNamespace.size) {
      name(field(data, IdentifyNamespace.row("nguid")));
      name(field(data, IdentifyNamespace.row("eui64")));
    } else if (id === 0x03) {
      for (const { nidt, nid } of decodeNamespaceDescriptors(data)) {
        if (nidt !== NIDT.csi) name(nid);
      }
    }
  }
  // The longer ones first: a serial number may stand in an NQN.
  return [...found.values()].toSorted((one, other) => other.find.length - one.find.length);
}

/** The serial number and the NQN in Identify Controller, however short they were. */
function rename(data: Uint8Array, token: string): void {
  const { first, last } = IdentifyController.row("sn");
  const room = last + 1 - first;
  const serial = latin(`ANON${hex(`${token}/serial`, 12)}`.padEnd(room));
  data.set(serial.subarray(0, room), first);
  const nqn = IdentifyController.row("subnqn");
  const had = field(data, nqn).some((byte) => byte !== 0);
  data.fill(0, nqn.first, nqn.last + 1);
  if (!had) return;
  const uuid = hex(`${token}/nqn`, 32).toLowerCase()
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-8$3-8$4-$5");
  data.set(latin(`nqn.2014-08.org.nvmexpress:uuid:${uuid}`), nqn.first);
}

function field(
  data: Uint8Array,
  { first, last }: { readonly first: number; readonly last: number },
): Uint8Array {
  return data.subarray(first, last + 1);
}

function replaceAll(data: Uint8Array, { find, put }: Replacement): void {
  const [start = 0] = find;
  for (let at = data.indexOf(start); at >= 0; at = data.indexOf(start, at + 1)) {
    if (at + find.length > data.length) return;
    if (find.every((byte, index) => data[at + index] === byte)) data.set(put, at);
  }
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** As many hexadecimal digits as a text has characters. */
function letters(token: string, { length }: string): Uint8Array {
  return latin(hex(token, length));
}

function hex(token: string, digits: number): string {
  return digest(token, { length: Math.ceil(digits / 2) }).toHex().toUpperCase().slice(0, digits);
}

/** Bytes that depend on every character of a text. */
function digest(text: string, { length }: { readonly length: number }): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => {
    let hash = 0x811c9dc5;
    for (const character of `${at}:${text}`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
    return (hash ^ (hash >>> 16)) & 0xff;
  });
}
