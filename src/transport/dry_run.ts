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
const RETAIN_ASYNCHRONOUS_EVENT = 0x8000;

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
      return sent
        ? next(retained(command))
        : Promise.resolve<Completion>({ status: 0, result: 0n });
    },
    // Nothing has changed that anybody would have to look at again.
    rescan: () => {},
  };
  return { layer, commands };
}

/** The command as a dry run sends it: a log page keeps its event, which reading would clear. */
function retained(command: Command): Command {
  if (command.opcode !== GET_LOG_PAGE) return command;
  return { ...command, cdw10: ((command.cdw10 ?? 0) | RETAIN_ASYNCHRONOUS_EVENT) >>> 0 };
}

/**
 * Whether a command only reads what the drive says of itself. A log page can do more than that when
 * asked to by its Log Specific Parameter: creating telemetry data, starting a measurement.
 */
function isHarmless({ queue, opcode, cdw10 = 0, data }: Command): boolean {
  // Without memory of ours the drive would write its answer to wherever the kernel points it.
  if (queue !== "admin") return false;
  if (opcode === GET_FEATURES) return true;
  if (data === undefined) return false;
  if (opcode === IDENTIFY) return true;
  return opcode === GET_LOG_PAGE && ((cdw10 >>> 8) & 0x7f) === 0;
}
