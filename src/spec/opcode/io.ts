// The I/O commands: those common to all I/O command sets [BASE-2.1 §7], and each set's own.

import { opcodeTable } from "./table.ts";

/** I/O commands that every I/O command set may have. Opcodes 80h to FFh are the vendor's. */
export const COMMON_IO_COMMANDS = opcodeTable({
  flush: [0x00, "Flush", "none", "write", "[BASE-2.1 §7.2]", "1.0"],
  reservationRegister: [
    0x0d,
    "Reservation Register",
    "out",
    "write",
    "[BASE-2.1 §7.6]",
    "1.1",
  ],
  reservationReport: [0x0e, "Reservation Report", "in", "read", "[BASE-2.1 §7.8]", "1.1"],
  // Takes the namespace from another host, which may be writing to it.
  reservationAcquire: [
    0x11,
    "Reservation Acquire",
    "out",
    "destroy",
    "[BASE-2.1 §7.5]",
    "1.1",
  ],
  ioManagementReceive: [0x12, "I/O Management Receive", "in", "read", "[BASE-2.1 §7.3]", "2.1"],
  reservationRelease: [0x15, "Reservation Release", "out", "write", "[BASE-2.1 §7.7]", "1.1"],
  cancel: [0x18, "Cancel", "none", "write", "[BASE-2.1 §7.1]", "2.1"],
  ioManagementSend: [0x1d, "I/O Management Send", "out", "write", "[BASE-2.1 §7.4]", "2.1"],
  // The Fabrics command type, not the opcode, says what it does and which way its data goes.
  fabrics: [0x7f, "Fabric Commands", "bidirectional", "write", "[BASE-2.1 §6, Fig. 540]"],
});

/** Commands of the NVM Command Set, which the Zoned Namespace Command Set has too. */
export const NVM_COMMANDS = opcodeTable({
  write: [0x01, "Write", "out", "destroy", "[NVM-1.1 §3.3.6]", "1.0"],
  read: [0x02, "Read", "in", "read", "[NVM-1.1 §3.3.4]", "1.0"],
  writeUncorrectable: [
    0x04,
    "Write Uncorrectable",
    "none",
    "destroy",
    "[NVM-1.1 §3.3.7]",
    "1.0",
  ],
  compare: [0x05, "Compare", "out", "read", "[NVM-1.1 §3.3.1]", "1.0"],
  writeZeroes: [0x08, "Write Zeroes", "none", "destroy", "[NVM-1.1 §3.3.8]", "1.1"],
  // Deallocates.
  datasetManagement: [0x09, "Dataset Management", "out", "destroy", "[NVM-1.1 §3.3.3]", "1.0"],
  verify: [0x0c, "Verify", "none", "read", "[NVM-1.1 §3.3.5]", "1.4"],
  // The host sends only the ranges; the drive overwrites the destination.
  copy: [0x19, "Copy", "out", "destroy", "[NVM-1.1 §3.3.2]", "2.0"],
});

/** Commands that the Zoned Namespace Command Set has beside those of the NVM Command Set. */
export const ZNS_COMMANDS = opcodeTable({
  // Resets zones, which discards what is in them.
  zoneManagementSend: [0x79, "Zone Management Send", "out", "destroy", "[ZNS-1.2]"],
  zoneManagementReceive: [0x7a, "Zone Management Receive", "in", "read", "[ZNS-1.2]"],
  zoneAppend: [0x7d, "Zone Append", "out", "destroy", "[ZNS-1.2]"],
});

/** Commands of the Key Value Command Set. */
export const KV_COMMANDS = opcodeTable({
  store: [0x01, "Store", "out", "destroy", "[KV-1.1]"],
  retrieve: [0x02, "Retrieve", "in", "read", "[KV-1.1]"],
  list: [0x06, "List", "in", "read", "[KV-1.1]"],
  delete: [0x10, "Delete", "none", "destroy", "[KV-1.1]"],
  exist: [0x14, "Exist", "none", "read", "[KV-1.1]"],
});
