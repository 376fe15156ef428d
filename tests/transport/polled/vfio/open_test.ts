// Opening a function through its group: the order, each refusal in its own words, no leak anywhere.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ERRNO } from "../../../../ffi/errno.ts";
import { UnreachableError, UsageError } from "../../../../src/errors.ts";
import { openVfio, type VfioOptions } from "../../../../src/transport/polled/vfio/open.ts";
import { optionsOf } from "./open_options.ts";
import { BDF, type Machine, ScriptedKernel } from "./scripted_kernel.ts";

const DEVICE = `/sys/bus/pci/devices/${BDF}`;
const MEMBERS = "/sys/kernel/iommu_groups/12/devices";

/** What opening on such a machine ends with; nothing may be left open. */
async function refused(
  machine: Machine,
  options: Partial<VfioOptions> = {},
): Promise<UnreachableError> {
  const kernel = new ScriptedKernel(machine);
  const error = await assertRejects(
    () => openVfio(BDF, optionsOf(kernel, options)),
    UnreachableError,
  );
  assertEquals([...kernel.alive], [], String(error));
  return error;
}

Deno.test("openVfio() goes container, group, SET_CONTAINER, SET_IOMMU, device", async () => {
  const kernel = new ScriptedKernel();
  using backing = await openVfio(BDF, optionsOf(kernel));
  assertEquals(backing.target, "pci:0000:06:00.0");
  assertEquals(kernel.log, [
    "open /dev/vfio/vfio",
    "VFIO_GET_API_VERSION",
    "VFIO_CHECK_EXTENSION 3",
    "open /dev/vfio/12",
    "VFIO_GROUP_GET_STATUS",
    "VFIO_GROUP_SET_CONTAINER",
    "VFIO_SET_IOMMU 3",
    "VFIO_GROUP_GET_DEVICE_FD",
    "VFIO_IOMMU_GET_INFO",
    "VFIO_IOMMU_GET_INFO",
    "VFIO_DEVICE_GET_INFO",
    "VFIO_DEVICE_GET_REGION_INFO",
    "VFIO_DEVICE_GET_REGION_INFO",
    "VFIO_DEVICE_GET_REGION_INFO",
    "map device",
    "VFIO_DEVICE_GET_IRQ_INFO",
    "event",
    "VFIO_DEVICE_SET_IRQS",
    "map memory",
    "VFIO_IOMMU_MAP_DMA",
  ]);
});

Deno.test("Backing.close() takes the memory away first and the container last, once", async () => {
  const kernel = new ScriptedKernel();
  const backing = await openVfio(BDF, optionsOf(kernel));
  kernel.log.length = 0;
  backing.close();
  backing[Symbol.dispose]();
  assertEquals(kernel.log, [
    "VFIO_IOMMU_UNMAP_DMA",
    "close 4194304 bytes of memory",
    "close eventfd",
    "close registers 0+16384",
    `close pci:${BDF}`,
    "close /dev/vfio/12",
    "close /dev/vfio/vfio",
  ]);
  assertEquals([...kernel.alive], []);
  assertThrows(() => backing.bar0.read32(0), ReferenceError);
});

Deno.test("openVfio() falls back to TYPE1 where TYPE1v2 is not there", async () => {
  const kernel = new ScriptedKernel({ extensions: [1] });
  using _backing = await openVfio(BDF, optionsOf(kernel));
  assert(kernel.log.includes("VFIO_SET_IOMMU 1"));
});

Deno.test("openVfio() undoes everything, wherever it fails", async () => {
  const good = new ScriptedKernel();
  (await openVfio(BDF, optionsOf(good))).close();
  const steps = new Set(good.log.filter((step) => !/^close|CHECK_EXTENSION|UNMAP/.test(step)));
  for (const step of steps) {
    const name = step.startsWith("VFIO") ? step.replace(/ .*/, "") : step;
    await refused({ refuse: { [name]: ERRNO.EIO } });
  }
  assert(steps.size > 14, `${steps.size} steps`);
});

