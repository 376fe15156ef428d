// ioctls on a thread of their own: errno, a call that really blocks, and giving up on one.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ERRNO } from "../../ffi/errno.ts";
import { FileDescriptor, readText } from "../../ffi/file.ts";
import { _IOWR, NVME_IOCTL } from "../../ffi/ioctl.ts";
import { checked, libc } from "../../ffi/libc.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../../ffi/open_flags.ts";
import { PageBuffer } from "../../ffi/page_buffer.ts";
import { effectiveUserId } from "../../ffi/process.ts";
import { slowIoctl } from "../../ffi/slow_ioctl.ts";
import { SysError } from "../../ffi/sys_error.ts";

// How many bytes can be read: an int that the kernel stores at the address given.
const FIONREAD = 0x541b;

/** A file of 1234 bytes, removed already. */
function smallFile(): FileDescriptor {
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, new Uint8Array(1234));
  const file = FileDescriptor.open(path, O_RDONLY);
  Deno.removeSync(path);
  return file;
}

function int32(buffer: PageBuffer): number {
  return new DataView(buffer.bytes.buffer).getInt32(0, true);
}

Deno.test("slowIoctl() gives the result, and the answer in the argument", async () => {
  using file = smallFile();
  using argument = new PageBuffer(4);
  assertEquals(await slowIoctl({ file, request: FIONREAD, argument }), { result: 0, errno: 0 });
  assertEquals(int32(argument), 1234);
});

Deno.test("slowIoctl() gives the errno of its own thread", async () => {
  using file = FileDescriptor.open("/dev/null", O_RDONLY);
  using argument = new PageBuffer(80);
  const request = NVME_IOCTL.ADMIN64_CMD;
  for (let round = 0; round < 5; round++) {
    const pending = slowIoctl({ file, request, argument });
    libc().close(-1); // leaves EBADF as this thread's errno
    assertEquals(await pending, { result: -1, errno: ERRNO.ENOTTY });
  }
});

Deno.test("slowIoctl() leaves no machine code of its threads behind", async () => {
  using file = smallFile();
  using argument = new PageBuffer(4);
  await slowIoctl({ file, request: FIONREAD, argument });
  const before = stubAreas();
  assert(before >= 1, "that of this thread");
  const rounds = 30;
  for (let round = 0; round < rounds; round++) {
    await slowIoctl({ file, request: FIONREAD, argument });
  }
  // The runtime's own code may come and go in pieces of the same size.
  assert(stubAreas() < before + rounds / 2, `${before} before, ${stubAreas()} now`);
});

Deno.test("slowIoctl() keeps its own descriptor and memory from the start", async () => {
  const file = smallFile();
  const argument = new PageBuffer(4);
  const data = new PageBuffer(8);
  const { address } = data;
  const pending = slowIoctl({ file, request: FIONREAD, argument, data: [data] });
  file[Symbol.dispose]();
  argument[Symbol.dispose]();
  data[Symbol.dispose]();
  assert(isMapped(address));
  assertEquals(await pending, { result: 0, errno: 0 });
  assert(!isMapped(address));
});

Deno.test("slowIoctl() refuses a closed file", async () => {
  const file = smallFile();
  file[Symbol.dispose]();
  using argument = new PageBuffer(4);
  await assertRejects(() => slowIoctl({ file, request: FIONREAD, argument }), SysError, "EBADF");
});

Deno.test("slowIoctl() says what is missing when its thread cannot start", async () => {
  using file = smallFile();
  const argument = new PageBuffer(4);
  const { address } = argument;
  const gone = new URL("data:text/javascript,throw new Error('gone')");
  await assertRejects(
    () => slowIoctl({ file, request: FIONREAD, argument }, gone),
    Error,
    "Cannot start the thread of a slow ioctl: ",
  );
  argument[Symbol.dispose]();
  assert(!isMapped(address), "nothing holds the memory after a failed start");
});

