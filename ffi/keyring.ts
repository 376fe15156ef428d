// The kernel's keyrings: add_key, request_key and keyctl, through the C library's syscall().

import { checked, type Libc, libc } from "./libc.ts";
import { readText } from "./file.ts";
import { PlatformError } from "./sys_error.ts";

/** Numbers of the system calls [UAPI-6.1 §asm-generic/unistd.h]; x86-64 has its own. */
interface CallNumbers {
  readonly addKey: bigint;
  readonly requestKey: bigint;
  readonly keyctl: bigint;
}

const NUMBERS: Readonly<Record<string, CallNumbers>> = {
  x86_64: { addKey: 248n, requestKey: 249n, keyctl: 250n },
  aarch64: { addKey: 217n, requestKey: 218n, keyctl: 219n },
};

/** Operations of keyctl [UAPI-6.1 §linux/keyctl.h]. */
const KEYCTL = {
  GET_KEYRING_ID: 0n,
  UPDATE: 2n,
  REVOKE: 3n,
  SETPERM: 5n,
  DESCRIBE: 6n,
  LINK: 8n,
  UNLINK: 9n,
  SEARCH: 10n,
  READ: 11n,
  INVALIDATE: 21n,
} as const;

/** What is asked of the C library; a test may pass its own. */
export type KeyCalls = Pick<
  Libc,
  "addKey" | "requestKey" | "keyctl" | "keyctlBuffer" | "keyctlSearch"
>;

/** What the calls depend on; the machine's own unless a test says otherwise. */
export interface KeyringHost {
  readonly arch: string;
  readonly calls: () => KeyCalls;
}

const THIS_HOST: KeyringHost = { arch: Deno.build.arch, calls: libc };

/** How often a key that grows between two questions is asked for again. */
const READ_ATTEMPTS = 8;

/**
 * The kernel's keyrings. Keys and keyrings are known by their serial numbers; negative ones stand
 * for the process's own keyrings. Every method throws SysError with the kernel's reason, and
 * PlatformError on a processor whose call numbers are not known.
 */
export class KernelKeyring {
  readonly #numbers: CallNumbers;
  readonly #calls: KeyCalls;

  constructor({ arch, calls }: KeyringHost = THIS_HOST) {
    const numbers = NUMBERS[arch];
    if (!numbers) {
      throw new PlatformError(`Cannot use the kernel's keyrings: the processor is ${arch}`);
    }
    this.#numbers = numbers;
    this.#calls = calls();
  }

  /**
   * Makes a key, or changes the one of that type and description in the keyring, and returns its
   * serial number. A keyring has no payload.
   */
  addKey(type: string, description: string, payload: Uint8Array | undefined, ring: number): number {
    const bytes = payload && copyOf(payload);
    try {
      return Number(checked(
        this.#calls.addKey(
          this.#numbers.addKey,
          cString(type),
          cString(description),
          bytes ?? null,
          BigInt(bytes?.length ?? 0),
          BigInt(ring),
        ),
        () => `add a key of type ${type}`,
      ));
    } finally {
      bytes?.fill(0);
    }
  }

  /** The key of that type and description in the process's own keyrings. Asks no other program. */
  requestKey(type: string, description: string): number {
    return Number(checked(
      this.#calls.requestKey(
        this.#numbers.requestKey,
        cString(type),
        cString(description),
        null,
        0n,
      ),
      () => `find a key of type ${type}`,
    ));
  }

  /** The key of that type and description below a keyring. */
  search(ring: number, type: string, description: string): number {
    return Number(checked(
      this.#calls.keyctlSearch(
        this.#numbers.keyctl,
        KEYCTL.SEARCH,
        BigInt(ring),
        cString(type),
        cString(description),
        0n,
      ),
      () => `find a key of type ${type} in keyring ${ring}`,
    ));
  }

  /** The serial number that a special keyring has; made when it does not exist and `create`. */
  ringId(special: number, create = false): number {
    return this.#do("find", KEYCTL.GET_KEYRING_ID, special, create ? 1 : 0);
  }

  /** `type;uid;gid;permissions;description`. */
  describe(key: number): string {
    const text = this.#fetch(KEYCTL.DESCRIBE, key, "describe");
    const end = text.indexOf(0);
    return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end));
  }

  /** A key's payload; of a keyring, the serial numbers of what is in it as 32-bit integers. */
  read(key: number): Uint8Array {
    return this.#fetch(KEYCTL.READ, key, "read");
  }

  /** Gives a key another payload. */
  update(key: number, payload: Uint8Array): void {
    const bytes = copyOf(payload);
    try {
      checked(
        this.#calls.keyctlBuffer(
          this.#numbers.keyctl,
          KEYCTL.UPDATE,
          BigInt(key),
          bytes,
          BigInt(bytes.length),
        ),
        () => `change key ${key}`,
      );
    } finally {
      bytes.fill(0);
    }
  }

  /** Makes a key unusable for everybody, at once. */
  revoke(key: number): void {
    this.#do("revoke", KEYCTL.REVOKE, key);
  }

  /** Marks a key as no longer good: it disappears from every keyring. */
  invalidate(key: number): void {
    this.#do("invalidate", KEYCTL.INVALIDATE, key);
  }

  /** Puts a key into a keyring; another of the same type and description leaves it. */
  link(key: number, ring: number): void {
    this.#do("link", KEYCTL.LINK, key, ring);
  }

  /** Takes a key out of a keyring. */
  unlink(key: number, ring: number): void {
    this.#do("unlink", KEYCTL.UNLINK, key, ring);
  }

  /** Sets who may do what with a key: 32 bits, as `describe()` shows them. */
  setPermissions(key: number, permissions: number): void {
    this.#do("set the permissions of", KEYCTL.SETPERM, key, permissions);
  }

  /** The kernel's list of the keys that this user may see: the text of /proc/keys. */
  listing(): string {
    return readText("/proc/keys");
  }

  #do(verb: string, operation: bigint, key: number, argument = 0): number {
    return Number(checked(
      this.#calls.keyctl(this.#numbers.keyctl, operation, BigInt(key), BigInt(argument)),
      () => `${verb} key ${key}`,
    ));
  }

  /** Bytes that an operation gives: it says how many there are, and gives no more than fit. */
  #fetch(operation: bigint, key: number, verb: string): Uint8Array {
    let room = 256;
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const buffer = new Uint8Array(room);
      const size = Number(checked(
        this.#calls.keyctlBuffer(
          this.#numbers.keyctl,
          operation,
          BigInt(key),
          buffer,
          BigInt(buffer.length),
        ),
        () => `${verb} key ${key}`,
      ));
      if (size <= room) return buffer.subarray(0, size);
      buffer.fill(0);
      room = size;
    }
    throw new PlatformError(`Cannot ${verb} key ${key}: it grows faster than it can be read`);
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
