// Keep Alive.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { has } from "../personality.ts";
import { done, type Handler } from "../pipeline/handler.ts";

/** Keep Alive [BASE-2.1 §5.1.14]. */
export const KeepAlive: Handler = {
  opcode: ADMIN_COMMANDS.keepAlive.opcode,
  nsid: "unused",
  effects: { scope: "controller" },
  supported: (personality) => has(personality, "keep-alive"),
  execute: () => done(),
};
