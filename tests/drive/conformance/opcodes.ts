// Every opcode of both queues: which bit of Identify Controller says that a controller has the
// command, and how it uses the namespace identifier.

import type { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import type { Queue } from "../../../src/transport/transport.ts";

/**
 * What a command does with the namespace identifier: nothing; it names one active namespace, or
 * FFFFFFFFh all of them; or the rule depends on more than the opcode.
 */
export type NsidUse = "unused" | "active" | "active-or-all" | "depends";

/** A command of the specification. */
export interface OpcodeRow {
  readonly queue: Queue;
  readonly opcode: number;
  readonly name: string;
  readonly cite: string;
  readonly nsid: NsidUse;
  /** Whether a controller that says this of itself has the command. */
  has(controller: IdentifyController): boolean;
}

type Has = OpcodeRow["has"];

const always: Has = () => true;
/** Commands of other transports, other command sets, or of the faces that have queues. */
const never: Has = () => false;

const OPCODES = "[BASE-2.1 §5, Fig. 141]";
const SUPPORT = "[BASE-2.1 §5.1.13.2.1, Fig. 312]";

function admin(opcode: number, name: string, nsid: NsidUse, has: Has): OpcodeRow {
  return { queue: "admin", opcode, name, cite: `${OPCODES} and ${SUPPORT}`, nsid, has };
}

function io(opcode: number, name: string, nsid: NsidUse, has: Has): OpcodeRow {
  return { queue: "io", opcode, name, cite: `[NVM-1.1 §3.3] and ${SUPPORT}`, nsid, has };
}

/** The commands that have an opcode; every other opcode is reserved, or a vendor's. */
export const OPCODE_ROWS: readonly OpcodeRow[] = [
  // The queues are the faces' own; where there are none, these commands mean nothing.
  admin(0x00, "Delete I/O Submission Queue", "unused", never),
  admin(0x01, "Create I/O Submission Queue", "unused", never),
  admin(0x02, "Get Log Page", "depends", always),
  admin(0x04, "Delete I/O Completion Queue", "unused", never),
  admin(0x05, "Create I/O Completion Queue", "unused", never),
  admin(0x06, "Identify", "depends", always),
  admin(0x08, "Abort", "unused", always),
  admin(0x09, "Set Features", "depends", always),
  admin(0x0a, "Get Features", "depends", always),
  admin(0x0c, "Asynchronous Event Request", "unused", always),
  admin(0x0d, "Namespace Management", "depends", ({ oacs }) => oacs.nms),
  admin(0x10, "Firmware Commit", "unused", ({ oacs }) => oacs.fwds),
  admin(0x11, "Firmware Image Download", "unused", ({ oacs }) => oacs.fwds),
  admin(0x14, "Device Self-test", "depends", ({ oacs }) => oacs.dsts),
  admin(0x15, "Namespace Attachment", "depends", ({ oacs }) => oacs.nms),
  admin(0x18, "Keep Alive", "unused", ({ kas }) => kas !== 0),
  admin(0x19, "Directive Send", "active-or-all", ({ oacs }) => oacs.dirs),
  admin(0x1a, "Directive Receive", "active", ({ oacs }) => oacs.dirs),
  admin(0x1c, "Virtualization Management", "unused", ({ oacs }) => oacs.vms),
  admin(0x1d, "NVMe-MI Send", "unused", ({ oacs }) => oacs.nsrs),
  admin(0x1e, "NVMe-MI Receive", "unused", ({ oacs }) => oacs.nsrs),
  admin(0x20, "Capacity Management", "unused", ({ ctratt }) => ctratt.fcm || ctratt.vcm),
  admin(0x21, "Discovery Information Management", "unused", never),
  admin(0x22, "Fabric Zoning Receive", "unused", never),
  admin(0x24, "Lockdown", "unused", ({ oacs }) => oacs.cfls),
  admin(0x25, "Fabric Zoning Lookup", "unused", never),
  admin(0x28, "Clear Exported NVM Resource Configuration", "unused", never),
  admin(0x29, "Fabric Zoning Send", "unused", never),
  admin(0x2a, "Create Exported NVM Subsystem", "unused", never),
  admin(0x2d, "Manage Exported NVM Subsystem", "unused", never),
  admin(0x31, "Manage Exported Namespace", "active", never),
  admin(0x35, "Manage Exported Port", "unused", never),
  admin(0x39, "Send Discovery Log Page", "unused", never),
  admin(0x3d, "Track Send", "unused", ({ oacs }) => oacs.hmlms),
  admin(0x3e, "Track Receive", "unused", ({ oacs }) => oacs.hmlms),
  admin(0x41, "Migration Send", "unused", ({ oacs }) => oacs.hmlms),
  admin(0x42, "Migration Receive", "unused", ({ oacs }) => oacs.hmlms),
  admin(0x45, "Controller Data Queue", "unused", ({ oacs }) => oacs.hmlms),
  admin(0x7c, "Doorbell Buffer Config", "unused", ({ oacs }) => oacs.dbcs),
  admin(0x7f, "Fabrics", "unused", never),
  admin(0x80, "Format NVM", "depends", ({ oacs }) => oacs.fnvms),
  admin(0x81, "Security Send", "depends", ({ oacs }) => oacs.ssrs),
  admin(0x82, "Security Receive", "depends", ({ oacs }) => oacs.ssrs),
  admin(0x84, "Sanitize", "unused", ({ sanicap }) => sanicap.ces || sanicap.bes || sanicap.ows),
  admin(0x85, "Load Program", "active", never),
  admin(0x86, "Get LBA Status", "active", ({ oacs }) => oacs.glss),
  admin(0x88, "Program Activation Management", "active", never),
  admin(0x89, "Memory Range Set Management", "active", never),
  io(0x00, "Flush", "active-or-all", always),
  io(0x01, "Write", "active", always),
  io(0x02, "Read", "active", always),
  io(0x04, "Write Uncorrectable", "active", ({ oncs }) => oncs.nvmwusv),
  io(0x05, "Compare", "active", ({ oncs }) => oncs.nvmcmps),
  io(0x08, "Write Zeroes", "active", ({ oncs }) => oncs.nvmwzsv),
  io(0x09, "Dataset Management", "active", ({ oncs }) => oncs.nvmdsmsv),
  io(0x0c, "Verify", "active", ({ oncs }) => oncs.nvmvfys),
  io(0x0d, "Reservation Register", "active", ({ oncs }) => oncs.reservs),
  io(0x0e, "Reservation Report", "active", ({ oncs }) => oncs.reservs),
  io(0x11, "Reservation Acquire", "active", ({ oncs }) => oncs.reservs),
  io(0x12, "I/O Management Receive", "active", ({ ctratt }) => ctratt.fdps),
  io(0x15, "Reservation Release", "active", ({ oncs }) => oncs.reservs),
  io(0x18, "Cancel", "active-or-all", never),
  io(0x19, "Copy", "active", ({ oncs }) => oncs.nvmcpys),
  io(0x1d, "I/O Management Send", "active", ({ ctratt }) => ctratt.fdps),
  io(0x79, "Zone Management Send", "active", never),
  io(0x7a, "Zone Management Receive", "active", never),
  io(0x7d, "Zone Append", "active", never),
];

/** The command of an opcode; undefined for reserved opcodes and those of vendors. */
export function opcodeRow(queue: Queue, opcode: number): OpcodeRow | undefined {
  return OPCODE_ROWS.find((row) => row.queue === queue && row.opcode === opcode);
}
