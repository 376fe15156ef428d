// Binds the C library: the only call of Deno.dlopen, and the only place that reads errno.

import { STUBS } from "./call_stub.ts";
import { type Dlopen, keepingErrno, type Kept } from "./keeping_errno.ts";
import { PlatformError, SysError } from "./sys_error.ts";

/**
 * The C library's functions, each under its C prototype.
 *
 * Addresses travel as `u64`, because they are numbers that the kernel wants; `buffer` is used where
 * the memory belongs to JavaScript and is needed for the length of the call only. Variadic
 * functions are declared with the arguments that this program passes: on x86-64 and aarch64 Linux
 * integers take the same registers either way. None has more than STUB_PARAMETERS_MAX.
 */
export const SYMBOLS = {
  // int open(const char *path, int flags, ... mode_t mode);
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  // int close(int fd);
  close: { parameters: ["i32"], result: "i32" },
  // int fcntl(int fd, int command, ... unsigned long argument);
  fcntl: { parameters: ["i32", "i32", "u64"], result: "i32" },
  // ssize_t read(int fd, void *into, size_t bytes);
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  // ssize_t write(int fd, const void *from, size_t bytes);
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  // ssize_t pread(int fd, void *into, size_t bytes, off_t offset);
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  // ssize_t pwrite(int fd, const void *from, size_t bytes, off_t offset);
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  // off_t lseek(int fd, off_t offset, int whence);
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  // int fallocate(int fd, int mode, off_t offset, off_t bytes);
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32" },
  // int fsync(int fd);
  fsync: { parameters: ["i32"], result: "i32" },
  // int flock(int fd, int operation);
  flock: { parameters: ["i32", "i32"], result: "i32" },
  // int ioctl(int fd, unsigned long request, ... unsigned long argument);
  // The kernel looks at 32 bits of the request only, and all requests fit.
  ioctl: { parameters: ["i32", "u32", "u64"], result: "i32" },
  // int ioctl(int fd, unsigned long request, ... void *argument);
  ioctlBuffer: { name: "ioctl", parameters: ["i32", "u32", "buffer"], result: "i32" },
  // int statx(int dirfd, const char *path, int flags, unsigned int mask, struct statx *into);
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  // void *mmap(void *hint, size_t bytes, int protection, int flags, int fd, off_t offset);
  mmap: { parameters: ["u64", "usize", "i32", "i32", "i32", "i64"], result: "i64" },
  // int munmap(void *address, size_t bytes);
  munmap: { parameters: ["u64", "usize"], result: "i32" },
  // int madvise(void *address, size_t bytes, int advice);
  madvise: { parameters: ["u64", "usize", "i32"], result: "i32" },
  // int eventfd(unsigned int initial, int flags);
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  // int getpagesize(void);
  getpagesize: { parameters: [], result: "i32" },
  // uid_t geteuid(void);
  geteuid: { parameters: [], result: "u32" },
  // int sigaction(int signal, const struct sigaction *change, struct sigaction *before);
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  // int getrlimit(int resource, struct rlimit *into);
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  // long syscall(long number, ...);  in the shapes that the keyring's calls have, for which the
  // library has no functions. Every integer is 64 bits wide, as the kernel takes it.
  // key_serial_t add_key(const char *type, const char *description, const void *payload,
  //                      size_t bytes, key_serial_t ring);
  addKey: {
    name: "syscall",
    parameters: ["i64", "buffer", "buffer", "buffer", "usize", "i64"],
    result: "i64",
  },
  // key_serial_t request_key(const char *type, const char *description, const char *callout,
  //                          key_serial_t ring);
  requestKey: {
    name: "syscall",
    parameters: ["i64", "buffer", "buffer", "buffer", "i64"],
    result: "i64",
  },
  // long keyctl(int operation, unsigned long, unsigned long);
  keyctl: { name: "syscall", parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  // long keyctl(int operation, key_serial_t key, char *buffer, size_t bytes);
  keyctlBuffer: {
    name: "syscall",
    parameters: ["i64", "i64", "i64", "buffer", "usize"],
    result: "i64",
  },
  // long keyctl(KEYCTL_SEARCH, key_serial_t ring, const char *type, const char *description,
  //             key_serial_t into);
  keyctlSearch: {
    name: "syscall",
    parameters: ["i64", "i64", "i64", "buffer", "buffer", "i64"],
    result: "i64",
  },
  // long syscall(long number, ... int fd, const char *parameters, int flags);  finit_module(2)
  finitModule: { name: "syscall", parameters: ["i64", "i32", "buffer", "i32"], result: "i64" },
} as const satisfies Deno.ForeignLibraryInterface;

const LIBRARY = "libc.so.6";

/** The C library's functions. */
export type Libc = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

/** What loading depends on; the machine's own unless a test says otherwise. */
export interface LoadFrom {
  readonly os: string;
  readonly arch: string;
  readonly dlopen: Dlopen;
}

let loaded: Kept<typeof SYMBOLS> | undefined;

/**
 * The C library, loaded at the first call, so that importing costs no permission.
 *
 * Throws PlatformError where there is no glibc, Deno.errors.NotCapable without `--allow-ffi`.
 */
export function libc(): Libc {
  loaded ??= loadLibc();
  return loaded.symbols;
}

/** Ends the use of the C library by a thread that is about to end; a next call loads it again. */
export function releaseLibc(): void {
  loaded?.[Symbol.dispose]();
  loaded = undefined;
}

/** Loads the C library anew. `libc()` is what callers want; tests name other machines. */
export function loadLibc(
  { os, arch, dlopen }: LoadFrom = { ...Deno.build, dlopen: Deno.dlopen },
): Kept<typeof SYMBOLS> {
  if (os !== "linux") {
    throw new PlatformError(
      `Cannot load ${LIBRARY}: nvmectl drives are reached through Linux; this is ${os}`,
    );
  }
  const stub = STUBS[arch];
  if (stub === undefined) {
    throw new PlatformError(
      `Cannot call ${LIBRARY}: the processor is ${arch}, need ${Object.keys(STUBS).join(" or ")}`,
    );
  }
  try {
    return keepingErrno((symbols) => dlopen(LIBRARY, symbols), stub, SYMBOLS);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof PlatformError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new PlatformError(
      `Cannot load ${LIBRARY}: ${found}, need the GNU C library 2.28 or later ` +
        "(systems built on musl, such as Alpine, do not have it)",
      { cause: error },
    );
  }
}

/**
 * Returns what a call returned, or throws its SysError if that is negative.
 *
 * No other function of `libc()` may be called between the two, so the call stands best in the
 * argument itself: `checked(libc().close(fd), () => "close it")`. The operation is worded only on
 * failure.
 */
export function checked<T extends number | bigint>(result: T, operation: () => string): T {
  if (result >= 0) return result;
  const errno = errnoOf(result);
  throw new SysError(operation(), errno);
}

/**
 * The errno of the last call of `libc()` on this thread, which returned `result`: 0 unless that is
 * negative. The call kept it before it came back (call_stub.ts), so that nothing that the runtime
 * does meanwhile can overwrite it.
 */
export function errnoOf(result: number | bigint): number {
  if (result >= 0 || loaded === undefined) return 0;
  return loaded.errno[0]!;
}
