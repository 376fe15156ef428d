// Next steps that only who asked can know, for errors of the way to the drive and its refusals.

import { StatusError, UnreachableError } from "../errors.ts";

/** The error as it is, with another next step behind the one that it has. */
export function withNextStep(error: UnreachableError, next: string): UnreachableError {
  const { message, code, cause, loss } = error;
  return new UnreachableError(message, {
    next: error.next === undefined ? next : `${error.next}; ${next}`,
    code,
    cause,
    loss,
  });
}

/**
 * The error for a namespace that was made and could not be attached: it says that it is there, and
 * under which identifier.
 */
export function leftBehind(error: unknown, nsid: number): unknown {
  const next = `namespace ${nsid} was created and stays: nvmectl namespace attach, or delete, ` +
    `with --namespace ${nsid}`;
  if (error instanceof UnreachableError) return withNextStep(error, next);
  if (!(error instanceof StatusError)) return error;
  return new StatusError(error.message, error.status, { next });
}

const OVERLAP = "Another download went on at the same time, so that the image may be mixed (MUD).";
const ALONE = "See that nobody else updates this drive, and download the image again.";

/**
 * The error of a Firmware Commit after which another download is known to have gone on at the same
 * time: the drive tells that of commits that fail too [BASE-2.1 §5.1.8, Fig. 182].
 */
export function afterOverlap(error: unknown): unknown {
  if (error instanceof UnreachableError) return withNextStep(error, `${OVERLAP} ${ALONE}`);
  if (!(error instanceof StatusError) || error.message.includes(OVERLAP)) return error;
  const next = error.next === undefined ? ALONE : `${error.next} ${ALONE}`;
  return new StatusError(`${error.message} ${OVERLAP}`, error.status, { next });
}
