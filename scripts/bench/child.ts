// Runs a program and says exactly what it cost: wall time, processor time, peak resident memory.
//
// wait4() tells a child's peak memory, but Linux carries the peak over exec: a child that was
// spawned by a large process, such as this one, never seems smaller than that process. So a small
// shell forks the program and goes; the program falls to this process as its subreaper
// (prctl(2)), whose wait4() then tells about the program, never smaller than the shell (1 MiB).

/** What one run of a program cost. */
export interface ChildCost {
  /** From the moment that the waiting shell is let go to the program's end. */
  readonly wallMs: number;
  /** User and system time of all its threads. */
  readonly processorMs: number;
  /** Peak resident memory. */
  readonly residentKiB: number;
}

const SYMBOLS = {
  // int prctl(int option, ... unsigned long argument);
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  // int pipe2(int ends[2], int flags);
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  // int dup(int fd);
  dup: { parameters: ["i32"], result: "i32" },
  // ssize_t write(int fd, const void *from, size_t bytes);
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  // int close(int fd);
  close: { parameters: ["i32"], result: "i32" },
  // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
  //                 const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]);
  posix_spawn: {
    parameters: ["buffer", "buffer", "pointer", "pointer", "buffer", "buffer"],
    result: "i32",
  },
  // pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
  wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const PR_SET_CHILD_SUBREAPER = 36;
const O_CLOEXEC = 0o2000000;
const ANY_CHILD = -1;
/** Bytes of struct rusage on 64-bit Linux, and where its fields stand. */
const RUSAGE = { bytes: 144, userSeconds: 0, systemSeconds: 16, maxResidentKiB: 32 } as const;
/** How long the shell may take to come to its gate; later only makes a run look slower. */
const SHELL_START_MS = 8;

/** Waits at the gate, a pipe, forks the program, ends. Some shells know descriptors to 9 only. */
const SHELL = 'read -r go <"/proc/self/fd/$1"; shift; "$@" </dev/null >/dev/null 2>&1 &';

let library: Deno.DynamicLibrary<typeof SYMBOLS> | undefined;

/**
 * Runs a program to its end, without output and with an empty environment. No other child of this
 * process may end meanwhile: any child is waited for.
 *
 * Throws when it cannot be started, or its exit status is not 0.
 */
export async function runChild(program: string, args: readonly string[]): Promise<ChildCost> {
  library ??= Deno.dlopen("libc.so.6", SYMBOLS);
  const libc = library.symbols;
  expectZero(libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n), "become a subreaper");
  const ends = new Int32Array(2);
  expectZero(libc.pipe2(ends, O_CLOEXEC), "make a pipe");
  const [readEnd = -1, writeEnd = -1] = ends;
  // Unlike the pipe's own descriptors, the copy goes along into the shell.
  const gate = libc.dup(readEnd);
  try {
    const shell = spawn(["/bin/sh", "-c", SHELL, "sh", `${gate}`, program, ...args]);
    await new Promise((resolve) => setTimeout(resolve, SHELL_START_MS));
    const startedAt = performance.now();
    libc.write(writeEnd, new TextEncoder().encode("go\n"), 3n);
    const [first, second] = [waitForChild(), waitForChild()];
    // Whichever ended last: the program, but for one that ends before its shell has.
    const wallMs = performance.now() - startedAt;
    const child = first.pid === shell ? second : first;
    if (child.status !== 0) {
      throw new Error(
        `Cannot measure ${program}: it ended with wait status ${child.status}, need 0`,
      );
    }
    return { wallMs, processorMs: child.processorMs, residentKiB: child.residentKiB };
  } finally {
    for (const fd of [readEnd, writeEnd, gate]) libc.close(fd);
  }
}

function spawn(argv: readonly string[]): number {
  const words = argv.map(cString);
  const pointers = new BigUint64Array(words.length + 1);
  words.forEach((word, at) => {
    // SAFETY: the address of a buffer's bytes is fixed while the buffer lives, and `words` lives
    // until posix_spawn() has returned, which is after the new program was loaded.
    pointers[at] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(word));
  });
  const pid = new Int32Array(1);
  const [path = cString("")] = words;
  const environment = new BigUint64Array(1);
  const spawned = library?.symbols.posix_spawn(pid, path, null, null, pointers, environment);
  expectZero(spawned ?? -1, `start ${argv[0]}`);
  return pid[0] ?? -1;
}

interface Ended {
  readonly pid: number;
  readonly status: number;
  readonly processorMs: number;
  readonly residentKiB: number;
}

function waitForChild(): Ended {
  const status = new Int32Array(1);
  const usage = new Uint8Array(RUSAGE.bytes);
  const pid = library?.symbols.wait4(ANY_CHILD, status, 0, usage) ?? -1;
  if (pid <= 0) throw new Error("Cannot wait for a program: there is none");
  return { pid, status: status[0] ?? -1, ...readUsage(usage) };
}

/** Times and peak memory of a `struct rusage`. */
export function readUsage(
  usage: Uint8Array<ArrayBuffer>,
): Pick<ChildCost, "processorMs" | "residentKiB"> {
  const view = new DataView(usage.buffer, usage.byteOffset, usage.byteLength);
  const long = (at: number): number => Number(view.getBigInt64(at, true));
  const timeMs = (at: number): number => long(at) * 1000 + long(at + 8) / 1000;
  return {
    processorMs: timeMs(RUSAGE.userSeconds) + timeMs(RUSAGE.systemSeconds),
    residentKiB: long(RUSAGE.maxResidentKiB),
  };
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

function expectZero(result: number, action: string): void {
  if (result !== 0) throw new Error(`Cannot ${action}: the C library returned ${result}, need 0`);
}
