// Abort.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { done, type Handler } from "../pipeline/handler.ts";

/** In dword 0 of the completion of Abort: the command was not aborted. */
const NOT_ABORTED = 1;

/** Abort [BASE-2.1 §5.1.1]. Only commands that wait for something are there to be aborted. */
export const Abort: Handler = {
  opcode: ADMIN_COMMANDS.abort.opcode,
  nsid: "unused",
  effects: { scope: "controller" },
  execute({ outstanding }, { entry }) {
    const exchange = outstanding.find(entry.cdw10 & 0xffff, entry.cdw10 >>> 16);
    if (!exchange || !(exchange.held || exchange.outcome.kind === "pending")) {
      return done(NOT_ABORTED);
    }
    outstanding.finish(exchange, GENERIC.abortRequested);
    return done();
  },
};
