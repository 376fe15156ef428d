// Whose data a command composed by hand puts at stake.

import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import { ioOpcode } from "../spec/opcode.ts";
import type { Command } from "../transport/transport.ts";

/** Namespaces that may lose data; `all` where nobody can say that it is fewer. */
export type DestroyedNamespaces = readonly number[] | "all";

type Scoped = Pick<Command, "queue" | "opcode" | "nsid" | "cdw10">;

const FORMAT_NVM = 0x80;
const NAMESPACE_MANAGEMENT = 0x0d;
const CREATE = 0x0;
const NAMESPACE_ATTACHMENT = 0x15;

/**
 * The namespaces that a destructive command puts at stake, as far as the command alone tells. A
 * vendor's command may reach anything.
 */
export function scopeOf({ queue, opcode, nsid = 0, cdw10 = 0 }: Scoped): DestroyedNamespaces {
  if (nsid === 0 || nsid === ALL_NAMESPACES) {
    return queue === "admin" && opcode === NAMESPACE_MANAGEMENT && isCreate(cdw10) ? [] : "all";
  }
  if (queue === "io") return ioOpcode(opcode).known ? [nsid] : "all";
  if (opcode === NAMESPACE_MANAGEMENT) return isCreate(cdw10) ? [] : [nsid];
  return opcode === NAMESPACE_ATTACHMENT ? [nsid] : "all";
}

/** Namespace Management's Select field [BASE-2.1 §5.1.21]. */
function isCreate(cdw10: number): boolean {
  return (cdw10 & 0xf) === CREATE;
}

/** Whether the command is Format NVM, whose reach the drive itself defines. */
export function isFormat({ queue, opcode }: Scoped): boolean {
  return queue === "admin" && opcode === FORMAT_NVM;
}

/**
 * The namespaces that a Format NVM reaches: the one that it names, unless FNA says that a format,
 * or the secure erase that it asks for, is one of all [BASE-2.1 §5.1.10].
 */
export function formatScope(
  { nsid = 0, cdw10 = 0 }: Scoped,
  { fna }: Pick<IdentifyController, "fna">,
): DestroyedNamespaces {
  const erases = (cdw10 >>> 9 & 0x7) !== 0;
  const every = (fna.value & 0b01) !== 0 || (erases && (fna.value & 0b10) !== 0);
  return nsid === 0 || nsid === ALL_NAMESPACES || every ? "all" : [nsid];
}
