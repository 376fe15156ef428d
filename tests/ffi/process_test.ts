// What the kernel says of this process, against /proc.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { readText } from "../../ffi/file.ts";
import { libc } from "../../ffi/libc.ts";
import { effectiveUserId, ignoresHangUp, memlockLimitBytes, pageBytes } from "../../ffi/process.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

Deno.test("pageBytes() is the page size that the kernel reports for its mappings", () => {
  const page = pageBytes();
  assert(page >= 4096 && (page & (page - 1)) === 0);
  assertMatch(readText("/proc/self/smaps"), new RegExp(`KernelPageSize: +${page / 1024} kB`));
});

Deno.test("effectiveUserId() is the second number of Uid in /proc/self/status", () => {
  const [, effective] = /^Uid:\t\d+\t(\d+)/m.exec(readText("/proc/self/status")) ?? [];
  assertEquals(effectiveUserId(), Number(effective));
});

Deno.test("memlockLimitBytes() is the soft limit in /proc/self/limits", () => {
  const [, soft] = /^Max locked memory +(\S+)/m.exec(readText("/proc/self/limits")) ?? [];
  const limit = memlockLimitBytes();
  assertEquals(limit === undefined ? "unlimited" : String(limit), soft);
});

Deno.test("ignoresHangUp() is the first bit of SigIgn in /proc/self/status", () => {
  const [, mask = ""] = /^SigIgn:\t([0-9a-f]+)/m.exec(readText("/proc/self/status")) ?? [];
  assertEquals(ignoresHangUp(), (BigInt(`0x${mask}`) & 1n) === 1n);
});
