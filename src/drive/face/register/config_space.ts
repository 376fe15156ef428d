// The PCI configuration space of a virtual drive: what it is, what it can do, and the switches.

import type { ConfigSpace } from "../../../transport/polled/backing.ts";
import type { Machine } from "../../machine.ts";
import { decideRegister } from "../../registers/decide.ts";
import type { BarLayout } from "./layout.ts";

/** What happens when a host flips a switch. */
export interface ConfigListener {
  /** Something in the space may be different. */
  changed(): void;
  /** A function level reset was asked for. */
  functionReset(): void;
  /** Whether the pin is asserted, for the Interrupt Status bit. */
  pinAsserted(): boolean;
}

/** PCI Express has this much for each function. */
const SPACE_BYTES = 4096;
const AT = {
  vendor: 0x00,
  device: 0x02,
  command: 0x04,
  status: 0x06,
  revision: 0x08,
  classCode: 0x09,
  cacheLine: 0x0c,
  bar0: 0x10,
  subsystemVendor: 0x2c,
  subsystem: 0x2e,
  capabilities: 0x34,
  interruptLine: 0x3c,
  interruptPin: 0x3d,
  power: 0x40,
  powerControl: 0x44,
  msix: 0x50,
  msixControl: 0x52,
  express: 0x60,
  deviceControl: 0x68,
} as const;
const COMMAND = {
  memory: 0x0002,
  busMaster: 0x0004,
  pinDisabled: 0x0400,
  writable: 0x0546,
} as const;
const STATUS = { pin: 0x0008, capabilities: 0x0010 } as const;
const MSIX_CONTROL = { enabled: 0x8000, masked: 0x4000 } as const;
/** A memory register of 64 bits, not prefetchable. */
const BAR_64 = 0x4;
const FIRST_BAR_ADDRESS = 0x20_0000_0000n;
const NVME_CLASS = 0x010802;
const FUNCTION_RESET = 0x8000;
const POWER_STATE = { d0: 0, d3: 3 } as const;

/**
 * 4096 bytes with the capabilities power management, MSI-X and PCI Express [PCIE-1.1 §3.8]. The
 * drive is handed over as the kernel does it: memory is decoded, but it must not reach host memory
 * before the host makes it bus master.
 */
export class VirtualConfigSpace implements ConfigSpace {
  readonly #machine: Machine;
  readonly #listener: ConfigListener;
  readonly #bytes = new DataView(new ArrayBuffer(SPACE_BYTES));
  /** The bits that a host can change. */
  readonly #writable = new DataView(new ArrayBuffer(SPACE_BYTES));

  constructor(machine: Machine, layout: BarLayout, listener: ConfigListener) {
    this.#machine = machine;
    this.#listener = listener;
    this.#header(layout);
    this.#capabilities(layout);
    this.#put16(AT.command, COMMAND.memory, COMMAND.writable);
  }

  /** Whether the registers answer. */
  get decodesMemory(): boolean {
    return this.#is(AT.command, COMMAND.memory) && this.#powerState() === POWER_STATE.d0;
  }

  /** Whether the drive may reach host memory, and send messages. */
  get masters(): boolean {
    return this.#is(AT.command, COMMAND.busMaster) && this.#powerState() === POWER_STATE.d0;
  }

  get pinEnabled(): boolean {
    return !this.#is(AT.command, COMMAND.pinDisabled);
  }

  get msixEnabled(): boolean {
    return this.#is(AT.msixControl, MSIX_CONTROL.enabled);
  }

  get msixMasked(): boolean {
    return this.#is(AT.msixControl, MSIX_CONTROL.masked);
  }

