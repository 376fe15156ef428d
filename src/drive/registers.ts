// The registers of one controller that every controlled face has: capabilities, configuration and
// status, and with them the life cycle from enabling to shutdown.

import { CAP, CC, CSS, CSTS, NSSR_RESET, REGISTERS, SHN, SHST } from "../spec/registers.ts";
import type { Machine } from "./machine.ts";
import { StorageFailure } from "./media/block_store.ts";
import { recordFatalStatus } from "./model/persistent_records.ts";
import { capabilities, readyTimeouts } from "./registers/capabilities.ts";
import { decideRegister } from "./registers/decide.ts";

export { isFabricsProperty, largestQueue } from "./registers/capabilities.ts";

/** What resets a controller: clearing CC.EN, the function, NSSR [BASE-2.1 §3.7.2]. */
export type ResetKind = "controller" | "function" | "subsystem";

/** Registers that a face adds: dwords, whose offsets count from the start of the registers. */
export interface OwnRegisters {
  /** What the dword reads as; `value` is what it would be without the face. */
  read(offset: number, value: number): number;
  /** Writes the dword; false where the face has none there. */
  write(offset: number, value: number): boolean;
}

/** Whoever watches accesses: the value as the host wrote it, or as the host gets it. */
export type RegisterObserver = (
  access: "read" | "write",
  offset: number,
  width: 4 | 8,
  value: bigint,
) => void;

/** What a read gives when nobody answers. */
const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const DWORD = 0xffff_ffffn;
const NSSRO = CSTS.compose({ nssro: true });
/** What can only be changed while the controller is disabled. */
const FIXED_WHILE_ENABLED = CC.compose({ css: 0x7, mps: 0xf, ams: 0x7 });
/** CC.CRIME is read-only: there is one ready mode. */
const WRITABLE = Number(REGISTERS.CC.writable) & ~CC.compose({ crime: true });

/**
 * CAP, VS, CC, CSTS, NSSR and CRTO of a controller. Nothing of it outlives the process: a drive
 * that is loaded again has been switched on. Accesses that make no sense are without effect, and
 * registers that are not there read as zero.
 */
export class ControllerRegisters {
  readonly #machine: Machine;
  /** Resets the controller, which comes back here through `clear`. */
  readonly #reset: (kind: ResetKind) => void;
  readonly #resetListeners = new Set<(kind: ResetKind) => void>();
  /** Those who watch accesses; undefined while there is nobody. */
  #observers: readonly RegisterObserver[] | undefined;
  #cc = 0;
  #fatal = false;
  #subsystemWasReset = false;
  #readyAt = 0;
  /** When the shutdown is complete, if one was asked for. */
  #shutdownEndsAt: number | undefined;
  /** A host enabled the controller, and has not shut it down since. */
  #owesShutdown = false;

  constructor(machine: Machine, reset: (kind: ResetKind) => void) {
    this.#machine = machine;
    this.#reset = reset;
  }

