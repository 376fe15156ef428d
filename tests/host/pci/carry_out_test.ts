// Binding and unbinding on a machine whose sysfs behaves as the kernel's, and does not.

import { assertEquals, assertRejects } from "@std/assert";
import {
  DeadlineError,
  InterruptedError,
  SafetyError,
  UnreachableError,
} from "../../../src/errors.ts";
import { planBind } from "../../../src/host/pci/bind.ts";
import { carryOut } from "../../../src/host/pci/carry_out.ts";
import type { Changed, ChangePlan } from "../../../src/host/pci/facts.ts";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { planUnbind } from "../../../src/host/pci/unbind.ts";
import { process } from "../machine.ts";
import { FakeMachine, type FakeOptions, FakePatience, ONE_DRIVE } from "./fake_machine.ts";

const ADDRESS = "0000:01:00.0";
const OVERRIDE = `/sys/bus/pci/devices/${ADDRESS}/driver_override`;
const PROBE = "/sys/bus/pci/drivers_probe";
const VFIO = ["vfio", "vfio_iommu_type1", "vfio_pci"];

const LOST: FakeOptions = {
  functions: { [ADDRESS]: { driver: "vfio-pci", group: "14" } },
  loaded: VFIO,
};

function bindPlan(machine: FakeMachine): ChangePlan {
  const described = describeFunction(machine.view, ADDRESS);
  return planBind(machine, described, { ignoreSignatures: false });
}

function bind(machine: FakeMachine, patience = new FakePatience()): Promise<Changed> {
  return carryOut(machine, bindPlan(machine), { patience });
}

function unbind(machine: FakeMachine, patience = new FakePatience()): Promise<Changed> {
  const plan = planUnbind(machine, describeFunction(machine.view, ADDRESS));
  return carryOut(machine, plan, { patience, limitMs: 500 });
}

/** Where a machine stands: driver, override, what is kept. */
function stands(machine: FakeMachine): readonly unknown[] {
  return [machine.driverOf(ADDRESS), machine.overrideOf(ADDRESS), machine.kept.length];
}

Deno.test("carryOut() binds, verified, and unbinds to where the function came from", async () => {
  const machine = new FakeMachine();
  const bound = await bind(machine);
  assertEquals([bound.changed, bound.function.driver], [true, "vfio-pci"]);
  assertEquals(stands(machine), ["vfio-pci", "vfio-pci", 1]);
  assertEquals((await bind(machine)).changed, false);
  const back = await unbind(machine);
  assertEquals([back.changed, back.function.controller?.name], [true, "nvme0"]);
  assertEquals(stands(machine), ["nvme", undefined, 0]);
});

Deno.test("carryOut() has the kernel unpack a module that is compressed", async () => {
  const machine = new FakeMachine();
  await bind(machine);
  assertEquals(
    machine.done.filter((done) => done.startsWith("load")).at(-1)?.split("/").at(-1),
    [
      "vfio-pci.ko.xz compressed",
    ][0],
  );
});

Deno.test("carryOut() gives the function back where vfio-pci does not claim it", async () => {
  const machine = new FakeMachine({ unwilling: ["vfio-pci"] });
  const error = await assertRejects(() => bind(machine), UnreachableError);
  assertEquals(
    error.message,
    "Cannot bind 0000:01:00.0 to vfio-pci: vfio-pci did not claim it, and it has no driver now; " +
      "nvme has it, as before",
  );
  assertEquals(stands(machine), ["nvme", undefined, 0]);
});

Deno.test("carryOut() gives the function back where a write is refused", async () => {
  const machine = new FakeMachine({ loaded: VFIO, failing: { [PROBE]: "EINVAL" } });
  const error = await assertRejects(() => bind(machine), UnreachableError);
  assertEquals(
    error.message,
    `Cannot bind 0000:01:00.0 to vfio-pci: cannot use ${PROBE}: refused (EINVAL); it is with no ` +
      "driver now, and was with nvme",
  );
  // The refusal lasts, so that nothing more could be done than to free the function.
  assertEquals(stands(machine), [undefined, undefined, 0]);
});

Deno.test("carryOut() that fails to bind leaves whom somebody had reserved the function for", async () => {
  for (const override of ["nvme", "vfio-pci", "uio_pci_generic"]) {
    const functions = { [ADDRESS]: { driver: "nvme", group: "14", controller: "nvme0", override } };
    const unwilling = new FakeMachine({ functions, unwilling: ["vfio-pci"] });
    await assertRejects(() => bind(unwilling), UnreachableError, "nvme has it, as before");
    assertEquals(stands(unwilling), ["nvme", override, 0]);
    // Before anything was changed, too.
    const file = "/lib/modules/6.1.0-test/kernel/vfio/pci/vfio-pci.ko.xz";
    const refusing = new FakeMachine({ functions, failing: { [file]: "EPERM" } });
    await assertRejects(() => bind(refusing), UnreachableError, "nvme has it, as before");
    assertEquals(stands(refusing), ["nvme", override, 0]);
  }
});

