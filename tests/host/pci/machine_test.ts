// What a machine offers to drivers in user space.

import { assertEquals } from "@std/assert";
import { isMemlockTooSmall, readMachine } from "../../../src/host/pci/machine.ts";
import { link, memoryView, type Tree } from "../memory_view.ts";

const MIB = 1024n * 1024n;

function who(userId: number, capabilities: string): Tree {
  return {
    "/proc/self": link("1"),
    "/proc/1/status": `Uid:\t0\t${userId}\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t${capabilities}\n`,
  };
}

Deno.test("readMachine() says how the IOMMU stands, and what decides it", () => {
  const { iommu } = readMachine(
    memoryView({
      "/sys/kernel/iommu_groups/0/type": "DMA\n",
      "/sys/kernel/iommu_groups/1/type": "DMA\n",
      "/proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\n",
      "/proc/cmdline":
        "root=/dev/sda1 intel_iommu=on quiet iommu=pt iommu.passthrough=0 xiommu=1\n",
      "/sys/firmware/acpi/tables/DMAR": "",
    }),
    8n * MIB,
  );
  assertEquals(iommu, {
    groups: 2,
    vendor: "Intel",
    described: true,
    parameters: ["intel_iommu=on", "iommu=pt", "iommu.passthrough=0"],
  });
});

Deno.test("readMachine() tells whose IOMMU it is by the firmware first, then by the processor", () => {
  const vendor = (processor: string, flags: string, table = "FACP") =>
    readMachine(
      memoryView({
        "/proc/cpuinfo": `vendor_id\t: ${processor}\nflags\t\t: fpu ${flags}\n`,
        [`/sys/firmware/acpi/tables/${table}`]: "",
      }),
      0n,
    ).iommu.vendor;
  assertEquals(vendor("AuthenticAMD", "svm"), "AMD");
  // QEMU has Intel's IOMMU with any processor.
  assertEquals(vendor("AuthenticAMD", "hypervisor", "DMAR"), "Intel");
  assertEquals(vendor("AuthenticAMD", "hypervisor"), undefined);
  assertEquals(vendor("GenuineIntel", "vmx", "IVRS"), "AMD");
});

Deno.test("readMachine() knows nothing of firmware tables that it cannot see", () => {
  const described = (tree: Tree) => readMachine(memoryView(tree), 0n).iommu.described;
  assertEquals(described({}), undefined);
  assertEquals(described({ "/sys/firmware/acpi/tables/FACP": "" }), false);
});

Deno.test("isMemlockTooSmall() counts the limit only for whom it counts", () => {
  const isTooSmall = (limit: bigint | undefined, ...trees: readonly Tree[]): boolean =>
    isMemlockTooSmall(readMachine(memoryView(...trees), limit));
  const user = who(1000, "0000000000000000");
  const root = who(0, "000001ffffffffff");
  assertEquals(isTooSmall(64n * 1024n, user), true);
  assertEquals(isTooSmall(4n * MIB - 1n, user), true);
  assertEquals(isTooSmall(4n * MIB, user), false);
  assertEquals(isTooSmall(undefined, user), false);
  // CAP_IPC_LOCK.
  assertEquals(isTooSmall(64n * 1024n, root), false);
  assertEquals(isTooSmall(64n * 1024n, who(0, "0000000000000000")), true);
});
