// Identify Controller as a structure that Identify returns.

import { identifyController } from "./controller.ts";
import type { Structure } from "./structure.ts";

/** Identify Controller [BASE-2.1 §5.1.13.2.1]. */
export const ControllerStructure: Structure = {
  cns: 0x01,
  ignoresNsid: true,
  read: identifyController,
};
