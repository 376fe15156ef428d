// What taking a function from the kernel would take from whom.

import { assertEquals } from "@std/assert";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { usesOfFunction } from "../../../src/host/pci/function_use.ts";
import { process } from "../machine.ts";
import {
  type FakeFunction,
  FakeMachine,
  type FakeOptions,
  mounted,
  ONE_DRIVE,
} from "./fake_machine.ts";

function uses(options: FakeOptions = {}, one: Partial<FakeFunction> = {}): readonly string[] {
  const functions = { "0000:01:00.0": { ...ONE_DRIVE["0000:01:00.0"], ...one } };
  const machine = new FakeMachine({ functions, ...options });
  const found = describeFunction(machine.view, "01:00.0");
  if (found.kind !== "nvme") throw new Error(found.kind);
  return usesOfFunction(machine, found).map(({ weight, text }) => `${weight}: ${text}`);
}

/** The first megabyte of a namespace with a text in it. */
function blocks(at: number, text: string): Readonly<Record<string, Uint8Array>> {
  const bytes = new Uint8Array(1024 * 1024);
  bytes.set(new TextEncoder().encode(text), at);
  return { "/dev/nvme0n1": bytes };
}

Deno.test("an idle drive is used by nobody", () => {
  assertEquals(uses(), []);
});

Deno.test("mounts, and processes that have the controller open, use it", () => {
  const trees = [mounted("259:0 /mnt ext4 /dev/nvme0n1"), process("77", "smartd", "/dev/nvme0")];
  assertEquals(uses({ trees }), [
    "use: /dev/nvme0n1 is mounted at /mnt (ext4)",
    "use: process 77 (smartd) has /dev/nvme0 open",
  ]);
});

Deno.test("a signature is a member's or a mere note", () => {
  assertEquals(uses({ blocks: blocks(512, "LABELONE") }), [
    "member: /dev/nvme0n1 has the signature of an LVM physical volume",
  ]);
  assertEquals(uses({ blocks: blocks(0, "XFSB") }), [
    "note: /dev/nvme0n1 has the signature of an XFS file system",
  ]);
});

Deno.test("what cannot be read is noted, and a lost controller is not asked", () => {
  assertEquals(uses({ failing: { "/dev/nvme0n1": "EIO" } }), [
    "note: what lies on /dev/nvme0n1 is not known: it cannot be read (EIO)",
  ]);
  assertEquals(uses({ failing: { "/dev/nvme0n1": "EIO" } }, { state: "dead" }), [
    "note: what lies on it is not known: the kernel has /dev/nvme0 as dead",
  ]);
});

Deno.test("what cannot be found out counts as use, processes out of sight do not", () => {
  const trees = [{
    "/proc/1/mountinfo": { unreadable: true },
    "/proc/1/ns/pid": { type: "symlink" as const, link: "pid:[4026539999]" },
  }];
  assertEquals(uses({ trees }), [
    "use: mounts are not known: /proc/self/mountinfo cannot be read",
    "note: processes outside this container that have it open are not seen",
  ]);
});

Deno.test("a function without a controller has no block devices that could be in use", () => {
  assertEquals(
    uses({ trees: [{ "/proc/swaps": { unreadable: true } }] }, { driver: "vfio-pci" }),
    [],
  );
});
