// The virtual drive, all of it.

import "./everything.ts";

export * from "./drive.ts";
export * from "./face/direct.ts";
export * from "./face/register/backing.ts";
export * from "./model/firmware_image.ts";
export * from "./personality.ts";
export * from "./presets.ts";
export type { DriveState } from "./state.ts";
