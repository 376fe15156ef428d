// What is written on a block device: members of arrays and pools, file systems, partition tables,
// known by a few bytes at a known place.

import type { BlockReader } from "./pci_host.ts";

/** What a signature was found to be. */
export interface FoundSignature {
  /** `LVM physical volume`. */
  readonly name: string;
  /** `member`: of something that spans devices and may be put together later, by itself even. */
  readonly kind: "member" | "content";
}

/** A place on a device of that size; undefined where the device is too small to have it. */
type Place = number | ((bytes: bigint) => bigint | undefined);

interface Signature extends FoundSignature {
  /** Any one of the magics at any one of the places is enough. */
  readonly at: readonly Place[];
  readonly magics: readonly string[];
}

const KIB = 1024;
/** Bytes that magics are compared in: one character is one byte. */
const MD = "\xfc\x4e\x2b\xa9";
const MD_OTHER_ENDIAN = "\xa9\x2b\x4e\xfc";
const MD_RESERVED = 64n * 1024n;
const ZFS_LABEL = 256n * 1024n;
/** Where a label's list of names and values has its first name; encoded, that is "version". */
const ZFS_NAME_AT = 16 * KIB + 20;

/** Where `bytes` before the end are, with the end brought down to a multiple of `unit`. */
function fromEnd(bytes: bigint, unit = 1n): Place {
  return (size) => {
    const at = size - (size % unit) - bytes;
    return at < 0n ? undefined : at;
  };
}

/**
 * The signatures, by the places that their own projects document. A page of memory may be larger
 * than 4 KiB, and a logical block than 512 bytes, hence several places for some.
 */
const SIGNATURES: readonly Signature[] = [
  {
    name: "LVM physical volume",
    kind: "member",
    at: [0, 512, 1024, 1536],
    magics: ["LABELONE"],
  },
  {
    name: "MD RAID member (metadata 1.x)",
    kind: "member",
    // 1.1, 1.2; 1.0 lies 8 KiB before the last whole 4 KiB.
    at: [0, 4 * KIB, fromEnd(8n * 1024n, 4096n)],
    magics: [`${MD}\x01\0\0\0`],
  },
  {
    name: "MD RAID member (metadata 0.90)",
    kind: "member",
    at: [fromEnd(MD_RESERVED, MD_RESERVED)],
    magics: [`${MD}\0\0\0\0`, `${MD_OTHER_ENDIAN}\0\0\0\0`],
  },
  {
    name: "ZFS pool member",
    kind: "member",
    at: [
      ZFS_NAME_AT,
      ZFS_NAME_AT + 256 * KIB,
      fromEnd(2n * ZFS_LABEL - BigInt(ZFS_NAME_AT), ZFS_LABEL),
      fromEnd(ZFS_LABEL - BigInt(ZFS_NAME_AT), ZFS_LABEL),
    ],
    magics: ["\0\0\0\x07version"],
  },
  {
    name: "bcache device",
    kind: "member",
    at: [4 * KIB + 24],
    magics: ["\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"],
  },
  {
    name: "bcachefs file system",
    kind: "content",
    at: [4 * KIB + 24],
    magics: ["\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef"],
  },
  {
    name: "Intel RAID member",
    kind: "member",
    at: [fromEnd(2n * 512n, 512n), fromEnd(2n * 4096n, 4096n)],
    magics: ["Intel Raid ISM Cfg Sig. "],
  },
  {
    name: "DDF RAID member",
    kind: "member",
    at: [fromEnd(512n, 512n)],
    magics: ["\xde\x11\xde\x11"],
  },
  { name: "Ceph BlueStore device", kind: "member", at: [0], magics: ["bluestore block device"] },
  { name: "VDO volume", kind: "member", at: [0], magics: ["dmvdo001"] },
  {
    name: "Stratis pool member",
    kind: "member",
    at: [512 + 4, 9 * 512 + 4],
    magics: ["!Stra0tis\x86\xff\x02^\x41rh"],
  },
  { name: "LUKS container", kind: "content", at: [0], magics: ["LUKS\xba\xbe"] },
  {
    name: "swap area",
    kind: "content",
    at: [4, 8, 16, 32, 64].map((page) => page * KIB - 10),
    magics: ["SWAPSPACE2", "SWAP-SPACE"],
  },
  {
    name: "hibernation image",
    kind: "member",
    at: [4, 8, 16, 32, 64].map((page) => page * KIB - 10),
    magics: ["S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"],
  },
  { name: "ext2, ext3 or ext4 file system", kind: "content", at: [KIB + 56], magics: ["\x53\xef"] },
  { name: "XFS file system", kind: "content", at: [0], magics: ["XFSB"] },
  { name: "btrfs file system", kind: "content", at: [64 * KIB + 64], magics: ["_BHRfS_M"] },
  { name: "F2FS file system", kind: "content", at: [KIB], magics: ["\x10\x20\xf5\xf2"] },
  { name: "ISO 9660 file system", kind: "content", at: [32 * KIB + 1], magics: ["CD001"] },
  { name: "NTFS file system", kind: "content", at: [3], magics: ["NTFS    "] },
  { name: "exFAT file system", kind: "content", at: [3], magics: ["EXFAT   "] },
  { name: "FAT file system", kind: "content", at: [82], magics: ["FAT32   "] },
  { name: "FAT file system", kind: "content", at: [54], magics: ["FAT16   ", "FAT12   "] },
  { name: "GPT partition table", kind: "content", at: [512, 4096], magics: ["EFI PART"] },
];

