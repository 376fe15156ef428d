// A command in the drive as a trace shows it.

import type { SubmissionEntry } from "../../spec/command.ts";
import {
  COMMON_IO_COMMANDS,
  type DataDirection,
  FABRICS_COMMANDS,
  fabricsType,
  opcodeDirection,
} from "../../spec/opcode.ts";
import type { CommandEvent, TracedCommand } from "../../trace/trace.ts";
import type { Direction } from "../../transport/transport.ts";
import type { Exchange } from "../pipeline/exchange.ts";

/** The identifier of an SGL Data Block descriptor with an address [BASE-2.1 §4.3.2]. */
const SGL_DATA_BLOCK = 0x00n;

/**
 * The command, and its PRP entries if that is what it points at its data with. A face that knows
 * how much data there is has no memory that could be pointed at.
 */
export function tracedCommand({ queue, entry, port }: Exchange): Pick<
  CommandEvent,
  "command" | "prps"
> {
  const { opcode, flags, nsid, cdw2, cdw3, prp1, prp2 } = entry;
  const { cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 } = entry;
  const pointed = port.hostBytes === undefined;
  const byPrps = pointed && flags.psdt === 0;
  const dataLength = port.hostBytes ?? (byPrps ? undefined : sglLength(entry));
  const moves = byPrps ? prp1 !== 0n : dataLength !== 0;
  const command: TracedCommand = {
    queue,
    opcode,
    flags: flags.value,
    nsid,
    cdw2,
    cdw3,
    cdw10,
    cdw11,
    cdw12,
    cdw13,
    cdw14,
    cdw15,
    direction: moves ? directionOf(entry) : "none",
    ...(dataLength === undefined ? {} : { dataLength }),
    metadataLength: 0,
  };
  return byPrps ? { command, prps: { prp1, prp2 } } : { command };
}

/** The offset that a Property Get or Set is about; undefined for any other command. */
export function propertyOffset({ opcode, nsid, cdw11 }: SubmissionEntry): number | undefined {
  if (opcode !== COMMON_IO_COMMANDS.fabrics.opcode) return undefined;
  const type = nsid & 0xff;
  const { propertyGet, propertySet } = FABRICS_COMMANDS;
  return type === propertyGet.opcode || type === propertySet.opcode ? cdw11 : undefined;
}

/** Bytes that the only descriptor of a command covers; undefined where there are further ones. */
function sglLength({ prp2 }: SubmissionEntry): number | undefined {
  return prp2 >> 56n === SGL_DATA_BLOCK ? Number(prp2 & 0xffff_ffffn) : undefined;
}

const DIRECTIONS: Readonly<Record<DataDirection, Direction>> = {
  none: "none",
  in: "in",
  out: "out",
  // No command that we know of moves data both ways.
  bidirectional: "in",
};

function directionOf({ opcode, nsid }: SubmissionEntry): Direction {
  const fabrics = opcode === COMMON_IO_COMMANDS.fabrics.opcode;
  return DIRECTIONS[fabrics ? fabricsType(nsid & 0xff).direction : opcodeDirection(opcode)];
}
