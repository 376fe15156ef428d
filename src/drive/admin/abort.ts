// Abort.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { done, type Handler, type Outcome } from "../pipeline/handler.ts";
import { refuse } from "../refusal.ts";

/** In dword 0 of the completion of Abort: the command was not aborted. */
const NOT_ABORTED = 1;

/** Abort [BASE-2.1 §5.1.1]. Only commands that wait for something are there to be aborted. */
export const Abort: Handler = {
  opcode: ADMIN_COMMANDS.abort.opcode,
  nsid: "unused",
  effects: { scope: "controller" },
  execute({ outstanding, personality }, { entry }) {
    const aborts = outstanding.count(({ handler }) => handler === Abort);
    if (aborts > personality.limits.aborts) refuse(COMMAND_SPECIFIC.abortLimit);
    const exchange = outstanding.find(entry.cdw10 & 0xffff, entry.cdw10 >>> 16);
    if (!exchange || !(exchange.held || waits(exchange.outcome))) {
      return done(NOT_ABORTED);
    }
    outstanding.finish(exchange, GENERIC.abortRequested);
    return done();
  },
};

/** Whether a command waits for something that may never come. */
function waits(outcome: Outcome): boolean {
  return outcome.kind === "pending" && outcome.waitsFor === "event";
}
