// What both ends of a connection agreed on about the form of the PDUs in one direction.

/** How PDUs of one direction are framed from the ICResp on [TCP-1.1 §3.3] [TCP-1.1 §3.3.1.1]. */
export interface Framing {
  /** Headers are followed by a digest. */
  readonly headerDigest: boolean;
  /** Data is followed by a digest. */
  readonly dataDigest: boolean;
  /**
   * The bytes whose multiple a data offset is, 4 to 128 in steps of 4: from HPDA for what the
   * controller sends, from CPDA for what the host sends.
   */
  readonly alignment: number;
}

/** How a connection begins: no digests, and no padding. */
export const PLAIN_FRAMING: Framing = { headerDigest: false, dataDigest: false, alignment: 4 };

/** The bytes of a digest [TCP-1.1 §3.3.1.1]. */
export const DIGEST_BYTES = 4;

/** The largest alignment that can be asked for [TCP-1.1 §3.3]. */
export const ALIGNMENT_MAX = 128;

/** Where data starts behind `used` bytes of header and digest: as near as the alignment allows. */
export function dataOffset(used: number, alignment: number): number {
  return Math.ceil(used / alignment) * alignment;
}

/** Gives `framing` back; throws RangeError for an alignment that no connection can have. */
export function checkedFraming(framing: Framing): Framing {
  const { alignment } = framing;
  if (alignment >= 4 && alignment <= ALIGNMENT_MAX && alignment % 4 === 0) return framing;
  throw new RangeError(
    `Cannot frame PDUs: data alignment is ${alignment} bytes, need 4 to ${ALIGNMENT_MAX}, by 4`,
  );
}
