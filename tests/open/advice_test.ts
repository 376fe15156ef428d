// What is said where no drive can be opened, by what the machine shows.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeDevice } from "../../src/host/target.ts";
import { noController, notADrive } from "../../src/open/advice.ts";
import { pciFunction } from "../host/machine.ts";
import { memoryView } from "../host/memory_view.ts";

Deno.test("a drive that is with vfio-pci is not said to be missing, but how to name it", () => {
  const view = memoryView(
    pciFunction("0000:01:00.0", {}),
    pciFunction("0000:02:00.0", { driver: "vfio-pci" }),
  );
  const missing = describeDevice(view, "/dev/nvme0");
  for (const { message, next = "" } of [noController(view), notADrive(missing, view)]) {
    assertEquals(message.includes("no NVMe drive"), false, message);
    assertStringIncludes(next, "name pci:0000:02:00.0");
    assertStringIncludes(next, "nvmectl vfio unbind 0000:02:00.0");
  }
});

Deno.test("a drive that the kernel has let go can be had without it", () => {
  const view = memoryView(pciFunction("0000:01:00.0", {}));
  const { next = "" } = noController(view);
  assertStringIncludes(next, "modprobe nvme");
  assertStringIncludes(next, "nvmectl vfio bind 0000:01:00.0");
});

Deno.test("a machine without NVMe functions is told of the virtual drive", () => {
  const view = memoryView({});
  const missing = describeDevice(view, "/dev/nvme0");
  assertStringIncludes(noController(view).next ?? "", "nvmectl health virtual:");
  assertStringIncludes(notADrive(missing, view).next ?? "", "this machine has no NVMe drive");
});
