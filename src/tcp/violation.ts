// A PDU that ends the connection: what is wrong with it, as the other side is to be told.

/** What a `PduViolation` is made of. */
export interface ViolationParts {
  /** Fatal Error Status, one of FATAL_ERROR. */
  readonly fes: number;
  /** Fatal Error Information: the wrong field's offset, or the header digest as received. */
  readonly fei?: number;
  /** The header at fault, as far as it is known to be one. */
  readonly header: Uint8Array;
  /** For people: the state found and the state wanted. */
  readonly reason: string;
  readonly silent?: boolean;
}

/**
 * A fatal transport error [TCP-1.1 §3.5]: nothing that arrives after it may be looked at, and the
 * other side gets `fes`, `fei` and `header` in a Terminate Connection Request (`termReq`).
 */
export class PduViolation extends Error {
  override readonly name = "PduViolation";
  readonly fes: number;
  readonly fei: number;
  /** A copy of the header at fault. */
  readonly header: Uint8Array;
  /**
   * Close the connection without a word: a faulty Terminate Connection Request is not answered.
   */
  readonly silent: boolean;

  constructor({ fes, fei = 0, header, reason, silent = false }: ViolationParts) {
    super(`Cannot accept a PDU: ${reason}`);
    this.fes = fes;
    this.fei = fei;
    this.header = header.slice();
    this.silent = silent;
  }
}
