// Loads kernel modules from their files, without any other program.

import { ERRNO } from "./errno.ts";
import { FileDescriptor } from "./file.ts";
import { errnoOf, libc } from "./libc.ts";
import { O_RDONLY } from "./open_flags.ts";
import { PlatformError, SysError } from "./sys_error.ts";

/** The number of finit_module(2), which glibc has no function for [UAPI-6.1 §asm/unistd.h]. */
const FINIT_MODULE: Readonly<Record<string, bigint>> = { x86_64: 313n, aarch64: 273n };

/** Let the kernel unpack the file, since Linux 5.17 [UAPI-6.1 §linux/module.h]. */
const MODULE_INIT_COMPRESSED_FILE = 4;

/** How to load a module. */
export interface LoadModuleOptions {
  /** Whether the file is compressed; not every kernel unpacks files. */
  readonly compressed?: boolean;
  /** Parameters as modprobe takes them: `name=value`. */
  readonly parameters?: string;
  /** The processor family; this machine's unless a test says otherwise. */
  readonly arch?: string;
}

/**
 * Loads a kernel module whose needs are loaded, and returns once it has started: true, or false
 * where it is there already.
 *
 * Throws SysError: EPERM where this process may not load modules, ENOEXEC or EINVAL for what is no
 * module of this kernel; PlatformError for a processor family without a number here.
 */
export function loadKernelModule(path: string, options: LoadModuleOptions = {}): boolean {
  const { compressed = false, parameters = "", arch = Deno.build.arch } = options;
  const number = FINIT_MODULE[arch];
  if (number === undefined) {
    throw new PlatformError(`Cannot load modules: the call has no number here for ${arch}`);
  }
  using file = FileDescriptor.open(path, O_RDONLY);
  const words = new TextEncoder().encode(`${parameters}\0`);
  const flags = compressed ? MODULE_INIT_COMPRESSED_FILE : 0;
  const fd = file.number;
  const result = libc().finitModule(number, fd, words, flags);
  const errno = errnoOf(result);
  if (errno === ERRNO.EEXIST) return false;
  if (errno !== 0) throw new SysError(`load the kernel module ${path}`, errno);
  return true;
}
