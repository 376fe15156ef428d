// Virtual drives that run on their own, as the commands see them.

import type { Control, DriveService } from "../cli/drive_service.ts";
import { connectControl } from "./control/client.ts";
import { onlyControl } from "./control/place.ts";
import { serveDrive } from "./served_drive.ts";

/** The real thing. */
export const driveService: DriveService = {
  async create({ path, kind, seed }) {
    const { createDriveFile } = await import("../open/virtual_file.ts");
    createDriveFile(path, kind, { seed });
  },
  serve: serveDrive,
  control: async (path): Promise<Control> => await connectControl(path ?? await onlyControl()),
};
