// nvmectl vfio bind: over the real service and a machine in memory.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { vfioBind } from "../../../src/commands/vfio/bind.ts";
import { SafetyError, UsageError } from "../../../src/errors.ts";
import { HostPciService } from "../../../src/host/pci/service.ts";
import {
  FakeMachine,
  type FakeOptions,
  FakePatience,
  mounted,
  ONE_DRIVE,
} from "../../host/pci/fake_machine.ts";
import { runCommand } from "../../support/context.ts";

/** A machine, and its service as a command's surroundings. */
function on(options: FakeOptions = {}) {
  const machine = new FakeMachine(options);
  return { machine, around: { pci: new HostPciService(machine, () => new FakePatience()) } };
}

const USED: FakeOptions = { trees: [mounted("259:0 /mnt ext4 /dev/nvme0n1")] };

Deno.test("vfio bind says what it did, and how it is undone", async () => {
  const { machine, around } = on();
  const { text, report } = await runCommand(vfioBind, ["01:00.0"], around);
  assertEquals(machine.driverOf("0000:01:00.0"), "vfio-pci");
  assertStringIncludes(text, "Driver       vfio-pci, was nvme\n");
  assertStringIncludes(text, "Next: nvmectl identify pci:0000:01:00.0\n");
  assertStringIncludes(text, "Back to the kernel: nvmectl vfio unbind 0000:01:00.0\n");
  assertEquals(report.json["changed"], true);
  assertEquals(report.exit, undefined);
});

Deno.test("vfio bind --dry-run shows every step in the form of the other dry runs", async () => {
  const { machine, around } = on({ loaded: ["vfio", "vfio_iommu_type1", "vfio_pci"] });
  const { text, report } = await runCommand(vfioBind, ["01:00.0", "--dry-run"], around);
  assertEquals(machine.done, []);
  const { schema, verb, target, refused, steps } = JSON.parse(JSON.stringify(report.json));
  assertEquals([schema, verb, target, refused, report.exit], [
    "nvmectl.dry-run/1",
    "vfio bind",
    "0000:01:00.0",
    [],
    0,
  ]);
  assertEquals(steps[1], {
    kind: "write",
    path: "/sys/bus/pci/devices/0000:01:00.0/driver_override",
    text: "vfio-pci",
    why: "only this driver may claim the function",
  });
  assertEquals(text.split("\n").filter((line) => line.startsWith("WOULD")).length, steps.length);
});

Deno.test("vfio bind refuses a drive in use, and its dry run says so with the same status", async () => {
  const { machine, around } = on(USED);
  await assertRejects(
    () => runCommand(vfioBind, ["01:00.0"], around),
    SafetyError,
    "Cannot bind 0000:01:00.0 to vfio-pci: /dev/nvme0n1 is mounted at /mnt (ext4)",
  );
  const { text, report } = await runCommand(vfioBind, ["01:00.0", "--dry-run"], around);
  assertEquals(report.exit, 5);
  assertStringIncludes(text, "As things are this would be refused, and nothing done:");
  assertStringIncludes(text, "  - /dev/nvme0n1 is mounted at /mnt (ext4)");
  assertEquals(machine.done, []);
});

Deno.test("vfio bind has one override for each reason, and none for use", async () => {
  const blocks = {
    "/dev/nvme0n1": new TextEncoder().encode("bluestore block device".padEnd(4096)),
  };
  const member = on({ blocks });
  await assertRejects(() => runCommand(vfioBind, ["01:00.0"], member.around), SafetyError);
  const { text } = await runCommand(
    vfioBind,
    ["01:00.0", "--ignore", "signature"],
    member.around,
  );
  assertStringIncludes(text, "  - /dev/nvme0n1 has the signature of a Ceph BlueStore device");
  const used = on(USED);
  await assertRejects(
    () => runCommand(vfioBind, ["01:00.0", "--ignore", "signature"], used.around),
    SafetyError,
  );
  await assertRejects(
    () => runCommand(vfioBind, ["01:00.0", "--ignore", "mounts"], used.around),
    UsageError,
  );
});

Deno.test("vfio bind names what else of the group has to be bound, and promises no use before", async () => {
  const { around } = on({
    functions: {
      ...ONE_DRIVE,
      "0000:01:00.1": { driver: "nvme", group: "14", controller: "nvme1" },
    },
  });
  const { text } = await runCommand(vfioBind, ["01:00.0"], around);
  assertStringIncludes(text, "IOMMU group  14, not viable\n");
  assertStringIncludes(text, "nvmectl vfio bind 0000:01:00.1\n");
  assertEquals(text.includes("Next: nvmectl identify"), false);
});
