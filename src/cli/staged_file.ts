// Files that are written piece by piece: staged ones, which are whole or not there, and ones that
// are written in place, which stay as they are. And room that is kept for them.

import { InterruptedError, OutputError } from "../errors.ts";
import type { StagedFile, WritableFile } from "./command.ts";
import { type FileSystem, outputFacts, partName, reason } from "./files.ts";
import { type Heard, openPipe, PipeFile } from "./pipe_file.ts";

/**
 * Begins a file that takes its name only when it is committed. What exists under that name stays
 * until then; a pipe or /dev/null is written to, in the order in which the pieces come.
 *
 * @throws OutputError; InterruptedError out of a wait for whoever reads a pipe
 */
export async function stageFile(
  system: FileSystem,
  path: string,
  heard: Heard,
): Promise<StagedFile> {
  return await writing(path, async () => {
    const found = await outputFacts(system, path);
    if (found && !found.isFile) {
      const end = found.isFifo
        ? await openPipe(system, path, heard)
        : new PipeFile(await system.open(path, { write: true }));
      return new Sequential(end, path, found.isCharDevice === true);
    }
    // The file that a symbolic link leads to is replaced, not the link.
    const target = found ? await system.realPath(path) : path;
    const temporary = partName(target);
    const file = await system.open(temporary, { write: true, createNew: true, mode: 0o600 });
    const mode = typeof found?.mode === "number" ? found.mode & 0o7777 : undefined;
    return new Staged(file, path, { system, temporary, target, mode });
  });
}

/**
 * Opens a file to be written in place; one that is missing is made, for its owner only.
 *
 * @throws OutputError
 */
export async function patchFile(system: FileSystem, path: string): Promise<WritableFile> {
  return await writing(path, async () => {
    const found = await outputFacts(system, path);
    if (found && !found.isFile) throw new Error("it is no regular file");
    const options = { write: true, create: true, mode: 0o600 } as const;
    return new InPlace(await system.open(path, options), path);
  });
}

/** Random bytes come in portions of this size at most. */
const RANDOM_BYTES = 65_536;

/**
 * Takes so many bytes of the storage that a file is on, without a name, until it is disposed of.
 *
 * @throws OutputError where there is not so much
 */
export async function reserveSpace(
  system: FileSystem,
  path: string,
  length: number,
): Promise<Disposable> {
  return await writing(path, async () => {
    const target = await outputFacts(system, path) ? await system.realPath(path) : path;
    const temporary = partName(target);
    const file = await system.open(temporary, { write: true, createNew: true, mode: 0o600 });
    try {
      await system.remove(temporary);
      // File systems that compress would keep little of anything less random.
      const random = new Uint8Array(RANDOM_BYTES);
      for (let left = length; left > 0;) {
        crypto.getRandomValues(random);
        left -= await file.write(random.subarray(0, Math.min(left, random.length)));
      }
      await file.syncData();
    } catch (error) {
      file.close();
      throw error;
    }
    return { [Symbol.dispose]: () => file.close() };
  });
}

async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    throw new OutputError(`Cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

/** An open file, written at positions. */
class InPlace implements WritableFile {
  /** Where the operating system writes next. */
  #at = 0;
  #open = true;

  constructor(protected readonly file: Deno.FsFile, protected readonly path: string) {}

  writeAt(position: number, bytes: Uint8Array): Promise<void> {
    return writing(this.path, async () => {
      if (position !== this.#at) await this.file.seek(position, Deno.SeekMode.Start);
      this.#at = position;
      for (let rest = bytes; rest.length > 0;) {
        const count = await this.file.write(rest);
        this.#at += count;
        rest = rest.subarray(count);
      }
    });
  }

  resize(length: number): Promise<void> {
    return writing(this.path, () => this.file.truncate(length));
  }

  sync(): Promise<void> {
    return writing(this.path, () => this.file.syncData());
  }

  protected close(): void {
    if (this.#open) this.file.close();
    this.#open = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/** Where a staged file is, and where it goes. */
interface Place {
  readonly system: FileSystem;
  readonly temporary: string;
  readonly target: string;
  /** The permissions of the file that it replaces. */
  readonly mode: number | undefined;
}

class Staged extends InPlace implements StagedFile {
  #committed = false;

  constructor(file: Deno.FsFile, path: string, private readonly place: Place) {
    super(file, path);
  }

  async commit(): Promise<void> {
    const { system, temporary, target, mode } = this.place;
    // A disk that fills up late, or fails, says so here.
    await this.sync();
    await writing(this.path, async () => {
      if (mode !== undefined) await system.chmod(temporary, mode);
      await system.rename(temporary, target);
    });
    this.#committed = true;
    this.close();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    if (!this.#committed) await this.place.system.remove(this.place.temporary).catch(() => {});
  }
}

/** What has no positions: each piece follows the one before. */
class Sequential implements StagedFile {
  #written = 0;
  #open = true;

  /** @param forgets nobody reads what is written, in whatever order it comes: /dev/null */
  constructor(
    private readonly end: PipeFile,
    private readonly path: string,
    private readonly forgets: boolean,
  ) {}

  writeAt(position: number, bytes: Uint8Array): Promise<void> {
    return writing(this.path, async () => {
      if (position !== this.#written && !this.forgets) {
        throw new Error("it is a pipe, which takes bytes in their order and gives none back");
      }
      this.#written += bytes.length;
      await this.end.write(bytes);
    });
  }

  resize(): Promise<void> {
    return Promise.resolve();
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  commit(): Promise<void> {
    return this[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#open) this.end[Symbol.dispose]();
    this.#open = false;
    return Promise.resolve();
  }
}
