// The files of a command, in memory: what it finds, and what it leaves.

import type { Files, StagedFile } from "../../src/cli/command.ts";
import { OutputError, UnreachableError, UsageError } from "../../src/errors.ts";

/** What there is before, and what fails. */
export interface MemoryFilesOptions {
  /** What is found, by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Throws where writing so many bytes to a file, in the end, is to fail. */
  readonly refuseFile?: (path: string, length: number) => void;
  /** Hears of storage that is taken, and as a negative number of what is given free. */
  readonly reserved?: (path: string, length: number) => void;
}

/** Files that a command reads and writes; `written` has those that it left. */
export function memoryFiles(
  written: Map<string, Uint8Array>,
  { files = {}, refuseFile = () => {}, reserved }: MemoryFilesOptions = {},
): Files {
  const find = (path: string): Uint8Array | undefined => written.get(path) ?? files[path];
  const checked = (path: string, length: number): void => {
    try {
      refuseFile(path, length);
    } catch (error) {
      throw new OutputError(`Cannot write ${path}: ${(error as Error).message}`);
    }
  };
  const read = (path: string): Promise<Uint8Array> => {
    const bytes = find(path);
    return bytes
      ? Promise.resolve(bytes)
      : Promise.reject(new UnreachableError(`Cannot read ${path}: there is no such file`));
  };
  return {
    read,
    async head(path, length) {
      const bytes = await read(path);
      return { bytes: bytes.subarray(0, length), size: bytes.length };
    },
    absolute: (path) => path.startsWith("/") ? path : `/here/${path}`,
    probe: (path, { keep = false } = {}) =>
      keep && find(path)?.length
        ? Promise.reject(new UsageError(`Cannot write ${path}: it is there already`))
        : Promise.resolve(),
    write(path, bytes, { keep = false } = {}) {
      return Promise.resolve().then(() => {
        checked(path, bytes.length);
        if (keep && find(path)?.length) {
          throw new OutputError(`Cannot write ${path}: it is there already`);
        }
        written.set(path, bytes.slice());
      });
    },
    size: (path) => Promise.resolve(find(path)?.length),
    stage: (path) =>
      Promise.resolve().then(() => {
        checked(path, 0);
        return new MemoryFile(new Uint8Array(0), {
          keep: () => {},
          commit: (bytes) => void written.set(path, bytes),
          check: (length) => checked(path, length),
        });
      }),
    reserve: (path, length) =>
      Promise.resolve().then(() => {
        checked(path, length);
        let held = true;
        reserved?.(path, length);
        return {
          [Symbol.dispose]() {
            if (held) reserved?.(path, -length);
            held = false;
          },
        };
      }),
    patch: (path) =>
      Promise.resolve().then(() => {
        checked(path, 0);
        const before = find(path)?.slice() ?? new Uint8Array(0);
        const keep = (bytes: Uint8Array): void => void written.set(path, bytes);
        keep(before);
        return new MemoryFile(before, {
          keep,
          commit: keep,
          check: (length) => checked(path, length),
        });
      }),
  };
}

/** What becomes of a file's bytes. */
interface Keeper {
  /** After every change. */
  keep(bytes: Uint8Array): void;
  commit(bytes: Uint8Array): void;
  /** Throws where the file may not become so long. */
  check(length: number): void;
}

class MemoryFile implements StagedFile {
  #open = true;

  constructor(private bytes: Uint8Array, private readonly keeper: Keeper) {}

  writeAt(position: number, bytes: Uint8Array): Promise<void> {
    return this.#change(() => {
      this.#grow(Math.max(this.bytes.length, position + bytes.length));
      this.bytes.set(bytes, position);
    });
  }

  resize(length: number): Promise<void> {
    return this.#change(() => this.#grow(length));
  }

  sync(): Promise<void> {
    return this.#change(() => {});
  }

  commit(): Promise<void> {
    return this.#change(() => this.keeper.commit(this.bytes));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    return Promise.resolve();
  }

  #grow(length: number): void {
    this.keeper.check(length);
    if (length === this.bytes.length) return;
    const longer = new Uint8Array(length);
    longer.set(this.bytes.subarray(0, length));
    this.bytes = longer;
  }

  #change(action: () => void): Promise<void> {
    return Promise.resolve().then(() => {
      if (!this.#open) throw new Error("the file is closed");
      action();
      this.keeper.keep(this.bytes);
    });
  }
}
