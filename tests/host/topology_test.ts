// Topologies as kernels lay them out, from 4.4 to 6.18.

import { assertEquals } from "@std/assert";
import { type Namespace, readTopology } from "../../src/host/topology.ts";
import {
  controllerDirectory,
  fabricsController,
  files,
  generic,
  hiddenPath,
  namespace,
  pciDirectory,
  pcieController,
  subsystem,
  subsystemDirectory,
} from "./machine.ts";
import { charDevice, link, memoryView, type Tree } from "./memory_view.ts";

const NVME0 = controllerDirectory("nvme0", "0000:01:00.0");
const NVME1 = controllerDirectory("nvme1", "0000:02:00.0");
const NVME3 = controllerDirectory("nvme3", "0000:04:00.0");

/** One drive with one namespace, as most machines have it. */
const CLASSIC: readonly Tree[] = [
  pcieController("nvme0", "0000:01:00.0"),
  subsystem("nvme-subsys0", { nvme0: NVME0 }),
  namespace(NVME0, "nvme0n1", "259:0"),
  generic(NVME0, "ng0n1", "240:0"),
];

/** Two controllers of one drive: the namespace is the subsystem's, the paths are hidden. */
const MULTIPATH: readonly Tree[] = [
  pcieController("nvme1", "0000:02:00.0", { cntlid: "65", numa_node: "1" }),
  pcieController("nvme3", "0000:04:00.0", { cntlid: "66", state: "connecting" }),
  subsystem("nvme-subsys0", { nvme1: NVME1, nvme3: NVME3 }, { iopolicy: "round-robin" }),
  namespace(subsystemDirectory("nvme-subsys0"), "nvme0n1", "259:2"),
  generic(subsystemDirectory("nvme-subsys0"), "ng0n1", "240:0"),
  hiddenPath(NVME1, "nvme0c1n1", { ana_state: "optimized" }),
  hiddenPath(NVME3, "nvme0c3n1", { ana_state: "inaccessible" }),
];

function only(namespaces: readonly Namespace[]): Namespace {
  assertEquals(namespaces.length, 1);
  return namespaces[0] as Namespace;
}

Deno.test("readTopology() reads a drive with one controller and one namespace", () => {
  const { subsystems, controllers, namespaces } = readTopology(memoryView(...CLASSIC));
  assertEquals(subsystems, [{
    name: "nvme-subsys0",
    nqn: "nqn.2014.08.org.nvmexpress:nvme-subsys0",
    ioPolicy: "numa",
    controllers: ["nvme0"],
  }]);
  assertEquals(controllers, [{
    name: "nvme0",
    device: "241:0",
    serial: "S4EWNX0R123456",
    model: "Samsung SSD 980 PRO 1TB",
    firmware: "5B2QGXA7",
    transport: "pcie",
    address: "0000:01:00.0",
    state: "live",
    type: "io",
    cntlid: 6,
    subsystem: "nvme-subsys0",
    nqn: "nqn.2014.08.org.nvmexpress:nvme-subsys0",
    queueCount: 17,
    numaNode: 0,
    driver: "nvme",
    hwmon: undefined,
    namespaces: ["nvme0n1"],
  }]);
  assertEquals(namespaces, [{
    name: "nvme0n1",
    nsid: 1,
    generic: "ng0n1",
    device: "259:0",
    capacityBytes: 1024209543168n,
    blockBytes: 512,
    physicalBlockBytes: 512,
    metadataBytes: undefined,
    readOnly: false,
    hidden: false,
    wwid: "eui.0025385b11b2c3d4",
    uuid: undefined,
    nguid: undefined,
    eui: undefined,
    subsystem: "nvme-subsys0",
    paths: [{ controller: "nvme0", name: undefined, anaState: undefined, state: "live" }],
  }]);
});

