// The folder that a drive file lives in, as far as it is used: so that everything else can be tried
// without a disk.

import {
  type Extent,
  FileDescriptor,
  nextData,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  punchHole,
  syncFile,
  tryLock,
} from "../../../ffi/mod.ts";

/** An open data file. Every method throws where the disk cannot do it. */
export interface DiskFile extends Disposable {
  /** Reads; zero where there is a hole, and behind the end. */
  read(into: Uint8Array, at: number): void;
  write(from: Uint8Array, at: number): void;
  /** Makes a stretch zero, and gives its room back if that can be. */
  clear(at: number, bytes: number): void;
  /** The first stretch at `at` or behind it that may hold something. */
  nextData(at: number): { readonly start: number; readonly end: number } | undefined;
  /** Waits until everything is on the disk. */
  sync(): void;
}

/** Files by their path. */
export interface Disk {
  readText(path: string): string;
  /** Writes a file whole or not at all; it is on the disk when this returns. */
  replaceText(path: string, text: string): void;
  /** Opens a data file, which is made where it is missing. */
  open(path: string): DiskFile;
  remove(path: string): void;
  exists(path: string): boolean;
  /** The bytes of a regular file; undefined for a folder, a pipe, a device. */
  fileBytes(path: string): number | undefined;
  /** Makes a folder unless it exists. */
  makeFolder(path: string): void;
  /** The names in a folder. */
  list(path: string): readonly string[];
  /** Claims a file for this process; undefined where another one has it. */
  lock(path: string): Disposable | undefined;
}

/** The disk of this machine. */
export const systemDisk: Disk = {
  readText: (path) => Deno.readTextFileSync(path),
  replaceText,
  open: (path) => new SystemFile(FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)),
  remove: (path) => Deno.removeSync(path),
  exists(path) {
    try {
      Deno.statSync(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  },
  fileBytes(path) {
    const { isFile, size } = Deno.statSync(path);
    return isFile ? size : undefined;
  },
  makeFolder: (path) => Deno.mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (path) => [...Deno.readDirSync(path)].map(({ name }) => name),
  lock(path) {
    const file = FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (tryLock(file)) return file;
    file[Symbol.dispose]();
    return undefined;
  },
};

/**
 * The file that a symbolic link leads to is replaced, not the link; one that may not be written is
 * not replaced either, though its folder would let it.
 */
function replaceText(path: string, text: string): void {
  const target = realPath(path);
  if (systemDisk.exists(target)) FileDescriptor.open(target, O_RDWR)[Symbol.dispose]();
  const temporary = `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    {
      using file = FileDescriptor.open(temporary, O_RDWR | O_CREAT | O_EXCL);
      writeAll(file, new TextEncoder().encode(text), 0);
      syncFile(file);
    }
    Deno.renameSync(temporary, target);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was never made, or is on a disk that takes nothing any more.
    }
    throw error;
  }
  using folder = FileDescriptor.open(target.replace(/[^/]*$/, "") || ".", O_RDONLY);
  syncFile(folder);
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}

class SystemFile implements DiskFile {
  constructor(readonly file: FileDescriptor) {}

  read(into: Uint8Array, at: number): void {
    const bytes = ownBuffer(into);
    for (let done = 0; done < bytes.length;) {
      const count = this.file.pread(bytes.subarray(done), BigInt(at + done));
      if (count === 0) {
        bytes.fill(0, done);
        break;
      }
      done += count;
    }
    if (bytes !== into) into.set(bytes);
  }

  write(from: Uint8Array, at: number): void {
    writeAll(this.file, ownBuffer(from), at);
  }

  clear(at: number, bytes: number): void {
    const end = BigInt(at + bytes);
    const { size } = this.file.status();
    // Behind the end there is nothing to clear, and the file need not grow for it.
    const stretch: Extent = { start: BigInt(at), end: end < size ? end : size };
    if (stretch.start >= stretch.end || punchHole(this.file, stretch)) return;
    const zeros = new Uint8Array(Math.min(bytes, CLEAR_BYTES));
    for (let start = stretch.start; start < stretch.end; start += BigInt(zeros.length)) {
      const rest = Number(stretch.end - start);
      writeAll(this.file, zeros.subarray(0, rest), Number(start));
    }
  }

  nextData(at: number): { readonly start: number; readonly end: number } | undefined {
    const extent = nextData(this.file, BigInt(at));
    return extent && { start: Number(extent.start), end: Number(extent.end) };
  }

  sync(): void {
    syncFile(this.file);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

/** How many zeros are written at a time where no holes can be made. */
const CLEAR_BYTES = 1 << 20;

function writeAll(file: FileDescriptor, bytes: Uint8Array<ArrayBuffer>, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += file.pwrite(bytes.subarray(done), BigInt(at + done));
  }
}

/** System calls take memory of this process alone; shared memory is copied. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}
