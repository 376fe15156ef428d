// What uses a namespace, put together: one machine with everything, and the claims.

import { assertEquals, assertThrows } from "@std/assert";
import { blindSpots, isClaimed, type Use, usesOf } from "../../src/host/use.ts";
import {
  controllerDirectory,
  files,
  mounts,
  namespace,
  partition,
  pcieController,
  process,
  stacked,
  swaps,
} from "./machine.ts";
import { blockDevice, memoryView, type Tree } from "./memory_view.ts";

const NVME0 = controllerDirectory("nvme0", "0000:01:00.0");
const NS1 = `${NVME0}/nvme0n1`;

const DRIVE: readonly Tree[] = [
  pcieController("nvme0", "0000:01:00.0"),
  namespace(NVME0, "nvme0n1", "259:0"),
  namespace(NVME0, "nvme0n2", "259:1"),
];

const SYSTEM: readonly Tree[] = [
  ...DRIVE,
  partition(NS1, "nvme0n1p1", "259:2", { sectors: "1048576" }),
  partition(NS1, "nvme0n1p2", "259:3", { sectors: "16777216" }),
  partition(NS1, "nvme0n1p3", "259:4", { sectors: "968990720" }),
  stacked("dm-0", "253:0", [`${NS1}/nvme0n1p3`], { "dm/name": "vg0-root", "dm/uuid": "LVM-a" }),
  stacked("dm-1", "253:1", [`${NS1}/nvme0n1p3`], { "dm/name": "vg0-swap", "dm/uuid": "LVM-b" }),
  mounts("253:0 / ext4 /dev/mapper/vg0-root", "259:2 /boot/efi vfat /dev/nvme0n1p1"),
  swaps("/dev/nvme0n1p2 partition", "/dev/dm-1 partition", "/swap\\040file file"),
  {
    "/swap file": { type: "regular", on: "253:0" },
    "/run/udev/data/b259:2": "E:ID_FS_TYPE=vfat\nE:ID_FS_LABEL=EFI\n",
  },
];

function texts(uses: readonly Use[]): readonly string[] {
  return uses.map(({ blocking, text }) => `${blocking ? "! " : ""}${text}`);
}

/** An opener that fails as the kernel does. */
function refusing(code: string): () => Disposable {
  return () => {
    throw Object.assign(new Error("refused"), { code });
  };
}

Deno.test("usesOf() tells all that a system drive is used for, and what lies on it", () => {
  const view = memoryView(...SYSTEM);
  assertEquals(texts(usesOf(view, { namespaces: ["nvme0n1"] })), [
    "! /dev/mapper/vg0-root (on /dev/nvme0n1p3) is mounted at / (ext4)",
    "! /dev/nvme0n1p1 is mounted at /boot/efi (vfat)",
    "! /dev/nvme0n1p2 is in use as swap",
    "! /dev/mapper/vg0-swap is in use as swap",
    "! /dev/mapper/vg0-root holds the swap file /swap file, which is in use",
    "! /dev/nvme0n1p3 is held by /dev/mapper/vg0-root, an LVM volume",
    "! /dev/nvme0n1p3 is held by /dev/mapper/vg0-swap, an LVM volume",
    '/dev/nvme0n1p1 is a partition of 537 MB, vfat "EFI"',
    "/dev/nvme0n1p2 is a partition of 8.59 GB",
    "/dev/nvme0n1p3 is a partition of 496 GB",
  ]);
});

Deno.test("usesOf() gives each use its device, namespace and detail", () => {
  const [mount] = usesOf(memoryView(...SYSTEM), { namespaces: ["nvme0n1", "nvme0n2"] });
  assertEquals(mount, {
    kind: "mount",
    device: "/dev/mapper/vg0-root",
    namespaces: ["nvme0n1"],
    detail: "/",
    blocking: true,
    text: "/dev/mapper/vg0-root (on /dev/nvme0n1p3) is mounted at / (ext4)",
  });
});

Deno.test("usesOf() finds nothing on an empty namespace beside a busy one", () => {
  assertEquals(usesOf(memoryView(...SYSTEM), { namespaces: ["nvme0n2"] }), []);
});

Deno.test("usesOf() does not take a partition table alone for use", () => {
  const view = memoryView(...DRIVE, partition(NS1, "nvme0n1p1", "259:2"), mounts(), swaps());
  assertEquals(
    usesOf(view, { namespaces: ["nvme0n1"] }).map(({ kind, blocking }) => [
      kind,
      blocking,
    ]),
    [["partition", false]],
  );
});

Deno.test("usesOf() tells what a namespace without partitions contains", () => {
  const view = memoryView(...DRIVE, { "/run/udev/data/b259:1": "E:ID_FS_TYPE=zfs_member\n" });
  assertEquals(texts(usesOf(view, { namespaces: ["nvme0n2"] })), [
    "/dev/nvme0n2 contains zfs_member",
  ]);
});

Deno.test("usesOf() finds loop devices and exports, of namespaces and of controllers", () => {
  const view = memoryView(
    ...DRIVE,
    stacked("loop0", "7:0", [], { "loop/backing_file": "/dev/nvme0n2" }),
    mounts("7:0 /mnt iso9660 /dev/loop0"),
    files("/sys/kernel/config/nvmet/subsystems/nqn.a/passthru", {
      device_path: "/dev/nvme0",
      enable: "1",
    }),
  );
  assertEquals(texts(usesOf(view, { namespaces: ["nvme0n2"], controllers: ["nvme0"] })), [
    "! /dev/loop0 (on /dev/nvme0n2) is mounted at /mnt (iso9660)",
    "! /dev/nvme0n2 is behind the loop device /dev/loop0",
    "! /dev/nvme0 is exported as the NVMe target nqn.a",
  ]);
});

