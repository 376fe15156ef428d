// The registers of a controller, by their fields, for a driver that configures it.

import { UnreachableError } from "../../errors.ts";
import {
  CAP,
  CC,
  CRTO,
  CSTS,
  DOORBELL_BYTES,
  doorbellOffset,
  REGISTER_GONE,
  REGISTERS,
} from "../../spec/registers.ts";
import type { Backing, RegisterSpace } from "./backing.ts";

/** What CC can be set to, and what it reads as. */
export type Configuration = ReturnType<typeof CC.parse>;
/** What CSTS reads as. */
export type ControllerStatus = ReturnType<typeof CSTS.parse>;
/** What CAP reads as. */
export type Capabilities = ReturnType<typeof CAP.parse>;

const GONE_64 = 0xffff_ffff_ffff_ffffn;
const DWORD = 0xffff_ffffn;
/** The unit of CAP.TO, CRTO.CRWMT and CRTO.CRIMT, in ms. */
const TIMEOUT_UNIT_MS = 500;
/** The smallest queue has two entries, of which one is never used [BASE-2.1 §3.3.3.1]. */
const FEWEST_ENTRIES = 2;

/**
 * The registers of [BASE-2.1 §3.1.4]. Those of 64 bits are accessed as two dwords, the low one
 * first, which every controller has to take [BASE-2.1 §3.1.4]. What reads as all ones throws
 * UnreachableError: the device is gone.
 */
export class ControllerRegisters {
  readonly bar0: RegisterSpace;
  readonly target: string;
  /** CAP, read once. */
  readonly cap: Capabilities;
  /** CAP as a number. */
  readonly capValue: bigint;
  /** Whether a host enabled the controller through this object, and has not disabled it since. */
  #enabledHere = false;

  /** @throws {UnreachableError} where the device is gone, or has no room for its registers */
  constructor({ bar0, target }: Pick<Backing, "bar0" | "target">) {
    this.bar0 = bar0;
    this.target = target;
    this.requireDoorbells(0, 0);
    this.capValue = this.read64(REGISTERS.CAP.offset);
    if (this.capValue === GONE_64) throw this.gone("CAP");
    this.cap = CAP.parse(this.capValue);
    this.requireDoorbells(0);
  }

  /** Whether this driver enabled the controller: nobody else's is shut down. */
  get enabledHere(): boolean {
    return this.#enabledHere;
  }

  /** The exponent of the distance between doorbells, CAP.DSTRD. */
  get dstrd(): number {
    return this.cap.dstrd;
  }

  /** CC, by its fields. */
  configuration(): Configuration {
    return CC.parse(this.#live("CC"));
  }

  /** CSTS, by its fields. */
  status(): ControllerStatus {
    return CSTS.parse(this.#live("CSTS"));
  }

  /** Writes CC. */
  configure(value: Parameters<typeof CC.compose>[0]): void {
    const written = CC.compose(value);
    this.bar0.write32(REGISTERS.CC.offset, written);
    this.#enabledHere = CC.parse(written).en;
  }

  /** One dword, whatever it is. */
  read32(offset: number): number {
    return this.bar0.read32(offset);
  }

  /** Two dwords, the low one first; whatever they are. */
  read64(offset: number): bigint {
    const low = this.bar0.read32(offset);
    return BigInt(low) | (BigInt(this.bar0.read32(offset + 4)) << 32n);
  }

  /** Two dwords, the low one first. */
  write64(offset: number, value: bigint): void {
    this.bar0.write32(offset, Number(value & DWORD));
    this.bar0.write32(offset + 4, Number(value >> 32n));
  }

  /**
   * How long the controller may take to become ready, or not ready, in ms: (CAP.TO + 1) times 500
   * ms [BASE-2.1 §3.1.4.1, Fig. 36], or CRTO.CRWMT, where CAP.CRMS says that it counts and it is
   * longer [BASE-2.1 §3.1.4.21, Fig. 57].
   */
  readyLimitMs(): number {
    const { to, crwms } = this.cap;
    const limit = (to + 1) * TIMEOUT_UNIT_MS;
    if (!crwms) return limit;
    const { crwmt } = CRTO.parse(this.read32(REGISTERS.CRTO.offset));
    return Math.max(limit, crwmt * TIMEOUT_UNIT_MS);
  }

  /**
   * Entries of an I/O queue for which `wanted` would be good: as many as CAP.MQES allows, at least
   * two.
   *
   * @throws {UnreachableError} where CAP.MQES is 0, which no controller may say
   */
  ioEntries(wanted: number): number {
    const { mqes } = this.cap;
    if (mqes + 1 >= FEWEST_ENTRIES) return Math.max(FEWEST_ENTRIES, Math.min(mqes + 1, wanted));
    throw new UnreachableError(
      `Cannot create I/O queues on ${this.target}: CAP.MQES is 0, a queue of one entry, need two`,
      { next: "Only admin commands can be sent; its firmware is broken" },
    );
  }

  /**
   * Whether the doorbells of a queue lie within base address register 0.
   *
   * @throws {UnreachableError} where they do not
   */
  requireDoorbells(qid: number, dstrd = this.cap.dstrd): void {
    const end = doorbellOffset({ queue: "completion", qid }, dstrd) + DOORBELL_BYTES;
    const { length } = this.bar0;
    if (end <= length) return;
    throw new UnreachableError(
      `Cannot use queue ${qid} of ${this.target}: its registers have ${length} bytes, need ${end}`,
      { next: "The device is no NVMe controller, or its base address register is broken" },
    );
  }

  /** CC and CSTS as they are now, for a message; never throws. */
  describe(): string {
    const text = (name: "CC" | "CSTS"): string =>
      `${name} ${hexWord(this.bar0.read32(REGISTERS[name].offset))}`;
    return `${text("CC")}, ${text("CSTS")}`;
  }

  /** The error for a register that reads as all ones. */
  gone(register: string): UnreachableError {
    return new UnreachableError(
      `Cannot reach ${this.target}: the device is gone, ${register} reads all ones`,
      { next: "Look for it with lspci; a rescan or a power cycle of its slot may bring it back" },
    );
  }

  #live(name: "CC" | "CSTS"): number {
    const value = this.bar0.read32(REGISTERS[name].offset);
    if (value === REGISTER_GONE) throw this.gone(name);
    return value;
  }
}

/** `0046_0001h` without the gap: 8 hexadecimal digits. */
export function hexWord(value: number): string {
  return `${(value >>> 0).toString(16).toUpperCase().padStart(8, "0")}h`;
}
