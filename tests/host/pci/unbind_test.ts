// Plans to give a function back, and what forbids them.

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/errors.ts";
import type { ChangePlan, Step } from "../../../src/host/pci/facts.ts";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { planUnbind } from "../../../src/host/pci/unbind.ts";
import { process } from "../machine.ts";
import type { Tree } from "../memory_view.ts";
import { FakeMachine, type FakeOptions } from "./fake_machine.ts";

const BOUND: FakeOptions = {
  functions: { "0000:01:00.0": { driver: "vfio-pci", group: "14", controller: "nvme0" } },
  loaded: ["vfio", "vfio_iommu_type1", "vfio_pci"],
};
const OVERRIDE = "/sys/bus/pci/devices/0000:01:00.0/driver_override";
const UNBIND = "write /sys/bus/pci/devices/0000:01:00.0/driver/unbind 0000:01:00.0";
const PROBE = "write /sys/bus/pci/drivers_probe 0000:01:00.0";
const FORGET = "forget /run/nvmectl/vfio/0000:01:00.0";

function plan(options: FakeOptions = BOUND): ChangePlan {
  const machine = new FakeMachine(options);
  return planUnbind(machine, describeFunction(machine.view, "01:00.0"));
}

function texts(steps: readonly Step[]): readonly string[] {
  return steps.map((step) =>
    `${step.kind} ${step.path}${"text" in step ? ` ${step.text}` : ""}`.trimEnd()
  );
}

function from(driver: string, ...trees: readonly Tree[]): FakeOptions {
  return { ...BOUND, trees: [{ "/run/nvmectl/vfio/0000:01:00.0": `${driver}\n` }, ...trees] };
}

Deno.test("planUnbind() names the driver that the function came from, and frees it afterwards", () => {
  const { driver, steps, notes } = plan(from("nvme"));
  assertEquals([driver, notes], ["nvme", []]);
  assertEquals(texts(steps), [
    `write ${OVERRIDE} nvme`,
    UNBIND,
    PROBE,
    `write ${OVERRIDE}`,
    FORGET,
  ]);
});

Deno.test("planUnbind() leaves the choice to the kernel where nothing is known", () => {
  const { driver, steps, notes } = plan();
  assertEquals(driver, undefined);
  assertEquals(notes, ["which driver it came from is not known; the kernel chooses by what it is"]);
  assertEquals(texts(steps), [UNBIND, PROBE, FORGET]);
});

Deno.test("planUnbind() does not believe a driver that is gone, or text that is no driver", () => {
  assertEquals(plan(from("uio_pci_generic")).driver, undefined);
  assertEquals(plan(from("../../etc")).driver, undefined);
  const trees: Tree = { "/sys/bus/pci/drivers/uio_pci_generic/bind": "" };
  assertEquals(plan(from("uio_pci_generic", trees)).driver, "uio_pci_generic");
});

Deno.test("planUnbind() is refused while a process holds the function", () => {
  const { refused, next } = plan({
    ...BOUND,
    trees: [process("4711", "spdk_tgt", "/dev/vfio/vfio", "/dev/vfio/14")],
  });
  assertEquals(refused, ["process 4711 (spdk_tgt) has /dev/vfio/14 open"]);
  assertEquals(next, "end it first: kill 4711");
});

Deno.test("planUnbind() has nothing to do where the kernel has it, and probes where nobody has", () => {
  const drive = { group: "14", controller: "nvme0" };
  const kernel = plan({ functions: { "0000:01:00.0": { ...drive, driver: "nvme" } } });
  assertEquals([kernel.steps, kernel.notes], [[], ["the kernel's nvme driver has it already"]]);
  assertEquals(texts(plan({ functions: { "0000:01:00.0": drive } }).steps), [PROBE, FORGET]);
});

Deno.test("planUnbind() leaves other drivers alone", () => {
  assertThrows(
    () => plan({ functions: { "0000:01:00.0": { driver: "uio_pci_generic", group: "14" } } }),
    UsageError,
    "Cannot unbind 0000:01:00.0 from vfio-pci: it is bound to uio_pci_generic",
  );
});
