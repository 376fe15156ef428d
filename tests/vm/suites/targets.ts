// Every way to name a drive, and every way in which that fails, on the kernel's own driver.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  controller,
  controllers,
  guestTest,
  nvmectl,
  ORDINARY_USER,
  SERIAL,
  shell,
} from "../../support/guest.ts";

guestTest(
  "a drive is found by controller, namespace, generic device, bare name and serial number",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const number = /\d+$/.exec(device)?.[0];
    const targets = [
      device,
      `nvme${number}`,
      `${device}n1`,
      `/dev/ng${number}n1`,
      `serial:${SERIAL.plain}`,
    ];
    for (const target of targets) {
      const { code, stdout, stderr } = await nvmectl(guest, ["health", target, "-o", "json"]);
      assertEquals(code, 0, `${target}: ${stderr}`);
      assertEquals(JSON.parse(stdout).serial, SERIAL.plain, target);
    }
  },
);

guestTest(
  "a symbolic link and a node of another name lead to the drive that they stand for",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    await shell(
      guest,
      `mkdir -p /run/by-id; ln -sf ${device}n1 /run/by-id/nvme-x; ` +
        `rm -f /run/odd; mknod /run/odd c $(cut -d: -f1 /sys/class/nvme/${device.slice(5)}/dev) ` +
        `$(cut -d: -f2 /sys/class/nvme/${device.slice(5)}/dev)`,
    );
    for (const target of ["/run/by-id/nvme-x", "/run/odd"]) {
      const { code, stdout, stderr } = await nvmectl(guest, ["health", target, "-o", "json"]);
      assertEquals(code, 0, stderr);
      assertEquals(JSON.parse(stdout).serial, SERIAL.plain, target);
    }
  },
);

guestTest("a serial number of a drive with two controllers finds one of them", async (guest) => {
  const paths = await controllers(guest, SERIAL.shared);
  assertEquals(paths.length, 2);
  const { code, stdout } = await nvmectl(guest, [
    "health",
    `serial:${SERIAL.shared}`,
    "-o",
    "json",
  ]);
  assertEquals(code, 0);
  assertEquals(paths.includes(JSON.parse(stdout).device), true);
});

guestTest("several drives and no target is an error that lists them", async (guest) => {
  const { code, stderr } = await nvmectl(guest, ["health"]);
  assertEquals(code, 2);
  for (const serial of Object.values(SERIAL)) assertStringIncludes(stderr, serial);
});

guestTest("a block device that is no NVMe drive is asked, and its answer said", async (guest) => {
  const { code, stderr } = await nvmectl(guest, ["health", "/dev/vda"]);
  assertEquals(code, 4);
  assertMatch(stderr, /it is not an NVMe device/);
});

guestTest("an ordinary user is told what is missing and how to get it", async (guest) => {
  const device = await controller(guest, SERIAL.plain);
  const refused = await nvmectl(guest, ["health", device], { user: ORDINARY_USER });
  assertEquals(refused.code, 4);
  assertMatch(refused.stderr, /permission denied: its mode is 0600, its owner root/);
  assertStringIncludes(refused.stderr, "sudo nvmectl");

  await shell(guest, `chmod 0666 ${device}`);
  try {
    // Identify is allowed to anybody since Linux 6.2; logs are not. Either way the reason is said.
    const opened = await nvmectl(guest, ["health", device], { user: ORDINARY_USER });
    assertEquals(opened.code, 4);
    assertMatch(opened.stderr, /the kernel allows this command only to root \(CAP_SYS_ADMIN\)/);
  } finally {
    await shell(guest, `chmod 0600 ${device}`);
  }
});

guestTest("list is useful to an ordinary user", async (guest) => {
  const { code, stdout } = await nvmectl(guest, ["list"], { user: ORDINARY_USER });
  assertEquals(code, 0);
  for (const serial of Object.values(SERIAL)) assertStringIncludes(stdout, serial);
});
