// Plans to give a function to vfio-pci, and what forbids them.

import { assertEquals, assertThrows } from "@std/assert";
import { SafetyError, UnreachableError, UsageError } from "../../../src/errors.ts";
import { planBind } from "../../../src/host/pci/bind.ts";
import type { ChangePlan, Step } from "../../../src/host/pci/facts.ts";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { process } from "../machine.ts";
import { FakeMachine, type FakeOptions, mounted, ONE_DRIVE } from "./fake_machine.ts";

const DIRECTORY = "/sys/bus/pci/devices/0000:01:00.0";

function plan(options: FakeOptions = {}, ignoreSignatures = false): ChangePlan {
  const machine = new FakeMachine(options);
  const made = planBind(machine, describeFunction(machine.view, "01:00.0"), { ignoreSignatures });
  assertEquals(machine.done, [], "a plan changes nothing");
  return made;
}

function texts(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => `${step.kind} ${step.path}${"text" in step ? ` ${step.text}` : ""}`);
}

/** A namespace with an LVM label. */
function labelled(): Readonly<Record<string, Uint8Array>> {
  const bytes = new Uint8Array(1024 * 1024);
  bytes.set(new TextEncoder().encode("LABELONE"), 512);
  return { "/dev/nvme0n1": bytes };
}

Deno.test("planBind() loads modules, reserves the function, takes it, and has it claimed", () => {
  const folder = "/lib/modules/6.1.0-test/kernel";
  assertEquals(texts(plan().steps), [
    `load ${folder}/vfio/vfio.ko`,
    `load ${folder}/vfio/vfio_iommu_type1.ko`,
    `load ${folder}/virt/irqbypass.ko`,
    `load ${folder}/vfio/pci/vfio-pci-core.ko`,
    `load ${folder}/vfio/pci/vfio-pci.ko.xz`,
    "keep /run/nvmectl/vfio/0000:01:00.0 nvme",
    `write ${DIRECTORY}/driver_override vfio-pci`,
    `write ${DIRECTORY}/driver/unbind 0000:01:00.0`,
    "write /sys/bus/pci/drivers_probe 0000:01:00.0",
  ]);
});

Deno.test("planBind() leaves out what is there already", () => {
  const loaded = ["vfio", "vfio_iommu_type1", "vfio_pci"];
  const functions = { "0000:01:00.0": { group: "14" } };
  assertEquals(texts(plan({ loaded, functions }).steps), [
    `write ${DIRECTORY}/driver_override vfio-pci`,
    "write /sys/bus/pci/drivers_probe 0000:01:00.0",
  ]);
  const bound = plan({
    loaded,
    functions: { "0000:01:00.0": { group: "14", driver: "vfio-pci" } },
  });
  assertEquals([bound.steps, bound.notes], [[], ["it is bound already"]]);
});

Deno.test("planBind() refuses a drive in use, naming each use and what ends it", () => {
  const trees = [
    mounted("259:0 /mnt ext4 /dev/nvme0n1"),
    process("77", "smartd", "/dev/nvme0"),
  ];
  const { refused, next } = plan({ trees }, true);
  assertEquals(refused, [
    "/dev/nvme0n1 is mounted at /mnt (ext4)",
    "process 77 (smartd) has /dev/nvme0 open",
  ]);
  assertEquals(next, "umount; end the process; lsblk shows what stands on the drive");
});

Deno.test("planBind() refuses a member of an array that is not in use, unless it is let pass", () => {
  const text = "/dev/nvme0n1 has the signature of an LVM physical volume";
  const { refused, next } = plan({ blocks: labelled() });
  assertEquals([refused, next], [
    [text],
    "if nothing will put it together again meanwhile: --ignore signature",
  ]);
  const ignored = plan({ blocks: labelled() }, true);
  assertEquals([ignored.refused, ignored.next, ignored.notes], [[], undefined, [text]]);
});

Deno.test("planBind() only notes a file system that is not mounted", () => {
  const bytes = new Uint8Array(1024 * 1024);
  bytes.set(new TextEncoder().encode("XFSB"));
  const { refused, notes } = plan({ blocks: { "/dev/nvme0n1": bytes } });
  assertEquals([refused, notes], [[], ["/dev/nvme0n1 has the signature of an XFS file system"]]);
});

Deno.test("planBind() refuses what a program drives through uio", () => {
  const functions = { "0000:01:00.0": { group: "14", driver: "uio_pci_generic" } };
  const trees = [process("9", "old_spdk", "/dev/uio0"), {
    "/sys/devices/pci0000:00/0000:00:01.1/0000:01:00.0/uio/uio0/dev": "240:0\n",
  }];
  assertEquals(plan({ functions, trees }).refused, ["process 9 (old_spdk) has /dev/uio0 open"]);
});

Deno.test("planBind() binds one member of a group after another, and says which are left", () => {
  const functions = {
    ...ONE_DRIVE,
    "0000:01:00.1": { driver: "nvme", group: "14", controller: "nvme1" },
  };
  const { refused, notes } = plan({ functions });
  assertEquals(refused, []);
  assertEquals(notes, [
    "IOMMU group 14 can be used only as a whole; still in the way: 0000:01:00.1 (NVMe " +
    "controller, bound to nvme); nvmectl vfio bind 0000:01:00.1",
  ]);
});

Deno.test("planBind() does not begin where it could not end", () => {
  const drive = { driver: "nvme", controller: "nvme0" };
  assertThrows(
    () => plan({ functions: { "0000:01:00.0": drive } }),
    UnreachableError,
    "Cannot bind 0000:01:00.0 to vfio-pci: it is in no IOMMU group",
  );
  assertThrows(
    () =>
      plan({
        functions: { "0000:01:00.0": drive },
        trees: [{ "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode": "Y\n" }],
      }),
    SafetyError,
    "vfio is in no-IOMMU mode",
  );
  assertThrows(
    () => plan({ trees: [{ "/lib/modules/6.1.0-test/modules.dep": "" }] }),
    UnreachableError,
    "the kernel modules vfio, vfio_iommu_type1 and vfio_pci are not there for Linux 6.1.0-test",
  );
  assertThrows(
    () => plan({ trees: [{ "/proc/sys/kernel/modules_disabled": "1\n" }] }),
    UnreachableError,
    "are not loaded, and loading is disabled until the next start",
  );
  assertThrows(
    () => plan({ functions: { "0000:01:00.0": { classCode: "010601" } } }),
    UsageError,
    "Cannot bind 0000:01:00.0 to vfio-pci: it is not an NVMe controller, but a SATA controller",
  );
});
