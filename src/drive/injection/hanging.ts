// Commands that hang, but not for ever: when the error ends, they go on as if nothing had been.

import type { Plugin } from "../plugin/plugin.ts";
import { Gate } from "../scenario/scenario.ts";
import type { CommandTap } from "../tap/verdict.ts";
import { ALWAYS } from "./effect.ts";

/**
 * Holds commands of a queue back until it is torn down. One that was aborted meanwhile, or went
 * with a reset, stays where it is.
 *
 * @param count how many are held; 0 for all of them
 */
export function hanging(queue: "admin" | "io", count: number): Plugin {
  const held = new Set<CommandTap>();
  return {
    setup(taps) {
      const gate = new Gate(taps, { ...ALWAYS, count });
      taps.attach(queue === "admin" ? "nvme:admin:decode" : "nvme:io:decode", (context) => {
        if (context.kind !== "command" || !gate.strikes()) return undefined;
        held.add(context);
        return { kind: "defer" };
      });
    },
    teardown() {
      for (const context of held) context.complete();
      held.clear();
    },
  };
}
