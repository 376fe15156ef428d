// What a namespace is to be formatted as: from what was asked and what Identify Namespace allows
// to the fields of a Format NVM command. Pure.

import { UnsupportedError, UsageError } from "../errors.ts";
import { formatCount } from "../layout/mod.ts";
import {
  currentFormat,
  type IdentifyNamespace,
  type SupportedFormat,
  supportedFormats,
} from "../spec/identify/identify_namespace.ts";

/** Secure Erase Settings by name [BASE-2.1 §5.1.10, Fig. 189]. */
export const SECURE_ERASE = { "none": 0, "user-data": 1, "crypto": 2 } as const;

/** One of the ways to erase. */
export type SecureErase = keyof typeof SECURE_ERASE;

/** Types of protection information; 0 is none [NVM-1.1 §4.1.2]. */
export type ProtectionType = 0 | 1 | 2 | 3;

/** What the user asked for; what is undefined or false was not said. */
export interface FormatWish {
  /** Bytes of data in a block. */
  readonly blockSize?: number | undefined;
  /** Index into the namespace's list of formats. */
  readonly lbaFormat?: number | undefined;
  /** Bytes of metadata with each block. */
  readonly metadata?: number | undefined;
  readonly metadataInline: boolean;
  readonly protection?: ProtectionType | undefined;
  readonly protectionFirst: boolean;
}

/** How a namespace is laid out. */
export interface BlockLayout {
  readonly format: SupportedFormat;
  /** Metadata at the end of each block, instead of in a buffer of its own. */
  readonly metadataInline: boolean;
  readonly protection: ProtectionType;
  /** Protection information in the first bytes of the metadata, instead of the last. */
  readonly protectionFirst: boolean;
}

/** Bytes of metadata that protection information needs at least [NVM-1.1 §5.3.1]. */
const PROTECTION_BYTES = 8;

/** How a namespace is laid out now; undefined where its format is not one that it lists. */
export function layoutOf(namespace: IdentifyNamespace): BlockLayout | undefined {
  const format = currentFormat(namespace);
  if (!format) return undefined;
  const { flbas: { mtelba }, dps: { pit, pip } } = namespace;
  const protection = isProtectionType(pit) ? pit : 0;
  return {
    format,
    metadataInline: format.metadataBytes > 0 && mtelba,
    protection,
    protectionFirst: protection !== 0 && pip,
  };
}

/**
 * The layout that the wish means for this namespace. What was not said stays as it is while the
 * format stays; a new format has no protection information, and its metadata in a buffer of its
 * own, unless that was asked for or is all there is.
 * @param where the namespace, for errors: `namespace 1 of /dev/nvme0`
 * @throws UsageError for wishes that contradict themselves, UnsupportedError for what Identify says
 * that the namespace cannot be
 */
export function chooseLayout(
  namespace: IdentifyNamespace,
  wish: FormatWish,
  where: string,
): BlockLayout {
  const now = layoutOf(namespace);
  const format = chooseFormat(namespace, wish, where);
  const keeps = keepsFormat(wish) ? now : undefined;
  const protection = wish.protection ?? keeps?.protection ?? 0;
  const layout = {
    format,
    metadataInline: chooseInline(namespace, { wish, format, keeps: keeps?.metadataInline }),
    protection,
    protectionFirst: wish.protectionFirst ||
      (wish.protection === undefined && (keeps?.protectionFirst ?? false)),
  };
  if (keeps && sameLayout(layout, keeps)) return layout;
  checkMetadata(namespace, { layout, wish, where });
  checkProtection(namespace, { layout, where });
  return layout;
}

/** Whether a wish leaves the block format as it is. */
export function keepsFormat({ blockSize, lbaFormat, metadata }: FormatWish): boolean {
  return blockSize === undefined && lbaFormat === undefined && metadata === undefined;
}

/** Whether two layouts are the same to whoever reads and writes blocks. */
export function sameLayout(one: BlockLayout, other: BlockLayout): boolean {
  return one.format.index === other.format.index &&
    one.format.blockBytes === other.format.blockBytes &&
    one.format.metadataBytes === other.format.metadataBytes &&
    one.metadataInline === other.metadataInline && one.protection === other.protection &&
    one.protectionFirst === other.protectionFirst;
}

/** Command Dword 10 of Format NVM [BASE-2.1 §5.1.10, Fig. 189]. */
export function formatDword(layout: BlockLayout, secureErase: SecureErase): number {
  const { format: { index }, metadataInline, protection, protectionFirst } = layout;
  return (index & 0xf) | (metadataInline ? 1 << 4 : 0) | (protection << 5) |
    (protectionFirst ? 1 << 8 : 0) | (SECURE_ERASE[secureErase] << 9) | ((index >>> 4) << 12);
}

/** A layout in words: `4096-byte blocks, 8 bytes of metadata inline`. */
export function layoutText(layout: BlockLayout): string {
  const { format, metadataInline, protection, protectionFirst } = layout;
  const parts = [formatText(format)];
  if (format.metadataBytes > 0) parts.push(metadataInline ? "inline" : "in a separate buffer");
  const text = parts.join(" ");
  if (protection === 0) return text;
  return `${text}, protection type ${protection} in the ${
    protectionFirst ? "first" : "last"
  } bytes of the metadata`;
}

