// The layer behind --dry-run: Identify, logs and features are really read; everything else is only
// written down and answered with success.

import type { Command, Completion, Layer, ResetKind } from "./transport.ts";

/** A command that went through, or would have gone through, a dry run. */
export interface RecordedCommand {
  readonly command: Command;
  /** Whether it really went to the drive: reads do. */
  readonly sent: boolean;
  readonly dataLength: number;
  readonly metadataLength: number;
}

/** A reset that would have been done after so many commands. */
export interface RecordedReset {
  readonly reset: ResetKind;
  /** Commands recorded before it. */
  readonly after: number;
}

/** A dry run: the layer to put around a transport, and what it has written down. */
export interface DryRunLayer {
  readonly layer: Layer;
  readonly commands: readonly RecordedCommand[];
  readonly resets: readonly RecordedReset[];
}

const IDENTIFY = 0x06;
const GET_LOG_PAGE = 0x02;
const GET_FEATURES = 0x0a;
const RETAIN_ASYNCHRONOUS_EVENT = 0x8000;

/** A layer that records commands and resets, in order. */
export function dryRun(): DryRunLayer {
  const commands: RecordedCommand[] = [];
  const resets: RecordedReset[] = [];
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
    reset(kind) {
      resets.push({ reset: kind, after: commands.length });
      return Promise.resolve();
    },
    // Nothing has changed that anybody would have to look at again.
    rescan: () => {},
  };
  return { layer, commands, resets };
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
