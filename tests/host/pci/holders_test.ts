// Who holds a function through vfio.

import { assertEquals } from "@std/assert";
import { describeFunction } from "../../../src/host/pci/function.ts";
import { functionHolders, holdersOf } from "../../../src/host/pci/holders.ts";
import { holderText } from "../../../src/host/pci/words.ts";
import { process } from "../machine.ts";
import { charDevice, memoryView, type Tree } from "../memory_view.ts";
import { FakeMachine } from "./fake_machine.ts";

const DEVICE = "anon_inode:[vfio-device]";

Deno.test("holdersOf() goes by the device, whatever its node is called, and tells the program", () => {
  const view = memoryView(
    {
      "/dev/vfio/14": charDevice("243:0"),
      "/dev/vfio/15": charDevice("243:1"),
      "/mnt/mine": charDevice("243:0"),
    },
    process("20", "spdk_tgt", "/dev/null", "/dev/vfio/vfio", "/dev/vfio/14", "/dev/vfio/14"),
    process("3", "qemu", "/mnt/mine"),
    process("4", "other", "/dev/vfio/15"),
  );
  assertEquals(holdersOf(view, "/dev/vfio/14").map(holderText), [
    "process 3 (qemu) has /dev/vfio/14 open",
    "process 20 (spdk_tgt) has /dev/vfio/14 open",
  ]);
});

Deno.test("holdersOf() goes by the name where the node is out of sight", () => {
  const view = memoryView(process("20", "spdk_tgt", "/dev/vfio/14"));
  assertEquals(holdersOf(view, "/dev/vfio/14").map(({ processId }) => processId), [20]);
});

function holders(...trees: readonly Tree[]): readonly string[] {
  const functions = { "0000:01:00.0": { driver: "vfio-pci", group: "14" } };
  const { view } = new FakeMachine({ functions, loaded: ["vfio_pci"], trees });
  const found = describeFunction(view, "01:00.0");
  if (found.kind !== "nvme") throw new Error(found.kind);
  return functionHolders(view, found).map(holderText);
}

Deno.test("functionHolders() sees a device whose group was closed, as far as it says what it is", () => {
  const syspath = (address: string): string =>
    `pos:\t0\nvfio-device-syspath: /sys/devices/pci0000:00/${address}\n`;
  assertEquals(
    holders(
      process("30", "this", DEVICE),
      { "/proc/30/fdinfo/0": syspath("0000:01:00.0") },
      process("31", "another", DEVICE),
      { "/proc/31/fdinfo/0": syspath("0000:02:00.0") },
      process("32", "silent", DEVICE),
      process("33", "elsewhere", DEVICE, "/dev/vfio/99"),
      process("34", "group", DEVICE, "/dev/vfio/14"),
    ),
    [
      "process 30 (this) has a vfio device open",
      "process 32 (silent) has a vfio device open, which may be this one",
      "process 34 (group) has /dev/vfio/14 open",
    ],
  );
});
