// `virtual:` and `virtual:NAME`: a drive inside this process. `virtual:FILE.json` is one that is
// kept in a file.

import type { Opened } from "../cli/run.ts";
import { VirtualDrive } from "../drive/drive.ts";
import { directTransport } from "../drive/face/direct.ts";
import { MemoryBudget } from "../drive/media/memory_budget.ts";
import { memoryStorage } from "../drive/media/memory_store.ts";
import { preset, presetNames } from "../drive/presets.ts";
import { UsageError } from "../errors.ts";

/** The blocks of all drives in the memory of this process, unless it is said otherwise. */
const MEMORY_BYTES = 2 ** 30;
const MEMORY = new MemoryBudget(MEMORY_BYTES);

/** A virtual drive, opened to be used as one pleases. */
export interface OpenDrive {
  readonly drive: VirtualDrive;
  /** Writes what the drive remembers, where it has a file. */
  save(): void;
  /** Writes caches and memory, where it has a file, and lets it go. */
  close(): void;
}

/** How a virtual drive is opened by whoever keeps it running. */
export interface OpenDriveOptions {
  /** Of a drive that is made now; one in a file has its own. */
  readonly seed?: number;
  /** As of VirtualDrive. */
  readonly after?: (ms: number, action: () => void) => () => void;
  /** As of DriveFileOptions. */
  readonly failed?: (error: Error) => void;
  /** As of DriveFileOptions. */
  readonly powersOn?: boolean;
  /**
   * Bytes of memory that the blocks of a drive in memory may take; in common with all others of the
   * process, 1 GiB. Beyond it writes that need new blocks end with Write Fault.
   */
  readonly memoryBytes?: number | undefined;
}

/**
 * Opens what stands behind `virtual:` for one command: the name of a preset, or a drive file.
 *
 * @throws UsageError for what is neither, UnreachableError for a file that cannot be used
 */
export async function openVirtual(name: string): Promise<Opened> {
  if (isFile(name)) {
    const { openVirtualFile } = await import("./virtual_file.ts");
    return openVirtualFile(name);
  }
  const { drive } = presetDrive(name, {});
  return { transport: directTransport(drive, `virtual:${name}`) };
}

/** The same, for whoever keeps the drive running: serves it, or looks into it. */
export async function openVirtualDrive(
  name: string,
  options: OpenDriveOptions = {},
): Promise<OpenDrive> {
  await import("../drive/everything.ts");
  if (!isFile(name)) return presetDrive(name, options);
  const { openDriveFile } = await import("./virtual_file.ts");
  return openDriveFile(name, { ...options, now: () => Date.now() });
}

function isFile(name: string): boolean {
  return name.endsWith(".json");
}

function presetDrive(name: string, options: OpenDriveOptions): OpenDrive {
  const { seed = 1, after, memoryBytes } = options;
  const target = `virtual:${name}`;
  const personality = preset(name);
  if (!personality) {
    const known = presetNames().map((known) => `virtual:${known}`).join(" ");
    throw new UsageError(`Cannot open ${target}: there is no virtual drive of that name`, {
      next: `there are ${known}, and files whose names end in .json`,
    });
  }
  const drive = new VirtualDrive({
    personality,
    now: () => Date.now(),
    seed,
    device: target,
    storage: memoryStorage(memoryBytes === undefined ? MEMORY : new MemoryBudget(memoryBytes)),
    ...(after ? { after } : {}),
  });
  return { drive, save: () => {}, close: () => drive.store.close() };
}
