// What a polled NVMe driver sees of a drive: configuration space, registers, memory that the drive
// reaches. A drive behind VFIO looks like this, and so does a virtual one.

/** Host memory that the drive reads and writes by itself. */
export interface DmaMemory extends Disposable {
  /** The memory as the host sees it; zero when it was allocated. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the drive sees its first byte: a multiple of 4096. The rest follows without a gap. */
  readonly iova: bigint;
}

/** The PCI configuration space. Offsets in bytes, aligned to the width, which is in bytes too. */
export interface ConfigSpace {
  read(offset: number, width: 1 | 2 | 4): number;
  write(offset: number, width: 1 | 2 | 4, value: number): void;
}

/**
 * The registers behind base address register 0. Offsets in bytes, aligned to the width of the
 * access; each call is one access of that width and in program order, and a write is not merged
 * with another. Values are in host order. A device that is gone reads as all ones.
 */
export interface RegisterSpace {
  /** Bytes. */
  readonly length: number;
  read32(offset: number): number;
  read64(offset: number): bigint;
  write32(offset: number, value: number): void;
  write64(offset: number, value: bigint): void;
}

/** Where memory for the drive comes from. */
export interface DmaSpace {
  /**
   * At least so many bytes, in whole pages of 4096. Disposing takes it away from the drive, which
   * must not use it any more by then. Throws where there is none left.
   */
  allocate(bytes: number): DmaMemory;
}

/** A drive, as far down as a driver in user space gets. Disposing of it closes it. */
export interface Backing extends Disposable {
  /** The drive's name for people: `0000:06:00.0`, `virtual:`. */
  readonly target: string;
  readonly config: ConfigSpace;
  readonly bar0: RegisterSpace;
  readonly dma: DmaSpace;
  /** Resets the function, keeping its configuration space; undefined where it cannot be. */
  reset?(): void;
  /** Whether somebody, the kernel, wants the function back; undefined where nobody can. */
  asked?(): boolean;
  /** Lets go of the device. The controller has to be disabled before, or it goes on writing. */
  close(): void;
}
