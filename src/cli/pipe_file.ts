// A named pipe that results go to: whoever reads it may come late or take nothing, and signals are
// heard meanwhile.

import type { FileSystem } from "./files.ts";
import { unlessOver } from "./streams.ts";

/** The signal that waits must watch, where anybody listens to it. */
export type Heard = () => AbortSignal | undefined;

/** How often a pipe that nobody reads yet is tried again. */
const RETRY_MS = 50;

/**
 * Opens a named pipe for writing, and does not wait until somebody reads it: Deno opens files on
 * its only thread, where no signal would be heard. Throws what the operating system refuses.
 */
export async function openPipe(
  system: Pick<FileSystem, "open">,
  path: string,
  heard: Heard,
): Promise<PipeFile> {
  // open(2) for both never waits (fifo(7)), nor does one for writing while there is a reader.
  const reader = await system.open(path, { read: true, write: true }).catch((error) => {
    // It may be written to and not be read: then there is nothing but to wait.
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  });
  try {
    return new PipeFile(await system.open(path, { write: true }), heard);
  } finally {
    reader?.close();
  }
}

/** What is written to from its beginning to its end: a pipe, or /dev/null, where nothing waits. */
export class PipeFile implements Disposable {
  /** Whether anybody has taken anything: who goes away after that does not come back. */
  #taken = false;

  constructor(
    private readonly file: Deno.FsFile,
    private readonly heard: Heard = () => undefined,
  ) {}

  /**
   * Writes all of it, and waits for a reader where there was none yet. Once a signal is heard it
   * rejects with its reason. Throws what the operating system refuses.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const signal = this.heard();
    // A copy, because what is given up may still be read from when its owner has gone on.
    if (signal) await unlessOver(this.#writeAll(bytes.slice(), signal), signal);
    else await this.#writeAll(bytes, signal);
  }

  async #writeAll(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await this.#writeSome(rest));
      if (rest.length === bytes.length) {
        signal?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** How many bytes were taken; none where nobody reads the pipe yet. */
  async #writeSome(bytes: Uint8Array): Promise<number> {
    try {
      const count = await this.file.write(bytes);
      this.#taken = true;
      return count;
    } catch (error) {
      if (this.#taken || !(error instanceof Deno.errors.BrokenPipe)) throw error;
      return 0;
    }
  }

  [Symbol.dispose](): void {
    this.file.close();
  }
}
