// What a recorded drive stores things in: formats, namespaces, and what formats can be had.

import { IdentifyControllerNvm } from "../../spec/identify/identify_controller_nvm.ts";
import type { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { listedNamespaces, NamespaceList } from "../../spec/identify/identify_lists.ts";
import {
  blockBytes,
  formatCount,
  formatIndex,
  IdentifyNamespace,
} from "../../spec/identify/identify_namespace.ts";
import { PROTECTION_BYTES } from "../nvm/blocks.ts";
import type {
  CopyLimits,
  DatasetLimits,
  Formatting,
  LbaFormat,
  NamespacePlan,
  Personality,
} from "../personality.ts";
import type { Answers } from "./answers.ts";

/** Namespace identifiers and sizes that a virtual drive can have. */
const MOST_NAMESPACES = 1024;
const LEAST_BYTES = 65_536;
const MOST_BYTES = 2 ** 52;
/** In place of a format that is not available. */
const NO_FORMAT: LbaFormat = { dataBytes: 512, metadataBytes: 0, performance: 3 };

/** A namespace that was identified. */
interface Found {
  readonly nsid: number;
  readonly active: boolean;
  readonly identify: IdentifyNamespace;
}

type Storage =
  & Pick<Personality, "formats" | "formatting" | "namespaces" | "capacityBytes">
  & Partial<Pick<Personality, "copy" | "dataset">>;

/** The drive's storage. Namespaces of sizes that cannot be had here are left out. */
export function storageOf(answers: Answers, controller: IdentifyController): Storage {
  const found = namespacesOf(answers);
  const [first] = found.toSorted((one, other) =>
    formatCount(other.identify) - formatCount(one.identify)
  );
  const formats = first ? formatsOf(first.identify) : [];
  const usable = formats.length > 0 ? formats : [NO_FORMAT];
  const copy = first && controller.oncs.nvmcpys ? copyOf(first.identify) : undefined;
  const dataset = datasetOf(answers);
  return {
    formats: usable,
    formatting: formattingOf(first?.identify, controller),
    namespaces: found.flatMap((one) => planOf(one, usable)),
    capacityBytes: Math.min(Number(controller.tnvmcap), MOST_BYTES),
    ...(copy ? { copy } : {}),
    ...(dataset ? { dataset } : {}),
  };
}

/** Everything that was identified and is a namespace, in the order of its identifiers. */
function namespacesOf(answers: Answers): readonly Found[] {
  const active = answers.data({ kind: "identify", id: 0x02 }, NamespaceList.size);
  const listed = active ? listedNamespaces(NamespaceList.decode(active)) : [];
  const found = new Map<number, Found>();
  for (const { request: { id, nsid = 0 }, answer } of answers.succeeded("identify")) {
    const isNamespace = (id === 0x00 || id === 0x11) && nsid > 0 && nsid <= MOST_NAMESPACES;
    if (!isNamespace || answer.data.length < IdentifyNamespace.size) continue;
    const identify = IdentifyNamespace.decode(answer.data);
    if (identify.nsze === 0n || found.has(nsid)) continue;
    found.set(nsid, { nsid, active: listed.includes(nsid) || (!active && id === 0), identify });
  }
  return [...found.values()].toSorted((one, other) => one.nsid - other.nsid);
}

function formatsOf(identify: IdentifyNamespace): readonly LbaFormat[] {
  const all = identify.lbaf.slice(0, formatCount(identify)).map((format) => {
    const dataBytes = blockBytes(format);
    if (dataBytes < 512 || dataBytes > 65_536) return undefined;
    return { dataBytes, metadataBytes: format.ms, performance: performanceOf(format.rp) };
  });
  const end = all.findLastIndex((format) => format !== undefined) + 1;
  return all.slice(0, end).map((format) => format ?? NO_FORMAT);
}

function performanceOf(rp: number): LbaFormat["performance"] {
  return rp === 0 || rp === 1 || rp === 2 ? rp : 3;
}

function planOf(
  { nsid, active, identify }: Found,
  formats: readonly LbaFormat[],
): readonly NamespacePlan[] {
  const index = formatIndex(identify.flbas, formatCount(identify));
  const format = index < formats.length ? index : 0;
  const { dataBytes, metadataBytes } = formats[format] ?? NO_FORMAT;
  const capacityBytes = Number(identify.nsze) * (dataBytes + metadataBytes);
  if (capacityBytes < LEAST_BYTES || capacityBytes > MOST_BYTES) return [];
  const { pit, pip } = identify.dps;
  // A drive may say so of blocks that have no place for it.
  const hasRoom = metadataBytes >= PROTECTION_BYTES;
  return [{
    nsid,
    capacityBytes,
    format,
    metadataInline: identify.flbas.mtelba,
    protection: hasRoom && (pit === 1 || pit === 2 || pit === 3) ? pit : 0,
    protectionFirst: pip,
    attached: active,
    ...(identify.anagrpid > 0 ? { anaGroup: identify.anagrpid } : {}),
  }];
}

function formattingOf(
  identify: IdentifyNamespace | undefined,
  { fna }: IdentifyController,
): Formatting {
  const { mc, dpc } = identify ?? IdentifyNamespace.decode(new Uint8Array(IdentifyNamespace.size));
  const types = [dpc.pit1s, dpc.pit2s, dpc.pit3s];
  return {
    metadata: [...mc.mtelbas ? ["inline" as const] : [], ...mc.mtsbs ? ["separate" as const] : []],
    protection: ([1, 2, 3] as const).filter((type) => types[type - 1]),
    protectionAt: [...dpc.piifb ? ["first" as const] : [], ...dpc.piilb ? ["last" as const] : []],
    cryptoErase: fna.cryes,
    formatsAll: fna.fns,
    erasesAll: fna.sens,
    broadcast: !fna.fnvmbs,
  };
}

function copyOf({ mssrl, mcl, msrc }: IdentifyNamespace): CopyLimits | undefined {
  return mssrl > 0 && mcl > 0 ? { rangeBlocks: mssrl, blocks: mcl, ranges: msrc + 1 } : undefined;
}

function datasetOf(answers: Answers): DatasetLimits | undefined {
  const bytes = answers.data({ kind: "identify", id: 0x06 }, IdentifyControllerNvm.size);
  if (!bytes) return undefined;
  const { dmrl, dmrsl, dmsl } = IdentifyControllerNvm.decode(bytes);
  if (dmrl === 0) return undefined;
  const blocks = Number(dmsl);
  return Number.isSafeInteger(blocks) ? { ranges: dmrl, rangeBlocks: dmrsl, blocks } : undefined;
}