Deno.test("openVfio() waits for a node that appears late", async () => {
  const kernel = new ScriptedKernel({ lateNode: 70 });
  using _backing = await openVfio(BDF, optionsOf(kernel));
  assertEquals(kernel.log.filter((step) => step === "open /dev/vfio/12").length, 1);
});

Deno.test("openVfio() says so when the node never appears, after its limit", async () => {
  const error = await refused({ lateNode: 1e9 }, { nodeLimitMs: 50 });
  assertEquals(error.message, `Cannot open pci:${BDF}: there is no /dev/vfio/12`);
  assertEquals(error.code, "ENOENT");
});

Deno.test("openVfio() stops waiting for a node when its signal fires", async () => {
  const kernel = new ScriptedKernel({ lateNode: 1e9 });
  const signal = AbortSignal.abort(new Error("interrupted"));
  await assertRejects(() => openVfio(BDF, optionsOf(kernel, { signal })), Error, "interrupted");
  assertEquals([...kernel.alive], []);
});

Deno.test("openVfio() refuses what is no PCI address before it looks anywhere", async () => {
  for (const typed of ["", "06:00.0", "0000:06:00", "0000:06:00.8", "0000:06:20.0", "../../etc"]) {
    const kernel = new ScriptedKernel();
    await assertRejects(() => openVfio(typed, optionsOf(kernel)), UsageError, "not a PCI address");
    assertEquals(kernel.log, []);
  }
});

Deno.test("openVfio() tells absent, without driver, with another driver and without IOMMU apart", async () => {
  const cases: readonly (readonly [Machine, string, string])[] = [
    [{ links: { [DEVICE]: undefined } }, "no PCI function has this address", "nvmectl vfio status"],
    [
      { links: { [`${DEVICE}/driver`]: undefined } },
      "no driver has it, need vfio-pci",
      `nvmectl vfio bind ${BDF}`,
    ],
    [
      { links: { [`${DEVICE}/driver`]: "../../bus/pci/drivers/nvme" } },
      "the driver nvme has it, need vfio-pci",
      `nvmectl vfio bind ${BDF}`,
    ],
    [
      { links: { [`${DEVICE}/iommu_group`]: undefined } },
      "it is in no IOMMU group, so this machine has no IOMMU switched on",
      "intel_iommu=on",
    ],
    [
      { texts: { "/sys/kernel/iommu_groups/12/name": "vfio-noiommu\n" } },
      "VFIO is in its unsafe mode without an IOMMU",
      "enable_unsafe_noiommu_mode",
    ],
    [
      {
        links: { [`${DEVICE}/iommu_group`]: undefined },
        texts: { "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode": "Y\n" },
      },
      "VFIO is in its unsafe mode without an IOMMU",
      "enable_unsafe_noiommu_mode",
    ],
  ];
  for (const [machine, state, next] of cases) {
    const kernel = new ScriptedKernel(machine);
    const error = await assertRejects(
      () => openVfio(BDF, optionsOf(kernel)),
      UnreachableError,
      `Cannot open pci:${BDF}: ${state}`,
    );
    assert(error.next?.includes(next), error.next);
    assertEquals(kernel.log, [], "nothing is opened");
  }
});

Deno.test("openVfio() takes a vendor's variant of vfio-pci", async () => {
  for (const driver of ["nvgrace_gpu_vfio_pci", "vfio-pci"]) {
    const kernel = new ScriptedKernel({ links: { [`${DEVICE}/driver`]: `../drivers/${driver}` } });
    (await openVfio(BDF, optionsOf(kernel))).close();
  }
});

Deno.test("openVfio() names every member of a group that is not viable, with its driver", async () => {
  const error = await refused({
    viable: false,
    folders: { [MEMBERS]: ["0000:06:00.1", "0000:05:00.0", BDF, "0000:06:00.2"] },
    links: {
      [`${MEMBERS}/0000:06:00.1/driver`]: "../../drivers/nvme",
      [`${MEMBERS}/0000:05:00.0/driver`]: "../../drivers/pcieport",
    },
  });
  assertEquals(
    error.message,
    `Cannot open pci:${BDF}: its IOMMU group 12 is shared with devices that kernel drivers have: ` +
      "0000:05:00.0 (pcieport), 0000:06:00.0 (vfio-pci), 0000:06:00.1 (nvme), " +
      "0000:06:00.2 (no driver)",
  );
  assert(error.next?.startsWith("unbind 0000:06:00.1, or bind"), error.next);
});

