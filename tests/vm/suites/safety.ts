// What must never happen, on the kernel's own driver: a namespace in use is not destroyed, and
// nothing is sent to it.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Guest } from "../../../scripts/vm/guest.ts";
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

guestTest("swap forbids a format as well", async (guest) => {
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

/** Formats a target with its right serial number, which must be refused with exit 5. */
async function assertRefused(guest: Guest, target: string, serial: string): Promise<string> {
  const { code, stderr } = await nvmectl(guest, [
    ...["format", target, "--yes", "--serial", serial, "--trace"],
  ]);
  assertEquals(code, 5, stderr);
  assert(!/OPC=Format/.test(stderr), stderr);
  return stderr;
}

guestTest("a device mapper device is no target, and forbids to format its base", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  // Without udev, as on many a rescue image, /dev/mapper has no names: the kernel's own is used.
  const name = await shell(
    guest,
    `modprobe dm-mod; echo "0 65536 linear ${device}n1 0" | dmsetup --noudevsync create half; ` +
      "dmsetup info -c --noheadings -o blkdevname half",
  );
  try {
    const { code, stderr } = await nvmectl(guest, [
      ...["format", `/dev/${name.trim()}`, "--yes", "--serial", SERIAL.plain, "--trace"],
    ]);
    assertEquals(code, 4, stderr);
    assertMatch(stderr, /it is not an NVMe device, but the block device dm-\d+/);
    await assertRefused(guest, `${device}n1`, SERIAL.plain);
  } finally {
    await shell(guest, "dmsetup --noudevsync remove half");
  }
});

guestTest("a loop device on a node of another name forbids a format", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const numbers = (await shell(guest, `cat /sys/class/block/${device.slice(5)}n1/dev`)).trim();
  await shell(
    guest,
    `modprobe loop; rm -f /run/odd-block; mknod /run/odd-block b ${numbers.replace(":", " ")}; ` +
      `losetup /dev/loop7 /run/odd-block && rm /run/odd-block`,
  );
  try {
    assertMatch(await assertRefused(guest, device, SERIAL.plain), /loop7/);
  } finally {
    await shell(guest, "losetup -d /dev/loop7");
  }
});

guestTest(
  "a process that merely has the namespace open forbids a format, and is named",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    await shell(
      guest,
      `(sleep 600 <${device}n1 >/dev/null 2>&1 & echo $! >/run/holder.pid) </dev/null >/dev/null 2>&1`,
    );
    try {
      assertMatch(
        await assertRefused(guest, device, SERIAL.plain),
        /open in process \d+ \(sleep\)/,
      );
    } finally {
      await shell(guest, "kill $(cat /run/holder.pid)");
    }
  },
);

guestTest(
  "what cannot be found out counts as use: without /sys nothing is formatted",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const { code, stderr } = await guest.run(
      `unshare -m sh -c 'umount -l /sys && exec nvmectl format ${device}n1 --yes ` +
        `--serial ${SERIAL.plain} --trace'`,
    );
    assertEquals(code, 5, stderr);
    assert(!/OPC=Format/.test(stderr), stderr);
  },
);

guestTest("a target that names one namespace is no consent to format another", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  for (const namespace of ["2", "all"]) {
    const { code, stderr } = await nvmectl(guest, [
      ...["format", `${device}n1`, "--namespace", namespace, "--block-size", "512"],
      ...["--yes", "--serial", SERIAL.two, "--trace"],
    ]);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /names namespace 1 only/);
    assert(!/OPC=Format/.test(stderr), stderr);
  }
});

guestTest("what belongs to the kernel's queues is not sent past it", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  await shell(guest, "head -c 4096 /dev/zero >/run/page");
  const page = ["--data-out", "/run/page"];
  for (
    const [opcode = "", ...data] of [
      ["0x00"],
      ["0x01", ...page],
      ["0x04"],
      ["0x05", ...page],
      ["0x0c"],
      ["0x7c"],
    ]
  ) {
    // Confirmed as far as anything can be: it is the owner of the queues that forbids it.
    const { code, stderr } = await nvmectl(guest, [
      ...["raw", "admin", device, "--opcode", opcode, "--cdw10", "1", ...data],
      ...["--yes", "--serial", SERIAL.two, "--trace"],
    ]);
    assertEquals(code, 3, `${opcode}: ${stderr}`);
    assert(!stderr.includes("CPL"), stderr);
  }
});

guestTest("a command without memory for its answer is not sent", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  for (
    const words of [
      ["raw", "admin", device, "--opcode", "0x06", "--cdw10", "1"],
      [...["raw", "io", `${device}n1`, "--opcode", "2", "--cdw12", "15"], "--data-in", "4096"],
    ]
  ) {
    const { code, stderr } = await nvmectl(guest, [...words, "--trace"]);
    assertEquals(code, 2, stderr);
    assert(!/OPC=Read/.test(stderr), stderr);
  }
});

guestTest("a result is never written onto a drive", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const numbers = (await shell(guest, `cat /sys/class/block/${device.slice(5)}n1/dev`)).trim();
  await shell(guest, `rm -f /run/n; mknod /run/n b ${numbers.replace(":", " ")}`);
  const before = await shell(guest, `head -c 4096 ${device}n1 | sha256sum`);
  for (
    const words of [
      [
        ...["raw", "admin", device, "--opcode", "6", "--cdw10", "1"],
        ...["--data-in", "4096", "--save", "/run/n"],
      ],
      ["health", device, "--trace=/run/n"],
    ]
  ) {
    const { code, stderr } = await nvmectl(guest, words);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /it is a block device/);
  }
  assertEquals(await shell(guest, `head -c 4096 ${device}n1 | sha256sum`), before);
  await shell(guest, "rm /run/n");
});
