// Where a command's data and metadata lie in host memory, and moving them.

import type { SubmissionEntry } from "../../../spec/command.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import type { Queue } from "../../../transport/transport.ts";
import type { Payload, Sizes } from "../../pipeline/exchange.ts";
import { inDword, refuse } from "../../refusal.ts";
import type { HostMemory } from "./host_memory.ts";
import { prpRegions, reach } from "./prp.ts";
import { sglRegions, type SglSupport } from "./sgl.ts";

/** How commands point at their data, by PSDT [BASE-2.1 §4.1, Fig. 91]. */
const PSDT = { prp: 0, sgl: 1 } as const;
const IN_PSDT = inDword(0, 14);
const IN_MPTR = inDword(4);

/** What the data pointer of a command is read with. */
export interface PointerContext {
  readonly memory: HostMemory;
  readonly queue: Queue;
  readonly entry: SubmissionEntry;
  /** The page size that CC.MPS stands for. */
  readonly pageBytes: number;
  readonly sgl: () => SglSupport;
}

/** Data and metadata from the host. Throws Refusal where the command points at nothing usable. */
export function gather(context: PointerContext, { data, metadata }: Sizes): Payload {
  return {
    data: joined(dataRegions(context, data, false), data),
    metadata: metadata === 0 ? new Uint8Array(0) : metadataRegion(context, metadata).slice(),
  };
}

/** Data and metadata for the host. Throws Refusal as `gather` does; nothing is written then. */
export function scatter(context: PointerContext, { data, metadata }: Payload): void {
  const regions = dataRegions(context, data.length, true);
  if (metadata.length > 0) metadataRegion(context, metadata.length).set(metadata);
  let from = 0;
  for (const region of regions) {
    region.set(data.subarray(from, from + region.length));
    from += region.length;
  }
}

function dataRegions(
  { memory, queue, entry, pageBytes, sgl }: PointerContext,
  length: number,
  toHost: boolean,
): readonly Uint8Array[] {
  const { psdt } = entry.flags;
  if (psdt === PSDT.prp) return prpRegions(memory, { ...entry, pageBytes }, length);
  // Admin commands use PRPs [BASE-2.1 §4.1, Fig. 91]; a list of metadata segments is not supported.
  const support = sgl();
  if (queue === "admin" || psdt !== PSDT.sgl || support.sgls === 0) {
    refuse(GENERIC.invalidField, { location: IN_PSDT });
  }
  return length === 0 ? [] : sglRegions(memory, entry, { support, toHost, length });
}

/** The metadata buffer, which is contiguous [BASE-2.1 §4.3.3]. */
function metadataRegion(
  { memory, entry: { mptr, flags } }: PointerContext,
  length: number,
): Uint8Array {
  if (flags.psdt === PSDT.prp && (mptr & 3n) !== 0n) {
    refuse(GENERIC.invalidField, { location: IN_MPTR });
  }
  return reach(memory, mptr, length, IN_MPTR);
}

function joined(regions: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const region of regions) {
    bytes.set(region, at);
    at += region.length;
  }
  return bytes;
}
