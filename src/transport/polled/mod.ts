// The polled driver, for whoever opens drives.

export type { Backing, ConfigSpace, DmaMemory, DmaSpace, RegisterSpace } from "./backing.ts";
export type { Authorize } from "./gate.ts";
export type { PollClock } from "./poll_clock.ts";
export { PolledDriver, type PolledDriverOptions } from "./driver.ts";
export { openPolled, type OpenPolledOptions, PolledTransport } from "./transport.ts";
