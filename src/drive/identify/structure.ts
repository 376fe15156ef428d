// What a structure is to Identify.

import type { Machine } from "../machine.ts";

/** What is asked for, besides the structure. */
export interface IdentifyRequest {
  readonly nsid: number;
  readonly cntid: number;
  /** The CNS specific identifier and the command set identifier. */
  readonly identifier: number;
  readonly csi: number;
}

/** A structure that Identify returns [BASE-2.1 §5.1.13, Fig. 310]. */
export interface Structure {
  readonly cns: number;
  /** The namespace identifier is not used and has to be zero. */
  readonly ignoresNsid?: true;
  /** Depends on the command set identifier. */
  readonly byCommandSet?: true;
  read(machine: Machine, request: IdentifyRequest): Uint8Array;
}
