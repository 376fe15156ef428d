// Mounts of namespaces, partitions and what stands on them.

import { assertEquals } from "@std/assert";
import { mountsOn } from "../../src/host/mounted.ts";
import { stackOn } from "../../src/host/stack.ts";
import { mounts, namespace, partition, stacked } from "./machine.ts";
import { link, memoryView, type Tree } from "./memory_view.ts";

const CONTROLLER = "/sys/devices/pci0000:00/0000:01:00.0/nvme/nvme0";
const NS1 = `${CONTROLLER}/nvme0n1`;
const NS2 = `${CONTROLLER}/nvme0n2`;
const BTRFS = "/sys/fs/btrfs/7a1c";

const DISKS: readonly Tree[] = [
  namespace(CONTROLLER, "nvme0n1", "259:0"),
  namespace(CONTROLLER, "nvme0n2", "259:1"),
  partition(NS1, "nvme0n1p1", "259:2"),
  partition(NS1, "nvme0n1p2", "259:3"),
];

/** A mounted btrfs file system over two devices. */
const SPAN: Tree = {
  "/sys/fs/btrfs/features/raid56": "0\n",
  [`${BTRFS}/devices/nvme0n1p2`]: link(`${NS1}/nvme0n1p2`),
  [`${BTRFS}/devices/nvme0n2`]: link(NS2),
};

function texts(namespaces: readonly string[], ...trees: readonly Tree[]): readonly string[] {
  const view = memoryView(...DISKS, ...trees);
  return mountsOn(view, stackOn(view, namespaces)).map(({ text }) => text);
}

Deno.test("mountsOn() finds a partition by its device number, whatever the source says", () => {
  const table = mounts("259:2 / ext4 /dev/root", "0:21 /proc proc proc", "8:1 /usb vfat /dev/sda1");
  assertEquals(texts(["nvme0n1"], table), ["/dev/nvme0n1p1 is mounted at / (ext4)"]);
  assertEquals(texts(["nvme0n2"], table), []);
});

Deno.test("mountsOn() finds a namespace that is mounted without a partition table", () => {
  const table = mounts("259:1 /data xfs /dev/nvme0n2");
  assertEquals(texts(["nvme0n2"], table), ["/dev/nvme0n2 is mounted at /data (xfs)"]);
});

Deno.test("mountsOn() decodes mount points and names each of several once", () => {
  const table = mounts(
    "259:2 /my\\040disk ext4 /dev/nvme0n1p1",
    "259:2 /my\\040disk ext4 /dev/nvme0n1p1",
    "259:2 /srv/chroot ext4 /dev/nvme0n1p1",
  );
  assertEquals(texts(["nvme0n1"], table), [
    "/dev/nvme0n1p1 is mounted at /my disk (ext4)",
    "/dev/nvme0n1p1 is mounted at /srv/chroot (ext4)",
  ]);
});

Deno.test("mountsOn() says what a mounted volume lies on", () => {
  const trees = [
    stacked("md0", "9:0", [`${NS1}/nvme0n1p2`, NS2], { "md/level": "raid1" }),
    stacked("dm-0", "253:0", ["/sys/devices/virtual/block/md0"], { "dm/name": "vg0-root" }),
    mounts("253:0 / ext4 /dev/mapper/vg0-root"),
  ];
  assertEquals(texts(["nvme0n1", "nvme0n2"], ...trees), [
    "/dev/mapper/vg0-root (on /dev/nvme0n1p2 and /dev/nvme0n2) is mounted at / (ext4)",
  ]);
  assertEquals(texts(["nvme0n2"], ...trees), [
    "/dev/mapper/vg0-root (on /dev/nvme0n2) is mounted at / (ext4)",
  ]);
});

Deno.test("mountsOn() finds btrfs, which has no device number, by its source", () => {
  const table = mounts(
    "0:52 / btrfs /dev/nvme0n1p2",
    "0:52 /home btrfs /dev/disk/by-label/root",
    "0:53 /mnt btrfs /dev/sda1",
    "0:54 /tmp tmpfs nvme0n1p2",
  );
  const label = { "/dev/disk/by-label/root": link("../../nvme0n1p2") };
  assertEquals(texts(["nvme0n1"], table, label), [
    "/dev/nvme0n1p2 is mounted at / (btrfs)",
    "/dev/nvme0n1p2 is mounted at /home (btrfs)",
  ]);
});

Deno.test("mountsOn() finds the btrfs devices that the mount table does not name", () => {
  const table = mounts("0:52 /data btrfs /dev/nvme0n1p2");
  assertEquals(texts(["nvme0n2"], table, SPAN), ["/dev/nvme0n2 is mounted at /data (btrfs)"]);
});

Deno.test("mountsOn() tells of a btrfs file system that is mounted out of sight", () => {
  assertEquals(texts(["nvme0n2"], mounts(), SPAN), [
    "/dev/nvme0n2 belongs to the mounted btrfs file system 7a1c",
  ]);
});

Deno.test("mountsOn() finds every device of a source that lists several", () => {
  const path = "/dev/disk/by-path/pci-0000:01:00.0-nvme-1";
  const table = mounts(`0:60 /data bcachefs ${path}:/dev/nvme0n2`);
  assertEquals(texts(["nvme0n1", "nvme0n2"], table, { [path]: link("/dev/nvme0n1") }), [
    "/dev/nvme0n1 is mounted at /data (bcachefs)",
    "/dev/nvme0n2 is mounted at /data (bcachefs)",
  ]);
});

Deno.test("mountsOn() finds nothing where there is no mount table", () => {
  assertEquals(texts(["nvme0n1"]), []);
});