/** The first bytes of a device, with nearly all places in them: one read. */
const HEAD_BYTES = 68 * KIB;

/** A partition table of the old kind: its mark, where its four entries are, and their types. */
const MBR_MARK = { at: 510, magic: "\x55\xaa" };
const MBR_ENTRIES = { at: 446, bytes: 16, count: 4, typeAt: 4 };
/** What has a boot sector of its own, or a newer table beside the old one. */
const HIDES_MBR = /^(GPT|FAT|exFAT|NTFS)/;
/** The one entry that keeps older tools away from a GPT. */
const PROTECTIVE = 0xee;

/**
 * The signatures on a block device of that size, as far as they lie where they should.
 *
 * Throws what reading throws: a drive that does not answer says nothing of what is on it.
 */
export function signaturesOn(device: BlockReader, bytes: bigint): readonly FoundSignature[] {
  const head = device.read(0n, HEAD_BYTES);
  const found = SIGNATURES.filter((signature) => isOn({ device, bytes, head }, signature));
  const names = new Map(found.map(({ name, kind }) => [name, { name, kind }]));
  const hidesMbr = [...names.keys()].some((name) => HIDES_MBR.test(name));
  if (!hidesMbr && hasMbr(head)) {
    names.set("MBR", { name: "MBR partition table", kind: "content" });
  }
  return [...names.values()];
}

interface Content {
  readonly device: BlockReader;
  readonly bytes: bigint;
  readonly head: Uint8Array;
}

function isOn({ device, bytes, head }: Content, { at, magics }: Signature): boolean {
  const longest = Math.max(...magics.map((magic) => magic.length));
  return at.some((place) => {
    const offset = typeof place === "number" ? BigInt(place) : place(bytes);
    if (offset === undefined || offset + BigInt(longest) > bytes) return false;
    const isInHead = offset + BigInt(longest) <= BigInt(head.length);
    const found = isInHead
      ? head.subarray(Number(offset), Number(offset) + longest)
      : device.read(offset, longest);
    return magics.some((magic) => startsWith(found, magic));
  });
}

function hasMbr(head: Uint8Array): boolean {
  if (!startsWith(head.subarray(MBR_MARK.at), MBR_MARK.magic)) return false;
  const entries = Array.from({ length: MBR_ENTRIES.count }, (_, index) => {
    const at = MBR_ENTRIES.at + index * MBR_ENTRIES.bytes;
    return { flag: head[at], type: head[at + MBR_ENTRIES.typeAt] };
  });
  // Boot sectors of other kinds have the mark too, and program code in place of the entries.
  return entries.every(({ flag }) => flag === 0 || flag === 0x80) &&
    entries.some(({ type }) => type !== 0 && type !== PROTECTIVE);
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  if (bytes.length < magic.length) return false;
  for (let at = 0; at < magic.length; at++) {
    if (bytes[at] !== magic.charCodeAt(at)) return false;
  }
  return true;
}
