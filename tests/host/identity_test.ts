// Serial numbers and namespaces that are the same under several names.

import { assertEquals } from "@std/assert";
import {
  controllersOf,
  findBySerial,
  sameNamespace,
  subsystemPeers,
} from "../../src/host/identity.ts";
import { readTopology, type Topology } from "../../src/host/topology.ts";
import {
  type Attributes,
  controllerDirectory,
  namespace,
  pcieController,
  subsystem,
} from "./machine.ts";
import { memoryView, type Tree } from "./memory_view.ts";

const address = (name: string): string => `0000:0${name.slice(4)}:00.0`;
const directory = (name: string): string => controllerDirectory(name, address(name));
const drive = (name: string, attributes: Attributes = {}): Tree =>
  pcieController(name, address(name), attributes);

function machine(...trees: readonly Tree[]): Topology {
  return readTopology(memoryView(...trees));
}

/** The kind of a match, and the controllers in order. */
function found(topology: Topology, serial: string): readonly string[] {
  const match = findBySerial(topology, serial);
  if (match.kind === "none") return [match.kind];
  const controllers = match.kind === "one"
    ? [match.controller, ...match.others]
    : match.controllers;
  return [match.kind, ...controllers.map(({ name }) => name)];
}

Deno.test("findBySerial() finds a drive by its serial number, padding aside", () => {
  const topology = machine(drive("nvme0", { serial: "A1      " }), drive("nvme1"));
  assertEquals(found(topology, "A1"), ["one", "nvme0"]);
  assertEquals(found(topology, " A1  "), ["one", "nvme0"]);
});

Deno.test("findBySerial() wants the whole number in the same letters, and never nothing", () => {
  const topology = machine(drive("nvme0", { serial: "A12" }), drive("nvme1", { serial: "   " }));
  for (const serial of ["A1", "a12", "A123", "", "  ", "undefined"]) {
    assertEquals(found(topology, serial), ["none"], serial);
  }
});

Deno.test("findBySerial() chooses a live controller of a drive that has several", () => {
  const names = ["nvme0", "nvme1", "nvme2", "nvme3"];
  const states = ["dead", "deleting (no IO)", "resetting", "live"];
  const topology = machine(
    ...names.map((name, index) => drive(name, { serial: "A1", state: states[index] })),
    subsystem("nvme-subsys0", Object.fromEntries(names.map((name) => [name, directory(name)]))),
  );
  assertEquals(found(topology, "A1"), ["one", "nvme3", "nvme2", "nvme0", "nvme1"]);
});

Deno.test("findBySerial() offers a dead controller where a drive has no other", () => {
  const topology = machine(drive("nvme0", { serial: "A1", state: "dead" }));
  assertEquals(found(topology, "A1"), ["one", "nvme0"]);
});

Deno.test("findBySerial() returns all of several drives with one serial number", () => {
  const topology = machine(
    drive("nvme0", { serial: "A1" }),
    drive("nvme1", { serial: "A1" }),
    subsystem("nvme-subsys0", { nvme0: directory("nvme0") }),
    subsystem("nvme-subsys1", { nvme1: directory("nvme1") }),
  );
  assertEquals(found(topology, "A1"), ["several", "nvme0", "nvme1"]);
});

Deno.test("findBySerial() without subsystems trusts the same NQN, and nothing less", () => {
  const two = (first: Attributes, second: Attributes): readonly string[] =>
    found(
      machine(
        drive("nvme0", { serial: "A1", ...first }),
        drive("nvme1", { serial: "A1", ...second }),
      ),
      "A1",
    );
  assertEquals(two({ subsysnqn: "nqn.a" }, { subsysnqn: "nqn.a" })[0], "one");
  assertEquals(two({ subsysnqn: "nqn.a" }, { subsysnqn: "nqn.b" })[0], "several");
  assertEquals(two({}, {})[0], "several");
});

