// What stands on namespaces: partitions, device mapper, RAID, loop devices.

import { assertEquals } from "@std/assert";
import { deviceAt } from "../../src/host/device_at.ts";
import { type StackedDevice, stackOn } from "../../src/host/stack.ts";
import { files, namespace, partition, stacked } from "./machine.ts";
import { blockDevice, charDevice, link, memoryView, type Tree } from "./memory_view.ts";

const CONTROLLER = "/sys/devices/pci0000:00/0000:01:00.0/nvme/nvme0";
const NS1 = `${CONTROLLER}/nvme0n1`;
const NS2 = `${CONTROLLER}/nvme0n2`;
const P2 = `${NS1}/nvme0n1p2`;
const DM0 = "/sys/devices/virtual/block/dm-0";
const MD0 = "/sys/devices/virtual/block/md0";

const DISKS: readonly Tree[] = [
  namespace(CONTROLLER, "nvme0n1", "259:0"),
  namespace(CONTROLLER, "nvme0n2", "259:1"),
  partition(NS1, "nvme0n1p1", "259:2"),
  partition(NS1, "nvme0n1p2", "259:3", { sectors: "968990720" }),
];

/** Each device of a stack with what it stands on directly and in the end. */
function shape(stack: readonly StackedDevice[]): readonly string[] {
  return stack.map(({ kind, path, below, namespaces }) =>
    `${kind} ${path} < ${below.map(({ name }) => name).join("+")} < ${namespaces.join("+")}`
  );
}

function natureOf(name: string, attributes: Readonly<Record<string, string>>): string | undefined {
  const view = memoryView(...DISKS, stacked(name, "250:0", [NS1], attributes));
  return stackOn(view, ["nvme0n1"]).find((device) => device.name === name)?.nature;
}

Deno.test("stackOn() finds a namespace's partitions in the order of their numbers", () => {
  const view = memoryView(...DISKS, partition(NS1, "nvme0n1p10", "259:9"));
  const stack = stackOn(view, ["nvme0n1"]);
  assertEquals(stack.map(({ name }) => name), [
    "nvme0n1",
    "nvme0n1p1",
    "nvme0n1p2",
    "nvme0n1p10",
  ]);
  assertEquals(stack[2]?.bytes, 968990720n * 512n);
});

Deno.test("stackOn() does not look at namespaces that it was not asked about", () => {
  assertEquals(shape(stackOn(memoryView(...DISKS), ["nvme0n2"])), [
    "namespace /dev/nvme0n2 <  < nvme0n2",
  ]);
});

Deno.test("stackOn() climbs through holders of holders", () => {
  const view = memoryView(
    ...DISKS,
    stacked("dm-0", "253:0", [P2], { "dm/name": "luks-1", "dm/uuid": "CRYPT-LUKS2-ab-luks-1" }),
    stacked("dm-1", "253:1", [DM0], { "dm/name": "vg0-root", "dm/uuid": "LVM-abc" }),
    stacked("dm-2", "253:2", [DM0], { "dm/name": "vg0-home", "dm/uuid": "LVM-def" }),
  );
  assertEquals(shape(stackOn(view, ["nvme0n1"])).slice(3), [
    "holder /dev/mapper/luks-1 < nvme0n1p2 < nvme0n1",
    "holder /dev/mapper/vg0-root < dm-0 < nvme0n1",
    "holder /dev/mapper/vg0-home < dm-0 < nvme0n1",
  ]);
});

Deno.test("stackOn() counts a RAID array over two namespaces once, and both as its ground", () => {
  const view = memoryView(
    ...DISKS,
    stacked("md0", "9:0", [P2, NS2], { "md/level": "raid1" }),
    partition(MD0, "md0p1", "259:8"),
    stacked("dm-0", "253:0", [`${MD0}/md0p1`], { "dm/name": "vg0-root" }),
  );
  assertEquals(shape(stackOn(view, ["nvme0n1", "nvme0n2"])), [
    "namespace /dev/nvme0n1 <  < nvme0n1",
    "partition /dev/nvme0n1p1 < nvme0n1 < nvme0n1",
    "partition /dev/nvme0n1p2 < nvme0n1 < nvme0n1",
    "holder /dev/md0 < nvme0n1p2+nvme0n2 < nvme0n1+nvme0n2",
    "partition /dev/md0p1 < md0 < nvme0n1+nvme0n2",
    "holder /dev/mapper/vg0-root < md0p1 < nvme0n1+nvme0n2",
    "namespace /dev/nvme0n2 <  < nvme0n2",
  ]);
});

