// The controllers of a drive on the bench, beyond the first.

import { assert } from "@std/assert";
import { directTransport } from "../../src/drive/mod.ts";
import { decodeStatus, formatStatusCode } from "../../src/spec/status/status.ts";
import type { Command } from "../../src/transport/transport.ts";
import type { Bench } from "./bench.ts";

/** Sends a command through the controller of an identifier; says how it ended and with what. */
export async function through(
  bench: Bench,
  id: number,
  command: Omit<Command, "data" | "metadata"> & { readonly length?: number },
): Promise<{ readonly status: string; readonly dw0: number; readonly data: Uint8Array }> {
  const controller = bench.drive.controllers.find((one) => one.controller.id === id);
  assert(controller, `there is no controller ${id}`);
  const transport = directTransport(bench.drive, "virtual:", controller);
  const { length = 0, ...rest } = command;
  using data = transport.allocate(length);
  const { status, result } = await transport.submit({ ...rest, data });
  const bytes = data.bytes.slice(0, length);
  return { status: formatStatusCode(decodeStatus(status)), dw0: Number(result), data: bytes };
}