Deno.test("openVfio() names who has the group, and says so when nobody is seen", async () => {
  const refuse = { "open /dev/vfio/12": ERRNO.EBUSY };
  const asked: string[] = [];
  const held = await refused({ refuse }, {
    holders: (path) => {
      asked.push(path);
      return [{ pid: 4711, program: "qemu-system-x86" }, { pid: 12, program: "nvmectl" }];
    },
  });
  assertEquals(asked, ["/dev/vfio/12"]);
  assertEquals(
    held.message,
    `Cannot open pci:${BDF}: /dev/vfio/12 is in use by process 4711 (qemu-system-x86), 12 (nvmectl)`,
  );
  const unseen = await refused({ refuse });
  assert(unseen.message.endsWith("is in use by a process that is not seen"), unseen.message);
});

Deno.test("openVfio() says which node permission is missing for", async () => {
  for (const node of ["/dev/vfio/vfio", "/dev/vfio/12"]) {
    const error = await refused({ refuse: { [`open ${node}`]: ERRNO.EACCES } });
    assertEquals(error.message, `Cannot open pci:${BDF}: permission denied on ${node}`);
    assertEquals(error.code, "EACCES");
    assert(error.next?.endsWith(`sudo chown "$USER" ${node}`), error.next);
  }
});

Deno.test("openVfio() says what has to be loaded where VFIO is not there", async () => {
  const gone = await refused({ refuse: { "open /dev/vfio/vfio": ERRNO.ENODEV } });
  assert(gone.message.includes("VFIO is not loaded"), gone.message);
  assertEquals(gone.next, "modprobe vfio-pci vfio_iommu_type1");
  const blind = await refused({ extensions: [] });
  assert(blind.message.includes("vfio_iommu_type1 is not loaded"), blind.message);
  const other = await refused({ apiVersion: 1 });
  assert(other.message.includes("has version 1, need 0"), other.message);
});

Deno.test("openVfio() thinks of containers where a node is missing of what vfio-pci has", async () => {
  for (const node of ["/dev/vfio/vfio", "/dev/vfio/12"]) {
    const error = await refused({ refuse: { [`open ${node}`]: ERRNO.ENOENT } });
    assert(error.message.includes(`there is no ${node}`), error.message);
    assert(!error.message.includes("not loaded"), error.message);
    assert(error.next?.includes(`in a container: give it ${node}`), error.next);
    assertEquals(error.code, "ENOENT");
  }
});

Deno.test("openVfio() explains an IOMMU without interrupt remapping", async () => {
  const error = await refused({ refuse: { VFIO_SET_IOMMU: ERRNO.EPERM } });
  assert(error.message.includes("interrupts"), error.message);
  assert(error.next?.includes("allow_unsafe_interrupts=1"), error.next);
});

Deno.test("openVfio() says how much memory it has to lock, and how much it may", async () => {
  const error = await refused({
    refuse: { VFIO_IOMMU_MAP_DMA: ERRNO.ENOMEM },
    memlock: 65536n,
  });
  assertEquals(
    error.message,
    `Cannot pin memory for pci:${BDF}: need 4 MiB, and this process may lock 64 KiB with all that ` +
      "it locks already",
  );
  assert(error.next?.startsWith("ulimit -l 4096 or more"), error.next);
  const without = await refused({ refuse: { VFIO_IOMMU_MAP_DMA: ERRNO.ENOMEM } });
  assert(!without.message.includes("may lock"), without.message);
});

Deno.test("openVfio() names the request and the error of any other refusal", async () => {
  const error = await refused({ refuse: { VFIO_GROUP_SET_CONTAINER: ERRNO.EINVAL } });
  assertEquals(
    error.message,
    `Cannot use pci:${BDF}: send VFIO_GROUP_SET_CONTAINER to /dev/vfio/12: ` +
      "the kernel rejects an argument (EINVAL)",
  );
});

