// Commands, registers and what became of them, in the words of messages.

import { DeadlineError, NvmectlError, StatusError, UnreachableError } from "../../errors.ts";
import { adminOpcode, formatOpcode, ioOpcode } from "../../spec/opcode.ts";
import { CSTS, REGISTER_GONE, REGISTERS } from "../../spec/registers.ts";
import type { Command, Completion } from "../transport.ts";
import { type ControllerRegisters, hexWord } from "./controller_registers.ts";
import type { Underway } from "./lane.ts";

const ALL_NAMESPACES = 0xffff_ffff;
const LOOK_AGAIN = "look at the drive (nvmectl health), then try again";

/** A command for a message: `Read (02h, namespace 1)`. */
export function nameOf({ queue, opcode, nsid = 0 }: Command): string {
  const { name, known } = queue === "admin" ? adminOpcode(opcode) : ioOpcode(opcode);
  const namespace = nsid === 0 || nsid === ALL_NAMESPACES ? "" : `, namespace ${nsid}`;
  return `${known ? name : `the ${queue} command`} (${formatOpcode(opcode)}${namespace})`;
}

/** How the controller is now: `RDY 1, CFS 0, SHST 0, CC 00460001h`. Never throws. */
export function stateOf(registers: ControllerRegisters): string {
  const status = registers.read32(REGISTERS.CSTS.offset);
  if (status === REGISTER_GONE) return "CSTS reads all ones";
  const { rdy, cfs, shst } = CSTS.parse(status);
  const cc = hexWord(registers.read32(REGISTERS.CC.offset));
  return `RDY ${Number(rdy)}, CFS ${Number(cfs)}, SHST ${shst}, CC ${cc}`;
}

/** What the status register says that is not good, if anything. Never throws. */
export function failureOf(registers: ControllerRegisters): string | undefined {
  try {
    const { cfs, rdy } = registers.status();
    if (rdy && !cfs) return undefined;
    const found = cfs ? "reports a fatal error" : "is not ready any more, as after a reset";
    return `the controller ${found} (${stateOf(registers)})`;
  } catch (error) {
    if (error instanceof NvmectlError) return error.message;
    throw error;
  }
}

/** Whether the status register says that processing is paused. Never throws. */
export function saysPaused(registers: ControllerRegisters): boolean {
  const status = registers.read32(REGISTERS.CSTS.offset);
  return status !== REGISTER_GONE && CSTS.parse(status).pp;
}

/** The command that took too long, for its owner: what ended it, and how the controller was. */
export function tooLate(
  { command, cid, lane, limitMs }: Underway,
  ended: string,
  state: string,
): DeadlineError {
  const what = `${nameOf(command)}, command ${cid} of the ${lane.queue} queue`;
  const error = new DeadlineError(what, limitMs, { next: LOOK_AGAIN, loss: "late" });
  error.message += `; ${ended} (${state})`;
  return error;
}

/** For the owners of commands that were under way when the controller was reset. */
export function lostIn(target: string, why: string, ended: string, state: string): Error {
  return new UnreachableError(
    `Cannot tell what became of the commands that ${target} had: ${why}; ${ended} ended them ` +
      `(${state})`,
    { next: LOOK_AGAIN, loss: "along" },
  );
}

/** A command of the driver itself that the drive did not take. */
export async function refused(
  target: string,
  purpose: string,
  { status }: Completion,
): Promise<StatusError> {
  // The tables of statuses are loaded only for a drive that has something to say.
  const { decodeStatus, formatStatus } = await import("../../spec/status/status.ts");
  const text = formatStatus(decodeStatus(status), { queue: "admin" });
  return new StatusError(`Cannot ${purpose} of ${target}: the drive answered ${text}`, status);
}
