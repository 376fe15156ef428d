// Flags of open(2), typed again from the kernel's headers of each processor family.

import { assertEquals } from "@std/assert";
import * as flags from "../../ffi/open_flags.ts";

Deno.test("open flags common to both families have the generic numbers", () => {
  assertEquals(flags.O_RDONLY, 0x0);
  assertEquals(flags.O_WRONLY, 0x1);
  assertEquals(flags.O_RDWR, 0x2);
  assertEquals(flags.O_CREAT, 0x40);
  assertEquals(flags.O_EXCL, 0x80);
  assertEquals(flags.O_TRUNC, 0x200);
  assertEquals(flags.O_NONBLOCK, 0x800);
  assertEquals(flags.O_DSYNC, 0x1000);
  assertEquals(flags.O_CLOEXEC, 0x80000);
});

Deno.test("architectureFlags() tells x86-64 from aarch64", () => {
  assertEquals(flags.architectureFlags("x86_64"), {
    O_DIRECT: 0x4000,
    O_DIRECTORY: 0x10000,
    O_NOFOLLOW: 0x20000,
  });
  assertEquals(flags.architectureFlags("aarch64"), {
    O_DIRECT: 0x10000,
    O_DIRECTORY: 0x4000,
    O_NOFOLLOW: 0x8000,
  });
});
