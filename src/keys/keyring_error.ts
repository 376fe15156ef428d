// What the kernel's refusals mean for keys, and what to do next.

import { NvmectlError, UnreachableError } from "../errors.ts";

const NEXT: Readonly<Record<string, string>> = {
  ENOSYS: "the kernel was built without CONFIG_KEYS, or a container forbids the call",
  EPERM: "a container may forbid the call; as root on the host it works",
  EACCES: "its owner does not let this user; root, or a link to it, may help: key ring link",
  ENOKEY: "key tls list shows the keys of a keyring, /proc/keys those that this user may see",
  ENODEV: "modprobe nvme-tcp may bring the key type psk, on Linux 6.7 and later",
  EKEYREVOKED: "it was revoked and cannot be used again: insert it anew",
  EKEYEXPIRED: "its time is over: insert it anew",
  EDQUOT: "this user may hold no more keys: /proc/key-users shows the limits",
};

/** The kernel's reason, where an error has one: `ENOKEY`. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** Runs `action`; what the kernel refuses becomes an UnreachableError with the next step. */
export function asked<T>(action: () => T, what: string): T {
  try {
    return action();
  } catch (error) {
    const code = reasonOf(error);
    if (error instanceof NvmectlError || code === undefined) throw error;
    const found = (error as Error).message.replace(/^Cannot [^:]*: /, "");
    throw new UnreachableError(`Cannot ${what}: ${found}`, {
      code,
      next: NEXT[code],
      cause: error,
    });
  }
}
