// statx against real files and devices.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { pathBytes, statusOfDescriptor, statusOfPath, Statx } from "../../ffi/file_status.ts";
import { readText } from "../../ffi/file.ts";
import { libc } from "../../ffi/libc.ts";
import { SysError } from "../../ffi/sys_error.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

Deno.test("struct statx has the offsets of linux/stat.h", () => {
  const offsets = { mode: 28, inode: 32, size: 40, deviceMajor: 128, deviceMinor: 132 };
  for (const [name, offset] of Object.entries(offsets)) {
    assertEquals(Statx.row(name as keyof typeof offsets).first, offset, name);
  }
  assertEquals(Statx.row("onMajor").first, 136);
  assertEquals(Statx.size, 256);
});

Deno.test("statusOfPath() tells a regular file, its size, permissions and inode", () => {
  const path = Deno.makeTempFileSync();
  Deno.truncateSync(path, 2 ** 33 + 1);
  const status = statusOfPath(path);
  const witness = Deno.lstatSync(path);
  Deno.removeSync(path);
  assertEquals(status.type, "regular");
  assertEquals(status.size, 2n ** 33n + 1n);
  assertEquals(status.permissions, 0o600);
  assertEquals(status.inode, BigInt(witness.ino ?? -1));
  assertEquals(status.device, { major: 0, minor: 0 });
});

Deno.test("statusOfPath() tells directories and character devices", () => {
  assertEquals(statusOfPath("/").type, "directory");
  const zero = statusOfPath("/dev/zero");
  assertEquals(zero.type, "character");
  assertEquals(zero.device, { major: 1, minor: 5 });
  assertEquals(zero.size, 0n);
});

Deno.test("statusOfPath() follows symbolic links unless told", () => {
  const directory = Deno.makeTempDirSync();
  Deno.symlinkSync("/dev/null", `${directory}/link`);
  assertEquals(statusOfPath(`${directory}/link`).device, { major: 1, minor: 3 });
  assertEquals(statusOfPath(`${directory}/link`, { follow: false }).type, "symlink");
  Deno.removeSync(directory, { recursive: true });
});

Deno.test("statusOfPath() names the path that is not there", () => {
  const error = assertThrows(() => statusOfPath("/dev/nvme99"), SysError);
  assertEquals(
    error.message,
    "Cannot look at /dev/nvme99: no such file or device (ENOENT)",
  );
});

Deno.test("statusOfDescriptor() refuses a number that is not open", () => {
  const error = assertThrows(() => statusOfDescriptor(9999), SysError);
  assertEquals(error.code, "EBADF");
});

Deno.test("statusOfPath() tells a block device and its numbers", () => {
  const [name] = [...Deno.readDirSync("/sys/block")].map((entry) => entry.name);
  if (name === undefined) return;
  const status = statusOfPath(`/dev/${name.replaceAll("!", "/")}`);
  const numbers = readText(`/sys/block/${name}/dev`).trim();
  assertEquals(status.type, "block");
  assertEquals(`${status.device.major}:${status.device.minor}`, numbers);
});

Deno.test("pathBytes() ends a path with one NUL and refuses one inside", () => {
  assertEquals(pathBytes("/é"), new Uint8Array([0x2f, 0xc3, 0xa9, 0]));
  const error = assertThrows(() => pathBytes("/dev/nvme0\0.txt"), SysError);
  assert(error.message.includes('"/dev/nvme0\\u0000.txt"'));
});
