// The layer behind --dry-run: Identify, logs and features are really read; everything else is only
// written down and answered with success.

import type { Command, Completion, Layer } from "./transport.ts";

/** A command that went through, or would have gone through, a dry run. */
export interface RecordedCommand {
  readonly command: Command;
  /** Whether it really went to the drive: reads do. */
  readonly sent: boolean;
  readonly dataLength: number;
  readonly metadataLength: number;
}

const IDENTIFY = 0x06;
const GET_LOG_PAGE = 0x02;
const GET_FEATURES = 0x0a;
const TELEMETRY_HOST = 0x07;
const PERSISTENT_EVENT = 0x0d;

/** A layer that records into `commands`, in order. */
export function dryRun(): { readonly layer: Layer; readonly commands: readonly RecordedCommand[] } {
  const commands: RecordedCommand[] = [];
  const layer: Layer = {
    submit(command, next) {
      const sent = isHarmless(command);
      commands.push({
        command,
        sent,
        dataLength: command.data?.bytes.length ?? 0,
        metadataLength: command.metadata?.bytes.length ?? 0,
      });
      return sent ? next(command) : Promise.resolve<Completion>({ status: 0, result: 0n });
    },
    // Nothing has changed that anybody would have to look at again.
    rescan: () => {},
  };
  return { layer, commands };
}

/**
 * Whether a command only reads what the drive says of itself. Two logs do more than that when asked
 * to by their Log Specific Parameter: creating telemetry data, establishing an event log context.
 */
function isHarmless({ queue, opcode, cdw10 = 0 }: Command): boolean {
  if (queue !== "admin") return false;
  if (opcode === IDENTIFY || opcode === GET_FEATURES) return true;
  if (opcode !== GET_LOG_PAGE) return false;
  const lid = cdw10 & 0xff;
  const lsp = (cdw10 >>> 8) & 0x7f;
  return lsp === 0 || (lid !== TELEMETRY_HOST && lid !== PERSISTENT_EVENT);
}