Deno.test("readTopology() finds a shared namespace once, with a path for each controller", () => {
  const { controllers, namespaces } = readTopology(memoryView(...MULTIPATH));
  const shared = only(namespaces);
  assertEquals([shared.name, shared.device, shared.generic], ["nvme0n1", "259:2", "ng0n1"]);
  assertEquals(shared.paths, [
    { controller: "nvme1", name: "nvme0c1n1", anaState: "optimized", state: "live" },
    { controller: "nvme3", name: "nvme0c3n1", anaState: "inaccessible", state: "connecting" },
  ]);
  assertEquals(controllers.map(({ namespaces }) => namespaces), [["nvme0n1"], ["nvme0n1"]]);
});

Deno.test("readTopology() does not take a namespace's first number for a controller's", () => {
  // nvme0n1 belongs to the drive of nvme1 and nvme3, while nvme0 is another drive altogether.
  const other = namespace(NVME0, "nvme4n1", "259:9", { size: "8", nsid: "7" });
  const topology = readTopology(memoryView(
    ...MULTIPATH,
    pcieController("nvme0", "0000:01:00.0", { serial: "OTHER" }),
    subsystem("nvme-subsys4", { nvme0: NVME0 }),
    other,
  ));
  const reached = topology.controllers.map(({ name, namespaces }) => [name, ...namespaces]);
  assertEquals(reached, [["nvme0", "nvme4n1"], ["nvme1", "nvme0n1"], ["nvme3", "nvme0n1"]]);
  assertEquals(topology.namespaces[1]?.nsid, 7);
});

Deno.test("readTopology() attributes a path to the controller whose directory it is in", () => {
  // The first kernels with multipath put the controller's identifier in the middle: 65, not 1.
  const topology = readTopology(memoryView(
    pcieController("nvme1", "0000:02:00.0", { cntlid: "65" }),
    subsystem("nvme-subsys0", { nvme1: NVME1 }),
    namespace(subsystemDirectory("nvme-subsys0"), "nvme0n1", "259:2"),
    hiddenPath(NVME1, "nvme0c65n1"),
  ));
  const path = { controller: "nvme1", name: "nvme0c65n1", anaState: undefined, state: "live" };
  assertEquals(only(topology.namespaces).paths, [path]);
});

Deno.test("readTopology() shows a namespace that has paths, but has never had a usable one", () => {
  const topology = readTopology(memoryView(
    pcieController("nvme1", "0000:02:00.0"),
    subsystem("nvme-subsys0", { nvme1: NVME1 }),
    hiddenPath(NVME1, "nvme0c1n1", { ana_state: "inaccessible", wwid: "eui.01" }),
  ));
  const lost = only(topology.namespaces);
  assertEquals([lost.name, lost.hidden, lost.device, lost.wwid], [
    "nvme0n1",
    true,
    undefined,
    "eui.01",
  ]);
});

Deno.test("readTopology() shows a shared namespace once per controller with multipath=N", () => {
  const topology = readTopology(memoryView(
    pcieController("nvme1", "0000:02:00.0"),
    pcieController("nvme3", "0000:04:00.0"),
    subsystem("nvme-subsys0", { nvme1: NVME1, nvme3: NVME3 }),
    namespace(NVME1, "nvme1n1", "259:1"),
    namespace(NVME3, "nvme3n1", "259:2"),
  ));
  const found = topology.namespaces.map(({ name, subsystem, paths }) => [
    name,
    subsystem,
    ...paths.map(({ controller }) => controller),
  ]);
  assertEquals(found, [
    ["nvme1n1", "nvme-subsys0", "nvme1"],
    ["nvme3n1", "nvme-subsys0", "nvme3"],
  ]);
});

Deno.test("readTopology() shows controllers without namespaces, dead ones among them", () => {
  const { controllers, namespaces } = readTopology(memoryView(
    pcieController("nvme0", "0000:01:00.0", { state: "dead", queue_count: "0" }),
    subsystem("nvme-subsys0", { nvme0: NVME0 }),
  ));
  assertEquals(namespaces, []);
  assertEquals(controllers[0]?.state, "dead");
  assertEquals(controllers[0]?.queueCount, 0);
  assertEquals(controllers[0]?.namespaces, []);
});

