// Formats that take their time: the namespaces of one Format NVM command, until they are done.

import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { StorageFailure } from "../media/block_store.ts";
import type { FormatSettings } from "../namespace.ts";
import { done } from "../pipeline/handler.ts";
import { statusField } from "../pipeline/status_field.ts";
import type { DriveState } from "../state.ts";
import { theRest } from "../rest.ts";
import { tellTap } from "../tap/tell.ts";

/** A Format NVM command that is being carried out. */
export interface RunningFormat {
  readonly nsids: readonly number[];
  readonly settings: FormatSettings;
  /** As the command has them. */
  readonly nsid: number;
  readonly cdw10: number;
  readonly startedAt: number;
  readonly durationMs: number;
  /** The command that completes with it. */
  readonly controller: number;
  readonly sqid: number;
  readonly cid: number;
}

/** Whether a namespace is being formatted; with FFFFFFFFh, whether any is. */
export function isFormatting({ formats }: Pick<DriveState, "formats">, nsid: number): boolean {
  return formats.some(({ nsids }) => nsid === 0xffffffff || nsids.includes(nsid));
}

/** Percent of a namespace's format that remain; zero where none runs. */
export function formatRemaining(
  { state: { formats }, now }: Pick<Machine, "state" | "now">,
  nsid: number,
): number {
  const format = formats.find(({ nsids }) => nsids.includes(nsid));
  if (!format) return 0;
  const share = (now() - format.startedAt) / format.durationMs;
  return Math.max(1, Math.min(100, 100 - Math.floor(share * 100)));
}

/**
 * Begins a format. Where it takes no time it is over when this returns.
 *
 * @throws {StorageFailure} where it is over and has failed: the namespaces are as they were
 */
export function startFormat(machine: Machine, format: RunningFormat): void {
  const { personality: { formatting }, state } = machine;
  const fna = Number(formatting.formatsAll) | (Number(formatting.erasesAll) << 1) |
    (Number(formatting.cryptoErase) << 2) | (Number(!formatting.broadcast) << 3);
  theRest().records.recordFormatStart(machine, { nsid: format.nsid, fna, cdw10: format.cdw10 });
  tellTap(machine, "nvme:format:event", "started", { nsid: format.nsid, cdw10: format.cdw10 });
  if (format.durationMs > 0) state.formats.push(format);
  else carryOut(machine, format);
}

/** Ends the formats that should be over by now, and the commands that wait for them. */
export function settleFormats(machine: Machine): void {
  const { state, now } = machine;
  if (state.formats.length === 0) return;
  const over = state.formats.filter(({ startedAt, durationMs }) => now() >= startedAt + durationMs);
  state.formats = state.formats.filter((format) => !over.includes(format));
  for (const format of over) finish(machine, format);
}

/** Ends a format, and the command that waits for it. */
function finish(machine: Machine, format: RunningFormat): void {
  let failed = false;
  try {
    carryOut(machine, format);
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error;
    failed = true;
  }
  const { controllers } = machine.drive;
  const owner = controllers.find(({ controller }) => controller.id === format.controller);
  const exchange = owner?.outstanding.find(format.sqid, format.cid);
  if (exchange?.outcome.kind !== "pending") return;
  owner?.outstanding.finish(exchange, failed ? GENERIC.internalError : done());
}

/** Formats all namespaces of the command that are still there, or none. Throws StorageFailure. */
function carryOut(machine: Machine, { nsid: commanded, nsids, settings }: RunningFormat): void {
  const { drive } = machine;
  const formatted = nsids.filter((nsid) => drive.store.find(nsid));
  try {
    drive.store.reformat(new Map(formatted.map((nsid) => [nsid, settings])));
  } catch (error) {
    if (error instanceof StorageFailure) {
      const status = { status: statusField(GENERIC.internalError) };
      theRest().records.recordFormatEnd(machine, {
        nsid: commanded,
        formatStatus: { error: true },
        status,
      });
    }
    throw error;
  }
  for (const nsid of formatted) {
    drive.namespaceChanged(nsid);
    tellTap(machine, "nvme:format:event", "formatted", { nsid, format: settings.format });
  }
  theRest().records.recordFormatEnd(machine, { nsid: commanded });
}
