// What a connection of the NVMe/TCP target needs of the network, so that it needs no network.

/** The sending half of a stream, and its end. Receiving is the business of whoever made it. */
export interface Socket {
  /** Sends in this order. What is handed over is not changed any more until it has been sent. */
  write(chunks: readonly Uint8Array[]): void;
  /** Ends the stream after all that was written has been sent. */
  close(): void;
  /** Ends it at once; what was not sent is lost. */
  reset(): void;
  /** Bytes written that the network has not taken yet. */
  readonly buffered: number;
}

/** Where a stream goes, as far as it is known. */
export interface Ends {
  /** For people: `127.0.0.1:41234`. */
  readonly peer: string;
  /** The address and port that the host connected to. */
  readonly local?: ListenAddress;
}

/** Where the target can be reached. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}
