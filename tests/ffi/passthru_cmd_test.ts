// The kernel's command structures against sizes and offsets typed from its header.

import { assertEquals } from "@std/assert";
import { NVME_IOCTL } from "../../ffi/ioctl.ts";
import { PassthruCmd, PassthruCmd64 } from "../../ffi/passthru_cmd.ts";
import { structureTests } from "../support/structure.ts";

// offsetof() of each member of linux/nvme_ioctl.h, as a C compiler gives them.
const OFFSETS = {
  opcode: 0,
  flags: 1,
  nsid: 4,
  cdw2: 8,
  cdw3: 12,
  metadataAddress: 16,
  dataAddress: 24,
  metadataBytes: 32,
  dataBytes: 36,
  cdw10: 40,
  cdw11: 44,
  cdw12: 48,
  cdw13: 52,
  cdw14: 56,
  cdw15: 60,
  timeoutMs: 64,
} as const;

Deno.test("struct nvme_passthru_cmd has the kernel's size and offsets", () => {
  assertEquals(PassthruCmd.size, 72);
  for (const [name, offset] of Object.entries({ ...OFFSETS, result: 68 })) {
    assertEquals(PassthruCmd.row(name as keyof PassthruCmd).first, offset, name);
  }
});

Deno.test("struct nvme_passthru_cmd64 has the kernel's size and offsets", () => {
  assertEquals(PassthruCmd64.size, 80);
  for (const [name, offset] of Object.entries({ ...OFFSETS, result: 72 })) {
    assertEquals(PassthruCmd64.row(name as keyof PassthruCmd64).first, offset, name);
  }
});

Deno.test("NVME_IOCTL requests carry the sizes of the structures that they take", () => {
  const sizeIn = (request: number) => (request >>> 16) & 0x3fff;
  assertEquals(sizeIn(NVME_IOCTL.ADMIN_CMD), PassthruCmd.size);
  assertEquals(sizeIn(NVME_IOCTL.IO_CMD), PassthruCmd.size);
  assertEquals(sizeIn(NVME_IOCTL.ADMIN64_CMD), PassthruCmd64.size);
  assertEquals(sizeIn(NVME_IOCTL.IO64_CMD), PassthruCmd64.size);
});

// Get Log Page (02h), log 02h, all namespaces, 512 bytes: NUMD is 7Fh, a count less one.
const GET_SMART_LOG = {
  opcode: 0x02,
  nsid: 0xffff_ffff,
  dataAddress: 0x7f12_3456_7000n,
  dataBytes: 512,
  cdw10: 0x007f_0002,
  timeoutMs: 60_000,
} as const;

const SMART_LOG_BYTES = [
  ...[0x02, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x70, 0x56, 0x34, 0x12, 0x7f, 0x00, 0x00],
  ...[0, 0, 0, 0, 0x00, 0x02, 0x00, 0x00, 0x02, 0x00, 0x7f, 0x00, 0, 0, 0, 0],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[0x60, 0xea, 0x00, 0x00],
] as const;

structureTests(PassthruCmd, {
  bytes: new Uint8Array([...SMART_LOG_BYTES, 0x78, 0x56, 0x34, 0x12]),
  decoded: { ...GET_SMART_LOG, result: 0x1234_5678 },
  encoded: { ...GET_SMART_LOG, result: 0x1234_5678 },
});

structureTests(PassthruCmd64, {
  bytes: new Uint8Array([
    ...SMART_LOG_BYTES,
    0,
    0,
    0,
    0,
    0xef,
    0xcd,
    0xab,
    0x89,
    0x67,
    0x45,
    0x23,
    1,
  ]),
  decoded: { ...GET_SMART_LOG, result: 0x0123_4567_89ab_cdefn },
  encoded: { ...GET_SMART_LOG, result: 0x0123_4567_89ab_cdefn },
});
