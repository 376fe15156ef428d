// NVMe functions, and what else can stand at an address.

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/errors.ts";
import { describeFunction, nvmeFunctions } from "../../../src/host/pci/function.ts";
import { pciFunction } from "../machine.ts";
import { charDevice, memoryView } from "../memory_view.ts";
import { FakeMachine } from "./fake_machine.ts";

Deno.test("describeFunction() tells all of a function that the kernel drives", () => {
  const found = describeFunction(new FakeMachine().view, "01:00.0");
  if (found.kind !== "nvme") throw new Error(found.kind);
  const { address, driver, override, controller, group, unsafeMode } = found;
  assertEquals([address, driver, override, unsafeMode], [
    "0000:01:00.0",
    "nvme",
    undefined,
    false,
  ]);
  assertEquals(controller, {
    name: "nvme0",
    state: "live",
    serial: "SERIAL0",
    model: "Samsung SSD 980 PRO 1TB",
    namespaces: ["nvme0n1"],
  });
  assertEquals([group?.number, group?.viable, group?.node.path, group?.node.exists], [
    "14",
    false,
    "/dev/vfio/14",
    false,
  ]);
});

Deno.test("describeFunction() tells what is no NVMe controller, and where there is nothing", () => {
  const functions = {
    "0000:00:1f.2": { classCode: "010601", driver: "ahci" },
    "0000:01:00.0": { driver: "nvme", controller: "nvme0" },
  };
  const { view } = new FakeMachine({ functions });
  assertEquals(describeFunction(view, "00:1f.2"), {
    kind: "other",
    address: "0000:00:1f.2",
    classCode: "010601",
    what: "SATA controller",
    known: ["0000:01:00.0"],
  });
  assertEquals(describeFunction(view, "02:00.0"), {
    kind: "absent",
    address: "0000:02:00.0",
    known: ["0000:01:00.0"],
  });
  assertThrows(() => describeFunction(view, "nvme0"), UsageError);
});

Deno.test("nvmeFunctions() counts what the nvme driver has, whatever its class", () => {
  const functions = {
    "0000:04:00.0": { classCode: "018002", driver: "nvme", controller: "nvme1" },
    "0000:01:00.0": { classCode: "010803" },
    "0000:02:00.0": { classCode: "010801" },
  };
  const { view } = new FakeMachine({ functions });
  assertEquals(nvmeFunctions(view).map(({ address }) => address), ["0000:01:00.0", "0000:04:00.0"]);
});

Deno.test("a function of a newer kernel has a node of its own", () => {
  const view = memoryView(pciFunction("0000:01:00.0", { driver: "vfio-pci" }), {
    "/sys/devices/pci0000:00/0000:00:01.1/0000:01:00.0/vfio-dev/vfio3/dev": "511:3\n",
    "/dev/vfio/devices/vfio3": charDevice("511:3"),
    "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode": "Y\n",
  });
  const found = describeFunction(view, "01:00.0");
  if (found.kind !== "nvme") throw new Error(found.kind);
  assertEquals([found.cdev?.path, found.cdev?.exists], ["/dev/vfio/devices/vfio3", true]);
  assertEquals(found.unsafeMode, true);
});
