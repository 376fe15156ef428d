// The two structures in which Linux takes an NVMe command from a program.

import { at, reserved, type Struct, struct, u32, u64, u8 } from "../src/layout/mod.ts";

/** What both forms have in common, byte for byte. */
const COMMAND = [
  at(0, 0, "opcode", u8, "Opcode"),
  at(1, 1, "flags", u8, "Fused operation and data pointer type"),
  reserved(2, 3),
  at(4, 7, "nsid", u32, "Namespace identifier"),
  at(8, 11, "cdw2", u32, "Command dword 2"),
  at(12, 15, "cdw3", u32, "Command dword 3"),
  at(16, 23, "metadataAddress", u64, "Address of the metadata"),
  at(24, 31, "dataAddress", u64, "Address of the data"),
  at(32, 35, "metadataBytes", u32, "Bytes of metadata"),
  at(36, 39, "dataBytes", u32, "Bytes of data"),
  at(40, 43, "cdw10", u32, "Command dword 10"),
  at(44, 47, "cdw11", u32, "Command dword 11"),
  at(48, 51, "cdw12", u32, "Command dword 12"),
  at(52, 55, "cdw13", u32, "Command dword 13"),
  at(56, 59, "cdw14", u32, "Command dword 14"),
  at(60, 63, "cdw15", u32, "Command dword 15"),
  at(64, 67, "timeoutMs", u32, "Kernel's timeout in milliseconds, 0 for its default"),
] as const;

/**
 * struct nvme_passthru_cmd, for NVME_IOCTL_ADMIN_CMD and NVME_IOCTL_IO_CMD.
 *
 * `result` is completion dword 0, written by the kernel; dword 1 is lost, hence the other form.
 */
export const PassthruCmd = struct(
  "struct nvme_passthru_cmd",
  72,
  "[UAPI-6.1 §linux/nvme_ioctl.h]",
  [...COMMAND, at(68, 71, "result", u32, "Completion dword 0")] as const,
);
/** A decoded struct nvme_passthru_cmd. */
export type PassthruCmd = typeof PassthruCmd extends Struct<infer T, infer _I> ? T : never;

/**
 * struct nvme_passthru_cmd64, for NVME_IOCTL_ADMIN64_CMD and NVME_IOCTL_IO64_CMD; Linux 5.4 on.
 *
 * `result` is completion dwords 0 and 1, written by the kernel. For NVME_IOCTL_IO64_CMD_VEC,
 * `dataBytes` is a count of iovec entries.
 */
export const PassthruCmd64 = struct(
  "struct nvme_passthru_cmd64",
  80,
  "[UAPI-6.1 §linux/nvme_ioctl.h]",
  [...COMMAND, reserved(68, 71), at(72, 79, "result", u64, "Completion dwords 0 and 1")] as const,
);
/** A decoded struct nvme_passthru_cmd64. */
export type PassthruCmd64 = typeof PassthruCmd64 extends Struct<infer T, infer _I> ? T : never;
