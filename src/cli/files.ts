// Files that commands read and write; a result file is whole or not there.

import { InterruptedError, OutputError, UsageError } from "../errors.ts";
import { formatCount } from "../layout/mod.ts";
import type { FileHead, Files, WriteOptions } from "./command.ts";
import type { Heard } from "./pipe_file.ts";

/** What is needed of the operating system. */
export type FileSystem = Pick<
  typeof Deno,
  | "readFile"
  | "writeFile"
  | "rename"
  | "remove"
  | "stat"
  | "lstat"
  | "realPath"
  | "chmod"
  | "cwd"
  | "open"
>;

/**
 * Files on a file system. `-` is not special: standard input and output have their own options.
 *
 * @param heard the signal that ends a wait for whoever reads a pipe
 */
export function filesOn(system: FileSystem, heard: Heard = () => undefined): Files {
  return {
    read: (path) => reading(path, () => readWhole(system, path)),
    head: (path, length) => reading(path, () => readHead(system, path, length)),
    absolute: (path) => path.startsWith("/") ? path : `${system.cwd()}/${path}`,
    async write(path, bytes, options = {}) {
      try {
        await writeWhole(system, path, bytes, { ...options, heard });
      } catch (error) {
        if (error instanceof InterruptedError) throw error;
        throw new OutputError(`Cannot write ${path}: ${reason(error)}`, whyNot(error));
      }
    },
    async probe(path, options = {}) {
      try {
        await writeWhole(system, path, undefined, { ...options, heard });
      } catch (error) {
        throw new UsageError(`Cannot write ${path}: ${reason(error)}`, whyNot(error));
      }
    },
    async size(path) {
      try {
        return (await system.stat(path)).size;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw new UsageError(`Cannot look at ${path}: ${reason(error)}`, { cause: error });
      }
    },
    // Few commands write so much that they need these.
    stage: async (path) => await (await import("./staged_file.ts")).stageFile(system, path, heard),
    patch: async (path) => await (await import("./staged_file.ts")).patchFile(system, path),
    reserve: async (path, length) =>
      await (await import("./staged_file.ts")).reserveSpace(system, path, length),
  };
}

/** What `action` reads; a failure becomes a UsageError with the path. */
async function reading<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/** Bytes of what is read: it is held in memory as a whole. */
const MOST_BYTES = 2 ** 30;

/** All of a file, or of what a device or pipe has: some of them never end. */
async function readWhole(system: FileSystem, path: string): Promise<Uint8Array> {
  const { isFile, size } = await system.stat(path);
  if (size > MOST_BYTES) throw tooLarge(path, `it has ${formatCount(size)} bytes`);
  if (isFile) return await system.readFile(path);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (await system.open(path)).readable) {
    pieces.push(piece);
    length += piece.length;
    if (length > MOST_BYTES) throw tooLarge(path, "it does not end");
  }
  const bytes = new Uint8Array(length);
  for (const piece of pieces.toReversed()) {
    length -= piece.length;
    bytes.set(piece, length);
    // It may be a key, which whoever asked for it wipes: only there.
    piece.fill(0);
  }
  return bytes;
}

/** The beginning of a file, however large it is; only a pipe has to be read to its end. */
async function readHead(system: FileSystem, path: string, length: number): Promise<FileHead> {
  const { isFile, size } = await system.stat(path);
  if (!isFile) {
    const bytes = await readWhole(system, path);
    return { bytes: bytes.subarray(0, length), size: bytes.length };
  }
  using file = await system.open(path);
  const bytes = new Uint8Array(Math.min(length, size));
  for (let at = 0; at < bytes.length;) {
    const count = await file.read(bytes.subarray(at));
    // It became shorter meanwhile.
    if (count === null) return { bytes: bytes.subarray(0, at), size: at };
    at += count;
  }
  return { bytes, size };
}

function tooLarge(path: string, found: string): UsageError {
  return new UsageError(
    `Cannot read ${path}: ${found}, need at most ${formatCount(MOST_BYTES)}`,
    { next: "check that it is the file that you mean" },
  );
}

