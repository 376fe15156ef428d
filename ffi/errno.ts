// Names the kernel's error numbers and says in plain words what each means for a drive.

/**
 * Error numbers that drives, files and keyrings answer with: number, then the state found, worded
 * to stand after `Cannot <verb> <object>:`. Numbers are those of x86-64 and aarch64
 * [UAPI-6.1 §asm-generic/errno-base.h] [UAPI-6.1 §asm-generic/errno.h].
 */
const ERRORS = {
  EPERM: [1, "not permitted to this user"],
  ENOENT: [2, "no such file or device"],
  EINTR: [4, "interrupted by a signal"],
  EIO: [5, "input/output error"],
  ENXIO: [6, "no such device behind this name"],
  E2BIG: [7, "too much data in one request"],
  ENOEXEC: [8, "not in a format that the kernel knows"],
  EBADF: [9, "the file is not open for this"],
  EAGAIN: [11, "not ready at the moment"],
  ENOMEM: [12, "the kernel has no memory for it, or the locked-memory limit is reached"],
  EACCES: [13, "permission denied"],
  EFAULT: [14, "bad memory address"],
  ENOTBLK: [15, "not a block device"],
  EBUSY: [16, "in use"],
  EEXIST: [17, "exists already"],
  EXDEV: [18, "on another file system"],
  ENODEV: [19, "the device is not there, or cannot do this"],
  ENOTDIR: [20, "not a directory"],
  EISDIR: [21, "a directory"],
  EINVAL: [22, "the kernel rejects an argument"],
  ENFILE: [23, "the system has too many open files"],
  EMFILE: [24, "this process has too many open files"],
  ENOTTY: [25, "the file does not know this request"],
  EFBIG: [27, "too large"],
  ENOSPC: [28, "no space left"],
  ESPIPE: [29, "the file has no positions"],
  EROFS: [30, "read-only"],
  EPIPE: [32, "nobody reads the other end"],
  ERANGE: [34, "result out of range"],
  EDEADLK: [35, "waiting would never end"],
  ENAMETOOLONG: [36, "name too long"],
  ENOSYS: [38, "this kernel does not have the call"],
  ELOOP: [40, "too many symbolic links"],
  EBADE: [52, "reservation conflict"],
  ENODATA: [61, "no data, or a medium error"],
  ETIME: [62, "timer expired"],
  ENOLINK: [67, "the path to the drive failed"],
  EPROTO: [71, "protocol error"],
  EBADMSG: [74, "damaged message"],
  EOVERFLOW: [75, "value too large for its field"],
  EILSEQ: [84, "protection information does not match"],
  ENOTSOCK: [88, "not a socket"],
  EMSGSIZE: [90, "message too long"],
  EOPNOTSUPP: [95, "not supported"],
  EADDRINUSE: [98, "address in use"],
  ENETDOWN: [100, "network is down"],
  ECONNRESET: [104, "connection reset"],
  ENOBUFS: [105, "no buffer space"],
  ESHUTDOWN: [108, "shut down"],
  ETOOMANYREFS: [109, "too many open zones or references"],
  ETIMEDOUT: [110, "timed out"],
  ECONNREFUSED: [111, "connection refused"],
  EHOSTUNREACH: [113, "no route to the host"],
  EALREADY: [114, "already under way"],
  EINPROGRESS: [115, "now under way"],
  ESTALE: [116, "stale handle"],
  EREMOTEIO: [121, "the drive reports a target error"],
  EDQUOT: [122, "quota exceeded"],
  ENOMEDIUM: [123, "no medium"],
  ECANCELED: [125, "cancelled"],
  ENOKEY: [126, "no such key"],
  EKEYEXPIRED: [127, "the key has expired"],
  EKEYREVOKED: [128, "the key was revoked"],
  EKEYREJECTED: [129, "the key was rejected"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

type ErrorName = keyof typeof ERRORS;

/** Error numbers by name: `ERRNO.EACCES` is 13. */
export const ERRNO: { readonly [N in ErrorName]: (typeof ERRORS)[N][0] } = Object.fromEntries(
  Object.entries(ERRORS).map(([name, [number]]) => [name, number]),
) as { [N in ErrorName]: (typeof ERRORS)[N][0] };

const BY_NUMBER: ReadonlyMap<number, { readonly name: string; readonly text: string }> = new Map(
  Object.entries(ERRORS).map(([name, [number, text]]) => [number, { name, text }]),
);

/** The symbolic name of an error number, or `errno 512` for one that is not in the table. */
export function errnoName(errno: number): string {
  return BY_NUMBER.get(errno)?.name ?? `errno ${errno}`;
}

/** What an error number means, in words; `unknown error` for one that is not in the table. */
export function errnoText(errno: number): string {
  return BY_NUMBER.get(errno)?.text ?? "unknown error";
}
