// The gate that every command passes on its way into a submission queue.

import { SafetyError, UsageError } from "../../errors.ts";
import type { Command, Origin } from "../transport.ts";
import { isDriversOwn, permissionOf } from "./allow_list.ts";
import { nameOf } from "./words.ts";

/** Bits 5:2 of a command's flags, between FUSE and PSDT: reserved [BASE-2.1 §4.1, Fig. 91]. */
const RESERVED_FLAGS = 0x3c;

/** Asks whoever decides. Returns when the command may be sent; throws when it may not. */
export type Authorize = (command: Command) => Promise<void>;

/**
 * Knows which commands may be sent. What is not a read passes once, after it was allowed; since the
 * encoder of submission entries asks here, nothing gets by.
 */
export class Gate {
  readonly #authorize: Authorize;
  readonly #allowed = new WeakSet<Command>();

  constructor(authorize: Authorize = refuse) {
    this.#authorize = authorize;
  }

  /**
   * The command that may be sent: itself, or a copy that nobody can change after it was allowed.
   *
   * @throws SafetyError, or what the one who decides throws
   */
  async admit(command: Command): Promise<Command> {
    switch (permissionOf(command)) {
      case "free":
        return command;
      case "never":
        throw neverAllowed(command);
    }
    const copy = Object.freeze({ ...command });
    await this.#authorize(copy);
    this.#allowed.add(copy);
    return copy;
  }

  /**
   * Lets a command through, or throws SafetyError. One that was allowed needs to be allowed again
   * for the next time.
   */
  pass(command: Command, origin: Origin): void {
    if (origin === "driver") {
      if (!isDriversOwn(command)) throw neverAllowed(command);
      return;
    }
    // Fused pairs need two neighbours in a queue, and SGLs memory that is described otherwise; what
    // is no byte would reach into the identifier behind it.
    const { flags } = command;
    if (flags !== undefined && (flags & RESERVED_FLAGS) !== flags) throw wrongFlags(command);
    const permission = permissionOf(command);
    if (permission === "free") return;
    if (permission === "never") throw neverAllowed(command);
    if (!this.#allowed.delete(command)) throw notAllowed(command);
  }
}

/** Nothing but reads. */
function refuse(command: Command): Promise<never> {
  return Promise.reject(notAllowed(command));
}

function notAllowed(command: Command): SafetyError {
  return new SafetyError(
    `Cannot send ${nameOf(command)}: our own driver only reads, unless it is told otherwise`,
    { next: "--allow-write lets it through, after a confirmation" },
  );
}

function neverAllowed(command: Command): SafetyError {
  return new SafetyError(
    `Cannot send ${nameOf(command)}: the driver's own queues and memory depend on it`,
    { next: "leave it out: the driver itself sends what it needs" },
  );
}

function wrongFlags({ flags = 0 }: Command): UsageError {
  return new UsageError(
    `Cannot send a command with flags 0x${flags.toString(16)}: our own driver sends neither ` +
      "fused commands nor SGLs",
    { next: "leave the flags out" },
  );
}
