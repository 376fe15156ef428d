// Identify: what the controller and its namespaces say of themselves.

import { UsageError } from "../errors.ts";
import {
  type IdentifyController,
  IdentifyController as Controller,
} from "../spec/identify/identify_controller.ts";
import {
  type IdentifyNamespace,
  IdentifyNamespace as Namespace,
} from "../spec/identify/identify_namespace.ts";
import type { Drive } from "./drive.ts";

const IDENTIFY = 0x06;
/** Bytes of every Identify data structure [BASE-2.1 §5.1.13]. */
export const IDENTIFY_BYTES = 4096;
/** Identifiers in one namespace list. */
const LIST_ENTRIES = 1024;

/** Which structure to ask for [BASE-2.1 §5.1.13, Fig. 310]. */
export interface IdentifyRequest {
  readonly cns: number;
  readonly nsid?: number;
  /** Controller identifier. */
  readonly cntid?: number;
  /** CNS specific identifier. */
  readonly cnssid?: number;
  /** Command set identifier. */
  readonly csi?: number;
  readonly uuidIndex?: number;
}

/** The bytes of one Identify data structure. */
export function identify(
  drive: Drive,
  { cns, nsid = 0, cntid = 0, cnssid = 0, csi = 0, uuidIndex = 0 }: IdentifyRequest,
  purpose: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return drive.read({
    queue: "admin",
    opcode: IDENTIFY,
    nsid,
    cdw10: (cns | (cntid << 16)) >>> 0,
    cdw11: (cnssid | (csi << 24)) >>> 0,
    cdw14: uuidIndex,
    length: IDENTIFY_BYTES,
  }, purpose);
}

/** The Identify Controller bytes, read once. */
export function identifyControllerBytes(drive: Drive): Promise<Uint8Array<ArrayBuffer>> {
  return drive.once(
    "identify-controller",
    () => identify(drive, { cns: 0x01 }, `identify ${drive.target}`),
  );
}

/** The Identify Controller data structure, read once. */
export async function identifyController(drive: Drive): Promise<IdentifyController> {
  return Controller.decode(await identifyControllerBytes(drive));
}

/** The Identify Namespace bytes of an active namespace; all zero for an inactive one. */
export function identifyNamespaceBytes(
  drive: Drive,
  nsid: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return drive.once(
    `identify-namespace-${nsid}`,
    () => identify(drive, { cns: 0x00, nsid }, `identify namespace ${nsid} of ${drive.target}`),
  );
}

/** The Identify Namespace data structure of an active namespace. */
export async function identifyNamespace(drive: Drive, nsid: number): Promise<IdentifyNamespace> {
  return Namespace.decode(await identifyNamespaceBytes(drive, nsid));
}

/** The identifiers of a list that goes on in further pages: active (02h) or allocated (10h). */
export async function namespaceList(drive: Drive, cns = 0x02): Promise<readonly number[]> {
  const found: number[] = [];
  for (let after = 0;;) {
    const page = await identify(drive, { cns, nsid: after }, `list namespaces of ${drive.target}`);
    const view = new DataView(page.buffer);
    const identifiers = Array.from(
      { length: LIST_ENTRIES },
      (_, at) => view.getUint32(4 * at, true),
    );
    const end = identifiers.indexOf(0);
    const part = end < 0 ? identifiers : identifiers.slice(0, end);
    const last = part.at(-1);
    found.push(...part.filter((nsid) => nsid > after));
    // A drive that repeats itself must not keep us here for ever.
    if (end >= 0 || last === undefined || last <= after) return found;
    after = last;
  }
}

/**
 * The namespace a command is about: the one asked for, else the one the target names, else the
 * controller's only one. Throws UsageError where that does not name exactly one.
 * @param option how the user names one
 */
export async function chooseNamespace(
  drive: Drive,
  asked: number | undefined,
  option = "--namespace N",
): Promise<number> {
  const chosen = asked ?? drive.nsid;
  if (chosen !== undefined) return chosen;
  const active = await namespaceList(drive);
  const [only] = active;
  if (active.length === 1 && only !== undefined) return only;
  throw new UsageError(
    active.length === 0
      ? `Cannot choose a namespace: ${drive.target} has no active one`
      : `Cannot choose a namespace: ${drive.target} has ${active.length} (${active.join(", ")})`,
    active.length === 0 ? {} : { next: `name one with ${option}` },
  );
}
