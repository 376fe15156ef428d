// The kernel's keyrings in memory, as far as keys of NVMe need them; refusals have the same codes.

import type { KeyringSystem } from "../../src/keys/keyring_system.ts";

/** What the kernel refuses, with its code. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(`Cannot ask the keyring: refused (${code})`);
  }
}

interface StoredKey {
  readonly type: string;
  readonly description: string;
  payload: Uint8Array;
  readonly members: number[];
  revoked: boolean;
}

/** How the keyrings behave. */
export interface MemoryKeyringOptions {
  /** Key types besides keyring and user. */
  readonly types?: readonly string[];
  /** Names of keyrings that the kernel owns: listed, not linked to the process's own. */
  readonly kernelRings?: readonly string[];
  /** Serial numbers of keys of which nothing may be asked. */
  readonly forbidden?: readonly number[];
  /** Every call is refused with this. */
  readonly broken?: string;
  /**
   * How a search takes keys of type psk besides those that are called exactly so: what they are
   * called begins with what is asked for (Linux), or the other way round (older ones).
   */
  readonly alike?: "longer" | "shorter";
}

/** Keyrings in memory, whose state a test may look at. */
export class MemoryKeyring implements KeyringSystem {
  readonly keys = new Map<number, StoredKey>();
  /** What was done, in its order: `link 5 -1`. */
  readonly log: string[] = [];
  readonly #own = new Map<number, number>();
  #next = 100;

  constructor(private readonly options: MemoryKeyringOptions = {}) {
    for (const name of options.kernelRings ?? []) this.#make("keyring", name);
  }

  /** Makes a key without a keyring, or in one. */
  put(type: string, description: string, payload = new Uint8Array(), ring?: number): number {
    const serial = this.#make(type, description, payload);
    if (ring !== undefined) this.#ring(ring).members.push(serial);
    return serial;
  }

  addKey(type: string, description: string, payload: Uint8Array | undefined, ring: number): number {
    this.#check();
    this.log.push(`add ${type} ${ring}`);
    if (!["keyring", "user", ...this.options.types ?? []].includes(type)) {
      throw new Refused("ENODEV");
    }
    const { members } = this.#ring(ring);
    const existing = this.#find(members, type, (name) => name === description);
    if (existing !== undefined) {
      this.#key(existing).payload = (payload ?? new Uint8Array()).slice();
      return existing;
    }
    const serial = this.#make(type, description, payload?.slice());
    members.push(serial);
    return serial;
  }

  requestKey(type: string, description: string): number {
    return this.search(-3, type, description);
  }

  search(ring: number, type: string, description: string): number {
    this.#check();
    const { alike } = this.options;
    const called = type !== "psk" || alike === undefined
      ? (name: string) => name === description
      : alike === "longer"
      ? (name: string) => name.startsWith(description)
      : (name: string) => description.startsWith(name);
    const found = this.#below(this.#ring(ring).members, type, called);
    if (found === undefined) throw new Refused("ENOKEY");
    if (this.#key(found, true).revoked) throw new Refused("EKEYREVOKED");
    return found;
  }

  ringId(special: number): number {
    this.#check();
    return this.#serial(special);
  }

  describe(key: number): string {
    const { type, description } = this.#key(key);
    return `${type};0;0;3f010000;${description}`;
  }

  read(key: number): Uint8Array {
    const { type, members, payload } = this.#key(this.#serial(key));
    if (type !== "keyring") return payload.slice();
    return new Uint8Array(Int32Array.from(members).buffer);
  }

  update(key: number, payload: Uint8Array): void {
    this.#key(key).payload = payload.slice();
  }

  revoke(key: number): void {
    this.log.push(`revoke ${key}`);
    const found = this.#key(key);
    found.revoked = true;
    found.payload = new Uint8Array();
  }

  invalidate(key: number): void {
    this.keys.delete(key);
    for (const { members } of this.keys.values()) {
      members.splice(0, members.length, ...members.filter((one) => one !== key));
    }
  }

  link(key: number, ring: number): void {
    this.log.push(`link ${key} ${ring}`);
    const { type, description } = this.#key(key);
    const { members } = this.#ring(ring);
    const displaced = this.#find(members, type, (name) => name === description);
    if (displaced !== undefined) members.splice(members.indexOf(displaced), 1);
    members.push(key);
  }

  unlink(key: number, ring: number): void {
    this.log.push(`unlink ${key} ${ring}`);
    const { members } = this.#ring(ring);
    const at = members.indexOf(key);
    if (at < 0) throw new Refused("ENOENT");
    members.splice(at, 1);
  }

  setPermissions(key: number): void {
    this.#key(key);
  }

  listing(): string {
    this.#check();
    const lines = [...this.keys].map(([serial, { type, description, members, payload }]) => {
      const summary = type === "keyring" ? members.length || "empty" : payload.length;
      const number = serial.toString(16).padStart(8, "0");
      return `${number} I------     1 perm 1f0b0000     0     0 ${type.padEnd(9)} ` +
        `${description}: ${summary}`;
    });
    return `${lines.join("\n")}\n`;
  }

  /** The serial numbers in a keyring. */
  members(ring: number): readonly number[] {
    return this.#ring(ring).members;
  }

  #make(type: string, description: string, payload = new Uint8Array()): number {
    const serial = this.#next++;
    this.keys.set(serial, { type, description, payload, members: [], revoked: false });
    return serial;
  }

  /** The process's own keyrings are made when they are first asked for. */
  #serial(ring: number): number {
    if (ring >= 0) return ring;
    const serial = this.#own.get(ring) ?? this.#make("keyring", `_own${ring}`);
    this.#own.set(ring, serial);
    return serial;
  }

  #ring(ring: number): StoredKey {
    const found = this.#key(this.#serial(ring));
    if (found.type !== "keyring") throw new Refused("ENOTDIR");
    return found;
  }

  #key(serial: number, revokedToo = false): StoredKey {
    this.#check();
    if (this.options.forbidden?.includes(serial)) throw new Refused("EACCES");
    const found = this.keys.get(serial);
    if (!found) throw new Refused("ENOKEY");
    if (found.revoked && !revokedToo) throw new Refused("EKEYREVOKED");
    return found;
  }

  #find(
    members: readonly number[],
    type: string,
    called: (description: string) => boolean,
  ): number | undefined {
    return members.find((serial) => {
      const key = this.keys.get(serial);
      return key?.type === type && called(key.description) && !key.revoked;
    });
  }

  #below(
    members: readonly number[],
    type: string,
    called: (description: string) => boolean,
  ): number | undefined {
    const direct = this.#find(members, type, called);
    if (direct !== undefined) return direct;
    for (const serial of members) {
      const key = this.keys.get(serial);
      const found = key?.type === "keyring" && this.#below(key.members, type, called);
      if (typeof found === "number") return found;
    }
    return undefined;
  }

  #check(): void {
    if (this.options.broken !== undefined) throw new Refused(this.options.broken);
  }
}
