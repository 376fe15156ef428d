// Flags of open(2), whose numbers differ in part between the two processor families.

export const O_RDONLY = 0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
/** On a block device, without O_CREAT: claim it alone, EBUSY if mounted or claimed by another. */
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_NONBLOCK = 0o4000;
export const O_DSYNC = 0o10000;
export const O_CLOEXEC = 0o2000000;

/** The flags that one processor family numbers differently from another. */
export interface ArchitectureFlags {
  readonly O_DIRECT: number;
  readonly O_DIRECTORY: number;
  readonly O_NOFOLLOW: number;
}

/** The flags of `aarch64` or `x86_64`, as each numbers them [UAPI-6.1 §asm/fcntl.h]. */
export function architectureFlags(arch: string): ArchitectureFlags {
  return arch === "aarch64"
    ? { O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000, O_DIRECT: 0o200000 }
    : { O_DIRECT: 0o40000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000 };
}

const HERE = architectureFlags(Deno.build.arch);

/** Past the page cache; memory, offset and length are then multiples of the logical block. */
export const O_DIRECT = HERE.O_DIRECT;
/** Refuse what is not a directory. */
export const O_DIRECTORY = HERE.O_DIRECTORY;
/** Refuse a symbolic link at the end of the path. */
export const O_NOFOLLOW = HERE.O_NOFOLLOW;
