// Buffers for drives: aligned, zeroed, of whole pages, with writable slack behind the data.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { FileDescriptor } from "../../ffi/file.ts";
import { O_RDONLY } from "../../ffi/open_flags.ts";
import { PageBuffer } from "../../ffi/page_buffer.ts";
import { pageBytes } from "../../ffi/process.ts";

const PAGE = pageBytes();

Deno.test("PageBuffer is aligned, zeroed and exactly as long as asked", () => {
  for (const length of [0, 1, 512, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 2 ** 20 + 64]) {
    using buffer = new PageBuffer(length);
    assertEquals(buffer.address % BigInt(PAGE), 0n);
    assert(buffer.address > 0n);
    assertEquals(buffer.byteLength, length);
    assertEquals(buffer.bytes.length, length);
    assertEquals(new Uint8Array(buffer.bytes.buffer).every((byte) => byte === 0), true);
  }
});

Deno.test("PageBuffer maps whole pages, at least 4 KiB, and one page more", () => {
  for (
    const [length, pages] of [[0, 1], [1, 1], [512, 1], [PAGE, 1], [PAGE + 1, 2]] as const
  ) {
    using buffer = new PageBuffer(length);
    assertEquals(buffer.mappedBytes, (pages + 1) * PAGE);
    assert(buffer.mappedBytes - length >= PAGE);
  }
});

Deno.test("PageBuffer takes what is written past its end into its slack", () => {
  const library = Deno.dlopen("libc.so.6", {
    // ssize_t pread(int fd, void *into, size_t bytes, off_t offset);
    pread: { parameters: ["i32", "u64", "usize", "i64"], result: "isize" },
  });
  using source = FileDescriptor.open("/proc/self/exe", O_RDONLY);
  using buffer = new PageBuffer(PAGE);
  const { address, mappedBytes } = buffer;
  const copied = library.symbols.pread(source.number, address, BigInt(mappedBytes), 0n);
  library.close();
  assertEquals(copied, BigInt(2 * PAGE));
  assertEquals(buffer.bytes.length, PAGE);
  assertEquals([...buffer.bytes.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
});

Deno.test("PageBuffer shows at once what the kernel writes", () => {
  using source = FileDescriptor.open("/proc/self/exe", O_RDONLY);
  using buffer = new PageBuffer(64);
  const { bytes } = buffer;
  assertEquals(source.pread(buffer.bytes, 0n), 64);
  assertEquals([...bytes.subarray(1, 4)], [0x45, 0x4c, 0x46]);
});

Deno.test("PageBuffer refuses a length that is none", () => {
  for (const length of [-1, 1.5, NaN, 2 ** 60]) {
    assertThrows(() => new PageBuffer(length), RangeError, "need an integer 0 or more");
  }
});

Deno.test("PageBuffer throws on use after disposal, and older views are empty", () => {
  const buffer = new PageBuffer(16, { secret: true });
  const { bytes } = buffer;
  using hold = buffer.hold();
  buffer[Symbol.dispose]();
  buffer[Symbol.dispose]();
  assertThrows(() => buffer.bytes, ReferenceError, "disposed");
  assertThrows(() => buffer.address, ReferenceError, "disposed");
  assertEquals(bytes.length, 0);
  hold[Symbol.dispose]();
});

Deno.test("PageBuffer gives its memory back: 20,000 of them do not add up", () => {
  for (let count = 0; count < 20_000; count++) {
    using buffer = new PageBuffer(512);
    buffer.bytes[0] = 1;
  }
});
