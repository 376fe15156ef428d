// nvmectl vfio status, bind and unbind against the kernel's own drivers.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { controller, nvmectl, ORDINARY_USER, shell } from "../../../support/guest.ts";
import { addressOf, driverAt, IOMMU_SERIAL, iommuTest } from "../../../support/iommu_guest.ts";

/** Runs `nvmectl vfio WORDS` and expects the exit status. */
async function vfio(guest: Guest, words: readonly string[], status = 0): Promise<string> {
  const { code, stdout, stderr } = await nvmectl(guest, ["vfio", ...words]);
  assertEquals(code, status, stderr);
  return status === 0 ? stdout : stderr;
}

async function overrideAt(guest: Guest, address: string): Promise<string> {
  return (await shell(guest, `cat /sys/bus/pci/devices/${address}/driver_override`)).trim();
}

/** Has binding refused, with these words, and the function left alone. */
async function assertRefused(guest: Guest, address: string, because: RegExp): Promise<void> {
  assertMatch(await vfio(guest, ["bind", address], 5), because);
  assertEquals(await driverAt(guest, address), "nvme");
  assertEquals(await overrideAt(guest, address), "(null)");
}

iommuTest("vfio bind refuses a drive in use, whatever uses it", async (guest) => {
  const address = await addressOf(guest, IOMMU_SERIAL.alone);
  const device = await controller(guest, IOMMU_SERIAL.alone);
  const disk = `${device}n1`;
  await shell(guest, `mke2fs -q -F ${disk} && mkdir -p /run/mnt && mount ${disk} /run/mnt`);
  try {
    await assertRefused(guest, address, /nvme\d+n1 is mounted at \/run\/mnt/);
  } finally {
    await shell(guest, "umount /run/mnt");
  }
  await shell(guest, `mkswap ${disk} >/dev/null 2>&1 && swapon ${disk}`);
  try {
    await assertRefused(guest, address, /nvme\d+n1 is in use as swap/);
  } finally {
    await shell(guest, `swapoff ${disk}`);
  }
  for (const node of [disk, device]) {
    const pid = await hold(guest, node);
    try {
      await assertRefused(guest, address, /process \d+ \(sleep\)/);
    } finally {
      await shell(guest, `kill ${pid}`);
    }
  }
  await shell(guest, `dd if=/dev/zero of=${disk} bs=1M count=1 conv=fsync 2>/dev/null`);
  await shell(guest, `printf LABELONE | dd of=${disk} bs=512 seek=1 conv=fsync 2>/dev/null`);
  await assertRefused(guest, address, /signature of an LVM physical volume/);
});

iommuTest("vfio bind --dry-run changes nothing, and bind does exactly that", async (guest) => {
  const address = await addressOf(guest, IOMMU_SERIAL.alone);
  const words = ["bind", address, "--ignore", "signature", "-o", "json"];
  const dry = JSON.parse(await vfio(guest, [...words, "--dry-run"]));
  assertEquals([dry.schema, dry.refused], ["nvmectl.dry-run/1", []]);
  assertEquals(await driverAt(guest, address), "nvme");
  const done = JSON.parse(await vfio(guest, words));
  assertEquals(done.steps, dry.steps);
  assertEquals(done.function.driver, "vfio-pci");
  assertEquals(done.function.iommu_group.viable, true);
  assertEquals(await driverAt(guest, address), "vfio-pci");
  // The modules came in without any other program.
  assertMatch(await shell(guest, "cat /proc/modules"), /^vfio_iommu_type1 /m);
  const { functions } = JSON.parse(await vfio(guest, ["status", address, "-o", "json"]));
  assertEquals([functions[0].ready, functions[0].in_the_way, functions[0].came_from], [
    true,
    [],
    "nvme",
  ]);
});

iommuTest("vfio status tells an ordinary user what is missing", async (guest) => {
  const address = await boundAddress(guest);
  const { code, stdout } = await nvmectl(guest, ["vfio", "status", address], {
    user: ORDINARY_USER,
  });
  assertEquals(code, 0);
  assertMatch(stdout, /this user may not open \/dev\/vfio\/\d+: its mode is 0600, its owner root/);
  const { code: refused, stderr } = await nvmectl(guest, ["vfio", "unbind", address], {
    user: ORDINARY_USER,
  });
  assertEquals(refused, 4);
  assertStringIncludes(stderr, "this user may not write to");
});

