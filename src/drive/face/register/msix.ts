// MSI-X: a table of messages that the host wants to get, which of them it does not want just now,
// and which of those are due.

import type { Machine } from "../../machine.ts";
import { decideRegister } from "../../registers/decide.ts";
import type { BarLayout } from "./layout.ts";

/** A message as it leaves the drive: a write of `data` to `address`. */
export interface InterruptMessage {
  readonly vector: number;
  readonly address: bigint;
  readonly data: number;
}

/** The switches of the capability, which are in configuration space. */
export interface MsixSwitches {
  enabled(): boolean;
  /** No message can be sent, whatever its vector. */
  masked(): boolean;
}

const ENTRY_BYTES = 16;
const CONTROL_AT = 12;
const VECTOR_MASKED = 1;

/** The table and the pending bits [PCI-5.0 §7.7.2]; offsets count from the start of the table. */
export class MsixTable {
  readonly #machine: Machine;
  readonly #layout: BarLayout;
  readonly #switches: MsixSwitches;
  readonly #deliver: (message: InterruptMessage) => void;
  readonly #table: DataView<ArrayBuffer>;
  readonly #pending: Set<number> = new Set();

  constructor(
    machine: Machine,
    layout: BarLayout,
    switches: MsixSwitches,
    deliver: (message: InterruptMessage) => void,
  ) {
    this.#machine = machine;
    this.#layout = layout;
    this.#switches = switches;
    this.#deliver = deliver;
    this.#table = new DataView(new ArrayBuffer(layout.vectors * ENTRY_BYTES));
    this.reset();
  }

  /** Every vector is masked, nothing is pending. */
  reset(): void {
    new Uint8Array(this.#table.buffer).fill(0);
    for (let vector = 0; vector < this.#layout.vectors; vector++) {
      this.#table.setUint32(vector * ENTRY_BYTES + CONTROL_AT, VECTOR_MASKED, true);
    }
    this.#pending.clear();
  }

  /** Reads a dword of the table or of the pending bits. */
  read(offset: number): number {
    const access = {
      access: "read",
      offset,
      width: 4,
      value: BigInt(this.#dword(offset)),
    } as const;
    return Number(decideRegister(this.#machine, "nvme:msixread:writeback", access) ?? 0xffff_ffffn);
  }

  /** Writes a dword of the table; pending bits are read-only. */
  write(offset: number, value: number): void {
    const access = { access: "write", offset, width: 4, value: BigInt(value >>> 0) } as const;
    const decided = decideRegister(this.#machine, "nvme:msixwrite:decode", access);
    if (decided === undefined || offset + 4 > this.#table.byteLength) return;
    const control = offset % ENTRY_BYTES === CONTROL_AT;
    const kept = control ? Number(decided) & VECTOR_MASKED : Number(decided);
    this.#table.setUint32(offset, kept, true);
    this.settle();
  }

  /** A vector is due: sends its message, or remembers that it could not. */
  raise(vector: number): void {
    if (!this.#switches.enabled() || vector >= this.#layout.vectors) return;
    if (this.#isMasked(vector)) this.#pending.add(vector);
    else this.#send(vector);
  }

  /** Sends what is pending and not masked any more; called when a switch may be different. */
  settle(): void {
    if (!this.#switches.enabled()) return;
    for (const vector of [...this.#pending]) {
      if (!this.#isMasked(vector) && this.#pending.delete(vector)) this.#send(vector);
    }
  }

  #send(vector: number): void {
    const at = vector * ENTRY_BYTES;
    const data = BigInt(this.#table.getUint32(at + 8, true));
    const access = { access: "write", offset: at, width: 4, value: data } as const;
    const decided = decideRegister(this.#machine, "pci:msix:writeback", access);
    if (decided === undefined) return;
    this.#deliver({
      vector,
      address: this.#table.getBigUint64(at, true),
      data: Number(decided),
    });
  }

  #isMasked(vector: number): boolean {
    const control = this.#table.getUint32(vector * ENTRY_BYTES + CONTROL_AT, true);
    return this.#switches.masked() || (control & VECTOR_MASKED) !== 0;
  }

  #dword(offset: number): number {
    const { tableAt, pendingAt } = this.#layout;
    if (offset + 4 <= this.#table.byteLength) return this.#table.getUint32(offset, true);
    const first = (offset - (pendingAt - tableAt)) * 8;
    if (first < 0) return 0;
    let bits = 0;
    for (const vector of this.#pending) {
      if (vector >= first && vector < first + 32) bits |= 1 << (vector - first);
    }
    return bits >>> 0;
  }
}
