// What the options of drive new make of a preset.

import { has, type LbaFormat, type Personality } from "../../drive/personality.ts";
import { CNS_VALUES } from "../../spec/identify/cns.ts";
import { FEATURES } from "../../spec/feature/registry.ts";
import { findLogPage } from "../../spec/log/registry.ts";
import { parseVersion } from "../../drive/version.ts";
import { UsageError } from "../../errors.ts";
import { formatBinaryBytes } from "../../layout/mod.ts";

/** The options, as typed. */
export interface NewDriveOptions {
  readonly size: number | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly firmware: string | undefined;
  readonly formats: readonly LbaFormat[] | undefined;
  readonly namespaces: number | undefined;
  readonly namespace: readonly number[];
  readonly controllers: number | undefined;
  readonly spec: string | undefined;
}

/** Parts of a personality that are different from the preset's. */
export type Overrides = Readonly<Record<string, unknown>> & { readonly serial: string };

const MEBIBYTE = 2 ** 20;
const MOST_BYTES = 2 ** 52;
/** Lengths of the fields in Identify Controller [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const TEXT_LENGTHS = { serial: 20, model: 40, firmware: 8 } as const;

/** Since which revision drives may have these commands. */
const COMMANDS_SINCE: Readonly<Partial<Record<Personality["commands"][number], string>>> = {
  "self-test": "1.3",
  directives: "1.3",
  "doorbell-buffer": "1.3",
  sanitize: "1.3",
  "get-lba-status": "1.4",
  verify: "1.4",
  copy: "2.0",
  "keep-alive": "1.2.1",
  "namespace-management": "1.2",
  "write-zeroes": "1.1",
};

/**
 * What the options change of the preset; `unique` is the serial number of a drive that gets none.
 *
 * @throws UsageError for options that cannot be, or not together
 */
export function overridesOf(
  base: Personality,
  options: NewDriveOptions,
  unique: string,
): Overrides {
  const { model, serial, firmware, formats, controllers, spec } = options;
  for (const name of ["serial", "model", "firmware"] as const) checkText(name, options[name]);
  return {
    serial: serial ?? unique,
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware: running(base, firmware) }),
    ...(formats ? { formats, extendedFormats: formats.length > 16 } : {}),
    ...(controllers === undefined ? {} : { controllers }),
    ...storageOf(base, options),
    ...(spec === undefined ? {} : ofVersion(base, spec)),
  };
}

function checkText(name: keyof typeof TEXT_LENGTHS, typed: string | undefined): void {
  if (typed === undefined) return;
  const most = TEXT_LENGTHS[name];
  if (typed.trim() !== "" && typed.length <= most && /^[\x20-\x7e]+$/.test(typed)) return;
  throw new UsageError(
    `Cannot use --${name} ${JSON.stringify(typed)}: need 1 to ${most} printable ASCII characters`,
  );
}

/** The firmware slots, with another revision in the one that runs. */
function running({ firmware, firmwareSlot }: Personality, revision: string): readonly string[] {
  return firmware.map((old, at) => at === firmwareSlot - 1 ? revision : old);
}

type Storage = Partial<Pick<Personality, "capacityBytes" | "namespaces">> & {
  readonly limits?: Partial<Personality["limits"]>;
};

/** Namespaces as the options want them; the preset's where they say nothing. */
function storageOf(base: Personality, options: NewDriveOptions): Storage {
  const { size, formats, namespaces, namespace } = options;
  if (size === undefined && !formats && namespaces === undefined && namespace.length === 0) {
    return {};
  }
  if (namespaces !== undefined && namespace.length > 0) {
    throw new UsageError("Cannot use --namespaces and --namespace together", {
      next: "--namespaces N makes equal ones, --namespace SIZE one after the other",
    });
  }
  if (namespaces === 0 && !has(base, "namespace-management")) {
    throw new UsageError("Cannot make a drive without namespaces: this one could never get any", {
      next: "add --preset with a drive that has namespace management",
    });
  }
  const wanted = namespace.reduce((sum, bytes) => sum + bytes, 0);
  const before = base.namespaces.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  const capacityBytes = size ?? Math.max(base.capacityBytes, before, wanted);
  const sizes = namespace.length > 0 ? namespace : equalParts(capacityBytes, namespaces ?? 1);
  checkSizes(sizes, capacityBytes);
  return {
    capacityBytes: base.capacityBytes > 0 || size !== undefined ? capacityBytes : 0,
    namespaces: sizes.map((bytes, at) => ({ nsid: at + 1, capacityBytes: bytes, format: 0 })),
    limits: { namespaces: Math.max(base.limits.namespaces, sizes.length) },
  };
}

