// How much the target gives to whom: what keeps hostile or broken hosts from taking all there is.

/** Sizes in bytes, times in milliseconds. */
export interface TcpLimits {
  /** Connections at a time, and of these such as have not got through Connect: oldest ones go. */
  readonly connections: number;
  readonly strangers: number;
  /** How long a connection may take for its ICReq, and then for its Connect. */
  readonly icReqMs: number;
  readonly connectMs: number;
  /** Data in a command capsule; 8 KiB is what Admin and Fabrics commands may need. */
  readonly inCapsuleBytes: number;
  /** MAXH2CDATA: data in one H2CData PDU. */
  readonly h2cDataBytes: number;
  /** Memory for data that hosts were asked for, for each connection. */
  readonly incomingBytes: number;
  /** Unsent bytes of a connection from which on nothing more is taken from it. */
  readonly outgoingBytes: number;
  /** How long a host may leave all of that lying. */
  readonly stalledMs: number;
  /** How long a connection stays open after a Terminate Connection Request. */
  readonly terminateMs: number;
  /** Keep Alive Timeouts until a silent host is given up; its timer is not as exact as ours. */
  readonly keepAlives: number;
  /** How long a silent host may keep a discovery controller that has no Keep Alive Timeout. */
  readonly discoveryMs: number;
  /** Hosts at a time that may ask the discovery service; one more takes the place of another. */
  readonly discoverers: number;
}

/** What a target goes by unless told otherwise. */
export const TCP_LIMITS: TcpLimits = {
  connections: 256,
  strangers: 32,
  icReqMs: 5_000,
  connectMs: 10_000,
  inCapsuleBytes: 8_192,
  h2cDataBytes: 131_072,
  incomingBytes: 2_097_152,
  outgoingBytes: 1_048_576,
  stalledMs: 30_000,
  terminateMs: 1_000,
  keepAlives: 2,
  discoveryMs: 120_000,
  discoverers: 16,
};
