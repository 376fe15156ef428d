// Signatures on block devices.

import { assertEquals, assertThrows } from "@std/assert";
import { signaturesOn } from "../../../src/host/pci/signatures.ts";

const MIB = 1024 * 1024;
const KIB = 1024;

/** A device of zeros, but for texts at offsets; one character is one byte. */
function device(bytes: number, ...content: readonly (readonly [at: number, text: string])[]) {
  const image = new Uint8Array(bytes);
  for (const [at, text] of content) {
    for (let index = 0; index < text.length; index++) image[at + index] = text.charCodeAt(index);
  }
  return image;
}

function names(image: Uint8Array): readonly string[] {
  const reader = {
    read: (at: bigint, length: number) => image.subarray(Number(at), Number(at) + length),
    [Symbol.dispose]: () => {},
  };
  return signaturesOn(reader, BigInt(image.length))
    .map(({ name, kind }) => `${name}, ${kind}`);
}

/** Where a name in the list of the first ZFS label begins, with its length before it. */
const ZFS_NAME_AT = 16 * KIB + 20;

Deno.test("signaturesOn() finds each signature at each of its places", () => {
  const cases: readonly (readonly [name: string, at: number, text: string])[] = [
    ["LVM physical volume, member", 512, "LABELONE"],
    ["LVM physical volume, member", 1536, "LABELONE"],
    ["MD RAID member (metadata 1.x), member", 0, "\xfc\x4e\x2b\xa9\x01\0\0\0"],
    ["MD RAID member (metadata 1.x), member", 4096, "\xfc\x4e\x2b\xa9\x01\0\0\0"],
    ["MD RAID member (metadata 1.x), member", 2 * MIB - 8192, "\xfc\x4e\x2b\xa9\x01\0\0\0"],
    ["MD RAID member (metadata 0.90), member", 2 * MIB - 65536, "\xfc\x4e\x2b\xa9\0\0\0\0"],
    ["MD RAID member (metadata 0.90), member", 2 * MIB - 65536, "\xa9\x2b\x4e\xfc\0\0\0\0"],
    ["ZFS pool member, member", ZFS_NAME_AT, "\0\0\0\x07version"],
    ["ZFS pool member, member", 256 * KIB + ZFS_NAME_AT, "\0\0\0\x07version"],
    ["ZFS pool member, member", 2 * MIB - 512 * KIB + ZFS_NAME_AT, "\0\0\0\x07version"],
    ["ZFS pool member, member", 2 * MIB - 256 * KIB + ZFS_NAME_AT, "\0\0\0\x07version"],
    [
      "bcache device, member",
      4096 + 24,
      "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81",
    ],
    ["Intel RAID member, member", 2 * MIB - 1024, "Intel Raid ISM Cfg Sig. 1.3.00"],
    ["DDF RAID member, member", 2 * MIB - 512, "\xde\x11\xde\x11"],
    ["Ceph BlueStore device, member", 0, "bluestore block device\n"],
    ["LUKS container, content", 0, "LUKS\xba\xbe\0\x02"],
    ["swap area, content", 4086, "SWAPSPACE2"],
    ["swap area, content", 65526, "SWAPSPACE2"],
    ["hibernation image, member", 4086, "S1SUSPEND"],
    ["ext2, ext3 or ext4 file system, content", 1080, "\x53\xef"],
    ["XFS file system, content", 0, "XFSB"],
    ["btrfs file system, content", 65536 + 64, "_BHRfS_M"],
    ["ISO 9660 file system, content", 32769, "CD001"],
    ["GPT partition table, content", 512, "EFI PART"],
    ["GPT partition table, content", 4096, "EFI PART"],
    ["NTFS file system, content", 3, "NTFS    "],
  ];
  for (const [name, at, text] of cases) {
    assertEquals(names(device(2 * MIB, [at, text])), [name], `${name} at ${at}`);
    // One byte off is something else.
    assertEquals(names(device(2 * MIB, [at + 1, text])), [], `${name} at ${at + 1}`);
  }
});

Deno.test("signaturesOn() measures from the end as the projects do, whatever the size", () => {
  const odd = 2 * MIB + 5 * 512;
  const zfs = 2 * MIB - 256 * KIB + ZFS_NAME_AT;
  assertEquals(names(device(odd, [zfs, "\0\0\0\x07version"])), ["ZFS pool member, member"]);
  const md = 2 * MIB - 8192;
  assertEquals(names(device(odd, [md, "\xfc\x4e\x2b\xa9\x01\0\0\0"])), [
    "MD RAID member (metadata 1.x), member",
  ]);
});

Deno.test("signaturesOn() knows an MBR by its entries, and not beside a GPT or in a boot sector", () => {
  const mark = [510, "\x55\xaa"] as const;
  const entry = (flag: string, type: string) => [446, `${flag}\0\0\0${type}`] as const;
  assertEquals(names(device(MIB, mark, entry("\x80", "\x83"))), ["MBR partition table, content"]);
  assertEquals(names(device(MIB, mark)), []);
  assertEquals(names(device(MIB, mark, entry("\x12", "\x83"))), []);
  assertEquals(names(device(MIB, mark, entry("\0", "\xee"), [512, "EFI PART"])), [
    "GPT partition table, content",
  ]);
  assertEquals(names(device(MIB, mark, entry("\0", "\x83"), [82, "FAT32   "])), [
    "FAT file system, content",
  ]);
});

Deno.test("signaturesOn() finds nothing on a blank device, and nothing beyond a small one", () => {
  assertEquals(names(device(MIB)), []);
  assertEquals(names(device(512)), []);
  assertEquals(names(device(0)), []);
});

Deno.test("signaturesOn() passes on what reading throws", () => {
  const broken = {
    read: () => {
      throw new Error("medium error");
    },
    [Symbol.dispose]: () => {},
  };
  assertThrows(() => signaturesOn(broken, 4096n), Error, "medium error");
});