Deno.test("usesOf() tells of a claim only where nothing else explains it", () => {
  const asked: string[] = [];
  const probe = (path: string): boolean => {
    asked.push(path);
    return true;
  };
  const uses = usesOf(memoryView(...SYSTEM), { namespaces: ["nvme0n1", "nvme0n2"] }, probe);
  assertEquals(asked, ["/dev/nvme0n2"]);
  assertEquals(uses.filter(({ kind }) => kind === "exclusive"), [{
    kind: "exclusive",
    device: "/dev/nvme0n2",
    namespaces: ["nvme0n2"],
    detail: "EBUSY",
    blocking: true,
    text: "/dev/nvme0n2 is claimed by something that cannot be seen from here, " +
      "such as a mount in another container or a ZFS pool",
  }]);
});

Deno.test("usesOf() says nothing where the probe finds no claim, or cannot tell", () => {
  const view = memoryView(...DRIVE);
  assertEquals(usesOf(view, { namespaces: ["nvme0n1"] }, () => false), []);
  assertEquals(usesOf(view, { namespaces: ["nvme0n1"] }, () => undefined), []);
});

Deno.test("usesOf() does not probe a namespace that has no block device", () => {
  const probe = (): never => {
    throw new Error("probed");
  };
  assertEquals(usesOf(memoryView({}), { namespaces: ["nvme0n1"] }, probe), []);
});

Deno.test("isClaimed() takes EBUSY for a claim and success for none, and does not guess", () => {
  assertEquals(isClaimed("/dev/nvme0n1", refusing("EBUSY")), true);
  assertEquals(isClaimed("/dev/nvme0n1", refusing("EACCES")), undefined);
  assertEquals(isClaimed("/dev/nvme0n1", refusing("ENXIO")), undefined);
  let isClosed = false;
  const opened = { [Symbol.dispose]: () => void (isClosed = true) };
  assertEquals(isClaimed("/dev/nvme0n1", () => opened), false);
  assertEquals(isClosed, true);
});

Deno.test("isClaimed() does not hide errors that are not the kernel's", () => {
  const broken = (): never => {
    throw new TypeError("a fault of ours");
  };
  assertThrows(() => isClaimed("/dev/nvme0n1", broken), TypeError, "a fault of ours");
});

Deno.test("blindSpots() names the tables that cannot be read, and none on a whole machine", () => {
  assertEquals(blindSpots(memoryView(...SYSTEM, process("1", "systemd"))), []);
  assertEquals(blindSpots(memoryView({})), [
    "mounts are not known: /proc/self/mountinfo cannot be read",
    "swap areas are not known: /proc/swaps cannot be read",
    "partitions and holders are not known: /sys/class/block cannot be read",
    "processes that have it open are not known: /proc cannot be read",
  ]);
});

Deno.test("usesOf() sees a namespace of which there is a block device and nothing else", () => {
  const view = memoryView(
    files("/sys/class/block/nvme0n1", { dev: "259:0" }),
    files("/sys/class/block/nvme0n1/nvme0n1p1", { partition: "1" }),
    files("/sys/class/block/nvme0n1p1", { dev: "259:1" }),
    mounts("259:1 /mnt ext4 /dev/nvme0n1p1"),
    process("9", "nbd-server", "/dev/nvme0n1"),
    { "/dev/nvme0n1": blockDevice("259:0") },
  );
  assertEquals(texts(usesOf(view, { namespaces: ["nvme0n1"] })), [
    "! /dev/nvme0n1p1 is mounted at /mnt (ext4)",
    "! /dev/nvme0n1 is open in process 9 (nbd-server)",
    "/dev/nvme0n1p1 is a partition of unknown size",
  ]);
});

Deno.test("usesOf() goes by the node's number where sysfs shows no block device", () => {
  const view = memoryView(mounts("259:0 /mnt ext4 /dev/nvme0n1"), {
    "/dev/nvme0n1": blockDevice("259:0"),
  });
  const asked: string[] = [];
  assertEquals(texts(usesOf(view, { namespaces: ["nvme0n1"] })), [
    "! /dev/nvme0n1 is mounted at /mnt (ext4)",
  ]);
  const bare = memoryView({ "/dev/nvme0n1": blockDevice("259:0") });
  usesOf(bare, { namespaces: ["nvme0n1"] }, (path) => asked.push(path) > 0);
  assertEquals(asked, ["/dev/nvme0n1"]);
});

Deno.test("usesOf() counts a loop device on something unknown as use, whatever is asked about", () => {
  const view = memoryView(
    ...DRIVE,
    stacked("loop0", "7:0", [], { "loop/backing_file": "/tmp/x (deleted)" }),
    stacked("loop1", "7:1", [], { "loop/backing_file": "/dev/zz (deleted)" }),
    stacked("loop2", "7:2", [], { "loop/backing_file": "/srv/image" }),
    { "/srv/image": "" },
  );
  const expected = [
    "! /dev/loop0 stands on something that cannot be identified: /tmp/x (deleted)",
    "! /dev/loop1 stands on something that cannot be identified: /dev/zz (deleted)",
  ];
  assertEquals(texts(usesOf(view, { namespaces: ["nvme0n2"] })), expected);
  assertEquals(texts(usesOf(view, { namespaces: [], controllers: ["nvme0"] })), expected);
});
