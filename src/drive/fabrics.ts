// What a drive needs to know of the fabric that it is served over.

/** A fabric as commands see it: Identify tells the host of it. */
export interface FabricsTraits {
  /** The name of the NVM subsystem, instead of the drive's own. */
  readonly subnqn: string;
  /** Bytes of data that a command capsule of an I/O queue may carry. */
  readonly inCapsuleBytes: number;
  /** Of a discovery service: its log page, as the host of this controller is to see it. */
  readonly discovery?: (controller: number) => Uint8Array;
}
