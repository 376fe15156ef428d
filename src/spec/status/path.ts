// Path Related Status: the way to the namespace is at fault, not the data (type 3h).

import { statusTable } from "./table.ts";

/** Path related status values. */
export const PATH = statusTable(0x3, "[BASE-2.1 §4.2.3.4, Fig. 107]", {
  internal: {
    code: 0x00,
    name: "Internal Path Error",
    meaning: "A fault inside this controller stopped the command.",
    next: "Repeat it through another path if there is one; then run `nvmectl health` on this one.",
  },
  persistentLoss: {
    code: 0x01,
    name: "Asymmetric Access Persistent Loss",
    meaning: "This controller has lost the namespace for good.",
    next: "Use another path to the namespace; this one does not come back by itself.",
  },
  inaccessible: {
    code: 0x02,
    name: "Asymmetric Access Inaccessible",
    meaning: "This controller cannot reach the namespace at present.",
    next: "Use another path, or wait: `nvmectl log 0x0c` shows the access states.",
  },
  transition: {
    code: 0x03,
    name: "Asymmetric Access Transition",
    meaning: "The namespace is just changing its access state on this controller.",
    next: "Wait for the change to end (at most ANATT seconds), then repeat.",
  },
  controllerPath: {
    code: 0x60,
    name: "Controller Pathing Error",
    meaning: "The controller noticed a fault on the way between it and the host.",
    next: "Repeat it through another path if there is one, and check cabling and network.",
  },
  hostPath: {
    code: 0x70,
    name: "Host Pathing Error",
    meaning: "The host's driver lost the drive, or is resetting it; the drive never answered.",
    next: "Look in the kernel log for what the driver did, then run `nvmectl list`.",
  },
  abortedByHost: {
    code: 0x71,
    name: "Command Aborted By Host",
    meaning: "The host's driver gave the command up, after a timeout or on disconnecting.",
    next: "Look in the kernel log for the reason, and repeat the command if the drive is back.",
  },
});
