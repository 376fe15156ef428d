// A namespace's own data, shown: sizes in bytes, and its LBA formats with the current one marked.

import { structFacts } from "../cli/present.ts";
import { type Block, type Fact, facts, heading, paragraph, table, toned } from "../cli/report.ts";
import { useOf } from "../controller/inventory.ts";
import { exactDigits, formatBytes, formatCount, type JsonObject } from "../layout/mod.ts";
import {
  currentFormat,
  IdentifyNamespace,
  RELATIVE_PERFORMANCE_NAMES,
  supportedFormats,
} from "../spec/identify/identify_namespace.ts";

/** Fields that are shown in bytes, or as a table. */
const IN_BYTES = ["nsze", "ncap", "nuse"] as const;
const FORMAT_FIELDS = ["flbas", "lbaf"] as const;

/** Whether the data is of no active namespace: all of it is zero [NVM-1.1 §4.1.5.1]. */
function isInactive(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A namespace for a machine: every field, and what follows from them. */
export function namespaceJson(bytes: Uint8Array): JsonObject {
  const value = IdentifyNamespace.decode(bytes);
  const { sizeBytes, capacityBytes, usedBytes, blockBytes, metadataBytes } = useOf(value);
  const count = (key: string, number: bigint): JsonObject => ({
    [key]: Number(number),
    ...exactDigits(key, number),
  });
  return {
    active: !isInactive(bytes),
    lba_format: currentFormat(value)?.index ?? null,
    block_bytes: blockBytes,
    metadata_bytes: metadataBytes,
    ...count("size_bytes", sizeBytes),
    ...count("capacity_bytes", capacityBytes),
    ...count("used_bytes", usedBytes),
    namespace: IdentifyNamespace.json(value),
  };
}

/** A namespace for people. */
export function namespaceBlocks(
  bytes: Uint8Array,
  nsid: number,
  { verbose }: { readonly verbose: boolean },
): readonly Block[] {
  if (isInactive(bytes)) {
    return [
      paragraph(
        `Namespace ${nsid} is not active: the controller answers with zeros. ` +
          "It does not exist, or is not attached to this controller.",
      ),
    ];
  }
  const value = IdentifyNamespace.decode(bytes);
  const omit = verbose ? ["lbaf"] : [...IN_BYTES, ...FORMAT_FIELDS];
  const fields = structFacts(IdentifyNamespace, value, { verbose, omit });
  const sizes = sizeFacts(value);
  const shown = verbose
    ? [facts(sizes), heading("Fields"), facts(fields)]
    : [facts([...sizes, ...fields])];
  return [...shown, ...formatBlocks(value)];
}

function sizeFacts(value: IdentifyNamespace): readonly Fact[] {
  const { sizeBytes, capacityBytes, usedBytes, blockBytes, metadataBytes } = useOf(value);
  const size = (bytes: bigint, blocks: bigint): string =>
    `${formatBytes(bytes)} (${formatCount(bytes)} bytes, ${formatCount(blocks)} blocks)`;
  return [
    ["Size", size(sizeBytes, value.nsze)],
    ["Capacity", size(capacityBytes, value.ncap)],
    ["Used", size(usedBytes, value.nuse)],
    ["Block", blockText(blockBytes, metadataBytes, value.flbas.mtelba)],
  ];
}

function blockText(blockBytes: number, metadataBytes: number, inline: boolean): string {
  const data = `${formatCount(blockBytes)} bytes`;
  if (metadataBytes === 0) return data;
  const where = inline ? "at the end of the block" : "in a separate buffer";
  return `${data} + ${formatCount(metadataBytes)} of metadata ${where}`;
}

/** The formats one can ask Format NVM for, by their index. */
function formatBlocks(value: IdentifyNamespace): readonly Block[] {
  const current = currentFormat(value)?.index;
  const rows = supportedFormats(value).map((one) => [
    `${one.index}`,
    `${formatCount(one.blockBytes)} B`,
    `${formatCount(one.metadataBytes)} B`,
    RELATIVE_PERFORMANCE_NAMES[one.format.rp] ?? `${one.format.rp}`,
    one.index === current ? toned("in use", "good") : "",
  ]);
  return [
    heading("LBA formats"),
    table([">Index", ">Data", ">Metadata", "Performance", ""], rows, "none"),
  ];
}
