// What the other verbs do on a drive that lacks what they need, and on the whole machine.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { controller, guestTest, nvmectl, SERIAL, shell } from "../../support/guest.ts";

guestTest(
  "selftest on a drive without self-tests exits 3 with the reason in words",
  async (guest) => {
    const device = await controller(guest, SERIAL.plain);
    const { code, stderr, stdout } = await nvmectl(guest, ["selftest", device, "--short"]);
    assertEquals(code, 3);
    assertEquals(stdout, "");
    assertMatch(stderr, /self-test/i);
  },
);

guestTest(
  "health --all asks every controller and tells each by its serial number",
  async (guest) => {
    const { code, stdout } = await nvmectl(guest, ["health", "--all", "-o", "json"]);
    assertEquals(code, 0);
    const { drives } = JSON.parse(stdout) as { drives: readonly { serial: string }[] };
    assertEquals(
      drives.map(({ serial }) => serial).toSorted(),
      [SERIAL.plain, SERIAL.two, SERIAL.shared, SERIAL.shared],
    );
  },
);

guestTest("raw io reads a block of the namespace that the kernel also reads", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  await shell(guest, `dd if=/dev/urandom of=${device}n1 bs=512 count=16 oflag=direct 2>/dev/null`);
  const { stdoutBytes: expected } = await guest.run(
    `dd if=${device}n1 bs=512 skip=3 count=2 iflag=direct 2>/dev/null`,
  );
  // Through the namespace, and through the controller, which has two of them.
  for (const target of [`${device}n1`, device]) {
    const { code, stdoutBytes, stderr } = await nvmectl(guest, [
      ...["raw", "io", target, "--opcode", "0x02", "--nsid", "1"],
      ...["--cdw10", "3", "--cdw12", "1", "--data-in", "1024", "-o", "raw"],
    ]);
    assertEquals(code, 0, stderr);
    assertEquals(stdoutBytes, expected, target);
  }
});

guestTest("raw io brings a block and its metadata apart", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  const { code, stdout, stderr } = await nvmectl(guest, [
    ...["raw", "io", `${device}n2`, "--opcode", "0x02", "--nsid", "2"],
    ...["--cdw12", "0", "--data-in", "4096", "--metadata-in", "8", "-o", "json"],
  ]);
  assertEquals(code, 0, stderr);
  const answer = JSON.parse(stdout);
  assertEquals(answer.status.value, 0);
  assert(JSON.stringify(answer).length > 8192);
});

guestTest("a raw write asks for confirmation and is not sent without", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  await shell(guest, "head -c 512 /dev/urandom >/run/block");
  const write = [
    ...["raw", "io", `${device}n1`, "--opcode", "0x01", "--nsid", "1"],
    ...["--cdw10", "9", "--data-out", "/run/block"],
  ];
  const refused = await nvmectl(guest, [...write, "--trace"]);
  assertEquals(refused.code, 5);
  assert(!/OPC=Write/.test(refused.stderr), refused.stderr);
  const done = await nvmectl(guest, [...write, "--yes", "--serial", SERIAL.two]);
  assertEquals(done.code, 0, done.stderr);
  const same = await guest.run(
    `dd if=${device}n1 bs=512 skip=9 count=1 iflag=direct 2>/dev/null | cmp - /run/block`,
  );
  assertEquals(same.code, 0, same.stderr);
});

guestTest("one trace file holds the commands of all drives that were asked", async (guest) => {
  const { code, stderr } = await nvmectl(guest, ["health", "--all", "--trace=/run/all.txt"]);
  assertEquals(code, 0, stderr);
  const lines = (await shell(guest, "cat /run/all.txt")).trim().split("\n");
  const devices = new Set(lines.map((line) => /\/dev\/nvme\d+/.exec(line)?.[0]));
  assertEquals(devices.size, 4);
  assertEquals(lines.length, 16);
  await shell(guest, "rm /run/all.txt");
});
