// Lockdown: commands and features that nobody may use any more.

import { at, bit, type Names, range, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** What OFI names, by SCP [BASE-2.1 §5.1.15, Fig. 337]. */
export const LOCKDOWN_SCOPE = {
  adminOpcode: 0,
  setFeature: 2,
  managementOpcode: 3,
  pcieOpcode: 4,
} as const;
const SCOPE_NAMES: Names = {
  [LOCKDOWN_SCOPE.adminOpcode]: "admin command",
  [LOCKDOWN_SCOPE.setFeature]: "Set Features of a feature",
  [LOCKDOWN_SCOPE.managementOpcode]: "management interface command",
  [LOCKDOWN_SCOPE.pcieOpcode]: "PCIe command of the management interface",
};

/** Where it is prohibited, by IFC [BASE-2.1 §5.1.15, Fig. 337]. */
export const LOCKDOWN_INTERFACE = { queue: 0, queueAndManagement: 1, management: 2 } as const;
const INTERFACE_NAMES: Names = {
  [LOCKDOWN_INTERFACE.queue]: "admin submission queue",
  [LOCKDOWN_INTERFACE.queueAndManagement]: "admin submission queue and management endpoints",
  [LOCKDOWN_INTERFACE.management]: "management endpoints",
};

/** Command dword 10 of Lockdown. */
export const LockdownDword = struct(
  "Lockdown command dword 10",
  4,
  "[BASE-2.1 §5.1.15, Fig. 337]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        scp: range(3, 0, "scope", { names: SCOPE_NAMES }),
        prhbt: bit(4, "prohibited"),
        ifc: range(6, 5, "interface", { names: INTERFACE_NAMES }),
        ofi: range(15, 8, "opcode or feature"),
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded command dword 10 of Lockdown. */
export type LockdownDword = ReturnType<typeof LockdownDword.decode>;

/** Command dword 14 of Lockdown. */
export const LockdownUuidDword = struct(
  "Lockdown command dword 14",
  4,
  "[BASE-2.1 §5.1.15, Fig. 338]",
  [at(0, 3, "cdw14", bits32({ uidx: range(6, 0, "UUID index") }), "Command dword 14")],
);

/** Decoded command dword 14 of Lockdown. */
export type LockdownUuidDword = ReturnType<typeof LockdownUuidDword.decode>;
