// Why a function cannot be opened: one sentence, status and next step for each reason.

import { assertEquals } from "@std/assert";
import { NvmectlError } from "../../../src/errors.ts";
import { explainUnopenable } from "../../../src/host/pci/explain.ts";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { readMachine } from "../../../src/host/pci/machine.ts";
import { charDevice, link, type Tree } from "../memory_view.ts";
import { FakeMachine, type FakeOptions } from "./fake_machine.ts";

const VFIO = ["vfio", "vfio_iommu_type1", "vfio_pci"];

/** `exit status: message | next step` of opening 01:00.0; undefined where nothing is in the way. */
function told(options: FakeOptions, typed = "01:00.0"): string | undefined {
  const machine = new FakeMachine({ loaded: VFIO, ...options });
  const facts = readMachine(machine.view, options.memlockBytes);
  const error = explainUnopenable(describeFunction(machine.view, typed), facts);
  if (error === undefined) return undefined;
  if (!(error instanceof NvmectlError)) throw error;
  return `${error.exitCode}: ${error.message} | ${error.next}`;
}

const BOUND = { "0000:01:00.0": { driver: "vfio-pci", group: "14" } };

const USER: Tree = {
  "/proc/1/status": "Uid:\t1000\t1000\t0\t0\nGid:\t1000\t1000\t0\t0\nCapEff:\t0000000000000000\n",
};

Deno.test("explainUnopenable() has nothing to say of a function that can be opened", () => {
  assertEquals(told({ functions: BOUND }), undefined);
});

Deno.test("explainUnopenable() says what is no NVMe function, and names those that are", () => {
  const functions = { ...BOUND, "0000:00:1f.2": { classCode: "010601", driver: "ahci" } };
  assertEquals(
    told({ functions }, "00:1f.2"),
    "2: Cannot open pci:0000:00:1f.2: it is not an NVMe controller, but a SATA controller " +
      "(class 010601) | the NVMe functions of this machine are 0000:01:00.0",
  );
  assertEquals(
    told({ functions }, "02:00.0"),
    "4: Cannot open pci:0000:02:00.0: there is no PCI function at this address | " +
      "the NVMe functions of this machine are 0000:01:00.0",
  );
});

Deno.test("explainUnopenable() tells the drivers apart", () => {
  const withDriver = (driver: string | undefined, controller?: string) =>
    told({
      functions: {
        "0000:01:00.0": { driver, group: "14", ...(controller ? { controller } : {}) },
      },
    });
  const bind = "nvmectl vfio bind 0000:01:00.0";
  assertEquals(
    withDriver("nvme", "nvme3"),
    "4: Cannot open pci:0000:01:00.0: the kernel's nvme driver has it, as /dev/nvme3 | " +
      `name /dev/nvme3, or take it from the kernel: ${bind}`,
  );
  assertEquals(
    withDriver("nvme"),
    "4: Cannot open pci:0000:01:00.0: the kernel's nvme driver has it, but made no controller " +
      `of it (dmesg says why) | ${bind}`,
  );
  assertEquals(
    withDriver(undefined),
    `4: Cannot open pci:0000:01:00.0: no driver is bound to it | ${bind}`,
  );
  assertEquals(
    withDriver("uio_pci_generic"),
    `4: Cannot open pci:0000:01:00.0: it is bound to the driver uio_pci_generic | ${bind}`,
  );
});

Deno.test("explainUnopenable() names every member of a group that is not viable", () => {
  const functions = {
    ...BOUND,
    "0000:01:00.1": { driver: "nvme", group: "14", controller: "nvme1" },
    "0000:01:00.2": { driver: "e1000e", group: "14", classCode: "020000" },
    "0000:01:00.3": { group: "14", classCode: "0c0330" },
  };
  assertEquals(
    told({ functions }),
    "4: Cannot open pci:0000:01:00.0: its IOMMU group 14 is not viable, because 0000:01:00.1 is " +
      "bound to nvme and 0000:01:00.2 is bound to e1000e; the group is 0000:01:00.0 (NVMe " +
      "controller, bound to vfio-pci), 0000:01:00.1 (NVMe controller, bound to nvme), " +
      "0000:01:00.2 (Ethernet controller, bound to e1000e), 0000:01:00.3 (USB controller, no " +
      "driver) | nvmectl vfio bind 0000:01:00.1; echo 0000:01:00.2 > " +
      "/sys/bus/pci/devices/0000:01:00.2/driver/unbind takes its driver away",
  );
});

