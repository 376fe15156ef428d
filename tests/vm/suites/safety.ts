// What must never happen, on the kernel's own driver: a namespace in use is not destroyed, and
// nothing is sent to it.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { controller, guestTest, nvmectl, SERIAL, shell } from "../../support/guest.ts";

guestTest(
  "a mounted namespace is not formatted, with exit 5, and nothing is sent",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    await shell(
      guest,
      `mkfs.ext4 -q -F ${device}n1 && mkdir -p /run/mnt && mount ${device}n1 /run/mnt && ` +
        `echo precious >/run/mnt/file && sync`,
    );
    try {
      for (const target of [device, `${device}n1`]) {
        const { code, stderr, stdout } = await nvmectl(guest, [
          "format",
          target,
          "--yes",
          "--serial",
          SERIAL.plain,
          "--trace",
        ]);
        assertEquals(code, 5, stderr);
        assertEquals(stdout, "");
        assertMatch(stderr, /is mounted at \/run\/mnt/);
        assert(!/OPC=Format/.test(stderr), stderr);
      }
      assertStringIncludes(await shell(guest, "cat /run/mnt/file"), "precious");
    } finally {
      await shell(guest, "umount /run/mnt");
    }
  },
);

guestTest("swap and an exclusive holder forbid a format as well", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const format = ["format", `${device}n1`, "--yes", "--serial", SERIAL.plain];
  await shell(guest, `mkswap ${device}n1 >/dev/null 2>&1 && swapon ${device}n1`);
  try {
    const { code, stderr } = await nvmectl(guest, format);
    assertEquals(code, 5, stderr);
    assertMatch(stderr, /swap/);
  } finally {
    await shell(guest, `swapoff ${device}n1`);
  }
});

guestTest("--dry-run reads, prints the exact command and changes nothing", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  await shell(guest, `dd if=/dev/urandom of=${device}n1 bs=1M count=1 conv=fsync 2>/dev/null`);
  const checksum = `dd if=${device}n1 bs=1M count=1 iflag=direct 2>/dev/null | sha256sum`;
  const before = await shell(guest, checksum);
  const { code, stdout, stderr } = await nvmectl(guest, [
    "format",
    `${device}n1`,
    "--block-size",
    "4096",
    "--dry-run",
    "-o",
    "json",
  ]);
  assertEquals(code, 0, stderr);
  const dry = JSON.parse(stdout);
  assertEquals(dry.schema, "nvmectl.dry-run/1");
  const [sent, ...more] = dry.commands.filter((one: { sent: boolean }) => !one.sent);
  assertEquals(more, []);
  assertEquals(sent.opcode, "0x80");
  assertEquals(sent.nsid, 1);
  // QEMU's fourth format: 4096 bytes without metadata.
  assertEquals(sent.cdw10, "0x00000004");
  assertEquals(await shell(guest, checksum), before);
});

guestTest(
  "the serial number of another drive does not open this one to destruction",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const { code, stderr } = await nvmectl(guest, [
      "format",
      `${device}n1`,
      "--yes",
      "--serial",
      SERIAL.two,
    ]);
    assertEquals(code, 5);
    assertMatch(stderr, /the serial number given is "NVMECTL0002", the drive's is "NVMECTL0001"/);
  },
);
