// Asynchronous Event Request.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { type Handler, PENDING } from "../pipeline/handler.ts";
import { refuse } from "../refusal.ts";

/** Asynchronous Event Request [BASE-2.1 §5.1.2]: completes when there is an event. */
export const AsyncEventRequest: Handler = {
  opcode: ADMIN_COMMANDS.asyncEventRequest.opcode,
  nsid: "unused",
  effects: { scope: "controller" },
  execute({ outstanding, personality }) {
    if (outstanding.asyncEvents.length >= personality.limits.asyncEvents) {
      refuse(COMMAND_SPECIFIC.asyncEventLimit);
    }
    return PENDING;
  },
};
