// Reads just enough of a 64-bit ELF file to know how it can be started.

/** `PT_INTERP`: the segment that names a dynamic loader; a static program has none. */
const PT_INTERP = 3;
/** `PT_NOTE`: the segment that holds vendor notes. */
const PT_NOTE = 4;
/**
 * Xen note 18, `PHYS32_ENTRY`: the entry point of a kernel that boots without its own decompressor.
 */
const XEN_PHYS32_ENTRY = 18;
const LE = true;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Whether `file` starts like a little-endian 64-bit ELF file. */
export function isElf64(file: Uint8Array): boolean {
  return file.length >= 64 && file[0] === 0x7f && file[1] === 0x45 && file[2] === 0x4c &&
    file[3] === 0x46 && file[4] === 2 && file[5] === 1;
}

/** Whether the program in `file` runs without a dynamic loader; false for what is no ELF file. */
export function isStaticProgram(file: Uint8Array): boolean {
  return isElf64(file) && !segments(file).some(({ type }) => type === PT_INTERP);
}

/** Whether `file` is an uncompressed kernel that QEMU's `-kernel` starts directly (PVH). */
export function isPvhKernel(file: Uint8Array): boolean {
  return isElf64(file) && segments(file).filter(({ type }) => type === PT_NOTE)
    .some(({ offset, bytes }) => hasPvhNote(file.subarray(offset, offset + bytes)));
}

function segments(file: Uint8Array): readonly Segment[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Number(view.getBigUint64(32, LE));
  const entryBytes = view.getUint16(54, LE);
  const count = view.getUint16(56, LE);
  return Array.from({ length: count }, (_, index) => {
    const entry = table + index * entryBytes;
    return {
      type: view.getUint32(entry, LE),
      offset: Number(view.getBigUint64(entry + 8, LE)),
      bytes: Number(view.getBigUint64(entry + 32, LE)),
    };
  });
}

function hasPvhNote(notes: Uint8Array): boolean {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength);
  let next = 0;
  while (next + 12 <= notes.length) {
    const nameBytes = view.getUint32(next, LE);
    const descriptionBytes = view.getUint32(next + 4, LE);
    const type = view.getUint32(next + 8, LE);
    const name = String.fromCharCode(...notes.subarray(next + 12, next + 15));
    if (type === XEN_PHYS32_ENTRY && name === "Xen") return true;
    next += 12 + roundUp(nameBytes, 4) + roundUp(descriptionBytes, 4);
  }
  return false;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
