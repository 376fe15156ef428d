// Who this process is, what a node allows, and NVMe functions without a driver.

import { assertEquals } from "@std/assert";
import {
  isModuleLoaded,
  nodeAccess,
  pciNvmeFunctions,
  processIdentity,
  whyNoController,
} from "../../src/host/permissions.ts";
import { files, pcieController, pciFunction } from "./machine.ts";
import { charDevice, memoryView, type Tree } from "./memory_view.ts";

/** /proc/self/status of an effective user, its groups and capabilities. */
function process(user: number, groups: readonly number[], capabilities: string): Tree {
  const text = [
    "Name:\tnvmectl",
    `Uid:\t1000\t${user}\t${user}\t${user}`,
    `Gid:\t1000\t${groups[0]}\t${groups[0]}\t${groups[0]}`,
    `Groups:\t${groups.slice(1).join(" ")} `,
    "CapInh:\t0000000000000000",
    `CapEff:\t${capabilities}`,
    "",
  ];
  return { "/proc/self/status": text.join("\n") };
}

const ROOT = process(0, [0], "000001ffffffffff");
const USER = process(1000, [1000, 6, 27], "0000000000000000");
/** Root with what container engines leave it: DAC_OVERRIDE, but not SYS_ADMIN. */
const CONFINED = process(0, [0], "00000000a80425fb");
const NVME_MODULE = { "/sys/module/nvme/uevent": "" };

Deno.test("processIdentity() reads the effective user, its groups and capabilities", () => {
  assertEquals(processIdentity(memoryView(ROOT)), {
    userId: 0,
    groupIds: [0],
    mayAdminister: true,
    mayOpenAnything: true,
    mayLockMemory: true,
  });
  assertEquals(processIdentity(memoryView(USER)), {
    userId: 1000,
    groupIds: [1000, 6, 27],
    mayAdminister: false,
    mayOpenAnything: false,
    mayLockMemory: false,
  });
});

Deno.test("processIdentity() knows a root that lacks the right to administer", () => {
  const found = processIdentity(memoryView(CONFINED));
  assertEquals([found?.userId, found?.mayAdminister, found?.mayOpenAnything], [0, false, true]);
});

Deno.test("processIdentity() is undefined where /proc does not say", () => {
  assertEquals(processIdentity(memoryView({})), undefined);
  assertEquals(processIdentity(memoryView({ "/proc/self/status": "Name:\tx\n" })), undefined);
});

Deno.test("nodeAccess() goes by owner, group, others, in this order, and by capability", () => {
  const mayRead = (permissions: number, owner: number, group: number, who: Tree) => {
    const node = charDevice("241:0", { permissions, userId: owner, groupId: group });
    return nodeAccess(memoryView(who, { "/dev/nvme0": node }), "/dev/nvme0")?.mayRead;
  };
  assertEquals(mayRead(0o600, 0, 0, ROOT), true);
  assertEquals(mayRead(0o600, 0, 0, USER), false);
  assertEquals(mayRead(0o660, 0, 6, USER), true);
  assertEquals(mayRead(0o660, 0, 7, USER), false);
  assertEquals(mayRead(0o604, 0, 7, USER), true);
  // The owner's bits count for the owner, even where the others' would allow more.
  assertEquals(mayRead(0o066, 1000, 6, USER), false);
  assertEquals(mayRead(0o606, 0, 6, USER), false);
  assertEquals(mayRead(0o000, 0, 0, CONFINED), true);
  assertEquals(mayRead(0o600, 0, 0, {}), undefined);
});

Deno.test("nodeAccess() names the group where there is a group file", () => {
  const node = { "/dev/ng0n1": charDevice("240:0", { permissions: 0o660, groupId: 6 }) };
  const groups = { "/etc/group": "root:x:0:\ndisk:x:6:me\n" };
  assertEquals(nodeAccess(memoryView(USER, node, groups), "/dev/ng0n1"), {
    path: "/dev/ng0n1",
    permissions: 0o660,
    userId: 0,
    groupId: 6,
    groupName: "disk",
    mayRead: true,
    mayWrite: true,
  });
  assertEquals(nodeAccess(memoryView(USER, node), "/dev/ng0n1")?.groupName, undefined);
  assertEquals(nodeAccess(memoryView(USER), "/dev/ng0n1"), undefined);
});