Deno.test("stackOn() finds loop devices on block devices, and what stands on those", () => {
  const LOOP = "/sys/devices/virtual/block/loop3";
  const view = memoryView(
    ...DISKS,
    stacked("loop3", "7:3", [], { "loop/backing_file": "/dev/disk/by-partlabel/data" }),
    stacked("loop4", "7:4", [], { "loop/backing_file": "/var/lib/image" }),
    stacked("loop5", "7:5", []),
    { "/dev/disk/by-partlabel/data": link("../../nvme0n1p1") },
    stacked("dm-0", "253:0", [LOOP], { "dm/name": "x" }),
  );
  assertEquals(shape(stackOn(view, ["nvme0n1"])).slice(2, 4), [
    "loop /dev/loop3 < nvme0n1p1 < nvme0n1",
    "holder /dev/mapper/x < loop3 < nvme0n1",
  ]);
  assertEquals(stackOn(view, ["nvme0n1"]).length, 5);
});

Deno.test("stackOn() believes the kernel on what a loop device stands on, not the path", () => {
  const view = memoryView(
    ...DISKS,
    stacked("loop0", "7:0", [], { "loop/backing_file": "/tmp/x (deleted)" }),
    stacked("loop1", "7:1", [], { "loop/backing_file": "/dev/nvme0n1" }),
    stacked("loop2", "7:2", [], { "loop/backing_file": "/tmp/node" }),
    stacked("loop3", "7:3", []),
    { "/tmp/node": blockDevice("259:3") },
  );
  const kernel = new Map([["loop0", "259:2"], ["loop1", "0:0"], ["loop3", "259:0"]]);
  const asking = { ...view, loopBacking: (name: string) => kernel.get(name) };
  assertEquals(shape(stackOn(asking, ["nvme0n1"])).filter((line) => line.startsWith("loop")), [
    "loop /dev/loop0 < nvme0n1p1 < nvme0n1",
    "loop /dev/loop2 < nvme0n1p2 < nvme0n1",
  ]);
});

Deno.test("stackOn() survives devices that hold each other", () => {
  const view = memoryView(
    ...DISKS,
    stacked("dm-0", "253:0", [NS1, "/sys/devices/virtual/block/dm-1"]),
    stacked("dm-1", "253:1", [DM0]),
  );
  assertEquals(stackOn(view, ["nvme0n1"]).map(({ name }) => name), [
    "nvme0n1",
    "nvme0n1p1",
    "nvme0n1p2",
    "dm-0",
    "dm-1",
  ]);
});

Deno.test("stackOn() keeps a namespace whose block device is not there", () => {
  const unknown = stacked("loop0", "7:0", [], { "loop/backing_file": "/gone" });
  for (const view of [memoryView({}), memoryView(unknown)]) {
    assertEquals(stackOn(view, ["nvme0n1"]).map(({ device }) => device), [undefined]);
  }
});

Deno.test("stackOn() says what a holder is", () => {
  assertEquals(natureOf("dm-0", { "dm/uuid": "LVM-abc" }), "an LVM volume");
  assertEquals(natureOf("dm-0", { "dm/uuid": "CRYPT-LUKS2-abc" }), "an encrypted volume");
  assertEquals(natureOf("dm-0", { "dm/uuid": "mpath-uuid.1" }), "a multipath device");
  assertEquals(
    natureOf("dm-0", { "dm/uuid": "part1-mpath-uuid.1" }),
    "a partition of a device-mapper device",
  );
  assertEquals(natureOf("dm-0", {}), "a device-mapper device");
  assertEquals(natureOf("md127", { "md/level": "raid5" }), "a RAID array (raid5)");
  assertEquals(natureOf("md127", {}), "a RAID array");
  assertEquals(natureOf("bcache0", {}), "a bcache device");
  assertEquals(natureOf("drbd0", {}), "a block device");
});

Deno.test("deviceAt() takes the node's number where there is a node", () => {
  const view = memoryView(...DISKS, {
    "/dev/root": blockDevice("259:3"),
    "/dev/nvme0": charDevice("241:0"),
    "/home/x": "file",
  });
  assertEquals(deviceAt(view, "/dev/root"), "259:3");
  assertEquals(deviceAt(view, "/dev/nvme0"), undefined);
  assertEquals(deviceAt(view, "/home/x"), undefined);
});

Deno.test("deviceAt() knows the kernel's names in a container without the nodes", () => {
  const view = memoryView(
    files("/sys/class/block/nvme0n1p2", { dev: "259:3" }),
    files("/sys/class/block/dm-7", { dev: "253:7", "dm/name": "vg0-root" }),
  );
  assertEquals(deviceAt(view, "/dev/nvme0n1p2"), "259:3");
  assertEquals(deviceAt(view, "/dev/mapper/vg0-root"), "253:7");
  assertEquals(deviceAt(view, "/dev/mapper/other"), undefined);
  assertEquals(deviceAt(view, "/dev/.."), undefined);
  assertEquals(deviceAt(view, "/dev/root"), undefined);
});
