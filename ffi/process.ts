// What this process is allowed and what the host's memory looks like, asked of the kernel.

import { checked, libc } from "./libc.ts";

const RLIMIT_MEMLOCK = 8;
const SIGHUP = 1;
/** More than struct sigaction has: 152 bytes on x86-64 and aarch64. */
const SIGACTION_BYTES = 256;
const SIG_IGN = 1n;
const RLIM_INFINITY = 2n ** 64n - 1n;

/** Bytes of one page of the host's memory: 4096 on x86-64; 4, 16 or 64 KiB on aarch64. */
export function pageBytes(): number {
  return libc().getpagesize();
}

/** The effective user id; 0 is root. */
export function effectiveUserId(): number {
  return libc().geteuid();
}

/** Bytes that this process may lock or pin for devices (`ulimit -l`); undefined when unlimited. */
export function memlockLimitBytes(): bigint | undefined {
  // struct rlimit { rlim_t current, maximum; } with 64-bit members.
  const limits = new BigUint64Array(2);
  checked(libc().getrlimit(RLIMIT_MEMLOCK, limits), () => "read the locked-memory limit");
  const current = limits[0]!;
  return current === RLIM_INFINITY ? undefined : current;
}

/** Whether SIGHUP is ignored: what starts programs that outlive their terminal (nohup) says so. */
export function ignoresHangUp(): boolean {
  // struct sigaction begins with the handler's address.
  const action = new Uint8Array(SIGACTION_BYTES);
  checked(libc().sigaction(SIGHUP, null, action), () => "look what happens on SIGHUP");
  return new DataView(action.buffer).getBigUint64(0, true) === SIG_IGN;
}
