// A rescue image: busybox, glibc's libraries, the kernel's nvme module, and nvmectl. Nothing else.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { boot } from "../../scripts/vm/guest.ts";
import { unavailable } from "../support/guest.ts";

Deno.test({
  name: "nvmectl alone in an initramfs lists the drives and says how they are",
  ignore: unavailable !== undefined,
  fn: async () => {
    await using guest = await boot({
      image: "rescue",
      drives: [{ serial: "RESCUE1" }],
    });
    const list = await guest.run("nvmectl list");
    assertEquals(list.code, 0, list.stderr);
    assertStringIncludes(list.stdout, "RESCUE1");
    const health = await guest.run("nvmectl health -o json");
    assertEquals(health.code, 0, health.stderr);
    const report = JSON.parse(health.stdout);
    assertEquals(report.serial, "RESCUE1");
    assertEquals(report.verdict, "good");
    const slow = await guest.run("nvmectl format nvme0n1 --yes --serial RESCUE1");
    assertEquals(slow.code, 0, slow.stderr);
    const programs = await guest.run("ls /bin /sbin /usr/bin /usr/sbin 2>/dev/null");
    assert(!/\b(nvme|smartctl|python3|bash)\b/.test(programs.stdout), programs.stdout);
  },
});