  /** CC.EN. */
  get enabled(): boolean {
    return CC.parse(this.#cc).en;
  }

  /** CSTS.RDY: commands are processed. */
  get ready(): boolean {
    return this.enabled && !this.#fatal && this.#machine.now() >= this.#readyAt;
  }

  /** CSTS.CFS: the controller cannot go on without a reset. */
  get fatal(): boolean {
    return this.#fatal;
  }

  /** CSTS.SHST, one of `SHST`. */
  get shutdownStatus(): number {
    if (this.#shutdownEndsAt === undefined) return SHST.normal;
    return this.#machine.now() < this.#shutdownEndsAt ? SHST.occurring : SHST.complete;
  }

  /** Whether power may go: the host announced it, or has not enabled the controller since. */
  get safeToPowerOff(): boolean {
    return !this.#owesShutdown || this.shutdownStatus === SHST.complete;
  }

  /** CC, by its fields. */
  get configuration(): ReturnType<typeof CC.parse> {
    return CC.parse(this.#cc);
  }

  /** Reports a fatal error: something went wrong that no completion can tell of. */
  fail(): void {
    if (!this.#fatal) recordFatalStatus(this.#machine);
    this.#fatal = true;
  }

  /** Calls back after every reset of the controller; the function that comes back ends that. */
  onReset(listener: (kind: ResetKind) => void): () => void {
    this.#resetListeners.add(listener);
    return () => this.#resetListeners.delete(listener);
  }

  /** Tells somebody of all accesses, as a trace; the function that comes back ends that. */
  observe(observer: RegisterObserver): () => void {
    // An identity of its own: one that is added twice is told twice.
    const own: RegisterObserver = (...access) => observer(...access);
    this.#observers = [...this.#observers ?? [], own];
    return () => {
      const others = this.#observers?.filter((other) => other !== own);
      this.#observers = others?.length ? others : undefined;
    };
  }

  /** What a host reads: `width` bytes at `offset`, which is a multiple of 4. */
  read(offset: number, width: 4 | 8, own?: OwnRegisters): bigint {
    const value = BigInt(this.#dword(offset, own)) |
      (width === 8 ? BigInt(this.#dword(offset + 4, own)) << 32n : 0n);
    const access = { access: "read", offset, width, value } as const;
    const answer = decideRegister(this.#machine, "nvme:regread:writeback", access) ??
      BigInt.asUintN(8 * width, ALL_ONES);
    if (this.#observers) this.#tell("read", offset, width, answer);
    return answer;
  }

  /** What a host writes: `width` bytes at `offset`, which is a multiple of 4. */
  write(offset: number, width: 4 | 8, value: bigint, own?: OwnRegisters): void {
    const written = BigInt.asUintN(8 * width, value);
    if (this.#observers) this.#tell("write", offset, width, written);
    const access = { access: "write", offset, width, value: written } as const;
    const decided = decideRegister(this.#machine, "nvme:regwrite:decode", access);
    if (decided === undefined) return;
    this.#store(offset, Number(decided & DWORD), own);
    if (width === 8) this.#store(offset + 4, Number(decided >> 32n), own);
  }

  /**
   * What a reset leaves of the registers [BASE-2.1 §3.7.2]; called by the controller's reset. One
   * of the subsystem is not reported when it started new firmware [BASE-2.1 §3.1.4.6, Fig. 42].
   */
  clear(kind: ResetKind, { firmwareActivated = false } = {}): void {
    // A reset does not undo a shutdown that is complete, nor does it make up for one.
    this.#owesShutdown = !this.safeToPowerOff;
    this.#cc = 0;
    this.#fatal = false;
    this.#shutdownEndsAt = undefined;
    if (kind === "subsystem") this.#subsystemWasReset = !firmwareActivated;
    for (const listener of [...this.#resetListeners]) listener(kind);
  }

  /** The power was gone: no host has had the controller since, nor was the subsystem reset. */
  powered(): void {
    this.#owesShutdown = false;
    this.#subsystemWasReset = false;
  }

  #tell(...access: Parameters<RegisterObserver>): void {
    for (const observer of this.#observers ?? []) observer(...access);
  }

  #dword(offset: number, own: OwnRegisters | undefined): number {
    const value = this.#shared(offset);
    return (own ? own.read(offset, value) : value) >>> 0;
  }

  #shared(offset: number): number {
    const { personality } = this.#machine;
    switch (offset) {
      case REGISTERS.CAP.offset:
        return Number(capabilities(personality) & DWORD);
      case REGISTERS.CAP.offset + 4:
        return Number(capabilities(personality) >> 32n);
      case REGISTERS.VS.offset:
        return personality.version;
      case REGISTERS.CC.offset:
        return this.#cc;
      case REGISTERS.CSTS.offset:
        return this.#status();
      case REGISTERS.CRTO.offset:
        return readyTimeouts(personality);
      default:
        return 0;
    }
  }

  #status(): number {
    const { state, now } = this.#machine;
    const rdy = this.ready;
    return CSTS.compose({
      rdy,
      cfs: this.#fatal,
      shst: this.shutdownStatus,
      nssro: this.#subsystemWasReset,
      pp: rdy && now() < (state.processingPausedUntil ?? 0),
    });
  }

  #store(offset: number, value: number, own: OwnRegisters | undefined): void {
    if (own?.write(offset, value)) return;
    switch (offset) {
      case REGISTERS.CC.offset:
        return this.#configure(value);
      case REGISTERS.CSTS.offset:
        if ((value & NSSRO) !== 0) this.#subsystemWasReset = false;
        return;
      case REGISTERS.NSSR.offset:
        if (value === NSSR_RESET) this.#machine.drive.resetSubsystem();
    }
  }

  /** A write of CC [BASE-2.1 §3.1.4.5, Fig. 41]. */
  #configure(written: number): void {
    const offset = REGISTERS.CC.offset;
    const access = { access: "write", offset, width: 4, value: BigInt(written) } as const;
    const decided = decideRegister(this.#machine, "nvme:cc:decode", access);
    if (decided === undefined) return;
    const before = CC.parse(this.#cc);
    const fixed = before.en ? FIXED_WHILE_ENABLED : 0;
    const value = ((Number(decided) & WRITABLE & ~fixed) | (this.#cc & fixed)) >>> 0;
    const after = CC.parse(value);
    if (before.en && !after.en) this.#reset("controller");
    else this.#cc = value;
    if (!before.en && after.en) this.#enable();
    const announced = after.shn === SHN.normal || after.shn === SHN.abrupt;
    if (announced && after.shn !== before.shn) this.#shutDown();
    const result = { ...access, value: BigInt(this.#cc) };
    const left = decideRegister(this.#machine, "nvme:cc:writeback", result);
    if (left !== undefined) this.#cc = Number(left);
  }

  /** What is not supported makes the controller fail instead of becoming ready. */
  #enable(): void {
    const { personality, now } = this.#machine;
    const { css, mps, ams } = this.configuration;
    const { ncss, iocss, noiocss, mpsmin, mpsmax } = CAP.parse(capabilities(personality));
    const selectable = (css === CSS.nvm && ncss) || (css === CSS.all && iocss) ||
      (css === CSS.adminOnly && noiocss);
    this.#owesShutdown = true;
    this.#shutdownEndsAt = undefined;
    this.#fatal = !selectable || mps < mpsmin || mps > mpsmax || ams !== 0;
    this.#readyAt = now() + (personality.readyMs ?? 0);
  }

  /**
   * A shutdown of the controller [BASE-2.1 §3.6]: what could be lost is written. Where it cannot be
   * the shutdown is not complete, and there is no completion to say so: a fatal error.
   */
  #shutDown(): void {
    const { drive, personality, now } = this.#machine;
    try {
      drive.shutdown?.();
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error;
      return this.fail();
    }
    this.#shutdownEndsAt = now() + (personality.shutdownMs ?? 0);
  }
}
