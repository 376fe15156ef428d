// What a command that somebody composed by hand may do to the drive: judged by its opcode, and by
// the drive's own log of its commands' effects.

import { type CommandEffects, EffectsLog, EffectsPage } from "../spec/log/effects.ts";
import type { CommandEffect } from "../spec/opcode.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import { readLogBytes } from "./log.ts";
import { FABRICS, type RawCommand, rawInfo } from "./raw_command.ts";
import { commandSet, unlessRefused } from "./raw_context.ts";
import { graveFeature } from "./raw_features.ts";
import { type DestroyedNamespaces, formatScope, isFormat, scopeOf } from "./raw_scope.ts";

const GET_LOG_PAGE = 0x02;
const SET_FEATURES = 0x09;
const FIRMWARE_COMMIT = 0x10;
const RESERVATION_RELEASE = 0x15;
/** RRELA: not the host's own reservation alone [BASE-2.1 §7.7]. */
const CLEAR = 1;
/** Commit Actions after which there is no way back [BASE-2.1 §5.1.8]. */
const GRAVE_COMMITS: ReadonlyMap<number, string> = new Map([
  [3, "which starts other firmware while the drive is in use"],
  [6, "which replaces a boot partition"],
  [7, "which changes the boot partition that the machine starts from"],
]);
/** CSE: nothing is kept from running beside the command. */
const NO_RESTRICTION = 0;

/** What a command may do, and how that is known. */
export interface Judgement {
  readonly effect: CommandEffect;
  /** What the judgement rests on, as a relative clause: `which by specification only reads`. */
  readonly reason: string;
  /** Whose data is at stake where the effect is `destroy`. */
  readonly namespaces: DestroyedNamespaces;
}

const BY_SPECIFICATION: Readonly<Record<CommandEffect, string>> = {
  read: "which by specification only reads",
  write: "which by specification changes no user data",
  destroy: "which by specification may destroy data",
};

const RANK: Readonly<Record<CommandEffect, number>> = { read: 0, write: 1, destroy: 2 };

/**
 * What the command may do: what the specification says of it, made worse by what the drive's
 * effects log says, where there is one. The log never makes it better: a command that the
 * specification does not define is destructive, whatever the log says of it.
 */
export function judge(command: RawCommand, effects: CommandEffects | undefined): Judgement {
  const namespaces = scopeOf(command);
  const { effect, reason } = baseJudgement(command);
  if (effects === undefined) return { effect, reason, namespaces };
  if (!rawInfo(command).known) {
    return { effect, reason: `${reason}, and ${logReason(effects)}`, namespaces };
  }
  const logged = loggedEffect(effects);
  return RANK[logged] > RANK[effect]
    ? { effect: logged, reason: logReason(effects), namespaces: "all" }
    : { effect, reason, namespaces };
}

/** What the specification says: of the opcode, and of the parameters that make it another. */
function baseJudgement(command: RawCommand): Omit<Judgement, "namespaces"> {
  const { known, effect } = rawInfo(command);
  if (!known) return { effect, reason: "of which only its vendor knows what it does" };
  const grave = command.opcode === FABRICS ? undefined : graveReason(command);
  if (grave !== undefined) return { effect: "destroy", reason: grave };
  const sets = command.queue === "admin" && command.opcode === GET_LOG_PAGE && asksLog(command);
  const judged = sets ? "write" : effect;
  return { effect: judged, reason: BY_SPECIFICATION[judged] };
}

/** Whether a Get Log Page does more than read: creates telemetry data, starts a measurement. */
function asksLog({ cdw10 = 0 }: RawCommand): boolean {
  return (cdw10 >>> 8 & 0x7f) !== 0;
}

/** Why a parameter makes a command destructive that otherwise is not. */
function graveReason({ queue, opcode, cdw10 = 0 }: RawCommand): string | undefined {
  if (queue === "io") {
    const clears = opcode === RESERVATION_RELEASE && (cdw10 & 0x7) === CLEAR;
    return clears ? "which takes the reservations of every host" : undefined;
  }
  if (opcode === SET_FEATURES) return graveFeature(cdw10 & 0xff);
  if (opcode !== FIRMWARE_COMMIT) return undefined;
  return GRAVE_COMMITS.get(cdw10 >>> 3 & 0x7);
}

/** What an entry of the effects log amounts to. */
function loggedEffect(effects: CommandEffects): CommandEffect {
  if (effects.blockContent || effects.namespaceInventory) return "destroy";
  const changes = effects.namespaceCapability || effects.controllerCapability;
  return changes || effects.execution !== NO_RESTRICTION ? "write" : "read";
}

function logReason(effects: CommandEffects): string {
  if (!effects.supported) return "which the drive's effects log does not list";
  const changes = [
    effects.blockContent ? "logical blocks" : "",
    effects.namespaceInventory ? "which namespaces there are" : "",
    effects.namespaceCapability ? "namespace capabilities" : "",
    effects.controllerCapability ? "controller capabilities" : "",
  ].filter((word) => word !== "");
  const what = changes.length === 0
    ? "changes no blocks or namespaces"
    : `may change ${changes.join(", ")}`;
  return `which by the drive's effects log ${what}`;
}

/**
 * What the drive's effects log says of a command; undefined where the drive has no such log, or
 * does not tell which I/O command set the command belongs to.
 */
export async function readEffects(
  drive: Drive,
  { queue, opcode, nsid }: RawCommand,
): Promise<CommandEffects | undefined> {
  if (!EffectsPage.supportedBy(await identifyController(drive))) return undefined;
  const csi = queue === "admin" ? 0 : await commandSet(drive, nsid);
  if (csi === undefined) return undefined;
  const log = await unlessRefused(() =>
    readLogBytes(
      drive,
      { lid: EffectsPage.lid, length: EffectsLog.size, csi },
      "read the effects log",
    )
  );
  return log && EffectsLog.decode(log)[queue][opcode];
}

/**
 * What the command may do to this drive. The effects log is read only where it can matter: a
 * command that the specification calls a read or destructive is what it is.
 */
export async function judgeOn(drive: Drive, command: RawCommand): Promise<Judgement> {
  const settled = rawInfo(command).known && baseJudgement(command).effect !== "write";
  const judgement = judge(command, settled ? undefined : await readEffects(drive, command));
  if (!isFormat(command)) return judgement;
  return { ...judgement, namespaces: formatScope(command, await identifyController(drive)) };
}
