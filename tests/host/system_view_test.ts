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
import { deviceAt } from "../../src/host/device_at.ts";
import { openIn } from "../../src/host/open_in.ts";
import { stackOn } from "../../src/host/stack.ts";
import { deviceText, encodedDeviceText } from "../../src/host/system_view.ts";

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

/** Runs a program of the machine's; its output, or undefined where it fails. */
function output(program: string, ...args: readonly string[]): string | undefined {
  const { success, stdout } = new Deno.Command(program, { args: [...args] }).outputSync();
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}

/** Whether this machine lets its tests make loop devices. */
function hasLoops(): boolean {
  const granted = (["run", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  if (ignore || !granted || effectiveUserId() !== 0) return false;
  try {
    return output("losetup", "--find") !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Sets up a loop device on a file, read-only: its name. It is taken down on disposal. */
function loopOn(file: string): Disposable & { readonly name: string } {
  const path = output("losetup", "--find", "--show", "--read-only", file) ?? "";
  assert(path.startsWith("/dev/loop"), file);
  return {
    name: path.slice("/dev/".length),
    [Symbol.dispose]: () => void output("losetup", "--detach", path),
  };
}

Deno.test("encodedDeviceText() takes apart the kernel's encoded device numbers", () => {
  assertEquals(encodedDeviceText(0n), "0:0");
  assertEquals(encodedDeviceText(0x10300n), "259:0");
  // minor 0x12345 of major 0x103
  assertEquals(encodedDeviceText(0x12310345n), "259:74565");
});

Deno.test({
  name: "a loop device is known by what the kernel has opened, and who has it open is found",
  ignore: !hasLoops(),
  async fn() {
    await using cleanup = new AsyncDisposableStack();
    const directory = await Deno.makeTempDir();
    cleanup.defer(() => Deno.remove(directory, { recursive: true }));
    await Deno.writeFile(`${directory}/image`, new Uint8Array(1 << 20));
    const lower = cleanup.use(loopOn(`${directory}/image`));
    const view = systemView();
    assertEquals(view.loopBacking?.(lower.name), "0:0");
    const number = deviceAt(view, `/dev/${lower.name}`) ?? "";
    const [major = "", minor = ""] = number.split(":");
    const node = `${directory}/node`;
    assert(output("mknod", node, "b", major, minor) !== undefined);
    const upper = cleanup.use(loopOn(node));
    // Another process has the node open, which then loses its name.
    const holder = new Deno.Command("sh", {
      args: ["-c", `exec 5<${node}; echo; exec sleep 60`],
      stdout: "piped",
    }).spawn();
    cleanup.defer(async () => {
      holder.kill("SIGKILL");
      await holder.status;
    });
    const reader = holder.stdout.getReader();
    cleanup.defer(() => reader.cancel());
    await reader.read();
    await Deno.remove(node);
    const stack = stackOn(view, [lower.name]);
    assertEquals(view.loopBacking?.(upper.name), number);
    assertEquals(stack.map(({ kind, name }) => [kind, name]), [
      ["namespace", lower.name],
      ["loop", upper.name],
    ]);
    const open = openIn(view, stack).map(({ detail }) => detail);
    assert(open.includes(String(holder.pid)), open.join());
  },
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
