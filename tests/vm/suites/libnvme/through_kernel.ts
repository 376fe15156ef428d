// The verbs of libnvme's module through the kernel, from beginning to end, and what they refuse.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FREE_BYTES, SERIAL, servedTest } from "../served/bench.ts";
import { YES } from "./same.ts";

const IMAGE_BYTES = 512 * 1024;

function appears(device: string): string {
  return `for try in $(seq 50); do [ -b ${device} ] && break; sleep 0.1; done; [ -b ${device} ]`;
}

servedTest(
  "firmware update downloads, commits, resets and sees the new firmware run",
  async (bench) => {
    const { device } = bench;
    await bench.must(
      "nvmectl drive firmware-image /run/new.bin --revision 4.0 --activation controller-reset " +
        `--size ${IMAGE_BYTES}`,
    );
    const seen = await bench.traced(`nvmectl firmware update /run/new.bin $CTRL ${YES}`);
    const pieces = seen.filter(({ name, event }) =>
      name === "Firmware Image Download" && event === "command"
    );
    assertEquals(pieces.length, 2, "256 KiB each, the most that is sent at once");
    assertEquals(await bench.attribute("firmware_rev"), "4.0");
    const shown = await bench.ours("firmware", device) as {
      readonly fr: string;
      readonly slots: readonly { readonly revision: string; readonly active: boolean }[];
    };
    assertEquals(shown.fr, "4.0");
    assertEquals(shown.slots.find(({ active }) => active)?.revision, "4.0");
  },
);

servedTest("an image that the drive rejects is exit status 3 by its name", async (bench) => {
  const { guest, device } = bench;
  await bench.must("dd if=/dev/zero of=/run/bad.bin bs=4096 count=4 2>&1");
  const { code, stderr } = await guest.run(
    `nvmectl firmware update /run/bad.bin ${device} ${YES}`,
  );
  assertEquals(code, 3);
  assertStringIncludes(stderr, "Invalid Firmware Image (01h/07h)");
  for (
    const [make, said] of [
      [": > /run/bad.bin", "the file is empty"],
      ["head -c 4098 /dev/zero > /run/bad.bin", "not whole dwords"],
      ["head -c 4100 /dev/zero > /run/bad.bin", "not a multiple of 4096"],
    ] as const
  ) {
    await bench.must(make);
    const { code, stderr } = await guest.run(`nvmectl firmware download /run/bad.bin ${device}`);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, said);
  }
});

servedTest(
  "a namespace made in one step is there, is not taken away in use, and goes",
  async (bench) => {
    const { device, guest } = bench;
    const second = `${device}n2`;
    const nsid = await bench.must(
      "nvmectl namespace create $CTRL --size 64MiB --attach --print nsid 2>/dev/null",
    );
    assertEquals(nsid.trim(), "2");
    await bench.must(appears(second));
    assertEquals((await bench.must(`blockdev --getsize64 ${second}`)).trim(), `${64 * 2 ** 20}`);
    await bench.must(`mkfs.ext4 -q ${second} && mkdir -p /run/ns2 && mount ${second} /run/ns2`);
    for (const verb of ["detach", "delete"]) {
      const { code, stderr } = await guest.run(
        `nvmectl namespace ${verb} ${device} --namespace 2 ${YES}`,
      );
      assertEquals(code, 5, stderr);
      assertStringIncludes(stderr, `${second} is mounted at /run/ns2`);
    }
    await bench.must("umount /run/ns2");
    await bench.must(`nvmectl namespace delete $CTRL --namespace 2 ${YES}`);
    await bench.must(
      `for try in $(seq 50); do [ -b ${second} ] || break; sleep 0.1; done; [ ! -b ${second} ]`,
    );
    const listed = await bench.ours("namespace", "list", device);
    assertEquals(listed["unallocated_bytes"], FREE_BYTES);
  },
);

servedTest(
  "an attach to a controller that does not exist is exit status 3 and names it",
  async (bench) => {
    const { device, guest } = bench;
    const { code, stderr } = await guest.run(
      `nvmectl namespace attach ${device} --namespace 1 --controllers 77`,
    );
    assertEquals(code, 3);
    assertStringIncludes(stderr, "Cannot attach namespace 1 to controller 77");
  },
);

