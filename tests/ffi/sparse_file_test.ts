// Holes in files, and locks, against the kernel of this machine.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { FileDescriptor } from "../../ffi/file.ts";
import { libc } from "../../ffi/libc.ts";
import { O_CREAT, O_RDONLY, O_RDWR } from "../../ffi/open_flags.ts";
import { nextData, punchHole, syncFile, tryLock } from "../../ffi/sparse_file.ts";
import { SysError } from "../../ffi/sys_error.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

function inDirectory(run: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    run(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const MIB = 1n << 20n;

Deno.test("nextData() finds what was written between holes, and nothing behind it", () => {
  inDirectory((directory) => {
    using file = FileDescriptor.open(`${directory}/data`, O_RDWR | O_CREAT);
    assertEquals(nextData(file, 0n), undefined);
    file.pwrite(new Uint8Array(4096).fill(7), 8n * MIB);
    file.pwrite(new Uint8Array(4096).fill(7), 64n * MIB);
    const first = nextData(file, 0n);
    assert(first !== undefined && first.start <= 8n * MIB && first.end >= 8n * MIB + 4096n);
    const second = nextData(file, first.end);
    assert(second !== undefined && second.end === 64n * MIB + 4096n);
    assertEquals(nextData(file, second.end), undefined);
  });
});

Deno.test("punchHole() makes a stretch zero and keeps the rest and the length", () => {
  inDirectory((directory) => {
    using file = FileDescriptor.open(`${directory}/data`, O_RDWR | O_CREAT);
    file.pwrite(new Uint8Array(3 * 4096).fill(9), 0n);
    assertEquals(punchHole(file, { start: 4096n, end: 8192n }), true);
    const bytes = new Uint8Array(3 * 4096);
    assertEquals(file.pread(bytes, 0n), bytes.length);
    assertEquals([bytes[4095], bytes[4096], bytes[8191], bytes[8192]], [9, 0, 0, 9]);
    assertEquals(file.status().size, 3n * 4096n);
  });
});

Deno.test("tryLock() gives a file to one opener until it is closed", () => {
  inDirectory((directory) => {
    using second = FileDescriptor.open(`${directory}/lock`, O_RDWR | O_CREAT);
    {
      using first = FileDescriptor.open(`${directory}/lock`, O_RDWR);
      assertEquals(tryLock(first), true);
      assertEquals(tryLock(second), false);
    }
    assertEquals(tryLock(second), true);
  });
});

Deno.test("syncFile() takes files and directories, and says what it could not write", () => {
  inDirectory((directory) => {
    using file = FileDescriptor.open(`${directory}/data`, O_RDWR | O_CREAT);
    syncFile(file);
    using folder = FileDescriptor.open(directory, O_RDONLY);
    syncFile(folder);
    using zero = FileDescriptor.open("/dev/zero", O_RDONLY);
    assertEquals(assertThrows(() => syncFile(zero), SysError).code, "EINVAL");
  });
});