Deno.test("readTopology() shows a controller that died before it told its name", () => {
  const [found] = readTopology(memoryView(
    { "/sys/class/nvme/nvme0": link(NVME0) },
    files(NVME0, { state: "dead", serial: "                    ", model: "" }),
  )).controllers;
  assertEquals([found?.name, found?.state, found?.serial, found?.model], [
    "nvme0",
    "dead",
    undefined,
    undefined,
  ]);
});

Deno.test("readTopology() keeps a fabric's address whole and finds no driver for it", () => {
  const [tcp] = readTopology(memoryView(
    fabricsController("nvme5"),
    subsystem("nvme-subsys5", { nvme5: "/sys/devices/virtual/nvme-fabrics/ctl/nvme5" }),
  )).controllers;
  assertEquals([tcp?.transport, tcp?.address, tcp?.driver, tcp?.numaNode], [
    "tcp",
    "traddr=192.0.2.7,trsvcid=4420,src_addr=192.0.2.1",
    undefined,
    undefined,
  ]);
});

Deno.test("readTopology() knows PCIe controllers without transport and address", () => {
  // Linux 4.4: no subsystems, no state; what there is comes from the PCI function.
  const { subsystems, controllers, namespaces } = readTopology(memoryView(
    pcieController("nvme0", "0000:01:00.0", {
      transport: undefined,
      address: undefined,
      state: undefined,
      cntrltype: undefined,
      queue_count: undefined,
      numa_node: undefined,
    }),
    files(pciDirectory("0000:01:00.0"), { numa_node: "1" }),
    namespace(NVME0, "nvme0n1", "259:0", {
      nsid: undefined,
      wwid: undefined,
      hidden: undefined,
      eui: "00 25 38 5b 11 b2 c3 d4",
    }),
  ));
  assertEquals(subsystems, []);
  const [found] = controllers;
  assertEquals([found?.transport, found?.address, found?.state, found?.numaNode], [
    "pcie",
    "0000:01:00.0",
    undefined,
    1,
  ]);
  const { nsid, hidden, eui, paths } = only(namespaces);
  assertEquals([nsid, hidden, eui, paths.length], [undefined, false, "0025385b11b2c3d4", 1]);
});

Deno.test("readTopology() takes the NQN from the controller where there are no subsystems", () => {
  const [found] = readTopology(memoryView(fabricsController("nvme0", { subsysnqn: "nqn.a" })))
    .controllers;
  assertEquals([found?.subsystem, found?.nqn], [undefined, "nqn.a"]);
});

Deno.test("readTopology() finds the sensors on the controller or its PCI function", () => {
  const hwmon = (tree: Tree): string | undefined =>
    readTopology(memoryView(...CLASSIC, tree)).controllers[0]?.hwmon;
  assertEquals(hwmon(files(`${NVME0}/hwmon2`, { name: "nvme" })), "/sys/class/nvme/nvme0/hwmon2");
  assertEquals(
    hwmon(files(`${pciDirectory("0000:01:00.0")}/hwmon/hwmon3`, { name: "nvme" })),
    "/sys/class/nvme/nvme0/device/hwmon/hwmon3",
  );
});

Deno.test("readTopology() reads identities, metadata, block sizes and write protection", () => {
  const found = only(
    readTopology(memoryView(
      pcieController("nvme0", "0000:01:00.0"),
      namespace(NVME0, "nvme0n1", "259:0", {
        ro: "1",
        metadata_bytes: "8",
        "queue/logical_block_size": "4096",
        "queue/physical_block_size": "16384",
        nguid: "36525430-5290-0057-0025-3845000000AB",
        uuid: "b504c00f-6664-4461-8ba9-acefef947d42",
        eui: "36 34 63 30 52 90 00 57",
      }),
    )).namespaces,
  );
  assertEquals([found.readOnly, found.metadataBytes], [true, 8]);
  assertEquals([found.blockBytes, found.physicalBlockBytes], [4096, 16384]);
  assertEquals(found.nguid, "365254305290005700253845000000ab");
  assertEquals(found.uuid, "b504c00f-6664-4461-8ba9-acefef947d42");
  assertEquals(found.eui, "3634633052900057");
});

