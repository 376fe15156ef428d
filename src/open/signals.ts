// Signals of this process, for the program.

import { ignoresHangUp } from "../../ffi/process.ts";
import type { SignalSource } from "../cli/interrupt.ts";

/** The process's own signals. What was ignored when it was started stays so. */
export const systemSignals: SignalSource = {
  addSignalListener: (name, listener) => Deno.addSignalListener(name, listener),
  removeSignalListener: (name, listener) => Deno.removeSignalListener(name, listener),
  staysOnHangUp: ignoresHangUp,
};
