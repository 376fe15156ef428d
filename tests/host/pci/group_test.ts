// IOMMU groups: who counts against their use.

import { assertEquals } from "@std/assert";
import { groupOf } from "../../../src/host/pci/group.ts";
import { memberText, othersInTheWay } from "../../../src/host/pci/words.ts";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { pciDirectory } from "../machine.ts";
import { link } from "../memory_view.ts";
import { type FakeFunction, FakeMachine } from "./fake_machine.ts";

function members(functions: Readonly<Record<string, FakeFunction>>): readonly string[] {
  const { view } = new FakeMachine({ functions });
  const [first = ""] = Object.keys(functions);
  const group = groupOf(view, pciDirectory(first));
  return group?.members.map((one) => `${one.inTheWay ? "! " : ""}${memberText(one)}`) ?? [];
}

Deno.test("groupOf() counts members with drivers of their own, not bridges and idle ones", () => {
  assertEquals(
    members({
      "0000:01:00.0": { driver: "vfio-pci", group: "7" },
      "0000:00:01.0": { driver: "pcieport", classCode: "060400", group: "7" },
      "0000:01:00.1": { driver: "e1000e", classCode: "020000", group: "7" },
      "0000:01:00.2": { classCode: "0c0330", group: "7" },
      "0000:01:00.3": { driver: "pci-stub", classCode: "010601", group: "7" },
      "0000:01:00.4": { driver: "mlx5_vfio_pci", classCode: "020000", group: "7" },
      "0000:00:02.0": { driver: "shpchp", classCode: "060400", group: "7" },
    }),
    [
      "0000:00:01.0 (PCI bridge, bound to pcieport)",
      "0000:00:02.0 (PCI bridge, bound to shpchp)",
      "0000:01:00.0 (NVMe controller, bound to vfio-pci)",
      "! 0000:01:00.1 (Ethernet controller, bound to e1000e)",
      "0000:01:00.2 (USB controller, no driver)",
      "0000:01:00.3 (SATA controller, bound to pci-stub)",
      "0000:01:00.4 (Ethernet controller, bound to mlx5_vfio_pci)",
    ],
  );
});

Deno.test("groupOf() is undefined without an IOMMU, and knows a group that vfio made up", () => {
  const bare = new FakeMachine({ functions: { "0000:01:00.0": {} } });
  assertEquals(groupOf(bare.view, pciDirectory("0000:01:00.0")), undefined);
  const unsafe = new FakeMachine({
    trees: [{ "/sys/kernel/iommu_groups/14/name": "vfio-noiommu\n" }],
  });
  const group = groupOf(unsafe.view, pciDirectory("0000:01:00.0"));
  assertEquals([group?.isUnsafe, group?.node.path], [true, "/dev/vfio/noiommu-14"]);
});

Deno.test("groupOf() tells of a member that is no PCI function", () => {
  const machine = new FakeMachine({
    trees: [{
      "/sys/kernel/iommu_groups/14/devices/arm-smmu.0": link("/sys/devices/platform/arm-smmu.0"),
      "/sys/devices/platform/arm-smmu.0/driver": link("/sys/bus/platform/drivers/foo"),
      "/sys/bus/platform/drivers/foo/bind": "",
    }],
  });
  const found = describeFunction(machine.view, "01:00.0");
  if (found.kind !== "nvme") throw new Error(found.kind);
  assertEquals(othersInTheWay(found).map(memberText), [
    "arm-smmu.0 (not a PCI function, bound to foo)",
  ]);
});