Deno.test("readTopology() does not take the NGUID that Linux gives for a UUID as one", () => {
  const id = "36525430-5290-0057-0025-384500000001";
  const found = only(
    readTopology(memoryView(
      pcieController("nvme0", "0000:01:00.0"),
      namespace(NVME0, "nvme0n1", "259:0", { nguid: id, uuid: id }),
    )).namespaces,
  );
  assertEquals([found.uuid, found.nguid], [undefined, "36525430529000570025384500000001"]);
});

Deno.test("readTopology() marks a namespace that Linux offers as a character device only", () => {
  const found = only(
    readTopology(memoryView(
      pcieController("nvme0", "0000:01:00.0"),
      namespace(NVME0, "nvme0n1", "259:0", { hidden: "1", size: "0" }),
      generic(NVME0, "ng0n1", "240:0"),
    )).namespaces,
  );
  assertEquals([found.hidden, found.generic, found.capacityBytes], [true, "ng0n1", 0n]);
});

Deno.test("readTopology() finds the generic device in /dev alone, and never invents one", () => {
  const drive = [pcieController("nvme0", "0000:01:00.0"), namespace(NVME0, "nvme0n1", "259:0")];
  const name = (...more: readonly Tree[]): string | undefined =>
    only(readTopology(memoryView(...drive, ...more)).namespaces).generic;
  assertEquals(name(), undefined);
  assertEquals(name({ "/dev/ng0n1": charDevice("240:0") }), "ng0n1");
});

Deno.test("readTopology() orders by number: nvme2 before nvme10", () => {
  const names = ["nvme10", "nvme2", "nvme0"];
  const topology = readTopology(memoryView(
    ...names.flatMap((name, index) => {
      const address = `0000:0${index}:00.0`;
      const directory = controllerDirectory(name, address);
      return [
        pcieController(name, address),
        subsystem(`nvme-subsys${name.slice(4)}`, { [name]: directory }),
        namespace(directory, `${name}n10`, `259:${index * 2}`),
        namespace(directory, `${name}n9`, `259:${index * 2 + 1}`),
      ];
    }),
  ));
  assertEquals(topology.controllers.map(({ name }) => name), ["nvme0", "nvme2", "nvme10"]);
  assertEquals(topology.subsystems.map(({ name }) => name), [
    "nvme-subsys0",
    "nvme-subsys2",
    "nvme-subsys10",
  ]);
  assertEquals(topology.namespaces.map(({ name }) => name).slice(2), [
    "nvme2n9",
    "nvme2n10",
    "nvme10n9",
    "nvme10n10",
  ]);
});

Deno.test("readTopology() leaves hostile strings as the drive says them", () => {
  const [found] = readTopology(memoryView(
    pcieController("nvme0", "0000:01:00.0"),
    { [`${NVME0}/model`]: new Uint8Array([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xff, 0x0a]) },
  )).controllers;
  assertEquals(found?.model, "\x1b[31m\u00ff");
});

Deno.test("readTopology() finds block devices in a container that shows neither class", () => {
  const found = only(
    readTopology(memoryView(
      namespace("/sys/devices/hidden/nvme7", "nvme7n1", "259:0"),
      hiddenPath("/sys/devices/hidden/nvme7", "nvme8c7n1"),
    )).namespaces,
  );
  assertEquals([found.name, found.subsystem], ["nvme7n1", undefined]);
  assertEquals(found.paths.map(({ controller }) => controller), ["nvme7"]);
});

Deno.test("readTopology() passes over attributes that may not be read", () => {
  const [found] = readTopology(memoryView(...CLASSIC, {
    [`${NVME0}/serial`]: { text: "SECRET", unreadable: true },
    [`${NVME0}/cntlid`]: "not a number\n",
  })).controllers;
  assertEquals([found?.serial, found?.cntlid, found?.state], [undefined, undefined, "live"]);
});

Deno.test("readTopology() is empty on a machine without NVMe", () => {
  const empty = { subsystems: [], controllers: [], namespaces: [] };
  assertEquals(readTopology(memoryView({})), empty);
});
