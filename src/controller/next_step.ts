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