Deno.test("explainUnopenable() says how the IOMMU is turned on, by what the machine is", () => {
  const functions = { "0000:01:00.0": { driver: "nvme", controller: "nvme0" } };
  const off = "4: Cannot open pci:0000:01:00.0: it is in no IOMMU group: the IOMMU is off, or " +
    "there is none | ";
  const machine = (vendor: string, more: Tree = {}): Tree => ({
    "/proc/cpuinfo": `vendor_id\t: ${vendor}\n`,
    ...more,
  });
  assertEquals(
    told({ functions, trees: [machine("GenuineIntel")] }),
    `${off}start Linux with intel_iommu=on, and turn on VT-d in the firmware setup`,
  );
  assertEquals(
    told({ functions, trees: [machine("AuthenticAMD")] }),
    `${off}start Linux with amd_iommu=on, and turn on the IOMMU (AMD-Vi) in the firmware setup`,
  );
  assertEquals(
    told({ functions, trees: [machine("", { "/sys/firmware/acpi/tables/FACP": "" })] }),
    `${off}turn on VT-d or AMD-Vi in the firmware setup (a virtual machine needs an emulated ` +
      "IOMMU), and start Linux with intel_iommu=on (Intel) or amd_iommu=on (AMD)",
  );
  assertEquals(
    told({
      functions,
      trees: [machine("GenuineIntel", { "/proc/cmdline": "quiet intel_iommu=on\n" })],
    }),
    `${off}turn on VT-d in the firmware setup; dmesg | grep -e DMAR -e AMD-Vi -e IOMMU says ` +
      "what Linux found",
  );
});

Deno.test("explainUnopenable() refuses no-IOMMU mode for safety, before and after binding", () => {
  const reason = "5: Cannot open pci:0000:01:00.0: there is no IOMMU, and vfio is in no-IOMMU " +
    "mode, in which nothing keeps the drive from writing anywhere in memory; nvmectl does not " +
    "use it";
  const before = told({
    functions: { "0000:01:00.0": { driver: "nvme", controller: "nvme0" } },
    trees: [{ "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode": "Y\n" }],
  });
  const after = told({
    functions: BOUND,
    trees: [{ "/sys/kernel/iommu_groups/14/name": "vfio-noiommu\n" }],
  });
  assertEquals([before?.split(" | ")[0], after?.split(" | ")[0]], [reason, reason]);
});

Deno.test("explainUnopenable() tells of permissions and of locked memory, with numbers", () => {
  const node = { "/dev/vfio/14": charDevice("243:14", { permissions: 0o600 }) };
  assertEquals(
    told({ functions: BOUND, trees: [USER, node] }),
    "4: Cannot open pci:0000:01:00.0: this user may not open /dev/vfio/14: its mode is 0600, " +
      "its owner root, its group 0 | as root: chown USER /dev/vfio/14; or run nvmectl as root",
  );
  const open = { "/dev/vfio/14": charDevice("243:14", { permissions: 0o666 }) };
  assertEquals(
    told({ functions: BOUND, trees: [USER, open], memlockBytes: 65536n }),
    "4: Cannot open pci:0000:01:00.0: this user may lock 64 KiB of memory (ulimit -l), and the " +
      "driver needs 4096 KiB | raise memlock in /etc/security/limits.conf, or run nvmectl as root",
  );
  assertEquals(told({ functions: BOUND, trees: [USER, open], memlockBytes: 8388608n }), undefined);
});

Deno.test("explainUnopenable() misses the module that maps memory, but not for newer kernels", () => {
  const loaded = ["vfio", "vfio_pci"];
  assertEquals(
    told({ functions: BOUND, loaded }),
    "4: Cannot open pci:0000:01:00.0: the kernel module vfio_iommu_type1 is not loaded | " +
      "modprobe -a vfio_iommu_type1; nvmectl vfio bind does it too",
  );
  const directory = "/sys/devices/pci0000:00/0000:00:01.1/0000:01:00.0/vfio-dev";
  const trees: readonly Tree[] = [{
    [`${directory}/vfio0`]: link("/sys/devices/virtual/vfio0"),
    "/sys/devices/virtual/vfio0/dev": "511:0\n",
    "/dev/vfio/devices/vfio0": charDevice("511:0"),
    "/dev/iommu": charDevice("10:123"),
  }];
  assertEquals(told({ functions: BOUND, loaded, trees }), undefined);
});
