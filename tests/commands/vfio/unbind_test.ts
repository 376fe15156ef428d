// nvmectl vfio unbind: over the real service and a machine in memory.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { vfioUnbind } from "../../../src/commands/vfio/unbind.ts";
import { DeadlineError, SafetyError } from "../../../src/errors.ts";
import { HostPciService } from "../../../src/host/pci/service.ts";
import { FakeMachine, type FakeOptions, FakePatience } from "../../host/pci/fake_machine.ts";
import { process } from "../../host/machine.ts";
import { runCommand } from "../../support/context.ts";

const ADDRESS = "0000:01:00.0";

/** A machine whose function is with vfio-pci, and its service as a command's surroundings. */
function on(options: FakeOptions = {}) {
  const machine = new FakeMachine({
    functions: { [ADDRESS]: { driver: "vfio-pci", group: "14", controller: "nvme0" } },
    loaded: ["vfio", "vfio_iommu_type1", "vfio_pci"],
    ...options,
  });
  return { machine, around: { pci: new HostPciService(machine, () => new FakePatience()) } };
}

Deno.test("vfio unbind names the controller that came back", async () => {
  const { machine, around } = on();
  const { text } = await runCommand(vfioUnbind, ["01:00.0"], around);
  assertEquals(machine.driverOf(ADDRESS), "nvme");
  assertStringIncludes(text, "Driver         nvme, was vfio-pci\n");
  assertStringIncludes(text, "Kernel's name  /dev/nvme0, live\n");
});

Deno.test("vfio unbind is refused, and changes nothing, while a process holds the function", async () => {
  const { machine, around } = on({ trees: [process("4711", "spdk_tgt", "/dev/vfio/14")] });
  await assertRejects(
    () => runCommand(vfioUnbind, ["01:00.0"], around),
    SafetyError,
    "Cannot unbind 0000:01:00.0 from vfio-pci: process 4711 (spdk_tgt) has /dev/vfio/14 open",
  );
  assertEquals((await runCommand(vfioUnbind, ["01:00.0", "--dry-run"], around)).report.exit, 5);
  assertEquals(machine.done, []);
});

Deno.test("vfio unbind twice is no failure", async () => {
  const { around } = on();
  await runCommand(vfioUnbind, ["01:00.0"], around);
  const { text, report } = await runCommand(vfioUnbind, ["01:00.0"], around);
  assertEquals(report.json["changed"], false);
  assertStringIncludes(text, "the kernel's nvme driver has it already");
});

Deno.test("vfio unbind waits for the controller no longer than --timeout", async () => {
  const { around } = on({ functions: { [ADDRESS]: { driver: "vfio-pci", group: "14" } } });
  const error = await assertRejects(
    () => runCommand(vfioUnbind, ["01:00.0", "--timeout", "3s"], { ...around, timeoutMs: 3000 }),
    DeadlineError,
  );
  assertEquals(error.limitMs, 3000);
});
