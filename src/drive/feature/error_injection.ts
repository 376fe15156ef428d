// Feature C0h: a host asks the drive for errors.

import {
  ERROR_INJECTION,
  ErrorInjectionDwords,
  ErrorInjectionEntry,
  MOST_INJECTIONS,
} from "../../spec/vendor/ocp_error_injection.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Subsystem } from "../machine.ts";
import { restoreHealth } from "../model/health.ts";
import { inDword, refuse } from "../refusal.ts";
import { type DataFeature, featureKey } from "./feature.ts";
import { storedData } from "./stored_data.ts";

/** Where the drive keeps the entries that a host sent. */
export const INJECTIONS_KEY: string = featureKey(ERROR_INJECTION);

/** The errors that hosts asked a drive for. */
export interface HostInjections {
  /** Whether the drive can do an error of this type. */
  can(type: number): boolean;
  /** Ends what was asked for before, and begins with these entries, which are in force at once. */
  replace(entries: Uint8Array): void;
  /** Ends everything. */
  clear(): void;
}

/** Of a drive that cannot do any. */
export const NO_INJECTIONS: HostInjections = {
  can: () => false,
  replace: () => {},
  clear: () => {},
};

/** A drive that is loaded again has been switched on: nothing injected outlives that. */
export function forgetInjections(drive: Subsystem): void {
  const { featureData } = drive.state;
  if (featureData[INJECTIONS_KEY] === undefined) return;
  delete featureData[INJECTIONS_KEY];
  restoreHealth(drive);
}

/** The data pointer: the entries are behind it. */
const IN_DATA = inDword(6);

/**
 * Error Injection [OCP-2.6 §4.15.3]: a list of errors, of which a host sets all at once.
 *
 * Hosts differ in how much they transfer: 4,096 bytes by the specification, or just the entries. So
 * no more is taken than the entries that there are, nor given than the entries that there can be.
 * Nor do they agree on the namespace identifier, whose value changed between revisions: zero or
 * FFFFFFFFh.
 */
export const ErrorInjection: DataFeature = {
  kind: "data",
  fid: ERROR_INJECTION,
  scope: "subsystem",
  saveable: false,
  broadcast: true,
  size: (_machine, { command, access }) =>
    ErrorInjectionEntry.size * (access === "get" ? MOST_INJECTIONS : numberIn(command.cdw11)),
  read(machine, { slot, which }) {
    const entries = storedData(machine, ErrorInjection, { slot, which }) ?? new Uint8Array(0);
    const data = new Uint8Array(ErrorInjectionEntry.size * MOST_INJECTIONS);
    data.set(entries);
    return { data, dw0: entries.length / ErrorInjectionEntry.size };
  },
  write({ drive }, data) {
    for (const { flags, type } of decodeInjections(data)) {
      if (flags.enable && !drive.injections.can(type)) {
        refuse(GENERIC.invalidField, { location: IN_DATA });
      }
    }
    drive.injections.replace(data);
  },
};

/** The entries that these bytes are. */
export function decodeInjections(data: Uint8Array): readonly ErrorInjectionEntry[] {
  const { size } = ErrorInjectionEntry;
  return Array.from(
    { length: data.length / size },
    (_, at) => ErrorInjectionEntry.decode(data.subarray(size * at, size * (at + 1))),
  );
}

function numberIn(cdw11: number): number {
  const dword = new Uint8Array(ErrorInjectionDwords.size);
  new DataView(dword.buffer).setUint32(0, cdw11, true);
  return ErrorInjectionDwords.decode(dword).cdw11.num;
}
