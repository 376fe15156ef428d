// Open files, and whole files of /proc, through libc.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FileDescriptor, readBytes, readText, writeText } from "../../ffi/file.ts";
import { libc } from "../../ffi/libc.ts";
import * as flags from "../../ffi/open_flags.ts";
import { PageBuffer } from "../../ffi/page_buffer.ts";
import { SysError } from "../../ffi/sys_error.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = flags;

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

/** Runs a test in a directory of its own. */
function inDirectory(run: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    run(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function codeOf(run: () => unknown): string {
  return assertThrows(run, SysError).code;
}

Deno.test("FileDescriptor writes and reads at positions, beyond 4 GiB too", () => {
  inDirectory((directory) => {
    using file = FileDescriptor.open(`${directory}/data`, O_RDWR | O_CREAT | O_EXCL);
    const far = 5n * 2n ** 30n;
    assertEquals(file.pwrite(new Uint8Array([1, 2, 3, 4]), far), 4);
    assertEquals(file.pwrite(new Uint8Array([9]), 0n), 1);
    using buffer = new PageBuffer(8);
    assertEquals(file.pread(buffer.bytes.subarray(0, 3), far + 1n), 3);
    assertEquals([...buffer.bytes.subarray(0, 4)], [2, 3, 4, 0]);
    assertEquals(file.pread(buffer.bytes, far + 4n), 0);
    assertEquals(file.status().size, far + 4n);
    assertEquals(file.status().permissions, 0o600);
  });
});

Deno.test("FileDescriptor reads and writes on from its position", () => {
  inDirectory((directory) => {
    const path = `${directory}/data`;
    {
      using file = FileDescriptor.open(path, O_WRONLY | O_CREAT, 0o640);
      assertEquals(file.write(new TextEncoder().encode("hel")), 3);
      assertEquals(file.write(new TextEncoder().encode("lo")), 2);
    }
    assertEquals(Deno.readTextFileSync(path), "hello");
    using file = FileDescriptor.open(path, O_RDONLY);
    const two = new Uint8Array(2);
    assertEquals([file.read(two), two[0], file.read(two), two[0]], [2, 0x68, 2, 0x6c]);
    assertEquals([file.read(two), file.read(two)], [1, 0]);
  });
});

Deno.test("FileDescriptor.open() says why the kernel refuses", () => {
  inDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/file`, "");
    Deno.symlinkSync("file", `${directory}/link`);
    const open = (name: string, bits: number) => () =>
      FileDescriptor.open(`${directory}/${name}`, bits);
    assertEquals(codeOf(open("none", O_RDONLY)), "ENOENT");
    assertEquals(codeOf(open("file", O_RDONLY | O_DIRECTORY)), "ENOTDIR");
    assertEquals(codeOf(open("link", O_RDONLY | O_NOFOLLOW)), "ELOOP");
    assertEquals(codeOf(open("file", O_WRONLY | O_CREAT | O_EXCL)), "EEXIST");
    assertEquals(codeOf(open("", O_RDWR)), "EISDIR");
    assertEquals(codeOf(open("a\0b", O_RDONLY)), "EINVAL");
  });
  const error = assertThrows(() => FileDescriptor.open("/dev/nvme99", O_RDONLY), SysError);
  assertEquals(error.message, "Cannot open /dev/nvme99: no such file or device (ENOENT)");
});

Deno.test("FileDescriptor is closed on exec, and closed once", () => {
  const file = FileDescriptor.open("/dev/null", O_RDONLY);
  const { number } = file;
  const info = readText(`/proc/self/fdinfo/${number}`);
  assertMatch(info, /^flags:\t02\d{6}$/m);
  file[Symbol.dispose]();
  // The kernel gives the lowest free number to the next file: a second close would take it away.
  using next = FileDescriptor.open("/dev/null", O_RDONLY);
  file[Symbol.dispose]();
  assertEquals(next.status().type, "character");
  assertEquals(codeOf(() => file.number), "EBADF");
  assertEquals(codeOf(() => file.pread(new Uint8Array(1), 0n)), "EBADF");
  assertEquals(next.number, number);
});

Deno.test("FileDescriptor.duplicate() outlives the first", () => {
  inDirectory((directory) => {
    const first = FileDescriptor.open(`${directory}/data`, O_RDWR | O_CREAT);
    using second = first.duplicate();
    first[Symbol.dispose]();
    assertEquals(second.write(new Uint8Array(3)), 3);
    assertMatch(readText(`/proc/self/fdinfo/${second.number}`), /^flags:\t02\d{6}$/m);
  });
});

Deno.test("FileDescriptor names the file when it is not open for what is asked", () => {
  using file = FileDescriptor.open("/dev/null", O_RDONLY);
  const error = assertThrows(() => file.pwrite(new Uint8Array(1), 4096n), SysError);
  assertEquals(
    error.message,
    "Cannot write /dev/null at byte 4096: the file is not open for this (EBADF)",
  );
});

Deno.test("readText() reads /proc, which gives no size and takes several reads", () => {
  assertMatch(readText("/proc/self/mounts"), / \/proc proc /);
  const maps = readText("/proc/self/maps");
  assert(maps.endsWith("\n"));
  assertEquals(statusSize("/proc/self/maps"), 0n);
});

Deno.test("readText() reads /sys", () => {
  const size = readText("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
  assertMatch(size, /^\d+\n$/);
});

Deno.test("writeText() writes a file of /proc in one call", () => {
  const path = "/proc/self/comm";
  const before = readText(path);
  writeText(path, "nvmectl-test");
  assertEquals(readText(path), "nvmectl-test\n");
  writeText(path, before.trimEnd());
  assertEquals(readText(path), before);
});

Deno.test("writeText() passes on why the kernel refuses", () => {
  assertEquals(codeOf(() => writeText("/proc/self/oom_score_adj", "many")), "EINVAL");
  assertEquals(codeOf(() => writeText("/proc/self/no_such_file", "1")), "ENOENT");
});

Deno.test("readBytes() joins what came in parts", () => {
  inDirectory((directory) => {
    const content = new Uint8Array(200_001).map((_, at) => at % 251);
    Deno.writeFileSync(`${directory}/data`, content);
    assertEquals(readBytes(`${directory}/data`), content);
    assertEquals(readBytes(`${directory}/data`, 200_001).length, 200_001);
    assertEquals(codeOf(() => readBytes(`${directory}/data`, 200_000)), "EFBIG");
  });
});

Deno.test("readBytes() ends on a file without end", () => {
  const error = assertThrows(() => readBytes("/dev/zero", 2 ** 20), SysError);
  assertEquals(error.message, "Cannot read /dev/zero beyond 1048576 bytes: too large (EFBIG)");
});

Deno.test("readText() reports a directory for what it is", () => {
  assertEquals(codeOf(() => readText("/proc")), "EISDIR");
});

function statusSize(path: string): bigint {
  using file = FileDescriptor.open(path, O_RDONLY);
  return file.status().size;
}
