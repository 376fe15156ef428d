// Which Identify data structures there are to be had of a drive: all that its fields announce, and
// those that only asking can tell of.

import { CNS_VALUES } from "../spec/identify/cns.ts";
import { IdentifyController } from "../spec/identify/identify_controller.ts";
import {
  EnduranceGroupList,
  listedNamespaces,
  NamespaceList,
} from "../spec/identify/identify_lists.ts";
import { formatCount, IdentifyNamespace } from "../spec/identify/identify_namespace.ts";
import { MalformedError } from "../errors.ts";
import type { Recorder } from "./clone_recorder.ts";

const ALL_NAMESPACES = 0xffffffff;
const THIS_CONTROLLER = 0xffff;
/** Namespaces, endurance groups that are looked at. */
const MOST_NAMESPACES = 1024;
const MOST_GROUPS = 16;
/** Drives had some structures of 2.0 before it came out. */
const EARLY: ReadonlySet<number> = new Set([0x05, 0x06, 0x07, 0x08, 0x1c]);
const EARLY_SINCE = 0x010400;

/** What the other questions need to know of the drive. */
export interface Identified {
  readonly controller: IdentifyController;
  readonly version: number;
  /** Active namespaces, and those that exist. */
  readonly active: readonly number[];
  readonly allocated: readonly number[];
  readonly enduranceGroups: readonly number[];
}

/** Asks for every Identify data structure. Throws StatusError where even the first is refused. */
export async function recordIdentify(recorder: Recorder): Promise<Identified> {
  const controller = await recordController(recorder);
  const version = controller.ver.value === 0 ? 0x010000 : controller.ver.value;
  const may = (cns: number): boolean => mayHave(cns, version);
  const active = may(0x02) ? await listOf(recorder, 0x02) : [];
  const allocated = may(0x10) ? await listOf(recorder, 0x10) : [];
  const namespaces = active.length > 0 ? active : await firstNamespaces(recorder, controller.nn);
  const identified = { controller, version, active: namespaces, allocated };
  await recordNamespaces(recorder, identified);
  await recordOthers(recorder, identified);
  const enduranceGroups = controller.ctratt.egs ? await groupsOf(recorder) : [];
  return { ...identified, enduranceGroups };
}

async function recordController(recorder: Recorder): Promise<IdentifyController> {
  const bytes = await recorder.identify({ id: 0x01 });
  if (!bytes) {
    throw new MalformedError(
      `Cannot clone ${recorder.drive.target}: it does not say what controller it is`,
    );
  }
  return IdentifyController.decode(bytes);
}

function mayHave(cns: number, version: number): boolean {
  const since = CNS_VALUES.find((info) => info.cns === cns)?.since ?? "1.0";
  const [major = 0, minor = 0] = since.split(".").map(Number);
  return version >= (major << 16 | minor << 8) || (EARLY.has(cns) && version >= EARLY_SINCE);
}

/** The namespaces of a list; every page of it is recorded. */
async function listOf(recorder: Recorder, cns: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let after = 0; found.length < MOST_NAMESPACES;) {
    const bytes = await recorder.identify({ id: cns, nsid: after });
    const part = bytes ? listedNamespaces(NamespaceList.decode(bytes)) : [];
    const last = part.at(-1) ?? 0;
    found.push(...part.filter((nsid) => nsid > after));
    if (part.length < NAMESPACES_A_PAGE || last <= after) break;
    after = last;
  }
  return found.slice(0, MOST_NAMESPACES);
}

const NAMESPACES_A_PAGE = 1024;

/** The namespaces of a drive without lists: those from 1 on that have a size. */
async function firstNamespaces(recorder: Recorder, nn: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let nsid = 1; nsid <= Math.min(nn, MOST_GROUPS); nsid++) {
    const bytes = await recorder.identify({ id: 0x00, nsid });
    if (bytes && IdentifyNamespace.decode(bytes).nsze > 0n) found.push(nsid);
  }
  return found;
}

type Known = Omit<Identified, "enduranceGroups">;

/** What there is of each namespace. What one of them is refused, none of the others is asked. */
async function recordNamespaces(recorder: Recorder, known: Known): Promise<void> {
  const { controller, version, active, allocated } = known;
  const all = [...new Set([...active, ...allocated])].toSorted((one, other) => one - other);
  const manages = controller.oacs.nms;
  const lists = allocated.length > 0;
  const questions = [
    { id: 0x00, of: manages ? [...all, ALL_NAMESPACES] : all },
    { id: 0x03, of: active },
    { id: 0x05, of: manages ? [...active, ALL_NAMESPACES] : active },
    { id: 0x08, of: active },
    { id: 0x11, of: lists ? all : [] },
    { id: 0x12, of: lists ? all : [] },
    { id: 0x1b, of: lists ? all : [] },
    { id: 0x1f, of: lists ? all : [] },
  ];
  for (const { id, of } of questions.filter(({ id }) => mayHave(id, version))) {
    for (const [at, nsid] of of.entries()) {
      if (!await recorder.identify({ id, nsid }) && at === 0) break;
    }
  }
}

/** What there is of the controller and of the subsystem. */
async function recordOthers(recorder: Recorder, known: Known): Promise<void> {
  const { controller: { oacs, ctratt, cmic, cntlid }, version, active } = known;
  const always = [0x06, 0x07, 0x13];
  const announced: readonly (readonly [cns: number, there: boolean])[] = [
    [0x04, ctratt.nsets],
    [0x14, oacs.vms],
    [0x15, oacs.vms],
    [0x16, ctratt.ng],
    [0x17, ctratt.ulist],
    [0x18, ctratt.mds],
    [0x1a, true],
    [0x1e, cmic.mports],
    [0x20, oacs.hmlms],
  ];
  const wanted = [...always, ...announced.flatMap(([cns, there]) => there ? [cns] : [])];
  for (const id of wanted.filter((cns) => mayHave(cns, version))) await recorder.identify({ id });
  if (mayHave(0x1c, version) && await recorder.identify({ id: 0x1c, cntid: THIS_CONTROLLER })) {
    await recorder.identify({ id: 0x1c, cntid: cntlid });
  }
  const [first] = active;
  if (first !== undefined && mayHave(0x09, version)) await recordFormats(recorder, first);
}

/** What namespaces of each format have in common. */
async function recordFormats(recorder: Recorder, nsid: number): Promise<void> {
  const bytes = await recorder.identify({ id: 0x00, nsid });
  const formats = bytes ? formatCount(IdentifyNamespace.decode(bytes)) : 0;
  for (const id of [0x09, 0x0a]) {
    for (let cnssid = 0; cnssid < formats; cnssid++) {
      if (!await recorder.identify({ id, cnssid })) break;
    }
  }
}

async function groupsOf(recorder: Recorder): Promise<readonly number[]> {
  const bytes = await recorder.identify({ id: 0x19 });
  if (!bytes) return [1];
  const { negids, identifiers } = EnduranceGroupList.decode(bytes);
  return identifiers.slice(0, Math.min(negids, MOST_GROUPS));
}
