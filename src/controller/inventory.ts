// What a listing needs of every drive: who it is, how it is, and what its namespaces hold. A drive
// that does not answer, or may not be asked, says so and leaves the others alone.

import { NvmectlError, UnreachableError } from "../errors.ts";
import type { Controller, Namespace, NamespacePath, Topology } from "../host/topology.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import { currentFormat, type IdentifyNamespace } from "../spec/identify/identify_namespace.ts";
import { SmartPage } from "../spec/log/smart.ts";
import type { Drive } from "./drive.ts";
import { judge, type Judgement, type Verdict } from "./health.ts";
import { identifyController, identifyNamespace, namespaceList } from "./identify.ts";
import { readLog } from "./log.ts";

/** CNTRLTYPE of controllers without health and namespaces [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const DISCOVERY = 2;

/** An answer, or why there is none. */
export type Answer<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "error"; readonly error: NvmectlError };

/** What a namespace holds and how its blocks are made. */
export interface NamespaceUse {
  readonly identify: IdentifyNamespace;
  /** Bytes of user data that fit; 0 for a namespace that is not active. */
  readonly sizeBytes: bigint;
  readonly capacityBytes: bigint;
  /** Bytes that the drive says are in use; all of them where it does not keep count. */
  readonly usedBytes: bigint;
  readonly blockBytes: number;
  readonly metadataBytes: number;
}

/** What one drive says of itself. */
export interface Survey {
  readonly controller: IdentifyController;
  /** Undefined for a controller that has no health: a discovery controller. */
  readonly health: Answer<Judgement> | undefined;
  /** The namespaces that were asked about, by identifier. */
  readonly namespaces: ReadonlyMap<number, Answer<NamespaceUse>>;
  /** Its active namespaces; only asked for where the kernel shows none. */
  readonly active: readonly number[] | undefined;
}

/** How asking a controller went. */
export type Asked =
  | { readonly kind: "answered"; readonly survey: Survey }
  | { readonly kind: "failed"; readonly error: NvmectlError }
  /** Not asked, because the kernel says that it is not live: asking could wait for minutes. */
  | { readonly kind: "not-live"; readonly state: string };

/** The machine's drives, as the kernel shows them and as they show themselves. */
export interface Inventory {
  readonly topology: Topology;
  /** By the controller's name. */
  readonly asked: ReadonlyMap<string, Asked>;
}

/** ANA states in which a path may answer for the namespace [BASE-2.1 §8.1.1]. */
const ACCESSIBLE: readonly (string | undefined)[] = [undefined, "optimized", "non-optimized"];

const VERDICTS: readonly Verdict[] = ["good", "warning", "critical", "impossible"];

/**
 * Asks every live controller, one after another. A namespace with several paths is asked about over
 * the first that is accessible and answers.
 * @param open opens a controller's device, such as `/dev/nvme0`
 */
export async function takeInventory(
  topology: Topology,
  open: (device: string) => Promise<Drive>,
): Promise<Inventory> {
  const asked = new Map<string, Asked>();
  const known = new Set<string>();
  for (const controller of topology.controllers) {
    const reached = reachedBy(topology, controller.name);
    const nsids = new Map(
      reached.filter(({ path }) => ACCESSIBLE.includes(path.anaState))
        .filter(({ namespace: { name, nsid } }) => nsid !== undefined && !known.has(name))
        .map(({ namespace: { name, nsid = 0 } }) => [nsid, name]),
    );
    const result = await ask(controller, [...nsids.keys()], reached.length === 0, open);
    asked.set(controller.name, result);
    if (result.kind !== "answered") continue;
    for (const [nsid, answer] of result.survey.namespaces) {
      if (answer.kind === "value") known.add(nsids.get(nsid) ?? "");
    }
  }
  return { topology, asked };
}

async function ask(
  { name, state }: Controller,
  nsids: readonly number[],
  alone: boolean,
  open: (device: string) => Promise<Drive>,
): Promise<Asked> {
  if (state !== undefined && state !== "live") return { kind: "not-live", state };
  try {
    const drive = await open(`/dev/${name}`);
    return { kind: "answered", survey: await surveyDrive(drive, nsids, { active: alone }) };
  } catch (error) {
    if (!(error instanceof NvmectlError)) throw error;
    return { kind: "failed", error };
  }
}

