// Where a served drive listens, as it is typed: `4420`, `127.0.0.1:4420`, `[::1]:0`.

import { UsageError } from "../errors.ts";

/** A host and a port; port 0 is any that is free. */
export interface ListenAt {
  readonly hostname: string;
  readonly port: number;
}

/** Whoever can connect can erase the drive: nothing but this machine, unless it is said. */
const LOOPBACK = "127.0.0.1";
const PORT_MAX = 65_535;

/** Reads an address; UsageError for what is none. */
export function parseListen(text: string): ListenAt {
  const [, bracketed, plain, digits = ""] =
    /^(?:\[([^\]]+)\]:|([^:]+):)?([0-9]{1,5})$/.exec(text) ??
      [];
  const port = digits === "" ? NaN : Number(digits);
  if (!(port <= PORT_MAX)) {
    throw new UsageError(`Cannot listen on ${JSON.stringify(text)}: need [HOST:]PORT`, {
      next: "for example 4420, 192.0.2.1:4420 or [::1]:4420",
    });
  }
  return { hostname: bracketed ?? plain ?? LOOPBACK, port };
}

/** Whether only this machine can get there. */
export function isLoopback({ hostname }: ListenAt): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\./.test(hostname);
}
