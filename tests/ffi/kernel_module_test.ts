// Loading kernel modules: against the real kernel, which must refuse what is none.

import { assert, assertThrows } from "@std/assert";
import { loadKernelModule } from "../../ffi/kernel_module.ts";
import { libc } from "../../ffi/libc.ts";
import { PlatformError, SysError } from "../../ffi/sys_error.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

/** What a kernel says to nonsense: not permitted, no module, no modules at all. */
const REFUSALS = ["EPERM", "ENOEXEC", "EINVAL", "ENOSYS", "EOPNOTSUPP"];

Deno.test("loadKernelModule() has the kernel refuse what is no module, compressed or not", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "this is no module\n".repeat(400));
    for (const compressed of [false, true]) {
      const error = assertThrows(() => loadKernelModule(path, { compressed }), SysError);
      assert(REFUSALS.includes(error.code), error.message);
      assert(error.message.startsWith(`Cannot load the kernel module ${path}: `), error.message);
    }
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("loadKernelModule() says that a file is missing before it asks the kernel", () => {
  const error = assertThrows(() => loadKernelModule("/no/such/module.ko"), SysError);
  assert(error.code === "ENOENT", error.message);
});

Deno.test("loadKernelModule() knows no number for other processor families", () => {
  assertThrows(
    () => loadKernelModule("/no/such/module.ko", { arch: "riscv64" }),
    PlatformError,
    "riscv64",
  );
});
