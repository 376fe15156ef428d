// Importing costs no permission; only the first call does.

import { assertEquals, assertThrows } from "@std/assert";
import * as ffi from "../../ffi/mod.ts";

Deno.test({
  name: "mod.ts imports and computes without --allow-ffi, and only calls are refused",
  permissions: "none",
  fn() {
    assertEquals(ffi.NVME_IOCTL.ADMIN_CMD, 0xc0484e41);
    assertEquals(ffi.PassthruCmd.encode({ opcode: 6 })[0], 6);
    assertThrows(() => new ffi.PageBuffer(512), Deno.errors.NotCapable, "--allow-ffi");
    assertThrows(() => ffi.readText("/proc/self/mounts"), Deno.errors.NotCapable, "--allow-ffi");
    assertThrows(() => ffi.tryIoctl(0, 0), Deno.errors.NotCapable, "--allow-ffi");
  },
});
