// The control socket's language: one JSON object a line. A request has an id, a method and
// parameters; each answer repeats the id and has a result, an error, or one item of a stream.

import { NvmectlError, UnreachableError, UsageError } from "../../errors.ts";
import type { Json, JsonObject } from "../../layout/mod.ts";

/** The longest line that either side takes, in UTF-16 units. */
export const LINE_MAX = 4 * 1024 * 1024;

/** A request. */
export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: JsonObject;
}

/** What comes back. */
export type Response =
  | { readonly id: number; readonly result: JsonObject }
  | { readonly id: number; readonly item: JsonObject }
  | { readonly id: number; readonly error: ControlError };

/** Why a request failed. */
export interface ControlError {
  readonly kind: string;
  readonly message: string;
  readonly next?: string;
}

/** A request out of a line; throws UsageError for what is none. */
export function parseRequest(line: string): Request {
  const { id, method, params = {} } = objectOf(line);
  if (typeof id !== "number" || typeof method !== "string" || !isObject(params)) {
    throw new UsageError("Cannot take a request without id, method and params");
  }
  return { id, method, params };
}

/** A response out of a line; throws UnreachableError for what is none. */
export function parseResponse(line: string): Response {
  try {
    const response = objectOf(line);
    if (typeof response["id"] === "number") return response as unknown as Response;
  } catch (error) {
    throw new UnreachableError(`Cannot read the drive's answer: ${(error as Error).message}`, {
      cause: error,
    });
  }
  throw new UnreachableError("Cannot read the drive's answer: it has no id");
}

/** A failure as the other side will be told of it. */
export function describeError(error: unknown): ControlError {
  if (error instanceof NvmectlError) {
    const { kind, message, next } = error;
    return next === undefined ? { kind, message } : { kind, message, next };
  }
  // What a plug-in or its options did wrong; anything else is our fault and says so.
  const known = error instanceof RangeError || error instanceof TypeError;
  const message = error instanceof Error ? error.message : String(error);
  return known ? { kind: "usage", message } : { kind: "fault", message };
}

/** The failure that the other side was told of. */
export function errorFrom({ kind, message, next }: ControlError): Error {
  if (kind === "usage") return new UsageError(message, { next });
  if (kind === "fault") return new Error(message);
  return new UnreachableError(message, { next });
}

/** Cuts text that comes in pieces into lines; throws UsageError for one that is too long. */
export class LineReader {
  #rest = "";

  /** The lines that are complete now. */
  push(text: string): readonly string[] {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LINE_MAX) {
      throw new UsageError(`Cannot take a line of more than ${LINE_MAX} characters`);
    }
    return lines.filter((line) => line !== "");
  }
}

function objectOf(line: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch (error) {
    throw new UsageError(`Cannot take a line that is no JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!isObject(value)) throw new UsageError("Cannot take a line that is no JSON object");
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
