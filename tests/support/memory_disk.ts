// A disk in memory for drive files: what was written outlives a process that is killed, and its
// locks do not.

import type { Disk, DiskFile } from "../../src/open/drive_file/disk.ts";

const PAGE = 4096;

/** A sparse file. */
class MemoryFile implements DiskFile {
  readonly pages = new Map<number, Uint8Array>();
  constructor(readonly disk: MemoryDisk) {}

  read(into: Uint8Array, at: number): void {
    for (let done = 0; done < into.length; done++) {
      const place = at + done;
      into[done] = this.pages.get(Math.floor(place / PAGE))?.[place % PAGE] ?? 0;
    }
  }

  write(from: Uint8Array, at: number): void {
    this.disk.fail();
    from.forEach((byte, done) => {
      const index = Math.floor((at + done) / PAGE);
      const page = this.pages.get(index) ?? new Uint8Array(PAGE);
      this.pages.set(index, page);
      page[(at + done) % PAGE] = byte;
    });
  }

  clear(at: number, bytes: number): void {
    this.disk.fail();
    for (const [index, page] of this.pages) {
      const start = Math.max(at, index * PAGE);
      const end = Math.min(at + bytes, (index + 1) * PAGE);
      if (start >= end) continue;
      if (end - start === PAGE) this.pages.delete(index);
      else page.fill(0, start - index * PAGE, end - index * PAGE);
    }
  }

  nextData(at: number): { readonly start: number; readonly end: number } | undefined {
    const [index] = [...this.pages.keys()].filter((index) => (index + 1) * PAGE > at)
      .sort((one, other) => one - other);
    if (index === undefined) return undefined;
    return { start: Math.max(at, index * PAGE), end: (index + 1) * PAGE };
  }

  sync(): void {
    this.disk.synced++;
  }

  [Symbol.dispose](): void {}
}

/** Files by path. */
export class MemoryDisk implements Disk {
  readonly texts = new Map<string, string>();
  readonly files = new Map<string, MemoryFile>();
  readonly folders = new Set<string>();
  readonly #locks = new Set<string>();
  /** How often a file was forced to the disk. */
  synced = 0;
  /** Every write fails so from now on, after so many more. */
  error: Error | undefined;
  errorAfter = 0;

  /** The process is gone, and with it its locks. */
  kill(): void {
    this.#locks.clear();
  }

  fail(): void {
    if (!this.error) return;
    if (this.errorAfter > 0) this.errorAfter--;
    else throw this.error;
  }

  readText(path: string): string {
    const text = this.texts.get(path);
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return text;
  }

  replaceText(path: string, text: string): void {
    this.fail();
    this.texts.set(path, text);
  }

  open(path: string): DiskFile {
    if (!this.files.has(path)) this.fail();
    const file = this.files.get(path) ?? new MemoryFile(this);
    this.files.set(path, file);
    return file;
  }

  remove(path: string): void {
    if (!this.files.delete(path) && !this.texts.delete(path)) throw new Deno.errors.NotFound(path);
  }

  exists(path: string): boolean {
    return this.texts.has(path) || this.files.has(path) || this.folders.has(path);
  }

  fileBytes(path: string): number | undefined {
    return this.texts.get(path)?.length;
  }

  makeFolder(path: string): void {
    this.fail();
    this.folders.add(path);
  }

  list(path: string): readonly string[] {
    return [...this.texts.keys(), ...this.files.keys()]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1));
  }

  lock(path: string): Disposable | undefined {
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    return { [Symbol.dispose]: () => void this.#locks.delete(path) };
  }
}
