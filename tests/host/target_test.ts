// What a path stands for, without opening it.

import { assertEquals } from "@std/assert";
import { describeDevice, type Description } from "../../src/host/target.ts";
import {
  controllerDirectory,
  generic,
  hiddenPath,
  namespace,
  partition,
  pcieController,
  stacked,
  subsystem,
  subsystemDirectory,
} from "./machine.ts";
import { blockDevice, charDevice, link, memoryView, type Tree } from "./memory_view.ts";

const NVME1 = controllerDirectory("nvme1", "0000:02:00.0");
const NVME3 = controllerDirectory("nvme3", "0000:04:00.0");
const SUBSYSTEM = subsystemDirectory("nvme-subsys0");
const HEAD = `${SUBSYSTEM}/nvme0n1`;

const MACHINE: readonly Tree[] = [
  pcieController("nvme1", "0000:02:00.0"),
  pcieController("nvme3", "0000:04:00.0"),
  subsystem("nvme-subsys0", { nvme1: NVME1, nvme3: NVME3 }),
  namespace(SUBSYSTEM, "nvme0n1", "259:2", { nsid: "5" }),
  generic(SUBSYSTEM, "ng0n1", "240:0"),
  partition(HEAD, "nvme0n1p2", "259:4"),
  hiddenPath(NVME1, "nvme0c1n1"),
  hiddenPath(NVME3, "nvme0c3n1"),
  stacked("dm-0", "253:0", [`${HEAD}/nvme0n1p2`], { "dm/name": "vg0-root" }),
  {
    "/dev/disk/by-id/nvme-eui.0025385b11b2c3d4": link("../../nvme0n1"),
    "/dev/disk/by-id/gone": link("../../nvme9n1"),
    "/dev/null": charDevice("1:3"),
    "/sys/dev/char/1:3": link("/sys/devices/virtual/mem/null"),
    "/sys/devices/virtual/mem/null/dev": "1:3\n",
    "/dev/nvme-fabrics": charDevice("10:124"),
    "/sys/dev/char/10:124": link("/sys/devices/virtual/misc/nvme-fabrics"),
    "/sys/devices/virtual/misc/nvme-fabrics/dev": "10:124\n",
    "/dev/log": { type: "socket" },
    "/home/me/drive.json": "{}",
  },
];

const BEHIND = { namespace: "nvme0n1", nsid: 5, controllers: ["nvme1", "nvme3"] };

function described(path: string, ...more: readonly Tree[]): Description {
  return describeDevice(memoryView(...MACHINE, ...more), path);
}

Deno.test("describeDevice() knows a controller", () => {
  const path = "/dev/nvme3";
  const node = { path, resolved: path, device: "241:3" };
  assertEquals(described(path), { kind: "controller", ...node, name: "nvme3" });
});

Deno.test("describeDevice() knows a namespace, its NSID and all controllers that reach it", () => {
  const path = "/dev/nvme0n1";
  const node = { path, resolved: path, device: "259:2" };
  assertEquals(described(path), { kind: "namespace", ...node, name: "nvme0n1", ...BEHIND });
});

Deno.test("describeDevice() knows a namespace's character device", () => {
  const path = "/dev/ng0n1";
  const node = { path, resolved: path, device: "240:0" };
  assertEquals(described(path), { kind: "generic", ...node, name: "ng0n1", ...BEHIND });
});

Deno.test("describeDevice() knows a partition and the namespace that it is part of", () => {
  const path = "/dev/nvme0n1p2";
  const node = { path, resolved: path, device: "259:4" };
  const name = "nvme0n1p2";
  assertEquals(described(path), { kind: "partition", ...node, name, partition: 2, ...BEHIND });
});

Deno.test("describeDevice() follows symbolic links, and says where they lead", () => {
  const found = described("/dev/disk/by-id/nvme-eui.0025385b11b2c3d4");
  assertEquals([found.kind, found.path, found.resolved], [
    "namespace",
    "/dev/disk/by-id/nvme-eui.0025385b11b2c3d4",
    "/dev/nvme0n1",
  ]);
});

Deno.test("describeDevice() goes by the device number, not by the name of the node", () => {
  const renamed = { "/tmp/my drive": charDevice("241:3"), "/dev/nvme9": charDevice("1:3") };
  const found = described("/tmp/my drive", renamed);
  assertEquals(found.kind === "controller" && found.name, "nvme3");
  assertEquals(described("/dev/nvme9", renamed).kind, "character");
});

Deno.test("describeDevice() does not mix up numbers of block and character devices", () => {
  // Character and block devices are numbered apart: block 241:3 is nothing of nvme3's.
  assertEquals(described("/dev/odd", { "/dev/odd": blockDevice("241:3") }).kind, "block");
});

Deno.test("describeDevice() names other devices and claims nothing about them", () => {
  const mapped = described("/dev/mapper/vg0-root");
  assertEquals([mapped.kind, mapped.resolved], ["block", "/dev/dm-0"]);
  assertEquals(mapped.kind === "block" && mapped.name, "dm-0");
  assertEquals(described("/dev/null").kind, "character");
  assertEquals(described("/dev/nvme-fabrics").kind, "character");
});

Deno.test("describeDevice() tells files, directories and other things from devices", () => {
  assertEquals(described("/home/me/drive.json").kind, "file");
  assertEquals(described("/dev/disk").kind, "directory");
  assertEquals(described("/dev/log").kind, "other");
});

Deno.test("describeDevice() says missing for what is not there, and for links to nothing", () => {
  const path = "/dev/nvme7";
  assertEquals(described(path), { kind: "missing", path, resolved: path });
  assertEquals(described("/dev/disk/by-id/gone").kind, "missing");
});

Deno.test("describeDevice() searches the classes where sysfs has no index of the numbers", () => {
  const trees = MACHINE.map((tree) =>
    Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith("/sys/dev/")))
  );
  const view = memoryView(...trees);
  const kinds = ["/dev/nvme1", "/dev/ng0n1", "/dev/nvme0n1", "/dev/nvme0n1p2"]
    .map((path) => describeDevice(view, path).kind);
  assertEquals(kinds, ["controller", "generic", "namespace", "partition"]);
});

Deno.test("describeDevice() without sysfs leaves a device node to be asked", () => {
  const view = memoryView({ "/dev/nvme0": charDevice("241:0") });
  const path = "/dev/nvme0";
  const node = { path, resolved: path, device: "241:0" };
  assertEquals(describeDevice(view, path), { kind: "character", ...node, name: undefined });
});

Deno.test("describeDevice() reads the topology only for what has a namespace", () => {
  const view = memoryView(...MACHINE);
  const fail = (): never => {
    throw new Error("the topology was read");
  };
  assertEquals(describeDevice(view, "/dev/nvme1", fail).kind, "controller");
  assertEquals(describeDevice(view, "/dev/null", fail).kind, "character");
});
