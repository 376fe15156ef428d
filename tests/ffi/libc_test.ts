// Loading the C library, and errno after its calls.

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ERRNO } from "../../ffi/errno.ts";
import { STUB_PARAMETERS_MAX } from "../../ffi/call_stub.ts";
import { checked, errnoOf, libc, loadLibc, SYMBOLS } from "../../ffi/libc.ts";
import { PlatformError, SysError } from "../../ffi/sys_error.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

Deno.test("libc() loads once", () => {
  assertStrictEquals(libc(), libc());
});

Deno.test("loadLibc() names the system when it is not Linux", () => {
  const dlopen = () => {
    throw new Error("not reached");
  };
  assertThrows(
    () => loadLibc({ ...Deno.build, os: "darwin", dlopen }),
    PlatformError,
    "nvmectl drives are reached through Linux; this is darwin",
  );
});

Deno.test("loadLibc() names the processor when it has no stub for it", () => {
  assertThrows(
    () => loadLibc({ os: "linux", arch: "riscv64", dlopen: Deno.dlopen }),
    PlatformError,
    "the processor is riscv64, need x86_64 or aarch64",
  );
});

Deno.test("no function takes an argument that is not in a register", () => {
  for (const [name, { parameters }] of Object.entries(SYMBOLS)) {
    assert(parameters.length <= STUB_PARAMETERS_MAX, name);
  }
});

Deno.test("loadLibc() says what is needed when the library is missing, as on musl", () => {
  const dlopen = () => {
    throw new Error("Could not open library: Error loading shared library libc.so.6");
  };
  const error = assertThrows(() => loadLibc({ ...Deno.build, dlopen }), PlatformError, "musl");
  assertEquals((error.cause as Error).message.startsWith("Could not open library"), true);
});

Deno.test("loadLibc() leaves a refused permission as it is", () => {
  const dlopen = () => {
    throw new Deno.errors.NotCapable('Requires ffi access to "libc.so.6"');
  };
  assertThrows(() => loadLibc({ ...Deno.build, dlopen }), Deno.errors.NotCapable);
});

Deno.test("checked() returns what a call returned, and throws its errno when negative", () => {
  assertEquals(checked(7, () => "unused"), 7);
  assertEquals(checked(0n, () => "unused"), 0n);
  const error = assertThrows(() => checked(libc().close(-1), () => "close nothing"), SysError);
  assertEquals(error.message, "Cannot close nothing: the file is not open for this (EBADF)");
});

Deno.test("errnoOf() is 0 after success, whatever failed before", () => {
  assertEquals(errnoOf(libc().close(-1)), ERRNO.EBADF);
  assertEquals(errnoOf(libc().getpagesize()), 0);
});

Deno.test("errnoOf() is the errno of the call, whatever fails in the runtime after it", () => {
  // A binding of its own, without a stub: what the runtime's own system calls do to errno.
  const runtime = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
    __errno_location: { parameters: [], result: "pointer" },
  });
  try {
    const result = libc().close(-1);
    assertEquals(runtime.symbols.open(new TextEncoder().encode("/no/such/file\0"), 0, 0), -1);
    // SAFETY: [glibc errno(3)] the location of this thread's errno.
    const now = new Deno.UnsafePointerView(runtime.symbols.__errno_location()!).getInt32();
    assertEquals(now, ERRNO.ENOENT);
    assertEquals(errnoOf(result), ERRNO.EBADF);
  } finally {
    runtime.close();
  }
});

Deno.test("errnoOf() is right 10,000 times for each of four errors", () => {
  const missing = new TextEncoder().encode("/no/such/file\0");
  const nullDevice = new TextEncoder().encode("/dev/null\0");
  const TCGETS = 0x5401;
  const fd = checked(libc().open(nullDevice, 0, 0), () => "open /dev/null");
  let garbage: unknown[] = [];
  let wrong = 0;
  for (let round = 0; round < 10_000; round++) {
    if (errnoOf(libc().close(-1)) !== ERRNO.EBADF) wrong++;
    if (errnoOf(libc().open(missing, 0, 0)) !== ERRNO.ENOENT) wrong++;
    if (errnoOf(libc().ioctl(fd, TCGETS, 0n)) !== ERRNO.ENOTTY) wrong++;
    if (errnoOf(libc().mmap(0n, 0n, 0, 0x22, -1, 0n)) !== ERRNO.EINVAL) wrong++;
    garbage.push(new Uint8Array(4096), { round }, `${round}`.repeat(20));
    if (garbage.length > 3000) garbage = [];
  }
  checked(libc().close(fd), () => "close /dev/null");
  assertEquals(wrong, 0);
});
