// A drive as it is now, as a drive file of its own.

import type { VirtualDrive } from "../drive/mod.ts";
import type { JsonObject } from "../layout/mod.ts";
import type { Disk } from "../open/drive_file/disk.ts";
import { createDriveFile, openDriveFile } from "../open/virtual_file.ts";

/** Blocks that are copied at a time. */
const PART_BLOCKS = 1024;

/**
 * Makes a drive file of everything that the drive remembers and stores, with what waits in its
 * write cache, but without the faults that are at work. Nothing is overwritten.
 *
 * @param disk where; the machine's when left out
 */
export function snapshotDrive(drive: VirtualDrive, path: string, disk?: Disk): JsonObject {
  const where = disk ? { disk } : {};
  createDriveFile(path, { personality: drive.personality }, {
    ...where,
    past: { state: structuredClone(drive.state), at: drive.now() },
  });
  const copy = openDriveFile(path, { ...where, now: drive.now });
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
      for (const range of media.unreadable) {
        to?.damage(range.lba, range.count, range.damage);
      }
      to?.flush();
    }
  } finally {
    copy.close();
  }
  return { path, namespaces: drive.store.allocated().length, bytes };
}
