// Log page 70h: what a discovery service knows.

import type { DriveLogPage } from "./page.ts";

/** Discovery; only discovery controllers have it. */
export const DiscoveryServicePage: DriveLogPage = {
  lid: 0x70,
  read: ({ drive, controller }) => drive.fabrics?.discovery?.(controller.id) ?? new Uint8Array(0),
};