// A call that blocks for as long as we like: userfaultfd hands us the page faults of a buffer, so
// the kernel's store of the answer waits until we provide the page. Faults inside the kernel may be
// handed over to root only.
Deno.test({
  name: "slowIoctl() leaves this thread free while the kernel blocks, and ends when it does",
  ignore: effectiveUserId() !== 0,
  async fn() {
    using file = smallFile();
    using argument = new PageBuffer(4);
    using faults = new FaultedBuffer(argument);
    let outcome: unknown;
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const pending = slowIoctl({ file, request: FIONREAD, argument })
      .then((found) => outcome = found);
    await until(() => faults.pending());
    const before = ticks;
    await until(() => ticks >= before + 20);
    assertEquals(outcome, undefined);
    faults.provide();
    await pending;
    clearInterval(timer);
    assertEquals(outcome, { result: 0, errno: 0 });
    assertEquals(int32(argument), 1234);
  },
});

Deno.test({
  name: "slowIoctl() survives a caller that gives up while the kernel blocks",
  ignore: effectiveUserId() !== 0,
  async fn() {
    const file = smallFile();
    const argument = new PageBuffer(4);
    const { address } = argument;
    using faults = new FaultedBuffer(argument);
    const pending = slowIoctl({ file, request: FIONREAD, argument });
    await until(() => faults.pending());
    file[Symbol.dispose]();
    argument[Symbol.dispose]();
    assert(isMapped(address), "the kernel still writes to it");
    faults.provide();
    assertEquals(await pending, { result: 0, errno: 0 });
    assert(!isMapped(address));
  },
});

/** Takes the pages of a buffer away and answers for them, through userfaultfd(2). */
class FaultedBuffer implements Disposable {
  readonly #fault: FileDescriptor;
  readonly #range: readonly [bigint, bigint];

  constructor(buffer: PageBuffer) {
    const library = Deno.dlopen("libc.so.6", {
      // long syscall(long number, ... int flags);
      syscall: { parameters: ["i64", "i64"], result: "i64" },
    });
    const number = Deno.build.arch === "aarch64" ? 282n : 323n;
    const fd = library.symbols.syscall(number, BigInt(O_CLOEXEC | O_NONBLOCK));
    library.close();
    if (fd < 0) throw new Error("Cannot open userfaultfd");
    this.#fault = new FileDescriptor(Number(fd), "userfaultfd");
    this.#range = [buffer.address, BigInt(buffer.mappedBytes)];
    this.#send(0x3f, [0xaan, 0n, 0n]); // UFFDIO_API
    const MADV_DONTNEED = 4;
    checked(libc().madvise(...this.#range, MADV_DONTNEED), () => "drop the pages");
    this.#send(0x00, [...this.#range, 1n, 0n]); // UFFDIO_REGISTER, missing pages
  }

  /** Whether somebody waits for a page. */
  pending(): boolean {
    try {
      return this.#fault.read(new Uint8Array(32)) === 32;
    } catch (error) {
      if (error instanceof SysError && error.errno === ERRNO.EAGAIN) return false;
      throw error;
    }
  }

  /** Gives zeroed pages to who waits. */
  provide(): void {
    this.#send(0x04, [...this.#range, 0n, 0n]); // UFFDIO_ZEROPAGE
  }

  [Symbol.dispose](): void {
    this.#fault[Symbol.dispose]();
  }

  #send(number: number, words: readonly bigint[]): void {
    const argument = new Uint8Array(new BigUint64Array(words).buffer);
    this.#fault.ioctl(_IOWR(0xaa, number, argument.length), argument);
  }
}

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!done()) {
    assert(performance.now() < deadline, "not within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Memory for instructions of 64 KiB, without a file. */
function stubAreas(): number {
  return readText("/proc/self/maps").split("\n").filter((line) => {
    const [, first, end] = /^([0-9a-f]+)-([0-9a-f]+) r-xp 00000000 00:00 0 *$/.exec(line) ?? [];
    return first !== undefined && parseInt(`${end}`, 16) - parseInt(first, 16) === 0x1_0000;
  }).length;
}

function isMapped(address: bigint): boolean {
  return readText("/proc/self/maps").split("\n").some((line) => {
    const [, first, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line) ?? [];
    return first !== undefined && BigInt(`0x${first}`) <= address && address < BigInt(`0x${end}`);
  });
}
