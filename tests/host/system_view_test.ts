// The real machine, as far as every Linux is alike. Text needs the C library, so --allow-ffi.

import { assert, assertEquals } from "@std/assert";
import { effectiveUserId } from "../../ffi/mod.ts";
import {
  blindSpots,
  describeDevice,
  pciNvmeFunctions,
  processIdentity,
  readTopology,
  systemView,
  usesOf,
  whyNoController,
} from "../../src/host/mod.ts";
import { deviceText } from "../../src/host/system_view.ts";

const { state: ffi } = Deno.permissions.querySync({ name: "ffi" });
const { state: all } = Deno.permissions.querySync({ name: "read" });
const ignore = ffi !== "granted" || all !== "granted" || Deno.build.os !== "linux";
// The C library, once loaded, stays: before the tests, so that none of them seems to leak it.
if (!ignore) systemView().readText("/proc/version");

Deno.test("deviceText() takes apart device numbers of both old and large size", () => {
  assertEquals(deviceText(0xfe00), "254:0");
  assertEquals(deviceText(259 << 8 | 3), "259:3");
  // minor 0x12345 of major 0x1234, by the bits of glibc's makedev
  assertEquals(deviceText(0x100012323445), "4660:74565");
});

Deno.test({
  name: "systemView() answers undefined for what is missing or is not what was asked for",
  ignore,
  fn() {
    const view = systemView();
    const paths = ["/nope/x", "/dev/null/x", "/sys/nope", "", "/dev/\0null"];
    for (const path of paths) {
      assertEquals(view.readText(path), undefined, path);
      assertEquals(view.readDir(path), [], path);
      assertEquals(view.readLink(path), undefined, path);
      assertEquals(view.realPath(path), undefined, path);
      assertEquals(view.stat(path), undefined, path);
    }
    assertEquals(view.readText("/dev"), undefined);
    assertEquals(view.readLink("/dev/null"), undefined);
    assertEquals(view.readDir("/dev/null"), []);
  },
});

Deno.test({
  name: "systemView() reads /proc, links and device nodes",
  ignore,
  fn() {
    const view = systemView();
    assert(view.readText("/proc/self/status", "latin1")?.includes("Uid:"));
    assertEquals(view.stat("/dev/null")?.device, "1:3");
    assertEquals(view.stat("/dev/null")?.type, "character");
    assertEquals(view.stat("/dev")?.type, "directory");
    assertEquals(view.realPath("/proc/self/../../dev/./null"), "/dev/null");
  },
});

Deno.test({
  name: "this machine's drives, uses and identity are read without an exception",
  ignore,
  fn() {
    const view = systemView();
    const topology = readTopology(view);
    const namespaces = topology.namespaces.map(({ name }) => name);
    usesOf(view, { namespaces, controllers: topology.controllers.map(({ name }) => name) });
    pciNvmeFunctions(view);
    whyNoController(view);
    blindSpots(view);
    assertEquals(processIdentity(view)?.userId, effectiveUserId());
    assertEquals(describeDevice(view, "/dev/null").kind, "character");
    assertEquals(describeDevice(view, "/dev").kind, "directory");
    assertEquals(describeDevice(view, "/dev/nvme4095").kind, "missing");
    for (const { name } of topology.controllers) {
      assertEquals(describeDevice(view, `/dev/${name}`).kind, "controller");
    }
  },
});
