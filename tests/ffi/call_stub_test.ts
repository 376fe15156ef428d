// The machine code around foreign functions, byte by byte and at work.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { STUB_BYTES, STUBS } from "../../ffi/call_stub.ts";
import { type Find, keepingErrno } from "../../ffi/keeping_errno.ts";
import { PlatformError } from "../../ffi/sys_error.ts";

const ADDRESSES = {
  callee: 0x1122_3344_5566_7788n,
  errno: 0x99aa_bbcc_ddee_ff01n,
  kept: 0x0203_0405_0607_0809n,
};
const LITERALS = "8877665544332211" + "01ffeeddccbbaa99" + "0908070605040302";

Deno.test("the stub of x86-64 is what an assembler makes of it", () => {
  // as -o stub.o && objdump -d stub.o, GNU binutils 2.40.
  assertEquals(
    STUBS["x86_64"]!(ADDRESSES).toHex(),
    [
      "4883ec08",
      "49bb" + LITERALS.slice(0, 16),
      "41ffd3",
      "48b9" + LITERALS.slice(16, 32),
      "8b09",
      "48ba" + LITERALS.slice(32),
      "890a",
      "4883c408",
      "c3",
    ].join(""),
  );
});

Deno.test("the stub of aarch64 is what an assembler makes of it", () => {
  // aarch64-linux-gnu-as -o stub.o && aarch64-linux-gnu-objdump -d stub.o, GNU binutils 2.40.
  assertEquals(
    STUBS["aarch64"]!(ADDRESSES).toHex(),
    [
      "fd7bbfa9",
      "fd030091",
      "10010058",
      "00023fd6",
      "10010058",
      "100240b9",
      "11010058",
      "300200b9",
      "fd7bc1a8",
      "c0035fd6",
      LITERALS,
    ].join(""),
  );
});

Deno.test("each stub fits its room", () => {
  for (const [arch, assemble] of Object.entries(STUBS)) {
    assert(assemble(ADDRESSES).length <= STUB_BYTES, arch);
  }
});

Deno.test("memory that may not hold instructions is an error that says so", () => {
  const memory = new Uint8Array(128 * 1024);
  // SAFETY: what is written stays within the bytes above.
  const mapped = Deno.UnsafePointer.of(memory);
  // SAFETY: never followed: it is the answer of an mmap that failed.
  const failed = Deno.UnsafePointer.create(0xffff_ffff_ffff_ffffn);
  for (const [area, protection] of [[mapped, -1], [failed, 0], [null, 0]] as const) {
    const makers = { mmap: () => area, mprotect: () => protection, __errno_location: () => mapped };
    assertThrows(
      () => keepingErrno((() => ({ symbols: makers })) as unknown as Find, STUBS["x86_64"]!, {}),
      PlatformError,
      "the kernel gives no memory for instructions",
    );
  }
});