/** Two controllers with a namespace each; attributes of the second one's. */
function pair(attributes: Attributes, ...subsystems: readonly Tree[]): readonly string[] {
  const topology = machine(
    drive("nvme0"),
    drive("nvme1"),
    ...subsystems,
    namespace(directory("nvme0"), "nvme0n1", "259:0"),
    namespace(directory("nvme1"), "nvme1n1", "259:1", attributes),
  );
  return sameNamespace(topology, "nvme0n1").map(({ name }) => name);
}

const ONE_DRIVE = subsystem("nvme-subsys0", {
  nvme0: directory("nvme0"),
  nvme1: directory("nvme1"),
});

Deno.test("sameNamespace() finds the other devices of a namespace without native multipath", () => {
  assertEquals(pair({}, ONE_DRIVE), ["nvme0n1", "nvme1n1"]);
});

Deno.test("sameNamespace() separates namespaces of one drive by NSID and by identity", () => {
  assertEquals(pair({ nsid: "2" }, ONE_DRIVE), ["nvme0n1"]);
  assertEquals(pair({ wwid: "eui.other" }, ONE_DRIVE), ["nvme0n1"]);
});

Deno.test("sameNamespace() takes what it cannot tell apart for the same", () => {
  assertEquals(pair({ wwid: undefined, nsid: undefined }, ONE_DRIVE), ["nvme0n1", "nvme1n1"]);
  // No subsystems, and so nothing but the serial number, which is the same.
  assertEquals(pair({}), ["nvme0n1", "nvme1n1"]);
});

Deno.test("sameNamespace() separates drives whose makers gave them all one identity", () => {
  const subsystems = [
    subsystem("nvme-subsys0", { nvme0: directory("nvme0") }),
    subsystem("nvme-subsys1", { nvme1: directory("nvme1") }),
  ];
  assertEquals(pair({}, ...subsystems), ["nvme0n1"]);
});

Deno.test("sameNamespace() goes by identity alone where no controller is shown", () => {
  const topology = machine(
    namespace("/sys/devices/hidden", "nvme0n1", "259:0"),
    namespace("/sys/devices/hidden", "nvme1n1", "259:1"),
    namespace("/sys/devices/hidden", "nvme2n1", "259:2", { wwid: undefined }),
  );
  const names = sameNamespace(topology, "nvme0n1").map(({ name }) => name);
  assertEquals(names, ["nvme0n1", "nvme1n1"]);
  assertEquals(sameNamespace(topology, "nvme9n9"), []);
});

Deno.test("controllersOf() gives the controllers that reach a namespace", () => {
  const topology = machine(drive("nvme0"), namespace(directory("nvme0"), "nvme5n1", "259:0"));
  const [only] = topology.namespaces;
  const names = only && controllersOf(topology, only).map(({ name }) => name);
  assertEquals(names, ["nvme0"]);
});

Deno.test("subsystemPeers() adds the other controllers of the same drives", () => {
  const topology = machine(
    drive("nvme0"),
    drive("nvme1"),
    drive("nvme2"),
    drive("nvme3", { subsysnqn: "nqn.x", serial: "A" }),
    drive("nvme4", { subsysnqn: "nqn.x", serial: "A" }),
    drive("nvme5", { subsysnqn: "nqn.x", serial: "B" }),
    subsystem("nvme-subsys0", { nvme0: directory("nvme0"), nvme2: directory("nvme2") }),
    subsystem("nvme-subsys1", { nvme1: directory("nvme1") }),
  );
  assertEquals(subsystemPeers(topology, ["nvme2"]), ["nvme0", "nvme2"]);
  assertEquals(subsystemPeers(topology, ["nvme1"]), ["nvme1"]);
  assertEquals(subsystemPeers(topology, ["nvme4", "nvme1"]), ["nvme1", "nvme3", "nvme4"]);
  assertEquals(subsystemPeers(topology, ["nvme9"]), ["nvme9"]);
  assertEquals(subsystemPeers(topology, []), []);
});
