// Mapped memory: what is in it, how long it lives, and that late use finds nothing.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { FileDescriptor, readText } from "../../ffi/file.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, Mapping, PROT_READ } from "../../ffi/mapping.ts";
import { O_RDWR } from "../../ffi/open_flags.ts";
import { pageBytes } from "../../ffi/process.ts";
import { SysError } from "../../ffi/sys_error.ts";

const PAGE = pageBytes();

/** The lines of /proc/self/smaps for the mapping that holds an address; none if unmapped. */
function smapsOf(address: bigint): string {
  const entries = readText("/proc/self/smaps").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return entries.find((entry) => {
    const [, first, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(entry) ?? [];
    return BigInt(`0x${first}`) <= address && address < BigInt(`0x${end}`);
  }) ?? "";
}

/** A file of one page of 0x5a, removed already. */
function pageFile(): FileDescriptor {
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, new Uint8Array(PAGE).fill(0x5a));
  const file = FileDescriptor.open(path, O_RDWR);
  Deno.removeSync(path);
  return file;
}

Deno.test("Mapping shows a file's bytes and writes through to them", () => {
  using file = pageFile();
  using mapping = new Mapping({ byteLength: PAGE, flags: MAP_SHARED, fd: file.number });
  const bytes = new Uint8Array(mapping.buffer);
  assertEquals(bytes.every((byte) => byte === 0x5a), true);
  bytes[7] = 0x11;
  const back = new Uint8Array(1);
  file.pread(back, 7n);
  assertEquals(back[0], 0x11);
});

Deno.test("Mapping honours the protection asked for", () => {
  using mapping = new Mapping({
    byteLength: PAGE,
    protection: PROT_READ,
    flags: MAP_PRIVATE | MAP_ANONYMOUS,
  });
  assert(/^\S+ r--p /.test(smapsOf(mapping.address)));
});

Deno.test("Mapping throws what the kernel says of an impossible request", () => {
  const error = assertThrows(
    () => new Mapping({ byteLength: PAGE, flags: MAP_SHARED, fd: -1 }),
    SysError,
  );
  assertEquals(error.code, "EBADF");
  assertThrows(
    () => new Mapping({ byteLength: 0, flags: MAP_PRIVATE | MAP_ANONYMOUS }),
    SysError,
    "Cannot map 0 bytes of memory: the kernel rejects an argument (EINVAL)",
  );
});

Deno.test("Mapping unmaps on disposal, and late use finds nothing", () => {
  const mapping = new Mapping({ byteLength: PAGE, flags: MAP_SHARED | MAP_ANONYMOUS });
  const { address } = mapping;
  const view = new Uint8Array(mapping.buffer);
  view[0] = 1;
  assert(smapsOf(address) !== "");
  mapping[Symbol.dispose]();
  assertEquals(smapsOf(address), "");
  assertEquals([view.length, view[0]], [0, undefined]);
  assertThrows(() => mapping.buffer, ReferenceError, "disposed");
  assertThrows(() => mapping.address, ReferenceError, "disposed");
  assertThrows(() => mapping.hold(), ReferenceError, "disposed");
});

Deno.test("Mapping unmaps once, however often it is disposed of", () => {
  const options = { byteLength: PAGE, flags: MAP_SHARED | MAP_ANONYMOUS };
  const first = new Mapping(options);
  const { address } = first;
  first[Symbol.dispose]();
  // The kernel gives a freed range to the next caller: a second munmap would take it away again.
  using second = new Mapping(options);
  first[Symbol.dispose]();
  assert(smapsOf(second.address) !== "", `${address} and ${second.address}`);
  new Uint8Array(second.buffer).fill(1);
});

Deno.test("Mapping.hold() keeps the memory until the last hold ends", () => {
  using file = pageFile();
  const mapping = new Mapping({ byteLength: PAGE, flags: MAP_SHARED, fd: file.number });
  const { address } = mapping;
  const holds = [mapping.hold(), mapping.hold()] as const;
  const view = new Uint8Array(mapping.buffer);
  mapping[Symbol.dispose]();
  assertEquals(view.length, 0);
  holds[0][Symbol.dispose]();
  holds[0][Symbol.dispose]();
  assert(smapsOf(address) !== "", "one hold is left");
  holds[1][Symbol.dispose]();
  assertEquals(smapsOf(address), "");
});

Deno.test("Mapping stays usable when a hold ends before disposal", () => {
  using mapping = new Mapping({ byteLength: PAGE, flags: MAP_SHARED | MAP_ANONYMOUS });
  mapping.hold()[Symbol.dispose]();
  new Uint8Array(mapping.buffer).fill(1);
});

Deno.test("Mapping overwrites a secret with zeroes before it is given back", () => {
  using file = pageFile();
  const options = { byteLength: PAGE, flags: MAP_SHARED, fd: file.number, secret: true };
  const mapping = new Mapping(options);
  const hold = mapping.hold();
  mapping[Symbol.dispose]();
  const back = new Uint8Array(PAGE);
  file.pread(back, 0n);
  assertEquals(back[0], 0x5a);
  hold[Symbol.dispose]();
  file.pread(back, 0n);
  assertEquals(back, new Uint8Array(PAGE));
});

Deno.test("Mapping leaves what is not secret as it is", () => {
  using file = pageFile();
  new Mapping({ byteLength: PAGE, flags: MAP_SHARED, fd: file.number })[Symbol.dispose]();
  const back = new Uint8Array(1);
  file.pread(back, 0n);
  assertEquals(back[0], 0x5a);
});

Deno.test("Mapping keeps a secret out of core dumps", () => {
  const options = { byteLength: PAGE, flags: MAP_PRIVATE | MAP_ANONYMOUS };
  using secret = new Mapping({ ...options, secret: true });
  using open = new Mapping({ ...options, byteLength: 2 * PAGE });
  assert(/^VmFlags:.* dd( |$)/m.test(smapsOf(secret.address)));
  assert(!/^VmFlags:.* dd( |$)/m.test(smapsOf(open.address)));
});
