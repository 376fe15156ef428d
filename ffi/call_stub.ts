// A few instructions around a C function that keep its errno before anything else can run.
//
// Between the return of a foreign function and the reading of errno by a second one, the runtime
// converts the result, may compile the code that asks and may collect garbage; each can make system
// calls of its own that fail. Seen in a guest: a keyctl that was refused with EACCES was read as
// ENOENT, which is what the runtime gets when it first waits for a lock and looks for
// /sys/devices/system/cpu/cpu0/tsc_freq_khz.

/** Where a stub finds what it needs; all are addresses. */
export interface StubAddresses {
  /** The C function, which takes its arguments in registers only. */
  readonly callee: bigint;
  /** The calling thread's errno: an int. */
  readonly errno: bigint;
  /** Where errno is kept after each call: an int. */
  readonly kept: bigint;
}

/** Room for one stub, on every processor; stubs are aligned to it. */
export const STUB_BYTES = 64;

/** The most arguments that all processors below pass in registers. */
export const STUB_PARAMETERS_MAX = 6;

/** Writes the machine code of one stub. */
export type Assemble = (addresses: StubAddresses) => Uint8Array<ArrayBuffer>;

/**
 * The stub's machine code by `Deno.build.arch`, at most STUB_BYTES. It passes its arguments on and
 * returns what the function returns; it is position-independent and its stack is aligned.
 */
export const STUBS: Readonly<Record<string, Assemble>> = {
  // [AMD64 psABI §3.2.3]: r11, rcx and rdx are the callee's to overwrite; al, which a variadic
  // callee may read, stays as the caller set it.
  x86_64: ({ callee, errno, kept }) =>
    code([
      [0x48, 0x83, 0xec, 0x08], // sub    rsp, 8
      [0x49, 0xbb, ...word64(callee)], // movabs r11, callee
      [0x41, 0xff, 0xd3], // call   r11
      [0x48, 0xb9, ...word64(errno)], // movabs rcx, errno
      [0x8b, 0x09], // mov    ecx, [rcx]
      [0x48, 0xba, ...word64(kept)], // movabs rdx, kept
      [0x89, 0x0a], // mov    [rdx], ecx
      [0x48, 0x83, 0xc4, 0x08], // add    rsp, 8
      [0xc3], // ret
    ]),
  // [AAPCS64 §6.1.1]: x16 and x17 are the callee's to overwrite. The addresses stand behind the
  // code, 40 bytes from its start.
  aarch64: ({ callee, errno, kept }) =>
    code([
      word32(0xa9bf7bfd), // stp x29, x30, [sp, #-16]!
      word32(0x910003fd), // mov x29, sp
      word32(0x58000110), // ldr x16, callee
      word32(0xd63f0200), // blr x16
      word32(0x58000110), // ldr x16, errno
      word32(0xb9400210), // ldr w16, [x16]
      word32(0x58000111), // ldr x17, kept
      word32(0xb9000230), // str w16, [x17]
      word32(0xa8c17bfd), // ldp x29, x30, [sp], #16
      word32(0xd65f03c0), // ret
      word64(callee),
      word64(errno),
      word64(kept),
    ]),
};

function code(parts: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flat());
}

function word32(value: number): number[] {
  return Array.from({ length: 4 }, (_, at) => (value >>> (8 * at)) & 0xff);
}

function word64(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}
