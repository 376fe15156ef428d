// When a drive does not answer as it must: look, abort, reset the controller, reset the function,
// give up. Each step only when the one before did not help.

import { MalformedError, NvmectlError, UnreachableError } from "../../errors.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Command, Completion } from "../transport.ts";
import type { PolledController } from "./controller.ts";
import type { Receiver, Underway } from "./lane.ts";
import { abort, hasAborted } from "./own_commands.ts";
import { until } from "./poll_clock.ts";
import { failureOf, lostIn, nameOf, stateOf, tooLate } from "./words.ts";

/** Why the driver cannot go on as it is. */
export type Trouble =
  /** A command has taken too long. */
  | { readonly kind: "late"; readonly late: Underway }
  /** The controller failed, or does not answer any more. */
  | { readonly kind: "failed"; readonly found: string }
  /** Something came that cannot be true: nobody knows which command has ended. */
  | { readonly kind: "nonsense"; readonly found: string };

/** How long an Abort may take. */
const ABORT_MS = 5000;
/** How long a command may take to end, once an Abort was answered. */
const GRACE_MS = 500;
/** Status type 0 and this code: the command was aborted [BASE-2.1 §4.2.3.1]. */
const ABORTED = GENERIC.abortRequested.code;
const TYPE_AND_CODE = 0x7ff;

/**
 * Gets the controller going again. Commands that are lost are told so, each with what ended it.
 *
 * @returns why the drive is given up; undefined when it goes on
 */
export async function recover(
  controller: PolledController,
  trouble: Trouble,
): Promise<UnreachableError | undefined> {
  const { options: { signal }, registers } = controller;
  const state = stateOf(registers);
  try {
    if (trouble.kind !== "late") await reset(controller, trouble.found);
    else await endLate(controller, trouble.late);
    return undefined;
  } catch (error) {
    // Whoever ends the work need not hear that it could not go on.
    if (signal?.aborted) return undefined;
    if (!(error instanceof NvmectlError)) throw error;
    return giveUp(controller, { trouble, state, error });
  }
}

async function endLate(controller: PolledController, late: Underway): Promise<void> {
  const ending = new Ending(controller, late);
  const cause = await ending.tryAbort();
  if (cause !== undefined) await reset(controller, cause, ending);
}

/** The end of a command that has taken too long. */
class Ending implements Receiver {
  readonly late: Underway;
  /** What its owner is to hear, once that is known. */
  error: unknown;
  readonly #controller: PolledController;
  #receiver: Receiver | undefined;

  constructor(controller: PolledController, late: Underway) {
    this.#controller = controller;
    this.late = late;
    late.lane.intercept(late, (receiver) => {
      this.#receiver = receiver;
      return this;
    });
  }

  /** An answer is an answer, however late, but not that the command was aborted. */
  completed(command: Command, completion: Completion): void {
    if ((completion.status & TYPE_AND_CODE) !== ABORTED) {
      return this.#receiver?.completed(command, completion);
    }
    this.failed(command, this.describe("the drive ended it when it was told to abort it"));
  }

  failed(command: Command, error: unknown): void {
    this.#receiver?.failed(command, this.error ?? error);
  }

  /** The error for the command's owner. */
  describe(ended: string): Error {
    const misplaced = this.late.lane.pair.misplaced();
    const text = misplaced === undefined ? ended : `${ended}; ${misplaced}`;
    return tooLate(this.late, text, stateOf(this.#controller.registers));
  }

  /** Tells the drive to abort it; says why that did not help, or nothing when it did. */
  async tryAbort(): Promise<string | undefined> {
    const { late, late: { lane, command } } = this;
    const controller = this.#controller;
    const cause = `${nameOf(command)} did not end in ${late.limitMs} ms`;
    const failure = failureOf(controller.registers);
    if (failure !== undefined) return `${cause}; ${failure}`;
    if (!controller.admin.hasRoom) return `${cause}, and the admin queue is full`;
    const answer = await this.#abort();
    if (this.#over) return undefined;
    if (typeof answer === "string") return `${cause}, and an Abort did not either: ${answer}`;
    const nonsense = await this.#grace();
    if (this.#over) return undefined;
    if (nonsense !== undefined) return `${cause}; ${nonsense}`;
    if (!hasAborted(answer)) return `${cause}, and an Abort did not end it`;
    if (!controller.canDoubt(late)) return `${cause}; it was aborted, and never completed`;
    lane.doubt(
      late,
      this.describe("the drive aborted it, but never completed it; its memory stays out of use"),
    );
    return undefined;
  }

  get #over(): boolean {
    return this.late.lane.find(this.late.cid)?.command !== this.late.command;
  }

  /** The answer to an Abort, or why there is none. */
  async #abort(): Promise<Completion | string> {
    const { late: { lane, cid } } = this;
    const { options: { signal } } = this.#controller;
    try {
      return await this.#controller.execute(abort(lane.pair, cid), ABORT_MS, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof NvmectlError) return error.message;
      throw error;
    }
  }

  /** Gives the command a little time yet; says what came instead that cannot be, if it did. */
  async #grace(): Promise<string | undefined> {
    const controller = this.#controller;
    const { clock, options: { signal } } = controller;
    const wait = { clock, signal, limitMs: GRACE_MS, what: "a command that was aborted" };
    try {
      await until(() => controller.poll() >= 0 && this.#over, wait);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof NvmectlError)) throw error;
      if (error instanceof MalformedError) return error.message;
    }
    return controller.stray;
  }
}

/** Resets the controller, or else the function; all commands under way are lost. */
async function reset(controller: PolledController, cause: string, ending?: Ending): Promise<void> {
  const { backing, options: { signal }, registers } = controller;
  const state = stateOf(registers);
  // What came wrongly is only there until the queues begin anew.
  const late = (ended: string): Error | undefined => ending?.describe(ended);
  const errors = { controller: late("a controller reset ended it"), function: late(FUNCTION) };
  let ended: keyof typeof errors = "controller";
  try {
    await controller.restart();
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof NvmectlError) || backing.reset === undefined) throw error;
    backing.reset();
    await controller.restart();
    ended = "function";
  }
  if (ending) ending.error = errors[ended];
  const words = ended === "controller" ? "a controller reset" : "a reset of the function";
  controller.forget(lostIn(backing.target, cause, words, state));
}

const FUNCTION = "a reset of the function ended it, after one of the controller did not";

/** How it came to that. */
interface Defeat {
  readonly trouble: Trouble;
  /** How the controller was in the beginning. */
  readonly state: string;
  /** What was tried last, and found. */
  readonly error: NvmectlError;
}

function giveUp(
  { backing }: PolledController,
  { trouble, state, error }: Defeat,
): UnreachableError {
  const why = trouble.kind === "late"
    ? `${nameOf(trouble.late.command)} did not end in ${trouble.late.limitMs} ms`
    : trouble.found;
  const tried = backing.reset ? "resets of the controller and of the function" : "a reset";
  return new UnreachableError(
    `Cannot use ${backing.target} any more: ${why}, and ${tried} did not help ` +
      `(${state}): ${error.message}`,
    { cause: error, next: error.next ?? "switch the drive off and on again", loss: "drive" },
  );
}
