// A drive as it is now, as a drive file of its own.

import type { VirtualDrive } from "../drive/mod.ts";
import type { JsonObject } from "../layout/mod.ts";
import { createDriveFile, openDriveFile } from "../open/virtual_file.ts";

/** Blocks that are copied at a time. */
const PART_BLOCKS = 1024;

/**
 * Makes a drive file of everything that the drive remembers and stores, with what waits in its
 * write cache, but without the faults that are at work. Nothing is overwritten.
 */
export function snapshotDrive(drive: VirtualDrive, path: string): JsonObject {
  createDriveFile(path, { personality: drive.personality }, {
    state: structuredClone(drive.state),
  });
  const copy = openDriveFile(path, { now: drive.now });
  let bytes = 0;
  try {
    for (const { nsid, media, blockBytes } of drive.store.allocated()) {
      const to = copy.drive.store.find(nsid)?.media;
      for (const [lba, count] of media.allocated()) {
        for (let done = 0; to && done < count; done += PART_BLOCKS) {
          const some = Math.min(PART_BLOCKS, count - done);
          to.write(lba + done, some, media.read(lba + done, some));
          bytes += some * blockBytes;
        }
      }
      for (const range of media.damaged(0, Number.MAX_SAFE_INTEGER)) {
        to?.damage(range.lba, range.count, range.damage);
      }
      to?.flush();
    }
  } finally {
    copy.close();
  }
  return { path, namespaces: drive.store.allocated().length, bytes };
}
