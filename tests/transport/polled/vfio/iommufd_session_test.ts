// Opening a function through IOMMUFD, as the kernel's headers describe it.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ERRNO } from "../../../../ffi/errno.ts";
import { UnreachableError, UsageError } from "../../../../src/errors.ts";
import { openVfio } from "../../../../src/transport/polled/vfio/open.ts";
import { optionsOf } from "./open_options.ts";
import { BDF, type Machine, ScriptedKernel } from "./scripted_kernel.ts";

const NODE = "/dev/vfio/devices/vfio3";
const FOLDERS = {
  [`/sys/bus/pci/devices/${BDF}/vfio-dev`]: ["vfio3"],
  "/dev": ["iommu", "null"],
  "/dev/vfio/devices": ["vfio3"],
};

function kernelWith(machine: Machine = {}): ScriptedKernel {
  return new ScriptedKernel({ ...machine, folders: { ...FOLDERS, ...machine.folders } });
}

Deno.test("openVfio() binds to IOMMUFD and attaches before it uses the device", async () => {
  const kernel = kernelWith();
  using backing = await openVfio(BDF, optionsOf(kernel));
  using memory = backing.dma.allocate(1);
  assertEquals(memory.iova, 0x1_0000_0000n);
  assertEquals(kernel.log.slice(0, 8), [
    "open /dev/iommu",
    `open ${NODE}`,
    "VFIO_DEVICE_BIND_IOMMUFD",
    "IOMMU_IOAS_ALLOC",
    "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
    "map memory",
    "IOMMU_IOAS_IOVA_RANGES",
    "close 1024 bytes of memory",
  ]);
  assertEquals(kernel.log.at(-1), "IOMMU_IOAS_MAP");
});

Deno.test("Backing.close() detaches from IOMMUFD in reverse, and leaves nothing", async () => {
  const kernel = kernelWith();
  const backing = await openVfio(BDF, optionsOf(kernel));
  kernel.log.length = 0;
  backing.close();
  assertEquals(kernel.log, [
    "IOMMU_IOAS_UNMAP",
    "close 4194304 bytes of memory",
    "close eventfd",
    "close registers 0+16384",
    "VFIO_DEVICE_DETACH_IOMMUFD_PT",
    "IOMMU_DESTROY",
    `close ${NODE}`,
    "close /dev/iommu",
  ]);
  assertEquals([...kernel.alive], []);
});

Deno.test("openVfio() uses the group where any part of IOMMUFD is missing", async () => {
  for (const folder of Object.keys(FOLDERS)) {
    const kernel = kernelWith({ folders: { [folder]: [] } });
    using _backing = await openVfio(BDF, optionsOf(kernel));
    assertEquals(kernel.log[0], "open /dev/vfio/vfio", folder);
  }
});

Deno.test("openVfio() uses the group where this user may not open the nodes of IOMMUFD", async () => {
  const group = "/dev/vfio/12";
  for (const forbidden of ["/dev/iommu", NODE]) {
    const refuse = { [`open ${forbidden}`]: ERRNO.EACCES };
    const kernel = kernelWith({ refuse });
    using _backing = await openVfio(BDF, optionsOf(kernel));
    assert(kernel.log.includes(`open ${group}`), kernel.log.join());
    // Of two nodes that may not be opened the group's is named; without a group there is but one.
    for (const [other, named] of [[ERRNO.EACCES, group], [ERRNO.ENOENT, forbidden]] as const) {
      const none = kernelWith({ refuse: { ...refuse, [`open ${group}`]: other } });
      await assertRejects(
        () => openVfio(BDF, optionsOf(none)),
        UnreachableError,
        `permission denied on ${named}`,
      );
      assertEquals([...none.alive], []);
    }
  }
});

Deno.test("openVfio() undoes everything, wherever IOMMUFD fails", async () => {
  const good = kernelWith();
  (await openVfio(BDF, optionsOf(good))).close();
  const ends = /^close|UNMAP|DETACH|DESTROY/;
  const steps = new Set(good.log.filter((step) => !ends.test(step)));
  for (const step of steps) {
    const kernel = kernelWith({ refuse: { [step]: ERRNO.EIO } });
    await assertRejects(() => openVfio(BDF, optionsOf(kernel)), UnreachableError);
    assertEquals([...kernel.alive], [], step);
  }
  assert(steps.size > 12, `${steps.size} steps`);
});

Deno.test("openVfio() makes room for as many ranges as IOMMUFD has", async () => {
  const ranges = Array.from(
    { length: 100 },
    (_, at) => [BigInt(at) << 24n, (BigInt(at) << 24n) + 0x7f_ffffn] as const,
  );
  const kernel = kernelWith({ ranges });
  using _backing = await openVfio(BDF, optionsOf(kernel, { iovaBase: 99n << 24n }));
  assertEquals(kernel.log.filter((step) => step === "IOMMU_IOAS_IOVA_RANGES").length, 2);
  const other = kernelWith({ ranges });
  await assertRejects(
    () => openVfio(BDF, optionsOf(other, { iovaBase: 100n << 24n })),
    UsageError,
    "the last address of the IOMMU is 0x637fffff",
  );
});

Deno.test("openVfio() tells a kernel driver in the group from another user of the node", async () => {
  const members = "/sys/kernel/iommu_groups/12/devices";
  const refuse = { VFIO_DEVICE_BIND_IOMMUFD: ERRNO.EBUSY };
  const shared = kernelWith({
    refuse,
    folders: { [members]: [BDF, "0000:06:00.1"] },
    links: { [`${members}/0000:06:00.1/driver`]: "../drivers/nvme" },
  });
  await assertRejects(
    () => openVfio(BDF, optionsOf(shared)),
    UnreachableError,
    "0000:06:00.1 (nvme)",
  );
  const holders = (path: string) => path === NODE ? [{ pid: 77, program: "spdk_tgt" }] : [];
  await assertRejects(
    () => openVfio(BDF, optionsOf(kernelWith({ refuse }), { holders })),
    UnreachableError,
    `${NODE} is in use by process 77 (spdk_tgt)`,
  );
});

Deno.test("openVfio() says how much memory IOMMUFD may lock", async () => {
  const kernel = kernelWith({ refuse: { IOMMU_IOAS_MAP: ERRNO.ENOMEM }, memlock: 8192n * 1024n });
  await assertRejects(
    () => openVfio(BDF, optionsOf(kernel, { arenaBytes: 16 * 1024 * 1024 })),
    UnreachableError,
    "need 16 MiB, and this process may lock 8192 KiB",
  );
});

Deno.test("Backing.close() says so where IOMMUFD unmapped only a part", async () => {
  const kernel = kernelWith({ unmapped: 4096n });
  const backing = await openVfio(BDF, optionsOf(kernel));
  assertThrows(() => backing.close(), UnreachableError, "4096 of 4194304 bytes");
  assertEquals([...kernel.alive], []);
});
