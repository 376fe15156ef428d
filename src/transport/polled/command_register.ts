// The Command register of PCI configuration space: what the function may do on the bus.

import { UnreachableError } from "../../errors.ts";
import type { Backing, ConfigSpace } from "./backing.ts";

/** Where it stands, in bytes [PCI-5.0 §7.5.1.1.3]. */
const COMMAND_AT = 0x04;
const MEMORY = 0x0002;
const BUS_MASTER = 0x0004;
const PIN_DISABLED = 0x0400;
/** What a function reads as that is not on the bus any more. */
const GONE = 0xffff;

type Function = Pick<Backing, "target" | "config">;

/**
 * Lets the function answer behind its base addresses, without the interrupt pin, which nobody
 * listens to. Other bits stay.
 *
 * @throws {UnreachableError} where the function is gone or does not take it
 */
export function switchOnMemory(device: Function): void {
  set(device, MEMORY, MEMORY | PIN_DISABLED);
}

/**
 * Lets the function reach host memory. The controller must be disabled, or it goes on with queues
 * that somebody else gave it.
 *
 * @throws {UnreachableError} where the function is gone or does not take it
 */
export function startBusMaster(device: Function): void {
  set(device, BUS_MASTER, BUS_MASTER);
}

/**
 * Keeps the function from reaching host memory; its registers go on answering. One that is gone is
 * left alone, also where it answers with an error: this is what comes last, and nothing may be left
 * undone because of it.
 */
export function stopBusMaster({ config }: Function): void {
  try {
    const value = config.read(COMMAND_AT, 2);
    if (value !== GONE) config.write(COMMAND_AT, 2, value & ~BUS_MASTER);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
  }
}

/** Sets bits, of which some have to be seen set afterwards. */
function set({ target, config }: Function, needed: number, bits: number): void {
  const value = read(config, target);
  if ((value & bits) !== bits) config.write(COMMAND_AT, 2, value | bits);
  const found = read(config, target);
  if ((found & needed) === needed) return;
  throw new UnreachableError(
    `Cannot switch on ${target}: its Command register reads ${hex(found)}, need ${hex(needed)} set`,
    { next: `Look at it with "lspci -vv -s ${target}", and whether its slot is powered` },
  );
}

function read(config: ConfigSpace, target: string): number {
  const value = config.read(COMMAND_AT, 2);
  if (value !== GONE) return value;
  throw new UnreachableError(
    `Cannot reach ${target}: the device is gone, its configuration space reads all ones`,
    { next: "Look for it with lspci; a rescan or a power cycle of its slot may bring it back" },
  );
}

function hex(value: number): string {
  return `${value.toString(16).toUpperCase().padStart(4, "0")}h`;
}
