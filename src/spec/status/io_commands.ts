// Command Specific Status of the I/O commands (type 1h, 80h to BFh): one list for all I/O command
// sets, in which no code has two meanings.

import { statusTable } from "./table.ts";

const ZNS = "[ZNS-1.2]";

/** Command specific status values of I/O commands, whatever the I/O command set. */
export const IO_COMMAND = statusTable(0x1, "[BASE-2.1 §4.2.3.2, Fig. 104]", {
  conflictingAttributes: {
    code: 0x80,
    name: "Conflicting Attributes",
    meaning: "The command asks for two things that exclude one another.",
  },
  protectionInformation: {
    code: 0x81,
    name: "Invalid Protection Information",
    meaning: "The command's protection settings do not fit the namespace's format.",
    next: "Run `nvmectl identify --namespace N -v` and send what its protection type (DPS) needs.",
  },
  readOnlyRange: {
    code: 0x82,
    name: "Attempted Write to Read Only Range",
    meaning: "The drive accepts no writes to these blocks any more.",
    next: "Run `nvmectl health`: a drive turns read-only when it is worn out or badly damaged.",
  },
  sizeLimit: {
    code: 0x83,
    name: "Command Size Limit Exceeded",
    meaning: "The command covers more blocks or ranges than the drive handles in one.",
    next: "Split it into several commands; `nvmectl identify -v` shows the drive's limits.",
  },
  commandId: {
    code: 0x84,
    name: "Invalid Command ID",
    meaning: "The Cancel command names itself as the command to cancel.",
    commands: ["Cancel"],
    cite: "[BASE-2.1 §7.1.1, Fig. 558]",
  },
  incompatible: {
    code: 0x85,
    name: "Incompatible Namespace or Format",
    meaning: "The source and destination namespaces have formats that cannot be copied between.",
    next: "Format both namespaces alike, or copy through the host's memory.",
    commands: ["Copy"],
  },
  fastCopy: {
    code: 0x86,
    name: "Fast Copy Not Possible",
    meaning: "The copy was to be made only if it is fast, and it would not be.",
    commands: ["Copy"],
  },
  overlappingRange: {
    code: 0x87,
    name: "Overlapping I/O Range",
    meaning: "Blocks to be copied are also among those to be overwritten.",
    commands: ["Copy"],
  },
  notReachable: {
    code: 0x88,
    name: "Namespace Not Reachable",
    meaning: "The namespace to copy from cannot be reached from the one to copy to.",
    commands: ["Copy"],
  },
  resources: {
    code: 0x89,
    name: "Insufficient Resources",
    meaning: "The drive is short of what it needs to make this copy.",
    next: "Repeat it later, or with less to copy in one command.",
    commands: ["Copy"],
  },
  programResources: {
    code: 0x8a,
    name: "Insufficient Program Resources",
    meaning: "The drive is short of what it needs to handle the program.",
  },
  memoryNamespace: {
    code: 0x8b,
    name: "Invalid Memory Namespace",
    meaning: "The memory namespace named does not exist or cannot be used for this.",
  },
  memoryRangeSet: {
    code: 0x8c,
    name: "Invalid Memory Range Set",
    meaning: "The set of memory ranges is not valid.",
  },
  memoryRangeSetId: {
    code: 0x8d,
    name: "Invalid Memory Range Set Identifier",
    meaning: "No set of memory ranges has that identifier.",
  },
  programData: {
    code: 0x8e,
    name: "Invalid Program Data",
    meaning: "The program that was loaded is not valid.",
  },
  programIndex: {
    code: 0x8f,
    name: "Invalid Program Index",
    meaning: "The drive has no place with that number for a program.",
  },
  programType: {
    code: 0x90,
    name: "Invalid Program Type",
    meaning: "The drive cannot run programs of that type.",
  },
  memoryRanges: {
    code: 0x91,
    name: "Maximum Memory Ranges Exceeded",
    meaning: "The set has more memory ranges than the drive supports.",
  },
  memoryRangeSets: {
    code: 0x92,
    name: "Maximum Memory Range Sets Exceeded",
    meaning: "The drive already has as many sets of memory ranges as it supports.",
  },
  programsActive: {
    code: 0x93,
    name: "Maximum Programs Activated",
    meaning: "As many programs are active as the drive supports.",
  },
  programBytes: {
    code: 0x94,
    name: "Maximum Program Bytes Exceeded",
    meaning: "The loaded programs would take more space than the drive has for them.",
  },
  memoryRangeSetInUse: {
    code: 0x95,
    name: "Memory Range Set In Use",
    meaning: "A program is using this set of memory ranges.",
  },
  noProgram: {
    code: 0x96,
    name: "No Program",
    meaning: "No program is loaded under that number.",
  },
  overlappingMemory: {
    code: 0x97,
    name: "Overlapping Memory Ranges",
    meaning: "Two of the memory ranges overlap.",
  },
  programInactive: {
    code: 0x98,
    name: "Program Not Activated",
    meaning: "The program is loaded but has not been activated.",
  },
  programInUse: {
    code: 0x99,
    name: "Program In Use",
    meaning: "The program is running.",
  },
  programFixed: {
    code: 0x9a,
    name: "Program Index Not Downloadable",
    meaning: "This program is built into the drive and cannot be replaced.",
  },
  programSize: {
    code: 0x9b,
    name: "Program Too Big",
    meaning: "The program is larger than the drive supports.",
  },
  mediaVerification: {
    code: 0x9c,
    name: "Successful Media Verification Read",
    meaning: "The read returned what the media holds after a sanitize, unchecked and unrepaired.",
    outcome: "success",
    commands: ["Read"],
  },
  zoneOperation: {
    code: 0xb6,
    name: "Invalid Zone Operation Request",
    meaning: "The zone is not in a state in which this can be asked of it.",
    cite: ZNS,
  },
  zoneRandomWriteArea: {
    code: 0xb7,
    name: "ZRWA Resources Unavailable",
    meaning: "All zone random write areas that the drive has are in use.",
    cite: ZNS,
  },
  zoneBoundary: {
    code: 0xb8,
    name: "Zoned Boundary Error",
    meaning: "The command covers blocks of more than one zone.",
    cite: ZNS,
  },
  zoneFull: {
    code: 0xb9,
    name: "Zone Is Full",
    meaning: "The zone has no room for this write.",
    next: "Write to another zone, or reset this one (which discards its data).",
    cite: ZNS,
  },
  zoneReadOnly: {
    code: 0xba,
    name: "Zone Is Read Only",
    meaning: "The drive accepts no more writes to this zone.",
    next: "Copy the zone's data elsewhere and run `nvmectl health`.",
    cite: ZNS,
  },
  zoneOffline: {
    code: 0xbb,
    name: "Zone Is Offline",
    meaning: "The drive has lost this zone and the data in it.",
    next: "Restore the data from a backup and run `nvmectl health`.",
    cite: ZNS,
  },
  zoneWrite: {
    code: 0xbc,
    name: "Zone Invalid Write",
    meaning: "The write does not start where the zone's write pointer stands.",
    next: "Report the zone to find its write pointer and write there, or use Zone Append.",
    cite: ZNS,
  },
  zonesActive: {
    code: 0xbd,
    name: "Too Many Active Zones",
    meaning: "As many zones hold unfinished data as the drive supports.",
    next: "Finish or reset a zone that is open or closed, then repeat.",
    cite: ZNS,
  },
  zonesOpen: {
    code: 0xbe,
    name: "Too Many Open Zones",
    meaning: "As many zones are open as the drive supports.",
    next: "Close or finish an open zone, then repeat.",
    cite: ZNS,
  },
  zoneTransition: {
    code: 0xbf,
    name: "Invalid Zone State Transition",
    meaning: "A zone in this state cannot go to the state asked for.",
    next: "Report the zone to see its state, and go there by allowed steps.",
    cite: ZNS,
  },
});
