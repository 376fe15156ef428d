// Feature 84h: namespaces whose contents stay as they are.

import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine, Subsystem } from "../machine.ts";
import type { Namespace } from "../namespace.ts";
import { inDword, refuse } from "../refusal.ts";
import { featureKey, type WordFeature } from "./feature.ts";

/** Write protection states [BASE-2.1 §8.1.16]. */
export const WRITE_PROTECTION = {
  none: 0,
  protected: 1,
  untilPowerCycle: 2,
  permanent: 3,
} as const;

/** Namespace Write Protection Config [BASE-2.1 §5.1.25.1.31]. */
export const NamespaceWriteProtection: WordFeature = {
  kind: "word",
  fid: 0x84,
  scope: "namespace",
  saveable: false,
  persistent: true,
  effects: { namespaceCapability: true },
  initial: () => WRITE_PROTECTION.none,
  accept(machine, cdw11, { nsid }) {
    const wanted = cdw11 & 0x7;
    if (wanted > WRITE_PROTECTION.permanent) {
      refuse(GENERIC.invalidField, { location: inDword(11) });
    }
    for (const { state } of aboutWhich(machine, nsid)) {
      const now = state.writeProtection ?? WRITE_PROTECTION.none;
      // Neither a command nor a host gets a namespace out of these two states.
      if (now >= WRITE_PROTECTION.untilPowerCycle && now !== wanted) {
        refuse(COMMAND_SPECIFIC.featureNotChangeable, { location: inDword(11) });
      }
    }
    return wanted;
  },
  changed(machine, slot, value) {
    protect(machine.drive, Number(slot), value);
    machine.drive.namespaceChanged(Number(slot));
  },
};

/** What a power cycle does to write protection: one of the states ends with it. */
export function powerCycleProtection(drive: Pick<Subsystem, "state">): void {
  for (const { nsid, writeProtection } of drive.state.namespaces) {
    if (writeProtection !== WRITE_PROTECTION.untilPowerCycle) continue;
    drive.state.features[featureKey(NamespaceWriteProtection.fid, `${nsid}`)] =
      WRITE_PROTECTION.none;
    protect(drive, nsid, WRITE_PROTECTION.none);
  }
}

function aboutWhich({ namespaces }: Machine, nsid: number): readonly Namespace[] {
  return namespaces.active().filter((one) => nsid === 0xffffffff || one.nsid === nsid);
}

function protect({ state }: Pick<Subsystem, "state">, nsid: number, value: number): void {
  const namespace = state.namespaces.find((one) => one.nsid === nsid);
  if (!namespace) return;
  if (value === WRITE_PROTECTION.none) delete namespace.writeProtection;
  else namespace.writeProtection = value;
}
