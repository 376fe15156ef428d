// Format NVM: what it would do to which namespaces, checked against Identify before anything is
// sent; the command; how far it is; and what the namespaces are afterwards.

import { NvmectlError, SafetyError, StatusError, UnsupportedError, UsageError } from "../errors.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import { currentFormat, IdentifyNamespace } from "../spec/identify/identify_namespace.ts";
import { decodeStatus } from "../spec/status/status.ts";
import type { Drive } from "./drive.ts";
import {
  type BlockLayout,
  chooseLayout,
  formatDword,
  formatsText,
  type FormatWish,
  layoutOf,
  sameLayout,
  type SecureErase,
} from "./format_choice.ts";
import { demandExtension } from "./format_extension.ts";
import {
  chooseNamespace,
  IDENTIFY_BYTES,
  identifyController,
  identifyNamespace,
  namespaceList,
} from "./identify.ts";

const OPCODES = { identify: 0x06, setFeatures: 0x09, getFeatures: 0x0a, formatNvm: 0x80 } as const;
/** Namespaces that exist, attached to this controller or not [BASE-2.1 §5.1.13, Fig. 310]. */
const ALLOCATED = 0x10;
/** Invalid Format: 01h/0Ah. */
const INVALID_FORMAT = { type: 0x1, code: 0x0a } as const;
/** The least time allowed for a format, whatever the drive's size. */
const BASE_TIMEOUT_MS = 10 * 60_000;
/**
 * What a drive is expected to get through at the very least, in bytes per millisecond. Erasing may
 * mean overwriting every block of a slow and large drive; the others are changes to tables. Too
 * long a limit costs nothing, too short a one makes the kernel reset the drive in mid-format.
 */
const SLOWEST: Readonly<Record<SecureErase, number>> = {
  "none": 5_000_000,
  "user-data": 50_000,
  "crypto": 5_000_000,
};
const LONGEST_TIMEOUT_MS = 0xffffffff;

/** What to format, and how. */
export interface FormatRequest extends FormatWish {
  /** One namespace, all of them, or whichever the target names. */
  readonly namespace: number | "all" | undefined;
  readonly secureErase: SecureErase;
}

/** A format that was found possible. */
export interface FormatPlan {
  /** Namespace identifiers to send the command with, one after another; FFFFFFFFh is all. */
  readonly send: readonly number[];
  /** Every namespace that loses its data. */
  readonly affected: readonly number[];
  /** Those of them that this controller sees, as they are now. */
  readonly namespaces: ReadonlyMap<number, IdentifyNamespace>;
  /** Whether every namespace there is loses its data. */
  readonly everything: boolean;
  readonly layout: BlockLayout;
  readonly secureErase: SecureErase;
  /** Bytes of the namespaces affected. */
  readonly bytes: number;
  readonly timeoutMs: number;
}

/** A namespace after a format. */
export interface Formatted {
  readonly nsid: number;
  readonly namespace: IdentifyNamespace;
  /** How it is laid out; undefined where its format is none that it lists. */
  readonly layout: BlockLayout | undefined;
  /** Whether that is what was asked for. */
  readonly asAsked: boolean;
}

/**
 * Finds out what a format would do, and whether it can be done. Sends nothing but reads, with one
 * exception: drives show LBA formats above 15 only to a host that has enabled them, so for one of
 * those it enables them.
 *
 * @throws UnsupportedError for what Identify says the drive cannot do; SafetyError where it would
 * reach further than what was asked for; UsageError where what was asked for is not one thing
 */
