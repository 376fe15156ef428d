// What a trace of a drive says, kept for tests.

import { traceDrive } from "../../../src/drive/trace.ts";
import type { VirtualDrive } from "../../../src/drive/mod.ts";
import { formatEvent } from "../../../src/trace/text.ts";
import type { TraceEvent } from "../../../src/trace/trace.ts";

/** A trace from now on: its events, and the lines of those that the text form has. */
export class Recorder {
  readonly events: TraceEvent[] = [];
  readonly stop: () => void;
  #now = 1_556_804_537_200_926_382n;

  constructor(readonly drive: VirtualDrive) {
    const keep = (event: TraceEvent): void => void this.events.push(event);
    this.stop = traceDrive(drive, { command: keep, data: keep, completion: keep, register: keep }, {
      clock: () => this.#now++,
      failed: (error) => {
        throw error;
      },
    });
  }

  /** The text form, without index, time and device. */
  get lines(): readonly string[] {
    return this.events.filter(({ kind }) => kind !== "data")
      .map((event) => formatEvent(event).replace(/^\[.*?\] \S+ \S+ /, ""));
  }
}
