// The clock of traces: the machine's own.

/** Nanoseconds since 1970; the wall clock's milliseconds, refined by the steady clock. */
export function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