export async function planFormat(drive: Drive, request: FormatRequest): Promise<FormatPlan> {
  const { secureErase } = request;
  const controller = await identifyController(drive);
  checkController(drive, controller, secureErase);
  await demandExtension(drive, controller, request.lbaFormat);
  const active = await namespaceList(drive);
  const scope = await scopeOf(drive, { request, controller, active });
  const namespaces = new Map<number, IdentifyNamespace>();
  for (const nsid of scope.affected.filter((one) => active.includes(one))) {
    namespaces.set(nsid, await identifyNamespace(drive, nsid));
  }
  const layout = commonLayout(drive, { request, namespaces, first: scope.lead });
  await demandExtension(drive, controller, layout.format.index);
  const seen = [...namespaces.values()].reduce((sum, one) => sum + sizeOf(one), 0);
  const bytes = scope.everything ? Math.max(seen, Number(controller.tnvmcap)) : seen;
  const timeoutMs = Math.ceil(BASE_TIMEOUT_MS + bytes / SLOWEST[secureErase]);
  return {
    ...scope,
    namespaces,
    layout,
    secureErase,
    bytes: seen,
    timeoutMs: Math.min(LONGEST_TIMEOUT_MS, timeoutMs),
  };
}

/**
 * Carries a plan out: returns when the drive has formatted everything. A refusal for the format's
 * sake lists the formats that there are.
 */
export async function sendFormat(drive: Drive, plan: FormatPlan): Promise<void> {
  const done: number[] = [];
  for (const nsid of plan.send) {
    const what = nsid === ALL_NAMESPACES ? "all namespaces" : `namespace ${nsid}`;
    try {
      await drive.execute({
        queue: "admin",
        opcode: OPCODES.formatNvm,
        nsid,
        cdw10: formatDword(plan.layout, plan.secureErase),
        timeoutMs: plan.timeoutMs,
        slow: true,
      }, `format ${what} of ${drive.target}`);
    } catch (error) {
      throw explained(error, plan, done);
    }
    done.push(nsid);
  }
}

/** Whether a drive tells how far a format has come (FPI bit 7). */
export function showsProgress({ namespaces }: FormatPlan): boolean {
  return [...namespaces.values()].some(({ fpi }) => fpi.fpis);
}

/**
 * The percentage that remains, the largest of the namespaces'; undefined where the drive did not
 * answer. Ask only while it `showsProgress`. Some drives answer nothing before the
 * format is done, and the kernel resets a drive that does not answer in time: the question has as
 * much time as the format itself.
 */
export async function formatRemaining(drive: Drive, plan: FormatPlan): Promise<number | undefined> {
  let most: number | undefined;
  for (const [nsid, { fpi }] of plan.namespaces) {
    if (!fpi.fpis) continue;
    try {
      const bytes = await drive.read({
        queue: "admin",
        opcode: OPCODES.identify,
        nsid,
        length: IDENTIFY_BYTES,
        timeoutMs: plan.timeoutMs,
        slow: true,
      }, `see how far the format of ${drive.target} is`);
      most = Math.max(most ?? 0, IdentifyNamespace.decode(bytes).fpi.rfnvm);
    } catch (error) {
      if (!(error instanceof NvmectlError)) throw error;
    }
  }
  return most;
}

/** What the namespaces are now, asked afresh, and whether that is what the plan said. */
export async function readFormatted(drive: Drive, plan: FormatPlan): Promise<readonly Formatted[]> {
  drive.forget();
  const found: Formatted[] = [];
  for (const nsid of plan.namespaces.keys()) {
    const namespace = await identifyNamespace(drive, nsid);
    const layout = layoutOf(namespace);
    const asAsked = layout !== undefined && sameLayout(layout, plan.layout);
    found.push({ nsid, namespace, layout, asAsked });
  }
  return found;
}

/** Bytes of data that a namespace has room for. */
export function sizeOf(namespace: IdentifyNamespace): number {
  return Number(namespace.nsze) * (currentFormat(namespace)?.blockBytes ?? 0);
}

function checkController(
  drive: Drive,
  { oacs, fna }: IdentifyController,
  secureErase: SecureErase,
): void {
  if (!oacs.fnvms) {
    throw new UnsupportedError(
      `Cannot format ${drive.target}: it does not support Format NVM ` +
        "(Identify Controller, OACS bit 1 is 0)",
    );
  }
  if (secureErase === "crypto" && !fna.cryes) {
    throw new UnsupportedError(
      `Cannot erase ${drive.target} cryptographically: it does not support that ` +
        "(Identify Controller, FNA bit 2 is 0)",
      { next: "--secure-erase user-data erases without it" },
    );
  }
}