servedTest("telemetry is what nvme-cli saves, and a full disk leaves no file", async (bench) => {
  const { device, guest } = bench;
  await bench.must("nvmectl telemetry $CTRL --host --new --area 3 --out /run/ours.bin 2>&1");
  await bench.must(
    "nvme telemetry-log $CTRL --host-generate=0 --data-area=3 --output-file=/run/theirs.bin",
  );
  await bench.must("cmp /run/ours.bin /run/theirs.bin");
  await bench.must("mkdir -p /run/tiny && mount -t tmpfs -o size=64k none /run/tiny");
  await bench.must("cat /dev/zero > /run/tiny/full 2>/dev/null || true");
  const full = await guest.run(`nvmectl telemetry ${device} --host --out /run/tiny/t.bin`);
  assertEquals(full.code, 4, full.stderr);
  assertStringIncludes(full.stderr, "No space left on device");
  assertEquals((await bench.must("ls -A /run/tiny; umount /run/tiny")).trim(), "full");
});

servedTest(
  "a sanitize of a mounted drive is refused; one that fails is exit status 1",
  async (bench) => {
    const { device, guest, block } = bench;
    await bench.must(`mkfs.ext4 -q ${block} && mkdir -p /run/one && mount ${block} /run/one`);
    const refused = await guest.run(`nvmectl sanitize ${device} --block ${YES}`);
    assertEquals(refused.code, 5, refused.stderr);
    await bench.must("umount /run/one");
    const done = await guest.run(`nvmectl sanitize ${device} --block --wait ${YES}`, {
      timeoutMs: 120_000,
    });
    assertEquals(done.code, 0, done.stderr);
    assertStringIncludes(done.stdout, "ERASED");
    assert(/\d+ %/.test(done.stderr), "progress was shown");
    await bench.drive.inject("sanitize-failing:percent=50");
    const failed = await guest.run(
      `nvmectl sanitize ${device} --crypto --unrestricted-exit --wait ${YES}`,
      { timeoutMs: 120_000 },
    );
    assertEquals(failed.code, 1, failed.stderr);
    await bench.must(`nvmectl sanitize $CTRL --exit-failure ${YES}`);
  },
);

servedTest("reset and rescan go through the kernel", async (bench) => {
  await bench.drive.mark();
  await bench.must("nvmectl reset $CTRL && nvmectl rescan $CTRL");
  await bench.drive.logs([/rescanning namespaces|resetting controller|creating \d+ I\/O queues/]);
  const { code, stderr } = await bench.guest.run(`nvmectl reset ${bench.block}`);
  assertEquals(code, 4);
  assertStringIncludes(stderr, "it is no controller");
});

servedTest("a reset of the subsystem ends when the drive answers again", async (bench) => {
  const { device } = bench;
  for (const _ of ["once", "again"]) {
    const done = await bench.ours("reset", device, "--subsystem", ...YES.split(" "));
    assertEquals([done["exit_status"], done["reset"], done["sn"]], [0, "subsystem", SERIAL]);
    assertEquals(await bench.attribute("state"), "live");
  }
});

servedTest(
  "firmware that needs a reset of the subsystem waits while the drive is mounted",
  async (bench) => {
    const { device, block } = bench;
    await bench.must(
      "nvmectl drive firmware-image /run/whole.bin --revision 6.0 --activation subsystem-reset " +
        `&& mkfs.ext4 -q ${block} && mkdir -p /run/one && mount ${block} /run/one`,
    );
    const update = ["firmware", "update", "/run/whole.bin", device, ...YES.split(" ")];
    const waiting = await bench.ours(...update);
    assertEquals(
      [waiting["exit_status"], waiting["reset"], waiting["needs"], waiting["running"]],
      [0, null, "subsystem", false],
    );
    await bench.must("echo still there > /run/one/file && sync && umount /run/one");
    const done = await bench.ours(...update);
    assertEquals(
      [done["exit_status"], done["reset"], done["firmware_after"], done["running"]],
      [0, "subsystem", "6.0", true],
    );
  },
);
