// nvmectl vfio status: what a person and a machine are told.

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { PciService } from "../../../src/cli/pci_service.ts";
import { vfioStatus } from "../../../src/commands/vfio/status.ts";
import type { VfioStatus } from "../../../src/cli/pci_service.ts";
import type { NvmeFunction, VfioMachine } from "../../../src/host/pci/facts.ts";
import { runCommand } from "../../support/context.ts";

const ABSENT = {
  exists: false,
  permissions: undefined,
  userId: undefined,
  group: undefined,
} as const;

const MACHINE: VfioMachine = {
  release: "6.1.0-test",
  iommu: { groups: 9, vendor: "Intel", described: true, parameters: ["intel_iommu=on"] },
  modules: [
    { name: "vfio", state: "loaded", path: undefined },
    { name: "vfio_pci", state: "loadable", path: "/lib/modules/6.1.0-test/vfio-pci.ko" },
  ],
  modulesDisabled: false,
  unsafeMode: undefined,
  container: { path: "/dev/vfio/vfio", mayUse: undefined, ...ABSENT },
  iommufd: { path: "/dev/iommu", mayUse: undefined, ...ABSENT },
  memlock: { limitBytes: 65536n, needBytes: 4194304n, counts: true },
  userId: 1000,
};

const FUNCTION: NvmeFunction = {
  kind: "nvme",
  address: "0000:01:00.0",
  classCode: "010802",
  vendor: "144d",
  device: "a80a",
  driver: "nvme",
  override: undefined,
  controller: {
    name: "nvme0",
    state: "live",
    serial: "S4EW\u001b[2J",
    model: "Samsung",
    namespaces: ["nvme0n1"],
  },
  group: {
    number: "14",
    isUnsafe: false,
    node: { path: "/dev/vfio/14", mayUse: undefined, ...ABSENT },
    viable: false,
    members: [
      {
        address: "0000:01:00.0",
        driver: "nvme",
        classCode: "010802",
        what: "NVMe controller",
        inTheWay: true,
      },
      {
        address: "0000:01:00.1",
        driver: "e1000e",
        classCode: "020000",
        what: "Ethernet controller",
        inTheWay: true,
      },
    ],
  },
  cdev: undefined,
  unsafeMode: false,
};

const STATUS: VfioStatus = {
  machine: MACHINE,
  obstacles: [{ text: "memory is short", next: "raise it" }],
  functions: [{
    function: FUNCTION,
    uses: [
      {
        kind: "mount",
        device: "/dev/nvme0n1",
        text: "/dev/nvme0n1 is mounted at /",
        weight: "use",
      },
    ],
    holders: [],
    obstacles: [{ text: "nvme has it", next: "nvmectl vfio bind 0000:01:00.0" }],
    origin: undefined,
  }],
};

function service(status: VfioStatus): { readonly pci: PciService; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const pci = {
    status(typed: string | undefined) {
      asked.push(typed);
      return status;
    },
  } as unknown as PciService;
  return { pci, asked };
}

Deno.test("vfio status tells of machine and function, and what to do next", async () => {
  const { pci, asked } = service(STATUS);
  const { text } = await runCommand(vfioStatus, ["01:00.0"], { pci });
  assertEquals(asked, ["01:00.0"]);
  for (
    const line of [
      "IOMMU          on: 9 groups (intel_iommu=on)",
      "Modules        vfio loaded, vfio_pci loadable",
      "Locked memory  limit 64 KiB; 4096 KiB needed",
      "0000:01:00.0  144d:a80a  nvme    nvme0          14 (not viable)  yes     no",
      // What a drive says of itself is hostile.
      "Drive          Samsung, serial S4EW\\u{1b}[2J, 144d:a80a, class 010802",
      "IOMMU group    14, not viable: 0000:01:00.1 (Ethernet controller, bound to e1000e)",
      "0000:01:00.1  Ethernet controller  e1000e  in the way",
      "  - /dev/nvme0n1 is mounted at /",
      "  - nvme has it. Next: nvmectl vfio bind 0000:01:00.0",
    ]
  ) assertStringIncludes(text, line);
});

Deno.test("vfio status tells a machine the same as JSON", async () => {
  const { report } = await runCommand(vfioStatus, ["-o", "json"], service(STATUS));
  const { machine, functions } = JSON.parse(JSON.stringify(report.json));
  assertEquals(machine.iommu.groups, 9);
  assertEquals(machine.locked_memory, {
    limit_bytes: 65536,
    needed_bytes: 4194304,
    limit_counts: true,
  });
  assertEquals(machine.in_the_way, [{ text: "memory is short", next: "raise it" }]);
  const [one] = functions;
  assertEquals([one.address, one.driver, one.ready, one.came_from], [
    "0000:01:00.0",
    "nvme",
    false,
    null,
  ]);
  assertEquals(one.iommu_group.members.map((member: { address: string }) => member.address), [
    "0000:01:00.0",
    "0000:01:00.1",
  ]);
  assertEquals(one.uses[0].kind, "mount");
});

Deno.test("vfio status says what is in the way on a machine without functions", async () => {
  const { text } = await runCommand(vfioStatus, [], service({ ...STATUS, functions: [] }));
  assertStringIncludes(text, "  - memory is short. Next: raise it");
  assertStringIncludes(text, "none: this machine shows no NVMe function");
});

Deno.test("vfio status says of a function that is ready how to use it", async () => {
  const ready: VfioStatus = {
    ...STATUS,
    functions: STATUS.functions.map((one) => ({ ...one, uses: [], obstacles: [] })),
  };
  const { text } = await runCommand(vfioStatus, [], service(ready));
  assertStringIncludes(text, "Ready: nvmectl identify pci:0000:01:00.0");
});
