// The registers that only a drive on a bus has: interrupt masks, admin queues, controller memory.

import { AQA, CMBLOC, CMBSTS, CMBSZ, REGISTERS } from "../../../spec/registers.ts";
import type { OwnRegisters, ResetKind } from "../../registers.ts";
import type { BarLayout } from "./layout.ts";

/** What these registers need to know, and whom they tell. */
export interface OwnRegistersContext {
  readonly layout: BarLayout;
  /** CC.EN: the admin queues can only be moved while it is clear. */
  enabled(): boolean;
  /** The interrupt mask is another one. */
  masked(): void;
  /** The controller memory is at another address; undefined: nowhere. */
  moved(address: bigint | undefined): void;
  /** A write behind the registers: a doorbell. */
  doorbell(offset: number, value: number): void;
}

const AT = Object.fromEntries(
  Object.entries(REGISTERS).map(([name, { offset }]) => [name, offset]),
) as Readonly<Record<keyof typeof REGISTERS, number>>;
/** CAP.CMBS is bit 57: in the upper dword. */
const CMBS = 1 << 25;
const CMB_UNIT = 4096;
const CRE = 1n;
const CMSE = 2n;
const PAGE_MASK = 0xffff_ffff_ffff_f000n;
/** Addresses beyond this cannot be told apart here. */
const HIGHEST_ADDRESS = 1n << 52n;

/** INTMS and INTMC, AQA, ASQ, ACQ, CMBLOC, CMBSZ, CMBMSC and CMBSTS. */
export class BusRegisters implements OwnRegisters {
  readonly #context: OwnRegistersContext;
  #interruptMask = 0;
  #aqa = 0;
  #asq = 0n;
  #acq = 0n;
  #cmbmsc = 0n;

  constructor(context: OwnRegistersContext) {
    this.#context = context;
  }

  /** Vectors whose pin-based interrupts are masked, by bit. */
  get interruptMask(): number {
    return this.#interruptMask;
  }

  /** Where the admin queues are, and how many entries they have. */
  get adminQueues(): {
    readonly submission: { readonly base: bigint; readonly entries: number };
    readonly completion: { readonly base: bigint; readonly entries: number };
  } {
    const { asqs, acqs } = AQA.parse(this.#aqa);
    return {
      submission: { base: this.#asq, entries: asqs + 1 },
      completion: { base: this.#acq, entries: acqs + 1 },
    };
  }

  /** What a reset leaves [BASE-2.1 §3.7.2]: a Controller Reset spares the admin queues. */
  reset(kind: ResetKind): void {
    this.#interruptMask = 0;
    if (kind === "controller") return;
    this.#aqa = 0;
    this.#asq = 0n;
    this.#acq = 0n;
    if (kind !== "subsystem") return;
    this.#cmbmsc = 0n;
    this.#context.moved(undefined);
  }

  read(offset: number, value: number): number {
    const { memoryAt, memoryBytes } = this.#context.layout;
    const visible = memoryBytes > 0 && (this.#cmbmsc & CRE) !== 0n;
    switch (offset) {
      case AT.CAP + 4:
        return memoryBytes > 0 ? value | CMBS : value;
      case AT.INTMS:
      case AT.INTMC:
        return this.#interruptMask;
      case AT.AQA:
        return this.#aqa;
      case AT.ASQ:
      case AT.ASQ + 4:
        return half(this.#asq, offset - AT.ASQ);
      case AT.ACQ:
      case AT.ACQ + 4:
        return half(this.#acq, offset - AT.ACQ);
      case AT.CMBLOC:
        return visible
          ? CMBLOC.compose({ ofst: memoryAt / CMB_UNIT, cdpmls: true, cdpcils: true, cdmmms: true })
          : 0;
      case AT.CMBSZ:
        return visible
          ? CMBSZ.compose({
            ...{ sqs: true, cqs: true, lists: true, rds: true, wds: true },
            sz: memoryBytes / CMB_UNIT,
          })
          : 0;
      case AT.CMBMSC:
      case AT.CMBMSC + 4:
        return half(this.#cmbmsc, offset - AT.CMBMSC);
      case AT.CMBSTS:
        return CMBSTS.compose({ cbai: this.#wantsMemory() && !this.#memoryFits() });
      default:
        return value;
    }
  }

  write(offset: number, value: number): boolean {
    const { layout, enabled, masked, doorbell } = this.#context;
    switch (offset) {
      case AT.INTMS:
        this.#interruptMask = (this.#interruptMask | value) >>> 0;
        masked();
        return true;
      case AT.INTMC:
        this.#interruptMask = (this.#interruptMask & ~value) >>> 0;
        masked();
        return true;
      case AT.AQA:
        if (!enabled()) this.#aqa = value & Number(REGISTERS.AQA.writable);
        return true;
      case AT.ASQ:
      case AT.ASQ + 4:
        if (!enabled()) this.#asq = replaced(this.#asq, offset - AT.ASQ, value) & PAGE_MASK;
        return true;
      case AT.ACQ:
      case AT.ACQ + 4:
        if (!enabled()) this.#acq = replaced(this.#acq, offset - AT.ACQ, value) & PAGE_MASK;
        return true;
      case AT.CMBMSC:
      case AT.CMBMSC + 4:
        if (layout.memoryBytes > 0) this.#moveMemory(offset - AT.CMBMSC, value);
        return true;
    }
    if (offset < 0x1000) return false;
    doorbell(offset, value);
    return true;
  }

  #moveMemory(at: number, value: number): void {
    this.#cmbmsc = replaced(this.#cmbmsc, at, value) & REGISTERS.CMBMSC.writable;
    const usable = this.#wantsMemory() && this.#memoryFits();
    this.#context.moved(usable ? this.#cmbmsc & PAGE_MASK : undefined);
  }

  /** The capabilities are enabled, and the memory space is. */
  #wantsMemory(): boolean {
    return (this.#cmbmsc & (CRE | CMSE)) === (CRE | CMSE);
  }

  #memoryFits(): boolean {
    const end = (this.#cmbmsc & PAGE_MASK) + BigInt(this.#context.layout.memoryBytes);
    return end <= HIGHEST_ADDRESS;
  }
}

function half(value: bigint, at: number): number {
  return Number((value >> BigInt(8 * at)) & 0xffff_ffffn);
}

function replaced(value: bigint, at: number, dword: number): bigint {
  const shift = BigInt(8 * at);
  return (value & ~(0xffff_ffffn << shift)) | (BigInt(dword >>> 0) << shift);
}
