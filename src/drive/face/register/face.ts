// The register face: a controller as a PCI function, with configuration space, registers behind
// base address register 0, doorbells, MSI-X, and queues in the host's memory.

import { DOORBELL_BASE } from "../../../spec/registers.ts";
import type { VirtualController } from "../../controller.ts";
import type { ResetKind } from "../../registers.ts";
import { decideRegister } from "../../registers/decide.ts";
import { VirtualConfigSpace } from "./config_space.ts";
import { QueueEngine } from "./engine.ts";
import { HostMemory } from "./host_memory.ts";
import { type BarLayout, barLayout } from "./layout.ts";
import { type InterruptMessage, MsixTable } from "./msix.ts";
import { BusRegisters } from "./own_registers.ts";

/** Whom a register face tells of what leaves the drive by itself. */
export interface RegisterFaceOptions {
  /** An MSI-X message was sent. Called while the drive is at work. */
  readonly onInterrupt?: (message: InterruptMessage) => void;
  /** The interrupt pin changed. It is only used while MSI-X is disabled. */
  readonly onPin?: (asserted: boolean) => void;
}

const ALL_ONES = 0xffff_ffff;

/** One controller as a PCI function. A controller has one of these at most. */
export class RegisterFace {
  readonly layout: BarLayout;
  readonly memory = new HostMemory();
  readonly config: VirtualConfigSpace;
  readonly #controller: VirtualController;
  readonly #options: RegisterFaceOptions;
  readonly #engine: QueueEngine;
  readonly #registers: BusRegisters;
  readonly #msix: MsixTable;
  /** The controller memory buffer. */
  readonly #buffer: DataView<ArrayBuffer>;
  readonly #stops: readonly (() => void)[];
  #pin = false;

