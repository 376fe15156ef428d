// What a refused system call looks like to its caller.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { PlatformError, SysError } from "../../ffi/sys_error.ts";

Deno.test("SysError carries operation, errno and code, and words them in one line", () => {
  const error = new SysError("open /dev/nvme0", 13);
  assertInstanceOf(error, Error);
  assertEquals(error.name, "SysError");
  assertEquals(error.operation, "open /dev/nvme0");
  assertEquals(error.errno, 13);
  assertEquals(error.code, "EACCES");
  assertEquals(error.message, "Cannot open /dev/nvme0: permission denied (EACCES)");
});

Deno.test("SysError stays readable for an errno without a name", () => {
  const error = new SysError("reset /dev/nvme0", 529);
  assertEquals(error.code, "errno 529");
  assertEquals(error.message, "Cannot reset /dev/nvme0: unknown error (errno 529)");
});

Deno.test("SysError keeps its cause", () => {
  const cause = new Error("below");
  assertEquals(new SysError("open a", 2, { cause }).cause, cause);
});

Deno.test("PlatformError is told apart by its class and name", () => {
  assertEquals(new PlatformError("Cannot load libc.so.6: gone").name, "PlatformError");
});