function equalParts(capacityBytes: number, count: number): readonly number[] {
  if (count <= 1) return Array.from({ length: count }, () => capacityBytes);
  const part = Math.floor(capacityBytes / count / MEBIBYTE) * MEBIBYTE;
  return Array.from({ length: count }, () => part);
}

function checkSizes(sizes: readonly number[], capacityBytes: number): void {
  if (capacityBytes > MOST_BYTES) {
    throw new UsageError(
      `Cannot make a drive of ${formatBinaryBytes(capacityBytes)}: the most is ${
        formatBinaryBytes(MOST_BYTES)
      }`,
    );
  }
  const small = sizes.find((bytes) => bytes < MEBIBYTE);
  if (small !== undefined) {
    throw new UsageError(
      `Cannot make a namespace of ${small} bytes: the least is ${formatBinaryBytes(MEBIBYTE)}`,
    );
  }
  const sum = sizes.reduce((total, bytes) => total + bytes, 0);
  if (sum > capacityBytes) {
    throw new UsageError(
      `Cannot put namespaces of ${formatBinaryBytes(sum)} into ${formatBinaryBytes(capacityBytes)}`,
      { next: "make --size larger, or the namespaces smaller" },
    );
  }
}

/** The preset as it would have been then: without what came later. */
function ofVersion(base: Personality, spec: string): Partial<Personality> {
  const version = parseVersion(spec);
  const then = (since: string | undefined): boolean =>
    since === undefined || parseVersion(since) <= version;
  const sinceOfCns = new Map(CNS_VALUES.map(({ cns, since }) => [cns, since]));
  const sinceOfFeature = new Map(FEATURES.map(({ fid, since }) => [fid, since]));
  return {
    version,
    identify: base.identify.filter((cns) => then(sinceOfCns.get(cns))),
    logs: base.logs.filter((lid) => then(findLogPage(lid)?.since)),
    features: base.features.filter((fid) => then(sinceOfFeature.get(fid))),
    commands: base.commands.filter((name) => then(COMMANDS_SINCE[name])),
    logOffsets: base.logOffsets && then("1.2.1"),
  };
}

/** Block formats as people write them: `512`, `4096+8`, bytes of data and of metadata. */
export function parseFormats(typed: string): readonly LbaFormat[] {
  return typed.split(",").map((one) => {
    const [, data = "", metadata = "0"] = /^(\d+)(?:\+(\d+))?$/.exec(one.trim()) ?? [];
    const dataBytes = Number(data);
    const metadataBytes = Number(metadata);
    const isPower = dataBytes >= 512 && dataBytes <= 65_536 &&
      Number.isInteger(Math.log2(dataBytes));
    if (!isPower || metadataBytes > 65_535) {
      throw new UsageError(
        `Cannot use --formats ${JSON.stringify(typed)}: ${JSON.stringify(one)} is no format`,
        { next: "write sizes from 512 to 65536 as in 512,4096,4096+8: data, and metadata if any" },
      );
    }
    return { dataBytes, metadataBytes, performance: 0 };
  });
}

/** A name that no other drive file has: out of its path and the time, 16 hexadecimal digits. */
export function uniqueName(path: string, now: number): string {
  return [0, 1].map((part) => {
    let hash = 0x811c9dc5;
    for (const character of `${part}/${now}/${path}`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, "0").toUpperCase();
  }).join("");
}
