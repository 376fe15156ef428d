// Command Specific Status on fabrics (type 1h): the same numbers as I/O commands use, 80h to BFh.

import { statusTable } from "./table.ts";

/** Command specific status values of Fabrics commands, and of others on a fabric. */
export const FABRICS = statusTable(0x1, "[BASE-2.1 §4.2.3.2, Fig. 105]", {
  format: {
    code: 0x80,
    name: "Incompatible Format",
    meaning: "The target does not know the record format that the host uses.",
    commands: ["Connect", "Disconnect"],
  },
  busy: {
    code: 0x81,
    name: "Controller Busy",
    meaning: "The controller belongs to a host already, none is free, or a queue cannot go yet.",
    next: "Wait until the old connection has timed out (its keep alive), then connect again.",
    commands: ["Connect", "Disconnect"],
  },
  parameters: {
    code: 0x82,
    name: "Connect Invalid Parameters",
    meaning: "The target does not accept a name, identifier or queue number in the connection.",
    next: "Check the subsystem's NQN, this host's NQN and its host identifier letter by letter.",
    commands: ["Connect"],
  },
  restartDiscovery: {
    code: 0x83,
    name: "Connect Restart Discovery",
    meaning: "The subsystem is not available here any more.",
    next: "Ask the discovery service again where it is, and connect there.",
    commands: ["Connect"],
  },
  host: {
    code: 0x84,
    name: "Connect Invalid Host",
    meaning: "This host may not use the subsystem, or not this controller of it.",
    next: "Have this host's NQN added to the hosts allowed on the target.",
    commands: ["Connect"],
  },
  queueType: {
    code: 0x85,
    name: "Invalid Queue Type",
    meaning: "The command does not belong on this kind of queue.",
    commands: ["Disconnect"],
  },
  discoverRestart: {
    code: 0x90,
    name: "Discover Restart",
    meaning: "The discovery records changed while they were being read.",
    next: "Read the discovery log page again from its start.",
    commands: ["Get Log Page"],
  },
  authenticationRequired: {
    code: 0x91,
    name: "Authentication Required",
    meaning: "The target wants the host to prove who it is before anything else.",
    next: "Connect with this host's DH-HMAC-CHAP secret, the one that the target has for it.",
  },
});