/**
 * What a drive says of itself and of some of its namespaces.
 * @throws NvmectlError where it does not even identify itself
 */
export async function surveyDrive(
  drive: Drive,
  nsids: readonly number[],
  { active = false }: { readonly active?: boolean } = {},
): Promise<Survey> {
  const controller = await identifyController(drive);
  const isDiscovery = controller.cntrltype === DISCOVERY;
  const health = isDiscovery ? undefined : await attempt(async () => {
    const { value } = await readLog(drive, SmartPage);
    return judge(value, controller);
  });
  const namespaces = new Map<number, Answer<NamespaceUse>>();
  for (const nsid of nsids) {
    namespaces.set(nsid, await attempt(async () => useOf(await identifyNamespace(drive, nsid))));
  }
  const list = active && !isDiscovery ? await attempt(() => namespaceList(drive)) : undefined;
  return {
    controller,
    health,
    namespaces,
    active: list?.kind === "value" ? list.value : undefined,
  };
}

async function attempt<T>(run: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: "value", value: await run() };
  } catch (error) {
    if (!(error instanceof NvmectlError)) throw error;
    return { kind: "error", error };
  }
}

/** A namespace's sizes in bytes. */
export function useOf(identify: IdentifyNamespace): NamespaceUse {
  const { blockBytes = 0, metadataBytes = 0 } = currentFormat(identify) ?? {};
  const bytes = (blocks: bigint): bigint => blocks * BigInt(blockBytes);
  return {
    identify,
    sizeBytes: bytes(identify.nsze),
    capacityBytes: bytes(identify.ncap),
    usedBytes: bytes(identify.nuse),
    blockBytes,
    metadataBytes,
  };
}

/** The namespaces that a controller reaches, with the path that it is. */
function reachedBy(
  { namespaces }: Topology,
  controller: string,
): readonly { readonly namespace: Namespace; readonly path: NamespacePath }[] {
  return namespaces.flatMap((namespace) => {
    const path = namespace.paths.find((one) => one.controller === controller);
    return path === undefined ? [] : [{ namespace, path }];
  });
}

/** What the drive said of a namespace, over whichever path it answered; else why it did not. */
export function namespaceAnswer(
  { asked }: Inventory,
  { nsid, paths }: Namespace,
): Answer<NamespaceUse> | undefined {
  const answers = paths.flatMap(({ controller }) => {
    const result = asked.get(controller);
    if (result?.kind !== "answered" || nsid === undefined) return [];
    const answer = result.survey.namespaces.get(nsid);
    return answer === undefined ? [] : [answer];
  });
  return answers.find(({ kind }) => kind === "value") ?? answers[0];
}

/** What the drive said of a namespace, where it said anything. */
export function namespaceUse(inventory: Inventory, one: Namespace): NamespaceUse | undefined {
  const answer = namespaceAnswer(inventory, one);
  return answer?.kind === "value" ? answer.value : undefined;
}

/** A controller's judgement, where it gave one. */
export function judgementOf(asked: Asked | undefined): Judgement | undefined {
  if (asked?.kind !== "answered") return undefined;
  const { health } = asked.survey;
  return health?.kind === "value" ? health.value : undefined;
}

/** The worst verdict of several controllers; undefined where none of them gave one. */
export function worstVerdict(
  { asked }: Inventory,
  controllers: readonly string[],
): Verdict | undefined {
  return controllers.map((name) => judgementOf(asked.get(name))?.verdict)
    .filter((verdict) => verdict !== undefined)
    .toSorted((one, other) => VERDICTS.indexOf(other) - VERDICTS.indexOf(one))[0];
}

/** Whether the drive could not be asked only because this user may not. */
export function needsPrivilege(error: NvmectlError): boolean {
  return error instanceof UnreachableError && (error.code === "EACCES" || error.code === "EPERM");
}
