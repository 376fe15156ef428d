// What the kernel's NVMe target exports.

import { assertEquals } from "@std/assert";
import { exportsOf } from "../../src/host/export.ts";
import { stackOn } from "../../src/host/stack.ts";
import { controllerDirectory, files, namespace, partition, pcieController } from "./machine.ts";
import { blockDevice, charDevice, memoryView, type Tree } from "./memory_view.ts";

const NVME0 = controllerDirectory("nvme0", "0000:01:00.0");
const TARGETS = "/sys/kernel/config/nvmet/subsystems";

const DRIVE: readonly Tree[] = [
  pcieController("nvme0", "0000:01:00.0"),
  namespace(NVME0, "nvme0n1", "259:0"),
  partition(`${NVME0}/nvme0n1`, "nvme0n1p1", "259:1"),
];

function exported(attributes: Readonly<Record<string, string>>, nsid = "7"): Tree {
  return files(`${TARGETS}/nqn.a/namespaces/${nsid}`, attributes);
}

function passthru(attributes: Readonly<Record<string, string>>): Tree {
  return files(`${TARGETS}/nqn.b/passthru`, attributes);
}

function found(controllers: readonly string[], ...trees: readonly Tree[]): readonly unknown[] {
  const view = memoryView(...DRIVE, ...trees);
  return exportsOf(view, stackOn(view, ["nvme0n1"]), controllers)
    .map(({ text, blocking, detail }) => [text, blocking, detail]);
}

Deno.test("exportsOf() finds an exported namespace and an exported partition", () => {
  const trees = [
    exported({ device_path: "/dev/nvme0n1p1", enable: "1" }, "12"),
    exported({ device_path: "/dev/nvme0n1", enable: "1" }, "7"),
  ];
  assertEquals(found([], ...trees), [
    ["/dev/nvme0n1 is exported as namespace 7 of the NVMe target nqn.a", true, "nqn.a"],
    ["/dev/nvme0n1p1 is exported as namespace 12 of the NVMe target nqn.a", true, "nqn.a"],
  ]);
});

Deno.test("exportsOf() does not count what is set up and not enabled as in use", () => {
  assertEquals(found([], exported({ device_path: "/dev/nvme0n1", enable: "0" })), [[
    "/dev/nvme0n1 is set up, but not enabled, as namespace 7 of the NVMe target nqn.a",
    false,
    "nqn.a",
  ]]);
});

Deno.test("exportsOf() passes over other devices, files and exports without a device", () => {
  const trees = [
    exported({ device_path: "(null)", enable: "0" }, "1"),
    exported({ device_path: "/dev/sda", enable: "1" }, "2"),
    exported({ device_path: "/srv/image", enable: "1" }, "3"),
    exported({ enable: "1" }, "4"),
    { "/srv/image": "", "/dev/sda": blockDevice("8:0") },
  ];
  assertEquals(found([], ...trees), []);
});

Deno.test("exportsOf() finds a controller that is passed through, where it is asked about", () => {
  const tree = passthru({ device_path: "/dev/nvme0", enable: "1" });
  assertEquals(found(["nvme0"], tree), [
    ["/dev/nvme0 is exported as the NVMe target nqn.b", true, "nqn.b"],
  ]);
  assertEquals(found([], tree), []);
  assertEquals(found(["nvme1"], tree), []);
});

Deno.test("exportsOf() knows a passed-through controller by name without its node", () => {
  const view = memoryView(passthru({ device_path: "/dev/nvme0", enable: "1" }));
  const uses = exportsOf(view, [], ["nvme0"]);
  assertEquals(uses.map(({ device, namespaces }) => [device, namespaces]), [["/dev/nvme0", []]]);
});

Deno.test("exportsOf() goes by device numbers: a node may have any name", () => {
  const trees = [
    exported({ device_path: "/srv/x", enable: "1" }),
    passthru({ device_path: "/srv/y", enable: "1" }),
    { "/srv/x": blockDevice("259:1"), "/srv/y": charDevice("241:0") },
  ];
  assertEquals(found(["nvme0"], ...trees).map((one) => (one as readonly unknown[])[0]), [
    "/dev/nvme0n1p1 is exported as namespace 7 of the NVMe target nqn.a",
    "/dev/nvme0 is exported as the NVMe target nqn.b",
  ]);
});

Deno.test("exportsOf() counts an export of something that is gone as use, if it is enabled", () => {
  const gone = { device_path: "/srv/gone", enable: "1" };
  assertEquals(found([], exported(gone), passthru(gone)), [
    [
      "something that cannot be identified is exported as " +
      "namespace 7 of the NVMe target nqn.a: /srv/gone",
      true,
      "nqn.a",
    ],
    [
      "something that cannot be identified is exported as the NVMe target nqn.b: /srv/gone",
      true,
      "nqn.b",
    ],
  ]);
  const off = { ...gone, enable: "0" };
  assertEquals(found([], exported(off), passthru(off)), []);
});
