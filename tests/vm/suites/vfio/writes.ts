// Our own driver changes nothing unless it is told to, twice.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { controller, nvmectl, shell } from "../../../support/guest.ts";
import {
  driveTrace,
  IOMMU_SERIAL,
  iommuTest,
  overPci,
  whileBound,
} from "../../../support/iommu_guest.ts";

const YES = ["--yes", "--serial", IOMMU_SERIAL.writable] as const;
/** The feature that the driver itself sets. */
const NUMBER_OF_QUEUES = 0x07;
const SLOW = { timeoutMs: 120_000 } as const;

async function blockBytes(guest: Guest, address: string): Promise<number> {
  const words = ["identify", `pci:${address}`, "--namespace", "1", "-o", "json"];
  const { code, stdout, stderr } = await overPci(guest, words);
  assertEquals(code, 0, stderr);
  const { namespace: { lbaf, flbas } } = JSON.parse(stdout);
  const format = typeof flbas === "object" ? Number(flbas.value) & 0xf : Number(flbas) & 0xf;
  return 2 ** Number(lbaf[format].lbads);
}

/** Commands that change a drive, none of which may be sent; nor may one for another drive. */
async function tryAll(guest: Guest, address: string): Promise<void> {
  const target = `pci:${address}`;
  const raw = ["--nsid", "1", "--data-out", "/run/written", ...YES];
  for (
    const words of [
      ["format", target, "--block-size", "4096", ...YES],
      ["raw", "io", target, "--opcode", "0x01", ...raw],
      ["raw", "admin", target, "--opcode", "0x84", "--cdw10", "2", ...YES],
      ["raw", "admin", target, "--opcode", "0x09", "--cdw10", "4", "--cdw11", "999"],
    ]
  ) {
    const { code, stdout, stderr } = await nvmectl(guest, words);
    assertEquals([code, stdout], [5, ""], `${words.join(" ")}: ${stderr}`);
    assertMatch(stderr, /--allow-write/);
  }
  const wrong = ["--allow-write", "--yes", "--serial", IOMMU_SERIAL.alone];
  const other = await nvmectl(guest, ["format", target, ...wrong]);
  assertEquals(other.code, 5, other.stderr);
}

iommuTest(
  "without --allow-write nothing that changes the drive leaves, however it was confirmed",
  async (guest) => {
    await shell(guest, "head -c 512 /dev/urandom >/run/written");
    await whileBound(guest, IOMMU_SERIAL.writable, async (address) => {
      const { seen: { commands, features } } = await driveTrace.during(
        guest,
        () => tryAll(guest, address),
      );
      assert(commands.length > 0);
      assertEquals(commands.filter(({ queue, opcode }) => queue === "io" || opcode > 0x7f), []);
      assertEquals(features.filter((feature) => feature !== NUMBER_OF_QUEUES), []);
      assertEquals(await blockBytes(guest, address), 512);
    });
  },
);

iommuTest(
  "with --allow-write and the serial number a format and a write get through, and the data is there",
  async (guest) => {
    await shell(
      guest,
      "head -c 4096 /dev/urandom >/run/large && head -c 512 /run/large >/run/small",
    );
    await whileBound(guest, IOMMU_SERIAL.writable, async (address) => {
      for (const [size, file] of [[4096, "/run/large"], [512, "/run/small"]] as const) {
        const format = ["format", `pci:${address}`, "--block-size", `${size}`, "--allow-write"];
        const formatted = await nvmectl(guest, [...format, ...YES], SLOW);
        assertEquals(formatted.code, 0, formatted.stderr);
        assertEquals(await blockBytes(guest, address), size);
        const write = await nvmectl(guest, [
          ...["raw", "io", `pci:${address}`, "--opcode", "0x01", "--nsid", "1", "--cdw10", "3"],
          ...["--data-out", file, "--allow-write", ...YES],
        ]);
        assertEquals(write.code, 0, write.stderr);
        const read = [
          "read",
          `pci:${address}`,
          "--lba",
          "3",
          "--blocks",
          "1",
          "--out",
          "/run/back",
        ];
        const back = await overPci(guest, read);
        assertEquals(back.code, 0, back.stderr);
        await shell(guest, `cmp /run/back ${file} && rm /run/back`);
      }
    });
    const device = await controller(guest, IOMMU_SERIAL.writable);
    await shell(
      guest,
      `dd if=${device}n1 bs=512 skip=3 count=1 iflag=direct 2>/dev/null | cmp - /run/small`,
    );
    await shell(guest, "rm -f /run/large /run/small /run/written");
  },
);