/** /dev/null, the one device that results may go to. */
const NULL_DEVICE = 0x103;

/** Why results may not be written to what a path leads to; undefined where they may. */
export function forbiddenOutput(
  found: Pick<Deno.FileInfo, "isBlockDevice" | "isCharDevice" | "isDirectory" | "rdev">,
): string | undefined {
  if (found.isBlockDevice) return "it is a block device, and what is on it would be overwritten";
  if (found.isCharDevice && found.rdev !== NULL_DEVICE) return "it is a device";
  return found.isDirectory ? "it is a directory" : undefined;
}

/** What a path leads to; undefined for a new file. Throws where results may not go there. */
export async function outputFacts(
  system: FileSystem,
  path: string,
): Promise<Deno.FileInfo | undefined> {
  const found = await system.stat(path).catch(unlessMissing);
  if (found === undefined) {
    const link = await system.lstat(path).catch(unlessMissing);
    if (link?.isSymlink) throw new Error("it is a link, and what it leads to is not there");
    return undefined;
  }
  const forbidden = forbiddenOutput(found);
  if (forbidden !== undefined) throw new Error(forbidden);
  return found;
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}

/** What stands under a name is to be kept. */
class KeptError extends Error {
  constructor() {
    super("it is there already, and what it holds would be lost");
  }
}

/** The cause of an error, and the next step where only the user can take it. */
function whyNot(error: unknown): { readonly cause: unknown; readonly next?: string } {
  if (!(error instanceof KeptError)) return { cause: error };
  return { cause: error, next: "name another file; --overwrite replaces this one" };
}

/**
 * Writes a file whole or not at all; without bytes, only finds out whether that could be done. It
 * keeps the permissions that it had, unless it is to hold a secret.
 */
async function writeWhole(
  system: FileSystem,
  path: string,
  bytes: Uint8Array | undefined,
  { secret = false, keep = false, heard }: WriteOptions & { readonly heard: Heard },
): Promise<void> {
  const found = await outputFacts(system, path);
  // A pipe or /dev/null is written to; renaming a file over it would take its place.
  if (found?.isFifo) return bytes && await writePipe(system, path, { bytes, heard });
  if (found && !found.isFile) return bytes && await system.writeFile(path, bytes);
  if (keep && found && found.size > 0) throw new KeptError();
  if (keep && !found && bytes) return await writeNew(system, path, bytes);
  // The file that a symbolic link leads to is replaced, not the link.
  const target = found ? await system.realPath(path) : path;
  const temporary = partName(target);
  try {
    await system.writeFile(temporary, bytes ?? new Uint8Array(), { createNew: true, mode: 0o600 });
    if (bytes === undefined) return await system.remove(temporary);
    if (typeof found?.mode === "number" && !secret) {
      await system.chmod(temporary, found.mode & 0o7777);
    }
    await system.rename(temporary, target);
  } catch (error) {
    await system.remove(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Writes a file that must not be there yet. The name is taken before anything is written: a rename
 * would replace what has appeared under it meanwhile.
 */
async function writeNew(system: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const options = { write: true, createNew: true, mode: 0o600 } as const;
  const file = await system.open(path, options).catch((error) => {
    throw error instanceof Deno.errors.AlreadyExists ? new KeptError() : error;
  });
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
    await file.syncData();
  } catch (error) {
    await system.remove(path).catch(() => {});
    throw error;
  } finally {
    file.close();
  }
}

async function writePipe(
  system: FileSystem,
  path: string,
  { bytes, heard }: { readonly bytes: Uint8Array; readonly heard: Heard },
): Promise<void> {
  const { openPipe } = await import("./pipe_file.ts");
  using pipe = await openPipe(system, path, heard);
  await pipe.write(bytes);
}

/** A name beside a file that nobody has, for what is not whole yet. */
export function partName(target: string): string {
  return `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
}

/** Why the operating system refused, in words. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  // What the runtime keeps from every program that was not given all there is.
  if (error instanceof Deno.errors.NotCapable) {
    return "nvmectl uses no files below /dev, /proc and /sys for that";
  }
  return error instanceof Error ? error.message : String(error);
}
