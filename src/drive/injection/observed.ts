// A plug-in under observation: its strikes are reported, and the commands by which hosts get out of
// what they have injected are out of its reach.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { ERROR_INJECTION } from "../../spec/vendor/ocp_error_injection.ts";
import type { Plugin, PluginTaps } from "../plugin/plugin.ts";
import type { Decided, TapContext, Verdict } from "../tap/verdict.ts";

const FEATURES: readonly number[] = [ADMIN_COMMANDS.setFeatures, ADMIN_COMMANDS.getFeatures]
  .map(({ opcode }) => opcode);

/** How a plug-in is observed. */
export interface Observation {
  /** It has changed the fate of a command, or what a host reads. */
  readonly onStrike: () => void;
  /** It has been torn down. */
  readonly onEnd: () => void;
  /** It is over after so long; only of a drive with timers. */
  readonly bound?: { readonly ms: number; readonly end: () => void };
}

/** The same plug-in, observed. */
export function observed(plugin: Plugin, { onStrike, onEnd, bound }: Observation): Plugin {
  return {
    setup(taps) {
      if (bound) taps.after(bound.ms, bound.end);
      return plugin.setup(
        {
          ...taps,
          attach: (name, callback, options) =>
            taps.attach(name, (context) => {
              if (isOutOfReach(context)) return undefined;
              const verdict = callback(context);
              if (!(verdict instanceof Promise) && strikes(context, verdict)) onStrike();
              return verdict;
            }, options),
        } satisfies PluginTaps,
      );
    },
    teardown() {
      plugin.teardown?.();
      onEnd();
    },
  };
}

/** The feature itself; and Asynchronous Event Requests, which wait for a reason. */
function isOutOfReach(context: TapContext): boolean {
  if (context.kind !== "command" || context.queue !== "admin") return false;
  const { opcode, cdw10 } = context.command;
  return opcode === ADMIN_COMMANDS.asyncEventRequest.opcode ||
    (FEATURES.includes(opcode) && (cdw10 & 0xff) === ERROR_INJECTION);
}

/** A register that reads as it would have read is none. */
function strikes(context: TapContext, verdict: Verdict): boolean {
  const decided: Decided | undefined = verdict ?? undefined;
  if (!decided || decided.kind === "continue") return false;
  if (context.kind !== "register" || decided.kind !== "mutate") return true;
  return decided.value !== context.value;
}
