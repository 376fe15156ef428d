// `virtual:FILE.json`: a virtual drive that is kept in a file. Loaded only when one is named.

import type { Opened } from "../cli/run.ts";
import { directTransport } from "../drive/mod.ts";
import type { Command, Completion, ResetKind, Transport } from "../transport/transport.ts";
import { createDriveFile, DriveFile, type DriveFileOptions } from "./drive_file/drive_file.ts";
import type { OpenDrive } from "./virtual.ts";

export { createDriveFile };

/** Opens a drive file for one command; it is written and let go when the transport is closed. */
export function openVirtualFile(path: string): Opened {
  const file = new DriveFile(path, { now: () => Date.now() });
  return { transport: keptTransport(file, `virtual:${path}`) };
}

/** Opens a drive file for whoever serves it. */
export function openDriveFile(path: string, options: DriveFileOptions): OpenDrive {
  const file = new DriveFile(path, options);
  return {
    drive: file.drive,
    save: () => file.save(),
    close: () => file.close(),
  };
}

/** Commands to the drive; a disk that does not take what it is given is told as what it is. */
function keptTransport(file: DriveFile, target: string): Transport {
  const inner = directTransport(file.drive, target);
  const checked = <T>(result: T): T => {
    if (file.failure) throw file.failure;
    return result;
  };
  return {
    ...inner,
    submit: async (command: Command): Promise<Completion> => checked(await inner.submit(command)),
    reset: async (kind: ResetKind): Promise<void> => checked(await inner.reset?.(kind)),
    async [Symbol.asyncDispose](): Promise<void> {
      await inner[Symbol.asyncDispose]();
      file.close();
    },
  };
}
