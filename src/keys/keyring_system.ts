// What keyring.ts needs of the kernel; ffi/keyring.ts has it.

/**
 * The kernel's keyrings. Keys and keyrings are known by their serial numbers; -1 to -5 stand for
 * the thread's, the process's, the session's, the user's and the user session's keyring. Methods
 * throw an Error with a `code` such as `ENOKEY` where the kernel refuses.
 */
export interface KeyringSystem {
  /** Makes a key, or changes the one that is there, and returns its serial number. */
  addKey(type: string, description: string, payload: Uint8Array | undefined, ring: number): number;
  /** The key of that type and description in the process's own keyrings. */
  requestKey(type: string, description: string): number;
  /** The key of that type and description below a keyring. */
  search(ring: number, type: string, description: string): number;
  /** The serial number behind a special keyring's. */
  ringId(special: number, create?: boolean): number;
  /** `type;uid;gid;permissions;description`. */
  describe(key: number): string;
  /** A payload; of a keyring, serial numbers of 32 bits. */
  read(key: number): Uint8Array;
  update(key: number, payload: Uint8Array): void;
  revoke(key: number): void;
  invalidate(key: number): void;
  link(key: number, ring: number): void;
  unlink(key: number, ring: number): void;
  setPermissions(key: number, permissions: number): void;
  /** The text of /proc/keys. */
  listing(): string;
}

/** The process's own keyrings. */
export const RING = { thread: -1, process: -2, session: -3, user: -4, userSession: -5 } as const;
