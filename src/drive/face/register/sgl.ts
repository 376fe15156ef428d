// Data pointers of the newer kind: scatter-gather lists in host memory.

import { GENERIC } from "../../../spec/status/generic.ts";
import type { IdentifyController } from "../../../spec/identify/identify_controller.ts";
import { inDword, refuse } from "../../refusal.ts";
import type { HostMemory } from "./host_memory.ts";
import { reach } from "./prp.ts";

/** What of SGLs the controller supports, as it says in Identify Controller. */
export type SglSupport = ReturnType<typeof IdentifyController.decode>["sgls"];

/** Descriptor types of memory-based controllers [BASE-2.1 §4.3.2, Fig. 115]. */
const TYPE = { dataBlock: 0, bitBucket: 1, segment: 2, lastSegment: 3 } as const;
const DESCRIPTOR_BYTES = 16;
/** A chain that leads to itself has no end. */
const MOST_DESCRIPTORS = 65_536;
/** SGLS value: data blocks are aligned to dwords. */
const DWORD_ALIGNED = 2;
const IN_SGL = inDword(6);

interface Descriptor {
  readonly address: bigint;
  readonly length: number;
  readonly type: number;
  readonly subtype: number;
}

interface Segment {
  readonly descriptors: readonly Descriptor[];
  /** What may stand at its end: something must lead on, nothing may, or either. */
  readonly end: "leads on" | "last" | "either";
}

/** Where data goes or comes from; without memory, the data is thrown away. */
type Piece = Pick<Descriptor, "length"> & { readonly address?: bigint };

/** What a list is needed for. */
export interface SglUse {
  readonly support: SglSupport;
  /** Bit buckets are for data that goes to the host. */
  readonly toHost: boolean;
  /** Bytes of data. */
  readonly length: number;
}

/**
 * The pieces of memory that a command's data occupies, from the descriptor in its data pointer
 * [BASE-2.1 §4.3.2]. A bit bucket is memory that nobody sees.
 */
export function sglRegions(
  memory: HostMemory,
  { prp1, prp2 }: { readonly prp1: bigint; readonly prp2: bigint },
  use: SglUse,
): readonly Uint8Array[] {
  const pieces: Piece[] = [];
  let segment: Segment | undefined = {
    descriptors: [descriptor(prp1, prp2)],
    end: "either",
  };
  for (let seen = 0; segment;) {
    seen += segment.descriptors.length;
    if (seen > MOST_DESCRIPTORS) refuse(GENERIC.sglCount, { location: IN_SGL });
    segment = follow(memory, walk(segment, use, pieces));
  }
  return regionsOf(memory, pieces, use);
}

/** Collects the blocks of a segment; what comes back leads to the next one. */
function walk(
  { descriptors, end }: Segment,
  { support, toHost }: SglUse,
  pieces: Piece[],
): Descriptor | undefined {
  for (const [at, one] of descriptors.entries()) {
    const { type, subtype, address, length } = one;
    if (subtype !== 0) refuse(GENERIC.sglType, { location: IN_SGL });
    if (type === TYPE.segment || type === TYPE.lastSegment) {
      const last = at === descriptors.length - 1;
      if (!last || end === "last") refuse(GENERIC.sglSegment, { location: IN_SGL });
      return one;
    }
    if (type === TYPE.dataBlock) {
      const aligned = (address & 3n) === 0n && length % 4 === 0;
      if (support.sgls === DWORD_ALIGNED && !aligned) {
        refuse(GENERIC.sglGranularity, { location: IN_SGL });
      }
      pieces.push({ address, length });
    } else if (type === TYPE.bitBucket && support.sbbds) {
      if (toHost) pieces.push({ length });
    } else refuse(GENERIC.sglType, { location: IN_SGL });
  }
  if (end === "leads on") refuse(GENERIC.sglSegment, { location: IN_SGL });
  return undefined;
}

function follow(memory: HostMemory, pointer: Descriptor | undefined): Segment | undefined {
  if (!pointer) return undefined;
  const { address, length, type } = pointer;
  if (length === 0 || length % DESCRIPTOR_BYTES !== 0 || (address & 7n) !== 0n) {
    refuse(GENERIC.sglSegment, { location: IN_SGL });
  }
  const bytes = reach(memory, address, length, IN_SGL);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const descriptors = Array.from({ length: length / DESCRIPTOR_BYTES }, (_, at) =>
    descriptor(
      view.getBigUint64(at * DESCRIPTOR_BYTES, true),
      view.getBigUint64(at * DESCRIPTOR_BYTES + 8, true),
    ));
  return { descriptors, end: type === TYPE.segment ? "leads on" : "last" };
}

/** As much of the pieces as there is data; more of them than data needs a controller's consent. */
function regionsOf(
  memory: HostMemory,
  pieces: readonly Piece[],
  { support, length }: SglUse,
): readonly Uint8Array[] {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (total < length || (total > length && !support.lldts)) {
    refuse(GENERIC.sglDataLength, { location: IN_SGL });
  }
  let left = length;
  return pieces.map((piece) => {
    const used = Math.min(left, piece.length);
    left -= used;
    if (used === 0 || piece.address === undefined) return new Uint8Array(used);
    return reach(memory, piece.address, used, IN_SGL);
  });
}

/** A descriptor from its two qwords [BASE-2.1 §4.3.2, Fig. 114]. */
function descriptor(address: bigint, rest: bigint): Descriptor {
  const identifier = Number(rest >> 56n);
  return {
    address,
    length: Number(rest & 0xffff_ffffn),
    type: identifier >>> 4,
    subtype: identifier & 0xf,
  };
}
