// Format on the kernel's own driver: the drive changes, and the kernel sees it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { controller, guestTest, nvmectl, SERIAL, shell } from "../../support/guest.ts";

guestTest("format to 4096-byte blocks and back is seen by the kernel", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const blockSize = `blockdev --getss ${device}n1`;
  assertEquals((await shell(guest, blockSize)).trim(), "512");
  for (const size of ["4096", "512"]) {
    const { code, stdout, stderr } = await nvmectl(guest, [
      "format",
      `${device}n1`,
      "--block-size",
      size,
      "--yes",
      "--serial",
      SERIAL.plain,
    ]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout.replaceAll(",", ""), size);
    assertEquals((await shell(guest, blockSize)).trim(), size);
    assertEquals((await shell(guest, `blockdev --getsize64 ${device}n1`)).trim(), "67108864");
  }
});

guestTest(
  "a format that the drive does not have is refused before anything is sent",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const { code, stderr } = await nvmectl(guest, [
      "format",
      `${device}n1`,
      "--block-size",
      "8192",
      "--yes",
      "--serial",
      SERIAL.plain,
      "--trace",
    ]);
    assertEquals(code, 3, stderr);
    assertEquals(/OPC=Format/.test(stderr), false, stderr);
    assertStringIncludes(stderr, "4096");
  },
);