Deno.test("isModuleLoaded() knows a module by its directory", () => {
  assertEquals(isModuleLoaded(memoryView(NVME_MODULE), "nvme"), true);
  assertEquals(isModuleLoaded(memoryView(NVME_MODULE), "nvme_core"), false);
});

Deno.test("pciNvmeFunctions() finds functions by class, or by driver, and nothing else", () => {
  const view = memoryView(
    pcieController("nvme0", "0000:0a:00.0"),
    pciFunction("0000:02:00.0", { class: "0x010802", driver: "vfio-pci" }),
    pciFunction("0000:01:00.0", { class: "0x010803" }),
    pciFunction("0000:04:00.0", { class: "0x018002", vendor: "0x106b", driver: "nvme" }),
    pciFunction("0000:03:00.0", { class: "0x030000", driver: "i915" }),
    pciFunction("10000:01:00.0", { class: "0x010802" }),
    { "/sys/bus/pci/devices/0000:09:00.0/vendor": "0x8086\n" },
  );
  const found = pciNvmeFunctions(view).map(({ address, classCode, driver, controller }) => [
    address,
    classCode,
    driver,
    controller,
  ]);
  assertEquals(found, [
    ["0000:01:00.0", "010803", undefined, undefined],
    ["0000:02:00.0", "010802", "vfio-pci", undefined],
    ["0000:04:00.0", "018002", "nvme", undefined],
    ["0000:0a:00.0", "010802", "nvme", "nvme0"],
    ["10000:01:00.0", "010802", undefined, undefined],
  ]);
});

Deno.test("whyNoController() says what has each NVMe function that Linux does not drive", () => {
  const view = memoryView(
    NVME_MODULE,
    pciFunction("0000:01:00.0", { driver: "vfio-pci" }),
    pciFunction("0000:02:00.0", {}),
    pciFunction("0000:03:00.0", { driver: "nvme" }),
    pcieController("nvme0", "0000:04:00.0"),
  );
  assertEquals(whyNoController(view), [
    "0000:01:00.0 is an NVMe controller, but it is bound to vfio-pci",
    "0000:02:00.0 is an NVMe controller, but no driver is bound to it " +
    "(the nvme driver may have given it up: see dmesg)",
    "0000:03:00.0 is an NVMe controller, and the nvme driver has it, " +
    "but has not brought it up (dmesg says why)",
  ]);
});

Deno.test("whyNoController() says when the module is not loaded", () => {
  assertEquals(whyNoController(memoryView(pciFunction("0000:01:00.0", {}))), [
    "0000:01:00.0 is an NVMe controller, but no driver is bound to it " +
    "and the nvme module is not loaded",
  ]);
});

Deno.test("whyNoController() names RAID controllers that can hide the missing drives", () => {
  const raid = pciFunction("0000:00:0e.0", { class: "0x010400", vendor: "0x8086" });
  assertEquals(
    whyNoController(memoryView(raid, pciFunction("0000:05:00.0", { class: "0x020000" }))),
    [
      "no PCI function is an NVMe controller",
      "0000:00:0e.0 is an Intel RAID controller, behind which drives can be hidden: " +
      "the firmware setup (VMD, RST) or the vmd driver shows them",
    ],
  );
  assertEquals(whyNoController(memoryView(raid, pcieController("nvme0", "0000:01:00.0"))), []);
});

Deno.test("whyNoController() says when there is no PCI to look at", () => {
  assertEquals(whyNoController(memoryView({})), ["/sys shows no PCI functions"]);
  const network = memoryView(files("/sys/bus/pci/devices/0000:00:00.0", { class: "0x060000" }));
  assertEquals(whyNoController(network), ["no PCI function is an NVMe controller"]);
});
