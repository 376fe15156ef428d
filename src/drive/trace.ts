// The trace that is taken inside a virtual drive: every command and register access as the
// controllers see them, whatever face they come through.

import { counter, type RegisterEvent, type TraceOptions, type TraceSink } from "../trace/trace.ts";
import type { VirtualDrive } from "./drive.ts";
import { ControllerTrace } from "./trace/controller_trace.ts";

/** How a drive's trace is taken; the events bear the drive's own name. */
export type DriveTraceOptions = Omit<TraceOptions, "device">;

/**
 * Gives every command, completion and register access of the drive to `sink` until the function
 * that comes back is called. Of a drive with several controllers, each is a device of its own:
 * `virtual:#2`. A command that was fetched before the trace began is not in it. What plug-ins
 * decided stands in the notes of what it led to.
 */
export function traceDrive(
  drive: VirtualDrive,
  sink: TraceSink,
  { clock, failed, nextIndex = counter() }: DriveTraceOptions,
): () => void {
  let ended = false;
  const several = drive.controllers.length > 1;
  const stops = drive.controllers.flatMap((controller) => {
    const device = several ? `${drive.device}#${controller.controller.id}` : drive.device;
    const emit = (
      write: (base: Pick<RegisterEvent, "index" | "timeNs" | "device">) => void,
      index?: number,
    ): void => {
      if (ended) return;
      try {
        write({ index: index ?? nextIndex(), timeNs: clock(), device });
      } catch (error) {
        ended = true;
        failed(error);
      }
    };
    const trace = new ControllerTrace(sink, emit);
    return [controller.observe(trace), controller.registers.observe(trace.accessed)];
  });
  return () => {
    ended = true;
    for (const stop of stops) stop();
  };
}
