// The service that commands see, over a machine in memory.

import { assertEquals, assertThrows } from "@std/assert";
import { UnreachableError } from "../../../src/errors.ts";
import type { HostView } from "../../../src/host/host_view.ts";
import { HostPciService } from "../../../src/host/pci/service.ts";
import { process } from "../machine.ts";
import { FakeMachine, FakePatience, ONE_DRIVE } from "./fake_machine.ts";

function serviceOf(machine: FakeMachine): HostPciService {
  return new HostPciService(machine, () => new FakePatience());
}

Deno.test("status() tells of all functions, or of one", () => {
  const functions = { ...ONE_DRIVE, "0000:02:00.0": { group: "15" } };
  const service = serviceOf(new FakeMachine({ functions }));
  const addresses = (typed?: string): readonly string[] =>
    service.status(typed).functions.map((one) => one.function.address);
  assertEquals(addresses(), ["0000:01:00.0", "0000:02:00.0"]);
  assertEquals(addresses("02:00.0"), ["0000:02:00.0"]);
  assertThrows(() => addresses("03:00.0"), UnreachableError, "Cannot look at 0000:03:00.0");
});

Deno.test("status() says of a function that is held who holds it, and that it is not ready", () => {
  const machine = new FakeMachine({
    functions: { "0000:01:00.0": { driver: "vfio-pci", group: "14" } },
    loaded: ["vfio", "vfio_iommu_type1", "vfio_pci"],
    trees: [process("4711", "spdk_tgt", "/dev/vfio/14")],
  });
  const [found] = serviceOf(machine).status(undefined).functions;
  assertEquals(found?.holders.map(({ program }) => program), ["spdk_tgt"]);
  assertEquals(found?.obstacles, [
    { text: "process 4711 (spdk_tgt) has /dev/vfio/14 open", next: "end it: kill 4711" },
  ]);
});

Deno.test("status() does not call a function ready whose node is not there, as in a container", () => {
  class Container extends FakeMachine {
    override get view(): HostView {
      const { view } = new FakeMachine(bound);
      return { ...view, stat: (path) => path === "/dev/vfio/14" ? undefined : view.stat(path) };
    }
  }
  const bound = {
    functions: { "0000:01:00.0": { driver: "vfio-pci", group: "14" } },
    loaded: ["vfio", "vfio_iommu_type1", "vfio_pci"],
  };
  const inTheWay = (machine: FakeMachine) =>
    serviceOf(machine).status(undefined).functions[0]?.obstacles.map(({ text }) => text);
  assertEquals(inTheWay(new Container()), [
    "there is no /dev/vfio/14, although vfio-pci has the function",
  ]);
  assertEquals(inTheWay(new FakeMachine(bound)), []);
});

Deno.test("status() remembers where a function came from", async () => {
  const machine = new FakeMachine();
  const service = serviceOf(machine);
  const wait = { signal: new AbortController().signal, limitMs: undefined };
  await service.carryOut(service.planBind("01:00.0", { ignoreSignatures: false }), wait);
  assertEquals(service.status("01:00.0").functions[0]?.origin, "nvme");
  assertEquals(service.status("01:00.0").functions[0]?.obstacles, []);
  await service.carryOut(service.planUnbind("01:00.0"), wait);
  assertEquals(service.status("01:00.0").functions[0]?.origin, undefined);
});

Deno.test("a wait of the service ends with the signal, and puts the function back", async () => {
  const machine = new FakeMachine({ unwilling: ["vfio-pci"] });
  const service = new HostPciService(machine);
  const plan = service.planBind("01:00.0", { ignoreSignatures: false });
  const reason = new Error("interrupted");
  const { status, error } = await service.carryOut(plan, {
    signal: AbortSignal.abort(reason),
    limitMs: undefined,
  }).then(() => ({ status: "done", error: undefined }), (error) => ({ status: "failed", error }));
  assertEquals([status, error], ["failed", reason]);
  assertEquals([machine.driverOf("0000:01:00.0"), machine.overrideOf("0000:01:00.0")], [
    "nvme",
    undefined,
  ]);
});