/**
 * Which namespaces the command reaches [BASE-2.1 §5.1.10, Fig. 188]. A drive that formats all of
 * them at once is taken to do so with a secure erase too, even if it could erase them one by one.
 */
async function scopeOf(
  drive: Drive,
  { request, controller: { fna, oacs }, active }: {
    readonly request: FormatRequest;
    readonly controller: IdentifyController;
    readonly active: readonly number[];
  },
): Promise<Pick<FormatPlan, "send" | "affected" | "everything"> & { readonly lead: number }> {
  const erases = request.secureErase !== "none";
  const wide = fna.fns || (erases && fna.sens);
  const existing = wide && oacs.nms ? await namespaceList(drive, ALLOCATED) : active;
  if (request.namespace === "all") {
    const [lead] = active;
    if (lead === undefined) {
      throw new UsageError(`Cannot format all namespaces of ${drive.target}: it has no active one`);
    }
    const reachesAll = erases ? fna.sens : fna.fns;
    const send = !fna.fnvmbs ? [ALL_NAMESPACES] : reachesAll ? [lead] : active;
    return { send, affected: existing, everything: true, lead };
  }
  const lead = await chooseNamespace(drive, request.namespace);
  if (!active.includes(lead)) {
    throw new UsageError(
      `Cannot format namespace ${lead} of ${drive.target}: it is not an active namespace`,
      { next: active.length === 0 ? "it has none" : `it has ${active.join(", ")}` },
    );
  }
  const others = existing.filter((nsid) => nsid !== lead);
  if (wide && others.length > 0) throw tooWide(drive, { lead, existing, bit: fna.fns ? 0 : 1 });
  return { send: [lead], affected: [lead], everything: wide, lead };
}

function tooWide(
  drive: Drive,
  { lead, existing, bit }: {
    readonly lead: number;
    readonly existing: readonly number[];
    readonly bit: 0 | 1;
  },
): SafetyError {
  const [doing, all] = bit === 0 ? ["format", "formats"] : ["erase", "erases"];
  return new SafetyError(
    `Cannot ${doing} namespace ${lead} of ${drive.target} alone: the drive ${all} all its ` +
      `namespaces at once (FNA bit ${bit}), and ${existing.join(", ")} would lose their data`,
    { next: "add --namespace all if all of them may be lost; nothing was sent" },
  );
}

/** One layout for all namespaces of the plan, possible in each of them. */
function commonLayout(
  drive: Drive,
  { request, namespaces, first }: {
    readonly request: FormatRequest;
    readonly namespaces: ReadonlyMap<number, IdentifyNamespace>;
    readonly first: number;
  },
): BlockLayout {
  const layouts = [...namespaces].map(([nsid, namespace]) =>
    chooseLayout(namespace, request, `namespace ${nsid} of ${drive.target}`)
  );
  const [layout] = layouts;
  if (!layout) throw new UsageError(`Cannot format namespace ${first}: it is not active`);
  if (layouts.every((other) => sameLayout(other, layout))) return layout;
  throw new UsageError(
    `Cannot format all namespaces of ${drive.target} with one command: they differ in their formats`,
    { next: "say which format all of them get, with --lba-format or --block-size" },
  );
}

/** The refusal, with the formats there are where that was the reason, and what was done before. */
function explained(error: unknown, plan: FormatPlan, done: readonly number[]): unknown {
  if (!(error instanceof StatusError)) return error;
  const { type, code } = decodeStatus(error.status);
  const [namespace] = plan.namespaces.values();
  const badFormat = type === INVALID_FORMAT.type && code === INVALID_FORMAT.code;
  const next = badFormat && namespace
    ? `its formats (data+metadata bytes) are ${formatsText(namespace)}`
    : error.next;
  const before = done.length === 0 ? "" : `; namespace ${done.join(", ")} was formatted before`;
  return new StatusError(`${error.message}${before}`, error.status, { next });
}
