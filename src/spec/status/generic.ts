// Generic Command Status: the codes that any command can return (type 0h).

import { statusTable } from "./table.ts";

/** Generic Command Status values, including those that an I/O command set defines (80h to BFh). */
export const GENERIC = statusTable(0x0, "[BASE-2.1 §4.2.3.1, Fig. 102]", {
  success: {
    code: 0x00,
    name: "Successful Completion",
    meaning: "The command did what was asked.",
    outcome: "success",
  },
  invalidOpcode: {
    code: 0x01,
    name: "Invalid Command Opcode",
    meaning: "The drive does not implement this command.",
    next: "Run `nvmectl log effects` to see every command that this drive implements.",
  },
  invalidField: {
    code: 0x02,
    name: "Invalid Field in Command",
    meaning: "The command, or the data sent with it, holds a value that the drive does not accept.",
    next: "Run `nvmectl log error`: its Parameter Error Location names the byte and bit that the " +
      "drive objects to.",
  },
  commandIdConflict: {
    code: 0x03,
    name: "Command ID Conflict",
    meaning: "The identifier of this command belongs to another one that is still running.",
  },
  dataTransferError: {
    code: 0x04,
    name: "Data Transfer Error",
    meaning: "Moving the data or metadata between the host's memory and the drive failed.",
    next: "Look for PCIe (AER) or IOMMU errors in the kernel log; reseat the drive if there are.",
  },
  powerLoss: {
    code: 0x05,
    name: "Commands Aborted due to Power Loss Notification",
    meaning: "The drive was told that power is about to fail and dropped the command.",
    next: "Repeat the command once the power supply is stable.",
  },
  internalError: {
    code: 0x06,
    name: "Internal Error",
    meaning: "Something failed inside the drive, so the command was not completed.",
    next:
      "Save the drive's telemetry (`nvmectl log 0x08`) for the vendor, then run `nvmectl health`.",
  },
  abortRequested: {
    code: 0x07,
    name: "Command Abort Requested",
    meaning: "The host itself asked for this command to be aborted (Abort or Cancel).",
    next: "Look for a timeout in the kernel log: the driver aborts commands that take too long.",
  },
  submissionQueueDeleted: {
    code: 0x08,
    name: "Command Aborted due to SQ Deletion",
    meaning: "The submission queue was deleted while the command was still in it or running.",
    next: "Repeat the command: the controller was being reset or shut down.",
  },
  fusedFailed: {
    code: 0x09,
    name: "Command Aborted due to Failed Fused Command",
    meaning: "The other half of this fused operation failed.",
    next: "Look at the status of the other command of the pair; it says why.",
  },
  fusedMissing: {
    code: 0x0a,
    name: "Command Aborted due to Missing Fused Command",
    meaning: "The neighbouring queue entry is not the other half of this fused operation.",
  },
  invalidNamespace: {
    code: 0x0b,
    name: "Invalid Namespace or Format",
    meaning: "The namespace is not there, or its format does not allow this command.",
    next: "Run `nvmectl list` and use a namespace that it shows for this controller.",
  },
  sequenceError: {
    code: 0x0c,
    name: "Command Sequence Error",
    meaning: "The command came out of turn in a sequence that must be kept in order.",
    next: "Start the whole sequence again, with nothing else talking to the drive.",
  },
  sglSegment: {
    code: 0x0d,
    name: "Invalid SGL Segment Descriptor",
    meaning: "A descriptor that links scatter-gather segments has a bad type, length or address.",
  },
  sglCount: {
    code: 0x0e,
    name: "Invalid Number of SGL Descriptors",
    meaning: "A linking descriptor is not the last of its segment, or a capsule's list is bad.",
  },
  sglDataLength: {
    code: 0x0f,
    name: "Data SGL Length Invalid",
    meaning: "The scatter-gather list for the data is too short, or longer than the drive allows.",
  },
  sglMetadataLength: {
    code: 0x10,
    name: "Metadata SGL Length Invalid",
    meaning: "The scatter-gather list for the metadata is too short, or longer than allowed.",
  },
  sglType: {
    code: 0x11,
    name: "SGL Descriptor Type Invalid",
    meaning: "The drive does not support this type of scatter-gather descriptor.",
  },
  memoryBufferUse: {
    code: 0x12,
    name: "Invalid Use of Controller Memory Buffer",
    meaning: "The controller memory buffer cannot be used for what the command put there.",
  },
  prpOffset: {
    code: 0x13,
    name: "PRP Offset Invalid",
    meaning: "A page pointer is not dword aligned, or starts inside a page where it must not.",
  },
  atomicUnitExceeded: {
    code: 0x14,
    name: "Atomic Write Unit Exceeded",
    meaning: "The write is longer than the drive can make atomic.",
    next: "Run `nvmectl identify -v` and write no more than AWUN (or AWUPF) blocks at once.",
  },
  operationDenied: {
    code: 0x15,
    name: "Operation Denied",
    meaning: "The host lacks the rights for this, usually because the drive's security is locked.",
    next: "Unlock it with the tool that locked it (TCG Opal, for example).",
  },
  sglOffset: {
    code: 0x16,
    name: "SGL Offset Invalid",
    meaning: "A scatter-gather descriptor points to an offset that does not exist in the capsule.",
  },
  hostIdFormat: {
    code: 0x18,
    name: "Host Identifier Inconsistent Format",
    meaning: "Some controllers were given a 64-bit host identifier and some a 128-bit one.",
    next: "Give every controller of the subsystem a host identifier of one and the same length.",
  },
  keepAliveExpired: {
    code: 0x19,
    name: "Keep Alive Timer Expired",
    meaning: "The controller heard nothing from the host for too long and gave the host up.",
    next: "Reconnect to the subsystem, and check the network between host and target.",
  },
  keepAliveInvalid: {
    code: 0x1a,
    name: "Keep Alive Timeout Invalid",
    meaning: "The requested keep alive timeout is zero where it must not be, or too large.",
    next: "Connect again with a keep alive timeout that the target accepts.",
  },
  preempted: {
    code: 0x1b,
    name: "Command Aborted due to Preempt and Abort",
    meaning: "Another host took the reservation over and had this host's commands aborted.",
    next: "Find out which host took the reservation over before writing anything more.",
  },
  sanitizeFailed: {
    code: 0x1c,
    name: "Sanitize Failed",
    meaning: "The last sanitize failed, and the drive refuses this until that is dealt with.",
    next: "Run `nvmectl sanitize`, then start the sanitize operation again, or have it leave the " +
      "failure mode.",
  },
  sanitizeInProgress: {
    code: 0x1d,
    name: "Sanitize In Progress",
    meaning: "The drive is erasing itself and refuses most commands until that is done.",
    next: "Wait: `nvmectl sanitize` shows how far it is. Neither reset nor power loss ends it.",
  },
  sglGranularity: {
    code: 0x1e,
    name: "SGL Data Block Granularity Invalid",
    meaning: "A scatter-gather data block has an alignment or length that the drive cannot use.",
  },
  queueInMemoryBuffer: {
    code: 0x1f,
    name: "Command Not Supported for Queue in CMB",
    meaning: "The command cannot be used on a queue that lies in the controller memory buffer.",
  },
  writeProtected: {
    code: 0x20,
    name: "Namespace is Write Protected",
    meaning: "The namespace has been set read-only.",
    next: "Lift it with Set Features (feature 84h); that cannot lift a protection until power " +
      "cycle or a permanent one.",
  },
  interrupted: {
    code: 0x21,
    name: "Command Interrupted",
    meaning: "The drive had to break the command off for a while; nothing is wrong with it.",
    next: "Repeat the command; if that never succeeds, run `nvmectl health`.",
  },
  transientTransport: {
    code: 0x22,
    name: "Transient Transport Error",
    meaning: "The link to the drive had a passing fault.",
    next: "Repeat the command; after four such failures take the link for broken and inspect it.",
  },
  lockdown: {
    code: 0x23,
    name: "Command Prohibited by Command and Feature Lockdown",
    meaning: "Someone has forbidden this command or feature on this drive.",
    next: "Run `nvmectl log 0x14` to see what is locked, and ask whoever locked it, often the " +
      "management controller.",
  },
  mediaNotReady: {
    code: 0x24,
    name: "Admin Command Media Not Ready",
    meaning: "The controller is up, but its media is not yet, and this command needs it.",
    next: "Wait a minute and repeat; with Do Not Retry set the media did not come up at all.",
  },
  invalidKeyTag: {
    code: 0x25,
    name: "Invalid Key Tag",
    meaning: "The command names an encryption key that the namespace cannot have.",
  },
  dispersedNotEnabled: {
    code: 0x26,
    name: "Host Dispersed Namespace Support Not Enabled",
    meaning: "The namespace spans several subsystems, and the host has not said that it knows how.",
    next: "Set HDISNS to 1 in the Host Behavior Support feature (16h).",
  },
  hostIdMissing: {
    code: 0x27,
    name: "Host Identifier Not Initialized",
    meaning: "This needs a host identifier, and the controller has not been given one.",
    next: "Set the host identifier (feature 81h), then repeat.",
  },
  incorrectKey: {
    code: 0x28,
    name: "Incorrect Key",
    meaning: "The encryption key that the command names is not the right one.",
  },
  placementDisabled: {
    code: 0x29,
    name: "FDP Disabled",
    meaning: "The command needs Flexible Data Placement, which is off in this endurance group.",
    next: "Turn on Flexible Data Placement (feature 1Dh), or do without.",
  },
  placementHandles: {
    code: 0x2a,
    name: "Invalid Placement Handle List",
    meaning: "The list of placement handles is too long or names a handle that may not be used.",
  },
  lbaOutOfRange: {
    code: 0x80,
    name: "LBA Out of Range",
    meaning: "The command reaches beyond the last block of the namespace.",
    next: "Run `nvmectl identify --namespace N` and stay below its size (NSZE).",
  },
  capacityExceeded: {
    code: 0x81,
    name: "Capacity Exceeded",
    meaning: "The write would use more of the media than the namespace may have.",
    next:
      "Deallocate what is not needed (fstrim); `nvmectl identify --namespace N` has NUSE, NCAP.",
  },
  namespaceNotReady: {
    code: 0x82,
    name: "Namespace Not Ready",
    meaning: "The namespace cannot be used at the moment.",
    next:
      "Wait a minute and repeat; if it stays so, run `nvmectl health`, then reset the controller.",
  },
  reservationConflict: {
    code: 0x83,
    name: "Reservation Conflict",
    meaning: "Another host holds a reservation on the namespace that forbids this.",
    next: "Send Reservation Report to find the holder, and have that host release the namespace.",
  },
  formatInProgress: {
    code: 0x84,
    name: "Format In Progress",
    meaning: "The namespace is being formatted.",
    next: "Wait: FPI in `nvmectl identify --namespace N -v` is the percentage still to do.",
  },
  valueSize: {
    code: 0x85,
    name: "Invalid Value Size",
    meaning: "The value is longer than the key value namespace, or the buffer, allows.",
  },
  keySize: {
    code: 0x86,
    name: "Invalid Key Size",
    meaning: "The key's length is zero or more than the key value namespace allows.",
  },
  keyMissing: {
    code: 0x87,
    name: "KV Key Does Not Exist",
    meaning: "No value is stored under this key.",
  },
  unrecovered: {
    code: 0x88,
    name: "Unrecovered Error",
    meaning: "The value under this key could not be read back from the media.",
  },
  keyExists: {
    code: 0x89,
    name: "Key Exists",
    meaning: "A value is already stored under this key, and the command was not to replace one.",
  },
});
