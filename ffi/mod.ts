// Everything below the transports that needs the kernel: files, ioctls, mapped memory, errors.

export * from "./errno.ts";
export * from "./file.ts";
export * from "./file_status.ts";
export * from "./ioctl.ts";
export * from "./kernel_module.ts";
export * from "./keyring.ts";
export * from "./mapping.ts";
export * from "./open_flags.ts";
export * from "./page_buffer.ts";
export * from "./passthru_cmd.ts";
export * from "./process.ts";
export * from "./slow_ioctl.ts";
export * from "./sparse_file.ts";
export * from "./sys_error.ts";
