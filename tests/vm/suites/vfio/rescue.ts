// A drive with bad sectors under our own driver: what is said, what is saved, how it goes on.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { controller, shell } from "../../../support/guest.ts";
import { fillImage, guestSha256, sha256 } from "../../../support/guest_image.ts";
import {
  BAD_SECTORS,
  driveNumber,
  IOMMU_SERIAL,
  iommuTest,
  overPci,
  whileBound,
} from "../../../support/iommu_guest.ts";

const SLOW = { timeoutMs: 180_000 } as const;
const OUT = "/run/rescued.bin";

iommuTest(
  "a drive with bad sectors gives the named status and no file, or everything else and the map",
  async (guest) => {
    const image = await fillImage(guest.imagePath(driveNumber(IOMMU_SERIAL.bad)), 3);
    await whileBound(guest, IOMMU_SERIAL.bad, async (address) => {
      const words = ["read", `pci:${address}`, "--nsid", "1", "--out", OUT];
      const failed = await overPci(guest, words, SLOW);
      assertEquals([failed.code, failed.stdout], [3, ""], failed.stderr);
      assertStringIncludes(failed.stderr, "Cannot read block 100 of namespace 1");
      assertStringIncludes(failed.stderr, "Unrecovered Read Error (02h/81h)");
      assertEquals(await shell(guest, `ls ${OUT}* 2>/dev/null || true`), "");

      const saved = await overPci(guest, [...words, "--skip-errors", "-o", "json"], SLOW);
      assertEquals(saved.code, 1, saved.stderr);
      const { blocks_unreadable: lost, unreadable } = JSON.parse(saved.stdout);
      assertEquals(lost, BAD_SECTORS.length);
      assertEquals(unreadable, [
        { lba: 100, blocks: 2 },
        { lba: 5000, blocks: 1 },
        { lba: 65_535, blocks: 1 },
      ]);
      const expected = image.slice();
      for (const sector of BAD_SECTORS) expected.fill(0, sector * 512, (sector + 1) * 512);
      assertEquals(await guestSha256(guest, `cat ${OUT}`), await sha256(expected));
      const map = await shell(guest, `cat ${OUT}.map`);
      assertMatch(map, /^0x0000C800 {2}0x00000400 {2}-$/m);
      assertEquals(map.match(/ -$/gm)?.length, 3);
    });
  },
);

iommuTest("a rescue over pci: goes on from its map once the sectors can be read", async (guest) => {
  const image = await fillImage(guest.imagePath(driveNumber(IOMMU_SERIAL.bad)), 3);
  // With the first write the drive has replaced its bad sectors.
  const device = await controller(guest, IOMMU_SERIAL.bad);
  await shell(guest, `dd if=${device}n1 of=/run/block bs=512 skip=9 count=1 iflag=direct 2>&1`);
  await shell(guest, `dd if=/run/block of=${device}n1 bs=512 seek=9 count=1 oflag=direct 2>&1`);
  await whileBound(guest, IOMMU_SERIAL.bad, async (address) => {
    const words = ["read", `pci:${address}`, "--nsid", "1", "--out", OUT, "--skip-errors"];
    const saved = await overPci(guest, [...words, "-o", "json"], SLOW);
    assertEquals(saved.code, 0, saved.stderr);
    assertEquals(await guestSha256(guest, `cat ${OUT}`), await sha256(image));
  });
  await shell(guest, `rm -f ${OUT} ${OUT}.map /run/block`);
});