Deno.test("carryOut() touches no driver where a module is refused, and names modprobe", async () => {
  const file = "/lib/modules/6.1.0-test/kernel/vfio/pci/vfio-pci.ko.xz";
  for (
    const [code, next] of [
      ["EOPNOTSUPP", "this kernel does not unpack modules by itself: modprobe vfio_pci"],
      ["EPERM", "as root: modprobe vfio_pci (kernel lockdown may want a signed module)"],
      ["ENOEXEC", "modprobe vfio_pci; dmesg says why the kernel did not take the file"],
    ] as const
  ) {
    const machine = new FakeMachine({ failing: { [file]: code } });
    const error = await assertRejects(() => bind(machine), UnreachableError, "nvme has it");
    assertEquals([error.code, error.next], [code, next]);
    assertEquals(stands(machine), ["nvme", undefined, 0]);
    assertEquals(machine.done.some((done) => done.includes("driver/unbind")), false);
  }
});

Deno.test("carryOut() keeps the namespaces from coming into use until they are gone", async () => {
  const machine = new FakeMachine({ loaded: VFIO });
  await bind(machine);
  const [first, last] = [machine.done.at(0), machine.done.at(-1)];
  assertEquals([first, last], ["claim /dev/nvme0n1", "release /dev/nvme0n1"]);
  const late = new FakeMachine({ loaded: VFIO, claimed: ["/dev/nvme0n1"] });
  const error = await assertRejects(() => bind(late), SafetyError);
  assertEquals(
    error.message,
    "Cannot bind 0000:01:00.0 to vfio-pci: /dev/nvme0n1 came into use just now",
  );
  assertEquals(late.done, []);
});

Deno.test("carryOut() says what goes on when it is interrupted while it waits", async () => {
  const machine = new FakeMachine(LOST);
  const patience = new FakePatience();
  patience.sleep = () => Promise.reject(new InterruptedError("Interrupted", 143));
  const error = await assertRejects(() => unbind(machine, patience), InterruptedError);
  assertEquals(error.exitCode, 143);
  assertEquals(
    error.message,
    "Interrupted; 0000:01:00.0 is with nvme, which goes on bringing it up",
  );
});

Deno.test("carryOut() says at once that a user may not bind", async () => {
  const machine = new FakeMachine({
    loaded: VFIO,
    trees: [{
      "/proc/1/status": "Uid:\t9\t1000\t9\t9\nGid:\t9\t1000\t9\t9\nCapEff:\t0000000000000000\n",
    }],
  });
  const error = await assertRejects(() => bind(machine), UnreachableError);
  assertEquals(
    [error.message, error.code, error.next],
    [
      `Cannot bind 0000:01:00.0 to vfio-pci: this user may not write to ${OVERRIDE}`,
      "EACCES",
      "run it as root: nobody else may bind drivers",
    ],
  );
  assertEquals(machine.done, []);
});

Deno.test("carryOut() binds even where the driver cannot be remembered", async () => {
  const machine = new FakeMachine({
    loaded: VFIO,
    failing: { [`/run/nvmectl/vfio/${ADDRESS}`]: "EROFS" },
  });
  await bind(machine);
  assertEquals(stands(machine), ["vfio-pci", "vfio-pci", 0]);
  const back = await unbind(machine);
  assertEquals(back.function.driver, "nvme");
});

Deno.test("carryOut() does nothing that was refused", async () => {
  const machine = new FakeMachine({ trees: [process("77", "smartd", "/dev/nvme0")] });
  const error = await assertRejects(() => bind(machine), SafetyError);
  assertEquals(
    error.message,
    "Cannot bind 0000:01:00.0 to vfio-pci: process 77 (smartd) has /dev/nvme0 open",
  );
  assertEquals(machine.done, []);
});

Deno.test("carryOut() waits for the kernel's controller, up to a limit", async () => {
  const patience = new FakePatience();
  const error = await assertRejects(() => unbind(new FakeMachine(LOST), patience), DeadlineError);
  assertEquals(error.waitingFor, "a controller of the nvme driver for 0000:01:00.0");
  assertEquals([error.limitMs, patience.time], [500, 500]);
  const resetting = new FakeMachine({
    ...LOST,
    functions: {
      [ADDRESS]: { ...ONE_DRIVE[ADDRESS], driver: "vfio-pci", state: "resetting" },
    },
  });
  const slow = await assertRejects(() => unbind(resetting), DeadlineError);
  assertEquals(slow.waitingFor, "/dev/nvme0 to be live (it is resetting)");
});

Deno.test("carryOut() tells of a controller that came back dead, or was given up", async () => {
  const dead = new FakeMachine({
    ...LOST,
    functions: { [ADDRESS]: { ...ONE_DRIVE[ADDRESS], driver: "vfio-pci", state: "dead" } },
  });
  await assertRejects(() => unbind(dead), UnreachableError, "the kernel has /dev/nvme0 as dead");
  const machine = new FakeMachine(LOST);
  const patience = new FakePatience();
  // The nvme driver lets go of a drive that it cannot bring up.
  patience.onSleep = () =>
    machine.writeAttribute(`/sys/bus/pci/devices/${ADDRESS}/driver/unbind`, ADDRESS);
  await assertRejects(
    () => unbind(machine, patience),
    UnreachableError,
    "the nvme driver took it, and gave it up again",
  );
});

Deno.test("carryOut() leaves a function with vfio-pci where nobody else claims it", async () => {
  const machine = new FakeMachine({ ...LOST, unwilling: ["nvme"] });
  const error = await assertRejects(() => unbind(machine), UnreachableError);
  assertEquals(
    error.message,
    "Cannot unbind 0000:01:00.0 from vfio-pci: a driver of the kernel did not claim it, and it " +
      "has no driver now; vfio-pci has it, as before",
  );
  assertEquals(stands(machine), ["vfio-pci", "vfio-pci", 0]);
});
