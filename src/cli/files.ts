// Files that commands read and write; a result file is whole or not there.

import { UsageError } from "../errors.ts";
import type { Files } from "./command.ts";

/** What is needed of the operating system. */
export type FileSystem = Pick<
  typeof Deno,
  "readFile" | "writeFile" | "rename" | "remove" | "stat" | "realPath"
>;

/** Files on a file system. `-` is not special: standard input and output have their own options. */
export function filesOn(system: FileSystem): Files {
  return {
    async read(path) {
      try {
        return await system.readFile(path);
      } catch (error) {
        throw new UsageError(`Cannot read ${path}: ${reason(error)}`, { cause: error });
      }
    },
    async write(path, bytes) {
      try {
        await writeWhole(system, path, bytes);
      } catch (error) {
        throw new UsageError(`Cannot write ${path}: ${reason(error)}`, { cause: error });
      }
    },
  };
}

/** The real file system. */
export const systemFiles: Files = filesOn(Deno);

async function writeWhole(system: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const found = await system.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  // A pipe or /dev/null is written to; renaming a file over it would take its place.
  if (found && !found.isFile && !found.isDirectory) return await system.writeFile(path, bytes);
  // The file that a symbolic link leads to is replaced, not the link.
  const target = found ? await system.realPath(path) : path;
  const temporary = `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await system.writeFile(temporary, bytes, { createNew: true, mode: 0o600 });
    await system.rename(temporary, target);
  } catch (error) {
    await system.remove(temporary).catch(() => {});
    throw error;
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  return error instanceof Error ? error.message : String(error);
}
