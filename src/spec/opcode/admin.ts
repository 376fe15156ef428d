// The admin commands [BASE-2.1 §5, Fig. 141].

import { opcodeTable } from "./table.ts";

/** Admin commands. Opcodes C0h to FFh are the vendor's. */
export const ADMIN_COMMANDS = opcodeTable({
  // Whoever owns the queues loses what is on its way in them; so with the other queue commands.
  deleteIoSubmissionQueue: [
    0x00,
    "Delete I/O Submission Queue",
    "none",
    "destroy",
    "[BASE-2.1 §5.2.4]",
    "1.0",
  ],
  createIoSubmissionQueue: [
    0x01,
    "Create I/O Submission Queue",
    "out",
    "destroy",
    "[BASE-2.1 §5.2.2]",
    "1.0",
  ],
  getLogPage: [0x02, "Get Log Page", "in", "read", "[BASE-2.1 §5.1.12]", "1.0"],
  deleteIoCompletionQueue: [
    0x04,
    "Delete I/O Completion Queue",
    "none",
    "destroy",
    "[BASE-2.1 §5.2.3]",
    "1.0",
  ],
  createIoCompletionQueue: [
    0x05,
    "Create I/O Completion Queue",
    "out",
    "destroy",
    "[BASE-2.1 §5.2.1]",
    "1.0",
  ],
  identify: [0x06, "Identify", "in", "read", "[BASE-2.1 §5.1.13]", "1.0"],
  abort: [0x08, "Abort", "none", "write", "[BASE-2.1 §5.1.1]", "1.0"],
  setFeatures: [0x09, "Set Features", "out", "write", "[BASE-2.1 §5.1.25]", "1.0"],
  getFeatures: [0x0a, "Get Features", "in", "read", "[BASE-2.1 §5.1.11]", "1.0"],
  // Takes an event that somebody else waits for.
  asyncEventRequest: [
    0x0c,
    "Asynchronous Event Request",
    "none",
    "write",
    "[BASE-2.1 §5.1.2]",
    "1.0",
  ],
  // Deletes namespaces too.
  namespaceManagement: [
    0x0d,
    "Namespace Management",
    "out",
    "destroy",
    "[BASE-2.1 §5.1.21]",
    "1.2",
  ],
  firmwareCommit: [0x10, "Firmware Commit", "none", "write", "[BASE-2.1 §5.1.8]", "1.0"],
  firmwareImageDownload: [
    0x11,
    "Firmware Image Download",
    "out",
    "write",
    "[BASE-2.1 §5.1.9]",
    "1.0",
  ],
  deviceSelfTest: [0x14, "Device Self-test", "none", "write", "[BASE-2.1 §5.1.5]", "1.3"],
  // Detaches too, and a detached namespace stays so.
  namespaceAttachment: [
    0x15,
    "Namespace Attachment",
    "out",
    "destroy",
    "[BASE-2.1 §5.1.20]",
    "1.2",
  ],
  keepAlive: [0x18, "Keep Alive", "none", "read", "[BASE-2.1 §5.1.14]", "1.2.1"],
  directiveSend: [0x19, "Directive Send", "out", "write", "[BASE-2.1 §5.1.7]", "1.3"],
  // Allocates stream resources too.
  directiveReceive: [0x1a, "Directive Receive", "in", "write", "[BASE-2.1 §5.1.6]", "1.3"],
  // Takes a secondary controller offline, and with it the disk of a virtual machine.
  virtualizationManagement: [
    0x1c,
    "Virtualization Management",
    "none",
    "destroy",
    "[BASE-2.1 §5.2.6]",
    "1.3",
  ],
  // Carries any management command, the vendor's own among them.
  nvmeMiSend: [0x1d, "NVMe-MI Send", "out", "destroy", "[BASE-2.1 §5.1.19]", "1.3"],
  nvmeMiReceive: [0x1e, "NVMe-MI Receive", "in", "read", "[BASE-2.1 §5.1.18]", "1.3"],
  // Deletes endurance groups and NVM sets with all that is in them.
  capacityManagement: [0x20, "Capacity Management", "none", "destroy", "[BASE-2.1 §5.1.3]", "2.0"],
  discoveryInformationManagement: [
    0x21,
    "Discovery Information Management",
    "out",
    "write",
    "[BASE-2.1 §5.3.3]",
    "2.1",
  ],
  fabricZoningReceive: [0x22, "Fabric Zoning Receive", "in", "read", "[BASE-2.1 §5.3.5]", "2.1"],
  lockdown: [0x24, "Lockdown", "none", "write", "[BASE-2.1 §5.1.15]", "2.0"],
  fabricZoningLookup: [0x25, "Fabric Zoning Lookup", "out", "read", "[BASE-2.1 §5.3.4]", "2.1"],
  // Takes away what other hosts have been given.
  clearExportedResources: [
    0x28,
    "Clear Exported NVM Resource Configuration",
    "none",
    "destroy",
    "[BASE-2.1 §5.3.1]",
    "2.1",
  ],
  fabricZoningSend: [0x29, "Fabric Zoning Send", "out", "write", "[BASE-2.1 §5.3.6]", "2.1"],
  // Bits 1:0 say controller to host [BASE-2.1 §5, Fig. 141].
  createExportedSubsystem: [
    0x2a,
    "Create Exported NVM Subsystem",
    "in",
    "write",
    "[BASE-2.1 §5.3.2]",
    "2.1",
  ],
  manageExportedSubsystem: [
    0x2d,
    "Manage Exported NVM Subsystem",
    "out",
    "destroy",
    "[BASE-2.1 §5.3.8]",
    "2.1",
  ],
  manageExportedNamespace: [
    0x31,
    "Manage Exported Namespace",
    "out",
    "destroy",
    "[BASE-2.1 §5.3.7]",
    "2.1",
  ],
  manageExportedPort: [
    0x35,
    "Manage Exported Port",
    "out",
    "destroy",
    "[BASE-2.1 §5.3.9]",
    "2.1",
  ],
  sendDiscoveryLogPage: [
    0x39,
    "Send Discovery Log Page",
    "out",
    "write",
    "[BASE-2.1 §5.3.10]",
    "2.1",
  ],
  trackSend: [0x3d, "Track Send", "out", "write", "[BASE-2.1 §5.1.27]", "2.1"],
  trackReceive: [0x3e, "Track Receive", "in", "read", "[BASE-2.1 §5.1.26]", "2.1"],
  // Suspends a controller and replaces its state.
  migrationSend: [0x41, "Migration Send", "out", "destroy", "[BASE-2.1 §5.1.17]", "2.1"],
  migrationReceive: [0x42, "Migration Receive", "in", "read", "[BASE-2.1 §5.1.16]", "2.1"],
  // Gives the drive memory of the host that it writes from then on.
  controllerDataQueue: [
    0x45,
    "Controller Data Queue",
    "out",
    "destroy",
    "[BASE-2.1 §5.1.4]",
    "2.1",
  ],
  // Gives the drive memory of the host that it writes from then on.
  doorbellBufferConfig: [
    0x7c,
    "Doorbell Buffer Config",
    "none",
    "destroy",
    "[BASE-2.1 §5.2.5]",
    "1.3",
  ],
  // The Fabrics command type, not the opcode, says what it does and which way its data goes.
  fabrics: [0x7f, "Fabrics Commands", "bidirectional", "write", "[BASE-2.1 §6, Fig. 540]"],
  formatNvm: [0x80, "Format NVM", "none", "destroy", "[BASE-2.1 §5.1.10]", "1.0"],
  // Carries a security protocol: an Opal revert erases everything.
  securitySend: [0x81, "Security Send", "out", "destroy", "[BASE-2.1 §5.1.24]", "1.0"],
  securityReceive: [0x82, "Security Receive", "in", "read", "[BASE-2.1 §5.1.23]", "1.0"],
  sanitize: [0x84, "Sanitize", "none", "destroy", "[BASE-2.1 §5.1.22]", "1.3"],
  loadProgram: [0x85, "Load Program", "out", "write", "[CP-1.0]", "2.1"],
  getLbaStatus: [0x86, "Get LBA Status", "in", "read", "[NVM-1.1]", "1.4"],
  programActivationManagement: [
    0x88,
    "Program Activation Management",
    "none",
    "write",
    "[CP-1.0]",
    "2.1",
  ],
  memoryRangeSetManagement: [
    0x89,
    "Memory Range Set Management",
    "out",
    "write",
    "[CP-1.0]",
    "2.1",
  ],
});