/** The formats that a namespace lists, data and metadata bytes: `0: 512; 1: 4096; 2: 4096+8`. */
export function formatsText(namespace: IdentifyNamespace): string {
  return supportedFormats(namespace).map(({ index, blockBytes, metadataBytes }) =>
    `${index}: ${blockBytes}${metadataBytes === 0 ? "" : `+${metadataBytes}`}`
  ).join("; ");
}

function formatText({ blockBytes, metadataBytes }: SupportedFormat): string {
  const blocks = `${blockBytes}-byte blocks`;
  if (metadataBytes === 0) return blocks;
  return `${blocks}, ${formatCount(metadataBytes)} bytes of metadata`;
}

function chooseFormat(
  namespace: IdentifyNamespace,
  wish: FormatWish,
  where: string,
): SupportedFormat {
  const formats = supportedFormats(namespace);
  const now = currentFormat(namespace);
  const cannot = (asked: string): UnsupportedError =>
    new UnsupportedError(`Cannot format ${where} with ${asked}: it has no such format`, {
      next: `its formats (data+metadata bytes) are ${formatsText(namespace)}`,
    });
  if (wish.lbaFormat !== undefined) {
    const named = formats.find(({ index }) => index === wish.lbaFormat);
    if (!named) throw cannot(`LBA format ${wish.lbaFormat}`);
    return named;
  }
  if (!now && wish.blockSize === undefined) {
    throw new UnsupportedError(
      `Cannot keep the format of ${where}: its present one is not in its list of formats`,
      {
        next: `choose one with --lba-format; its formats (data+metadata bytes) are ${
          formatsText(namespace)
        }`,
      },
    );
  }
  if (keepsFormat(wish) && now) return now;
  const blockBytes = wish.blockSize ?? now?.blockBytes ?? 0;
  const metadataBytes = wish.metadata ?? 0;
  // Zero is the best relative performance; of equal ones the first.
  const [best] = formats
    .filter((format) => format.blockBytes === blockBytes && format.metadataBytes === metadataBytes)
    .toSorted((one, other) => one.format.rp - other.format.rp || one.index - other.index);
  if (best) return best;
  throw cannot(
    `${blockBytes}-byte blocks and ${
      metadataBytes === 0 ? "no" : `${metadataBytes} bytes of`
    } metadata`,
  );
}

function chooseInline(
  { mc }: IdentifyNamespace,
  { wish, format, keeps }: {
    readonly wish: FormatWish;
    readonly format: SupportedFormat;
    readonly keeps: boolean | undefined;
  },
): boolean {
  if (wish.metadataInline) return true;
  if (format.metadataBytes === 0) return false;
  return keeps ?? (mc.mtelbas && !mc.mtsbs);
}

function checkMetadata(
  { mc }: IdentifyNamespace,
  { layout: { format, metadataInline }, wish, where }: {
    readonly layout: BlockLayout;
    readonly wish: FormatWish;
    readonly where: string;
  },
): void {
  if (format.metadataBytes === 0) {
    if (!wish.metadataInline) return;
    throw new UsageError(
      `Cannot use --metadata-inline with format ${format.index}: it has no metadata`,
      { next: "choose a format that has some, with --metadata BYTES or --lba-format N" },
    );
  }
  const possible = metadataInline ? mc.mtelbas : mc.mtsbs;
  if (possible) return;
  throw new UnsupportedError(
    metadataInline
      ? `Cannot format ${where} with inline metadata: it does not support that (MC bit 0 is 0)`
      : `Cannot format ${where} with separate metadata: it does not support that (MC bit 1 is 0)`,
    mc.mtelbas ? { next: "add --metadata-inline" } : {},
  );
}

function checkProtection(
  namespace: IdentifyNamespace,
  { layout, where }: { readonly layout: BlockLayout; readonly where: string },
): void {
  const { format, protection, protectionFirst } = layout;
  if (protection === 0) {
    if (!protectionFirst) return;
    throw new UsageError("Cannot use --protection-first without --protection 1, 2 or 3");
  }
  const { dpc } = namespace;
  if (format.metadataBytes < PROTECTION_BYTES) {
    throw new UnsupportedError(
      `Cannot format ${where} with protection information: format ${format.index} has ` +
        `${format.metadataBytes} bytes of metadata, need ${PROTECTION_BYTES}`,
      { next: `add --metadata; its formats (data+metadata bytes) are ${formatsText(namespace)}` },
    );
  }
  const types = [dpc.pit1s, dpc.pit2s, dpc.pit3s];
  if (types[protection - 1] !== true) {
    const offered = [1, 2, 3].filter((type) => types[type - 1]);
    throw new UnsupportedError(
      `Cannot format ${where} with protection type ${protection}: it supports ${
        offered.length === 0 ? "none" : `type ${offered.join(", ")}`
      } (DPC)`,
    );
  }
  if (!(protectionFirst ? dpc.piifb : dpc.piilb)) {
    const [asked, option] = protectionFirst
      ? ["first", "leave --protection-first out"]
      : ["last", "add --protection-first"];
    throw new UnsupportedError(
      `Cannot format ${where} with protection information in the ${asked} bytes of the ` +
        "metadata: it does not support that (DPC)",
      { next: option },
    );
  }
}

function isProtectionType(type: number): type is ProtectionType {
  return type <= 3;
}
