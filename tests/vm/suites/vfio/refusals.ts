// Everything in the way of opening a drive over pci:, each with its own sentence and exit status.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { controller, nvmectl, ORDINARY_USER, shell } from "../../../support/guest.ts";
import {
  addressOf,
  driverAt,
  IOMMU_SERIAL,
  iommuTest,
  whileBound,
} from "../../../support/iommu_guest.ts";

/** Has a target refused by a verb, with this status and these words; returns the sentence. */
async function assertRefused(
  guest: Guest,
  words: readonly string[],
  status: number,
  said: RegExp,
): Promise<string> {
  const { code, stdout, stderr } = await nvmectl(guest, words);
  assertEquals([code, stdout], [status, ""], `${words.join(" ")}: ${stderr}`);
  assertMatch(stderr, said);
  assertMatch(stderr, /\n {2}Next: \S/, stderr);
  return stderr.split("\n")[0] ?? "";
}

/** The node of a function's IOMMU group. */
async function groupNode(guest: Guest, address: string): Promise<string> {
  const link = await shell(guest, `readlink /sys/bus/pci/devices/${address}/iommu_group`);
  return `/dev/vfio/${link.trim().split("/").at(-1)}`;
}

iommuTest(
  "what is no drive of ours is refused, each with a sentence and a status of its own",
  async (guest) => {
    const address = await addressOf(guest, IOMMU_SERIAL.alone);
    const sentences = [
      await assertRefused(
        guest,
        ["read", `pci:${address}`, "--out", "/run/no.bin"],
        4,
        /the kernel's nvme driver has it, as \/dev/,
      ),
      await assertRefused(
        guest,
        ["registers", "pci:0000:00:00.0"],
        2,
        /it is not an NVMe controller, but a host/,
      ),
      await assertRefused(
        guest,
        ["identify", "--pci", "0000:aa:00.0"],
        4,
        /there is no PCI function at this address/,
      ),
      await assertRefused(guest, ["health", "pci:0000:00:1f"], 2, /the function is missing/),
      await assertRefused(guest, ["identify", "pci:nvme0"], 2, /it is the name of a device/),
    ];
    await shell(guest, `echo ${address} >/sys/bus/pci/drivers/nvme/unbind`);
    try {
      sentences.push(
        await assertRefused(
          guest,
          ["identify", `pci:${address}`],
          4,
          /no driver is bound to it/,
        ),
      );
    } finally {
      await shell(guest, `echo ${address} >/sys/bus/pci/drivers_probe`);
    }
    assertEquals(await driverAt(guest, address), "nvme");
    assertEquals(new Set(sentences).size, sentences.length);
    assertEquals((await guest.run("ls /run/no.bin*")).stdout, "");
  },
);

iommuTest("an ordinary user is told which node, and works once it is theirs", async (guest) => {
  await whileBound(guest, IOMMU_SERIAL.alone, async (address) => {
    const node = await groupNode(guest, address);
    const user = { user: ORDINARY_USER };
    const refused = await nvmectl(guest, ["identify", `pci:${address}`], user);
    assertEquals([refused.code, refused.stdout], [4, ""]);
    assertMatch(refused.stderr, new RegExp(`may not open ${node}|permission denied on ${node}`));
    await shell(guest, `chown ${ORDINARY_USER} ${node}`);
    const opened = await guest.run(
      `ulimit -l; nvmectl identify pci:${address} -o json`,
      { ...user, timeoutMs: 60_000 },
    );
    assertEquals(opened.code, 0, opened.stderr);
    assertMatch(opened.stdout, new RegExp(IOMMU_SERIAL.alone));
    // The kernel counts what is pinned against the user's limit.
    const small = await guest.run(
      `ulimit -l 64 && exec nvmectl identify pci:${address}`,
      { ...user, timeoutMs: 60_000 },
    );
    assertEquals([small.code, small.stdout], [4, ""], small.stderr);
    assertMatch(small.stderr, /may lock 64 KiB/);
    assertMatch(small.stderr, /Next: .*(ulimit -l|memlock)/);
  });
});

iommuTest("a base address that the IOMMU does not have is refused by its reason", async (guest) => {
  await whileBound(guest, IOMMU_SERIAL.alone, async (address) => {
    const cases: readonly (readonly [base: string, said: RegExp])[] = [
      ["0xfee00000", /0xfee00000 to 0xfeefffff is a reserved window/],
      ["0xfec00000", /would end at 0xfeffffff.*reserved window/],
      ["0x8000000000", /the last address of the IOMMU is 0x7fffffffff/],
      ["0x100000200", /it is not a multiple of 4096 bytes/],
      ["four", /--iova-base/],
    ];
    for (const [base, said] of cases) {
      const words = ["identify", `pci:${address}`, "--iova-base", base];
      const { code, stdout, stderr } = await nvmectl(guest, words);
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(stderr, said);
    }
    for (const depth of ["1", "65537", "-3"]) {
      const words = ["identify", `pci:${address}`, "--queue-depth", depth];
      const { code, stderr } = await nvmectl(guest, words);
      assertEquals(code, 2, stderr);
    }
  });
});

iommuTest("vfio bind refuses a drive that a mapping or an array is made of", async (guest) => {
  const address = await addressOf(guest, IOMMU_SERIAL.writable);
  const device = await controller(guest, IOMMU_SERIAL.writable);
  const refused = async (said: RegExp): Promise<void> => {
    const { code, stderr } = await nvmectl(guest, ["vfio", "bind", address]);
    assertEquals(code, 5, stderr);
    assertMatch(stderr, said);
    assertEquals(await driverAt(guest, address), "nvme");
  };
  await shell(
    guest,
    `modprobe dm-mod; echo "0 2048 linear ${device}n1 0" | dmsetup create held --noudevsync`,
  );
  try {
    await refused(/dm-\d+|held/);
  } finally {
    await shell(guest, "dmsetup remove --noudevsync held");
  }
  // The superblock 1.2 of Linux MD is 4 KiB into its member.
  const magic = "printf '\\374\\116\\053\\251\\001\\000\\000\\000'";
  await shell(guest, `${magic} | dd of=${device}n1 bs=4096 seek=1 conv=fsync 2>/dev/null`);
  await refused(/has the signature of an MD RAID member/);
  await shell(guest, `dd if=/dev/zero of=${device}n1 bs=4096 count=4 conv=fsync 2>/dev/null`);
});

iommuTest("vfio unbind --dry-run shows what unbind does, and does nothing", async (guest) => {
  await whileBound(guest, IOMMU_SERIAL.alone, async (address) => {
    const words = ["vfio", "unbind", address, "-o", "json"];
    const dry = await nvmectl(guest, [...words, "--dry-run"]);
    assertEquals(dry.code, 0, dry.stderr);
    const { schema, steps, refused } = JSON.parse(dry.stdout);
    assertEquals([schema, refused], ["nvmectl.dry-run/1", []]);
    assert(steps.length > 0);
    assertEquals(await driverAt(guest, address), "vfio-pci");
    const done = await nvmectl(guest, words);
    assertEquals(JSON.parse(done.stdout).steps, steps);
    assertEquals(await driverAt(guest, address), "nvme");
  });
});