  /** A read of nonsense is all ones. */
  read(offset: number, width: 1 | 2 | 4): number {
    const there = fits(offset, width);
    const value = there ? BigInt(this.#value(offset, width)) : BigInt.asUintN(8 * width, -1n);
    const access = { access: "read", offset, width, value } as const;
    const decided = decideRegister(this.#machine, "pci:regread:writeback", access);
    return Number(decided ?? BigInt.asUintN(8 * width, -1n));
  }

  /** Bits that are read-only keep their value; a write of nonsense is without effect. */
  write(offset: number, width: 1 | 2 | 4, value: number): void {
    const written = BigInt.asUintN(8 * width, BigInt(value));
    const access = { access: "write", offset, width, value: written } as const;
    const decided = decideRegister(this.#machine, "pci:regwrite:decode", access);
    if (decided === undefined || !fits(offset, width)) return;
    for (let at = 0; at < width; at++) {
      this.#store(offset + at, Number((decided >> BigInt(8 * at)) & 0xffn));
    }
    const resets = touches(AT.deviceControl + 1, offset, width) &&
      (Number(decided >> BigInt(8 * (AT.deviceControl + 1 - offset))) & 0x80) !== 0;
    if (resets) this.#listener.functionReset();
    else this.#listener.changed();
  }

  /** What a reset of the function leaves: everything as before the host came. */
  reset(): void {
    this.#put16(AT.command, 0, COMMAND.writable);
    this.#bytes.setUint16(
      AT.msixControl,
      this.#bytes.getUint16(AT.msixControl, true) & 0x7ff,
      true,
    );
    this.#bytes.setUint16(AT.powerControl, POWER_CONTROL, true);
    this.#bytes.setBigUint64(AT.bar0, BigInt(BAR_64), true);
  }

  /** A copy of the space, to be restored after a reset. */
  save(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer.slice(0));
  }

  restore(saved: Uint8Array): void {
    new Uint8Array(this.#bytes.buffer).set(saved);
  }

  #store(at: number, byte: number): void {
    const writable = this.#writable.getUint8(at);
    const before = this.#bytes.getUint8(at);
    // States between full power and none are not supported; such a write is ignored.
    const state = byte & 0x3;
    const keeps = at === AT.powerControl && state !== POWER_STATE.d0 && state !== POWER_STATE.d3;
    if (!keeps) this.#bytes.setUint8(at, (before & ~writable) | (byte & writable));
  }

  #value(offset: number, width: 1 | 2 | 4): number {
    const pin = this.#listener.pinAsserted() ? STATUS.pin : 0;
    this.#bytes.setUint16(AT.status, STATUS.capabilities | pin, true);
    if (width === 1) return this.#bytes.getUint8(offset);
    return width === 2 ? this.#bytes.getUint16(offset, true) : this.#bytes.getUint32(offset, true);
  }

  #is(offset: number, bits: number): boolean {
    return (this.#bytes.getUint16(offset, true) & bits) !== 0;
  }

  #powerState(): number {
    return this.#bytes.getUint8(AT.powerControl) & 0x3;
  }

  #put16(offset: number, value: number, writable = 0): void {
    this.#bytes.setUint16(offset, value, true);
    this.#writable.setUint16(offset, writable, true);
  }

  #header({ length }: BarLayout): void {
    const { vendorId, deviceId = 0x0001 } = this.#machine.personality;
    this.#put16(AT.vendor, vendorId);
    this.#put16(AT.device, deviceId);
    this.#bytes.setUint8(AT.revision, 1);
    this.#put16(AT.classCode, NVME_CLASS & 0xffff);
    this.#bytes.setUint8(AT.classCode + 2, NVME_CLASS >> 16);
    this.#writable.setUint8(AT.cacheLine, 0xff);
    this.#bytes.setBigUint64(AT.bar0, FIRST_BAR_ADDRESS | BigInt(BAR_64), true);
    this.#writable.setBigUint64(AT.bar0, BigInt.asUintN(64, -BigInt(length)), true);
    this.#put16(AT.subsystemVendor, vendorId);
    this.#put16(AT.subsystem, deviceId);
    this.#bytes.setUint8(AT.capabilities, AT.power);
    this.#writable.setUint8(AT.interruptLine, 0xff);
    this.#bytes.setUint8(AT.interruptPin, 1);
  }

  /** Power management [PCI-5.0 §7.5.2], MSI-X [PCI-5.0 §7.7.2], PCI Express [PCI-5.0 §7.5.3]. */
  #capabilities({ vectors, tableAt, pendingAt }: BarLayout): void {
    this.#put16(AT.power, 0x01 | (AT.msix << 8));
    this.#put16(AT.power + 2, 0x0003);
    this.#put16(AT.powerControl, POWER_CONTROL, 0x0003);
    this.#put16(AT.msix, 0x11 | (AT.express << 8));
    this.#put16(AT.msixControl, vectors - 1, MSIX_CONTROL.enabled | MSIX_CONTROL.masked);
    this.#bytes.setUint32(AT.msix + 4, tableAt, true);
    this.#bytes.setUint32(AT.msix + 8, pendingAt, true);
    // Version 2, an endpoint; role-based errors, function level reset; 8 GT/s over four lanes.
    this.#put16(AT.express, 0x10);
    this.#put16(AT.express + 2, 0x0002);
    this.#bytes.setUint32(AT.express + 4, 0x1000_8000, true);
    this.#put16(AT.deviceControl, 0x2810, 0xffff & ~FUNCTION_RESET);
    this.#bytes.setUint32(AT.express + 0x0c, 0x0000_0043, true);
    this.#put16(AT.express + 0x12, 0x0043);
  }
}

/** D0, and nothing is lost on the way from D3 (No Soft Reset). */
const POWER_CONTROL = 0x0008;

function fits(offset: number, width: number): boolean {
  return Number.isInteger(offset) && offset >= 0 && offset % width === 0 &&
    offset + width <= SPACE_BYTES;
}

function touches(at: number, offset: number, width: number): boolean {
  return at >= offset && at < offset + width;
}