iommuTest("vfio unbind does not wait for who holds the function, but names it", async (guest) => {
  const address = await boundAddress(guest);
  const group = await shell(guest, `readlink /sys/bus/pci/devices/${address}/iommu_group`);
  const node = `/dev/vfio/${group.trim().split("/").at(-1)}`;
  const pid = await hold(guest, node);
  try {
    const said = await vfio(guest, ["unbind", address], 5);
    assertStringIncludes(said, `process ${pid} (sleep) has ${node} open`);
    assertEquals(await driverAt(guest, address), "vfio-pci");
  } finally {
    await shell(guest, `kill ${pid}; while [ -e /proc/${pid} ]; do sleep 0.1; done`);
  }
});

iommuTest("vfio unbind gives the drive back, at work, with its data", async (guest) => {
  const address = await boundAddress(guest);
  const back = JSON.parse(await vfio(guest, ["unbind", address, "-o", "json"]));
  assertEquals([back.function.driver, back.function.controller.state], ["nvme", "live"]);
  assertEquals(back.function.controller.serial, IOMMU_SERIAL.alone);
  assertEquals(await overrideAt(guest, address), "(null)");
  assertEquals(await shell(guest, "ls /run/nvmectl/vfio"), "");
  const disk = `/dev/${back.function.controller.namespaces[0]}`;
  const read = `dd if=${disk} bs=512 skip=1 count=1 2>/dev/null | head -c 8`;
  assertEquals(await shell(guest, read), "LABELONE");
  const again = JSON.parse(await vfio(guest, ["unbind", address, "-o", "json"]));
  assertEquals(again.changed, false);
});

iommuTest(
  "two functions of one group: every member is named until all are bound",
  async (guest) => {
    const first = await addressOf(guest, IOMMU_SERIAL.first);
    const second = await addressOf(guest, IOMMU_SERIAL.second);
    const bound = await vfio(guest, ["bind", first]);
    assertStringIncludes(bound, `still in the way: ${second} (NVMe controller, bound to nvme)`);
    const { code, stderr } = await nvmectl(guest, ["identify", `pci:${first}`]);
    assertEquals(code, 4, stderr);
    assertMatch(stderr, /IOMMU group \d+ is not viable/);
    for (const address of [first, second]) assertStringIncludes(stderr, address);
    await vfio(guest, ["bind", second]);
    const { functions } = JSON.parse(await vfio(guest, ["status", first, "-o", "json"]));
    assert(functions[0].ready, JSON.stringify(functions[0].in_the_way));
    await vfio(guest, ["unbind", first]);
    await vfio(guest, ["unbind", second]);
    assertEquals(await driverAt(guest, second), "nvme");
  },
);

iommuTest("what is no NVMe function has a sentence and a status of its own", async (guest) => {
  const cases: readonly (readonly [typed: string, status: number, said: RegExp])[] = [
    ["00:00.0", 2, /it is not an NVMe controller, but a host bridge \(class 060000\)/],
    ["0000:aa:00.0", 4, /there is no PCI function at this address/],
    ["nvme0", 2, /it is the name of a device, not where it is plugged in/],
    ["0000:00:1f", 2, /the function is missing/],
  ];
  for (const [typed, status, said] of cases) {
    for (const verb of ["status", "bind", "unbind"]) {
      assertMatch(await vfio(guest, [verb, typed], status), said);
    }
  }
});

/** Starts a process that has a node open, and returns its number. */
async function hold(guest: Guest, node: string): Promise<string> {
  const script = `(sleep 600 <${node} >/dev/null 2>&1 & echo $! >/run/holder.pid) ` +
    "</dev/null >/dev/null 2>&1; cat /run/holder.pid";
  return (await shell(guest, script)).trim();
}

/** The function that an earlier test gave to vfio-pci. */
async function boundAddress(guest: Guest): Promise<string> {
  const [address = ""] = (await shell(guest, "ls /run/nvmectl/vfio")).trim().split("\n");
  assertEquals(await driverAt(guest, address), "vfio-pci");
  return address;
}
