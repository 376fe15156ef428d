// The stages of a command, and the tap behind each.

import type { Queue } from "../../transport/transport.ts";
import type { TapName } from "../tap/names.ts";
import type { Exchange } from "./exchange.ts";

/** The stages that have taps, in their order. */
export type Stage = "fetch" | "decode" | "execute" | "data" | "writeback";

const QUEUE_TAPS: Readonly<Record<Queue, Readonly<Record<Stage, TapName>>>> = {
  admin: {
    fetch: "nvme:admin:fetch",
    decode: "nvme:admin:decode",
    execute: "nvme:admin:execute",
    data: "nvme:admin:data",
    writeback: "nvme:admin:writeback",
  },
  io: {
    fetch: "nvme:io:fetch",
    decode: "nvme:io:decode",
    execute: "nvme:io:execute",
    data: "nvme:io:data",
    writeback: "nvme:io:writeback",
  },
};

/** The tap behind a stage of a command. */
export function tapOf({ queue, handler }: Exchange, stage: Stage): TapName {
  const own = handler?.taps;
  if (own && stage === "decode") return own.decode;
  if (own && stage === "writeback") return own.writeback;
  return QUEUE_TAPS[queue][stage];
}
