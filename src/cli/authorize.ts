// What stands between our own driver and a command that may change something: `--allow-write`, and
// the same confirmation that destruction takes.

import type { Drive } from "../controller/drive.ts";
import { SafetyError } from "../errors.ts";
import { commandName } from "../controller/refusal.ts";
import type { Command } from "../transport/transport.ts";
import type { DestroyPlan } from "./command.ts";

/** What the user has allowed, and the way to ask. */
export interface Authority {
  /** The drive that the command is for; undefined while it is being opened. */
  readonly drive: Drive | undefined;
  readonly verb: string;
  /** Whether `--allow-write` was given. */
  readonly allowed: boolean;
  confirm(plan: DestroyPlan): Promise<Disposable>;
}

/**
 * Returns when the command may be sent. Throws SafetyError without `--allow-write`, and whatever
 * the confirmation throws.
 */
export async function authorizeWrite(
  command: Command,
  { drive, verb, allowed, confirm }: Authority,
): Promise<void> {
  const name = commandName(command);
  if (drive === undefined || !allowed) {
    throw new SafetyError(
      `Cannot send ${name}: our own driver only reads, unless it is told otherwise`,
      { next: `nvmectl ${verb} --allow-write lets it through, after a confirmation` },
    );
  }
  using _claim = await confirm({
    drive,
    action: `Send ${name}, which may change the drive`,
    namespaces: command.nsid === undefined || command.nsid === 0xffff_ffff ? "all" : [command.nsid],
  });
}
