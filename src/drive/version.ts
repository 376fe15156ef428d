// What a drive that is older than a field leaves out.

import type { Struct } from "../layout/mod.ts";

/** A revision of the specification as VER has it: 0x010201 is 1.2.1. */
export type SpecificationVersion = number;

/**
 * The bytes of a structure from a drive of some revision: fields that came with a later revision
 * are zero, whatever `value` has for them. Those of `always` are there in any revision.
 */
export function encodeFor<T extends object, I extends object>(
  structure: Struct<T, I>,
  version: SpecificationVersion,
  value: I,
  always: Partial<I> = {},
): Uint8Array<ArrayBuffer> {
  const newer = new Set(
    structure.rows.filter(({ since }) => since !== undefined && versionOf(since) > version)
      .map(({ name }) => name),
  );
  const known = Object.entries(value).filter(([name]) => !newer.has(name));
  return structure.encode({ ...Object.fromEntries(known), ...always } as I);
}

/** The few revisions there are: a structure has dozens of rows that name one. */
const VERSIONS = new Map<string, SpecificationVersion>();

function versionOf(text: string): SpecificationVersion {
  const version = VERSIONS.get(text) ?? parseVersion(text);
  VERSIONS.set(text, version);
  return version;
}

/** `1.2.1` as VER has it. */
export function parseVersion(text: string): SpecificationVersion {
  const [major = 0, minor = 0, tertiary = 0] = text.split(".").map(Number);
  return (major << 16) | (minor << 8) | tertiary;
}
