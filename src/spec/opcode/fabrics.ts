// The Fabrics command types: what opcode 7Fh stands for [BASE-2.1 §6, Fig. 540].

import { opcodeTable } from "./table.ts";

/** Fabrics commands by their command type (FCTYPE). Types C0h to FFh are the vendor's. */
export const FABRICS_COMMANDS = opcodeTable({
  // A property is a register: CC and NSSR are among them. Its value travels in the command itself.
  propertySet: [0x00, "Property Set", "none", "destroy", "[BASE-2.1 §6.6]"],
  connect: [0x01, "Connect", "out", "write", "[BASE-2.1 §6.3]"],
  propertyGet: [0x04, "Property Get", "none", "read", "[BASE-2.1 §6.5]"],
  authenticationSend: [0x05, "Authentication Send", "out", "write", "[BASE-2.1 §6.2]"],
  authenticationReceive: [0x06, "Authentication Receive", "in", "read", "[BASE-2.1 §6.1]"],
  disconnect: [0x08, "Disconnect", "none", "write", "[BASE-2.1 §6.4]"],
});