Deno.test("openVfio() takes I/O and administrative NVMe controllers and nothing else", async () => {
  for (const classCode of [0x010802, 0x010803]) {
    (await openVfio(BDF, optionsOf(new ScriptedKernel({ classCode })))).close();
  }
  const other = await refused({ classCode: 0x020000 });
  assert(other.message.includes("its class is 0x020000"), other.message);
  const gone = new ScriptedKernel();
  gone.config.fill(0xff);
  await assertRejects(() => openVfio(BDF, optionsOf(gone)), UnreachableError, "the device is gone");
  const platform = await refused({ deviceFlags: 1 });
  assert(platform.message.includes("no PCI function"), platform.message);
});

Deno.test("openVfio() puts memory where it is told, and refuses what the IOMMU does not have", async () => {
  const kernel = new ScriptedKernel();
  using backing = await openVfio(BDF, optionsOf(kernel, { iovaBase: 0x10_0000_0000n }));
  using memory = backing.dma.allocate(4096);
  assertEquals(memory.iova, 0x10_0000_0000n);
  const other = new ScriptedKernel();
  await assertRejects(
    () => openVfio(BDF, optionsOf(other, { iovaBase: 0xfee0_0000n })),
    UsageError,
    "reserved window",
  );
  assertEquals([...other.alive], []);
});

Deno.test("openVfio() rounds the memory to pages of the host and of the IOMMU", async () => {
  const kernel = new ScriptedKernel({ pageBytes: 65536 });
  using _backing = await openVfio(BDF, optionsOf(kernel, { arenaBytes: 100_000 }));
  assert(kernel.alive.has("131072 bytes of memory"), [...kernel.alive].join());
});

Deno.test("Backing.reset() is there only where the device can be reset", async () => {
  const kernel = new ScriptedKernel();
  using backing = await openVfio(BDF, optionsOf(kernel));
  backing.reset?.();
  assertEquals(kernel.log.at(-1), "VFIO_DEVICE_RESET");
  using fixed = await openVfio(BDF, optionsOf(new ScriptedKernel({ deviceFlags: 2 })));
  assertEquals(fixed.reset, undefined);
  using stubborn = await openVfio(
    BDF,
    optionsOf(new ScriptedKernel({ refuse: { VFIO_DEVICE_RESET: ERRNO.ENOTTY } })),
  );
  assertThrows(() => stubborn.reset?.(), UnreachableError, "VFIO_DEVICE_RESET");
});

Deno.test("Backing.asked() stays true once the kernel wanted the function back", async () => {
  const kernel = new ScriptedKernel();
  using backing = await openVfio(BDF, optionsOf(kernel));
  assertEquals(backing.asked?.(), false);
  kernel.requested = true;
  assertEquals(backing.asked?.(), true);
  kernel.requested = false;
  assertEquals(backing.asked?.(), true);
  using deaf = await openVfio(BDF, optionsOf(new ScriptedKernel({ interrupts: 4 })));
  assertEquals(deaf.asked, undefined);
});

Deno.test("Backing.close() closes everything even if memory was not all unmapped, and says so", async () => {
  const kernel = new ScriptedKernel({ unmapped: 0n });
  const backing = await openVfio(BDF, optionsOf(kernel));
  assertThrows(() => backing.close(), UnreachableError, "0 of 4194304 bytes were unmapped");
  assertEquals([...kernel.alive], []);
});

Deno.test("Backing.config reads and writes the configuration space in all widths", async () => {
  const kernel = new ScriptedKernel();
  using backing = await openVfio(BDF, optionsOf(kernel));
  backing.config.write(4, 2, 0x0406);
  assertEquals([kernel.config[4], kernel.config[5]], [0x06, 0x04]);
  kernel.config.set([0x36, 0x1b, 0x10, 0xf0]);
  assertEquals(backing.config.read(0, 4), 0xf010_1b36);
  assertEquals(backing.config.read(2, 2), 0xf010);
  assertEquals(backing.config.read(3, 1), 0xf0);
  for (const wrong of [1, 4094, 4096, -4]) {
    assertThrows(() => backing.config.read(wrong, 4), RangeError);
  }
});
