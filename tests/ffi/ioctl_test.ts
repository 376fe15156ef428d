// ioctl numbers against the literal values of the kernel's headers, and calls on real files.

import { assertEquals, assertThrows } from "@std/assert";
import { ERRNO } from "../../ffi/errno.ts";
import { FileDescriptor, readText } from "../../ffi/file.ts";
import * as request from "../../ffi/ioctl.ts";
import { O_RDONLY, O_RDWR } from "../../ffi/open_flags.ts";
import { PageBuffer } from "../../ffi/page_buffer.ts";
import { SysError } from "../../ffi/sys_error.ts";

// How many bytes can be read: an int, asked of a regular file here.
const FIONREAD = 0x541b;

Deno.test("NVME_IOCTL holds the values that a C compiler gives linux/nvme_ioctl.h", () => {
  assertEquals(request.NVME_IOCTL, {
    ID: 0x4e40,
    ADMIN_CMD: 0xc0484e41,
    SUBMIT_IO: 0x40304e42,
    IO_CMD: 0xc0484e43,
    RESET: 0x4e44,
    SUBSYS_RESET: 0x4e45,
    RESCAN: 0x4e46,
    ADMIN64_CMD: 0xc0504e47,
    IO64_CMD: 0xc0504e48,
    IO64_CMD_VEC: 0xc0504e49,
  });
});

Deno.test("BLOCK_IOCTL holds the values that a C compiler gives linux/fs.h", () => {
  assertEquals(request.BLOCK_IOCTL, {
    BLKROGET: 0x125e,
    BLKRRPART: 0x125f,
    BLKFLSBUF: 0x1261,
    BLKSSZGET: 0x1268,
    BLKGETSIZE64: 0x80081272,
    BLKPBSZGET: 0x127b,
  });
});

Deno.test("_IO() and its kin place direction, size, type and number", () => {
  assertEquals(request._IO("N", 0x40), 0x00004e40);
  assertEquals(request._IOR(0x12, 114, 8), 0x80081272);
  assertEquals(request._IOW("N", 0x42, 48), 0x40304e42);
  assertEquals(request._IOWR("N", 0x41, 72), 0xc0484e41);
  assertEquals(request._IOWR(0xff, 0xff, 2 ** 14 - 1), 0xffffffff);
});

Deno.test("_IOW() refuses an argument too large for its field", () => {
  assertThrows(() => request._IOW("N", 1, 2 ** 14), RangeError, "need <= 16383");
});

Deno.test("ioctlName() names known requests and numbers the rest", () => {
  assertEquals(request.ioctlName(0xc0484e41), "NVME_IOCTL_ADMIN_CMD");
  assertEquals(request.ioctlName(0x125f), "BLKRRPART");
  assertEquals(request.ioctlName(0xdeadbeef), "ioctl 0xdeadbeef");
});

Deno.test("ioctl() passes memory of ours and addresses alike", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, new Uint8Array(1234));
  using file = FileDescriptor.open(path, O_RDONLY);
  Deno.removeSync(path);
  const answer = new Int32Array(1);
  assertEquals(request.ioctl(file.number, FIONREAD, new Uint8Array(answer.buffer)), 0);
  assertEquals(answer[0], 1234);
  using buffer = new PageBuffer(4);
  assertEquals(file.ioctl(FIONREAD, buffer.address), 0);
  assertEquals(new DataView(buffer.bytes.buffer).getInt32(0, true), 1234);
});

Deno.test("ioctl() throws ENOTTY, naming request and target", () => {
  using file = FileDescriptor.open("/dev/null", O_RDWR);
  const error = assertThrows(() => file.ioctl(request.NVME_IOCTL.ID), SysError);
  assertEquals(error.code, "ENOTTY");
  assertEquals(
    error.message,
    "Cannot send NVME_IOCTL_ID to /dev/null: the file does not know this request (ENOTTY)",
  );
});

Deno.test("tryIoctl() gives errno in place of throwing", () => {
  assertEquals(request.tryIoctl(-1, FIONREAD), { result: -1, errno: ERRNO.EBADF });
  using file = FileDescriptor.open("/proc/self/exe", O_RDONLY);
  assertEquals(file.tryIoctl(FIONREAD, 0n), { result: -1, errno: ERRNO.EFAULT });
});

Deno.test({
  name: "BLOCK_IOCTL asks a block device for its size and block sizes",
  ignore: !isReadable("/dev/loop0"),
  fn() {
    using device = FileDescriptor.open("/dev/loop0", O_RDONLY);
    using buffer = new PageBuffer(8);
    const view = new DataView(buffer.bytes.buffer);
    const { BLKGETSIZE64, BLKSSZGET, BLKPBSZGET } = request.BLOCK_IOCTL;
    device.ioctl(BLKGETSIZE64, buffer.address);
    const sectors = BigInt(readText("/sys/block/loop0/size").trim());
    assertEquals(view.getBigUint64(0, true), sectors * 512n);
    for (
      const [code, name] of [[BLKSSZGET, "logical"], [BLKPBSZGET, "physical"]] as const
    ) {
      device.ioctl(code, buffer.address);
      const file = `/sys/block/loop0/queue/${name}_block_size`;
      assertEquals(view.getInt32(0, true), Number(readText(file)));
    }
  },
});

function isReadable(path: string): boolean {
  try {
    FileDescriptor.open(path, O_RDONLY)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}