  constructor(controller: VirtualController, options: RegisterFaceOptions = {}) {
    this.#controller = controller;
    this.#options = options;
    this.layout = barLayout(controller.personality);
    this.#buffer = new DataView(new ArrayBuffer(this.layout.memoryBytes));
    this.config = new VirtualConfigSpace(controller, this.layout, {
      changed: () => this.#switched(),
      functionReset: () => controller.reset("function"),
      pinAsserted: () => this.#pin,
    });
    this.#msix = new MsixTable(
      controller,
      this.layout,
      {
        enabled: () => this.config.msixEnabled,
        // A message is a write to memory, which only a bus master can make.
        masked: () => this.config.msixMasked || !this.config.masters,
      },
      (message) => options.onInterrupt?.(message),
    );
    this.#engine = this.#queueEngine();
    this.#registers = new BusRegisters({
      layout: this.layout,
      enabled: () => controller.registers.enabled,
      masked: () => this.#updatePin(),
      moved: (address) => this.#moveBuffer(address),
      doorbell: (offset, value) => this.#doorbell(offset, value),
    });
    this.#stops = [
      controller.registers.onReset((kind) => this.#wasReset(kind)),
      controller.keepsQueues(() => this.#engine.hasIoQueues),
      controller.brings(this.#engine.commands),
    ];
  }

  /** A read of a dword behind base address register 0; all ones where nobody answers. */
  read32(offset: number): number {
    return Number(this.#read(offset, 4));
  }

  /** A read of two dwords at once. */
  read64(offset: number): bigint {
    return this.#read(offset, 8);
  }

  write32(offset: number, value: number): void {
    this.#write(offset, 4, BigInt(value >>> 0));
  }

  write64(offset: number, value: bigint): void {
    this.#write(offset, 8, BigInt.asUintN(64, value));
  }

  /** Lets happen what should have happened by now. */
  settle(): void {
    this.#engine.resume();
    this.#msix.settle();
  }

  /** The function is reset, and keeps its configuration, as a kernel does it for a driver. */
  reset(): void {
    const saved = this.config.save();
    this.#controller.reset("function");
    this.config.restore(saved);
    this.#switched();
  }

  /** Lets go of the controller, which stays as it is. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#engine.clear();
  }

  #queueEngine(): QueueEngine {
    return new QueueEngine({
      controller: this.#controller,
      memory: this.memory,
      masters: () => this.config.masters,
      vectors: () => this.config.msixEnabled ? this.layout.vectors : 1,
      interrupt: (vector) => this.#msix.raise(vector),
      moved: () => this.#updatePin(),
    });
  }

  #read(offset: number, width: 4 | 8): bigint {
    if (!this.config.decodesMemory || !this.#fits(offset, width)) {
      return BigInt.asUintN(8 * width, -1n);
    }
    this.settle();
    const { tableAt, memoryAt, memoryBytes } = this.layout;
    if (offset < tableAt) {
      return this.#controller.registers.read(offset, width, this.#registers);
    }
    const low = this.#dword(offset);
    if (width === 4) return BigInt(low);
    const inBuffer = offset >= memoryAt && offset + 8 <= memoryAt + memoryBytes;
    if (inBuffer) return this.#buffer.getBigUint64(offset - memoryAt, true);
    return BigInt(low) | (BigInt(this.#dword(offset + 4)) << 32n);
  }

  /** A dword behind the doorbells. */
  #dword(offset: number): number {
    const { tableAt, pendingEnd, memoryAt, memoryBytes } = this.layout;
    if (offset < pendingEnd) return this.#msix.read(offset - tableAt);
    const at = offset - memoryAt;
    return at >= 0 && at + 4 <= memoryBytes ? this.#buffer.getUint32(at, true) : 0;
  }

  #write(offset: number, width: 4 | 8, value: bigint): void {
    if (!this.config.decodesMemory || !this.#fits(offset, width)) return;
    this.settle();
    if (offset < this.layout.tableAt) {
      this.#controller.registers.write(offset, width, value, this.#registers);
      this.#follow();
      return;
    }
    this.#writeDword(offset, Number(value & BigInt(ALL_ONES)));
    if (width === 8) this.#writeDword(offset + 4, Number(value >> 32n));
  }

  #writeDword(offset: number, value: number): void {
    const { tableAt, pendingEnd, memoryAt, memoryBytes } = this.layout;
    if (offset < pendingEnd) return this.#msix.write(offset - tableAt, value);
    const at = offset - memoryAt;
    if (at >= 0 && at + 4 <= memoryBytes) this.#buffer.setUint32(at, value, true);
  }

  #fits(offset: number, width: number): boolean {
    return Number.isInteger(offset) && offset >= 0 && offset % 4 === 0 &&
      offset + width <= this.layout.length;
  }

  /** After a write: an enabled controller has admin queues. */
  #follow(): void {
    if (!this.#controller.registers.enabled || this.#engine.started) return;
    const { submission, completion } = this.#registers.adminQueues;
    this.#engine.start(submission, completion);
  }

  #doorbell(offset: number, value: number): void {
    if (offset < DOORBELL_BASE || offset >= this.layout.doorbellEnd) return;
    const access = { access: "write", offset, width: 4, value: BigInt(value >>> 0) } as const;
    const decided = decideRegister(this.#controller, "nvme:doorbell:decode", access);
    if (decided !== undefined) this.#engine.doorbell(offset, Number(decided));
  }

  /** A switch in configuration space may be another way round. */
  #switched(): void {
    this.settle();
    this.#updatePin();
  }

  #updatePin(): void {
    const { masters, pinEnabled, msixEnabled } = this.config;
    const asserted = masters && pinEnabled && !msixEnabled &&
      this.#engine.wantsInterrupt(this.#registers.interruptMask);
    if (asserted === this.#pin) return;
    this.#pin = asserted;
    this.#options.onPin?.(asserted);
  }

  #moveBuffer(address: bigint | undefined): void {
    const bytes = address === undefined ? undefined : new Uint8Array(this.#buffer.buffer);
    this.memory.setWindow(address ?? 0n, bytes);
  }

  /** All queues are gone; any reset but that of the controller is one of the function too. */
  #wasReset(kind: ResetKind): void {
    this.#engine.clear();
    this.#registers.reset(kind);
    if (kind !== "controller") {
      this.config.reset();
      this.#msix.reset();
    }
    this.#updatePin();
  }
}
