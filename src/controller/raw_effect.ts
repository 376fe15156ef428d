// What a command that somebody composed by hand may do to the drive: judged by its opcode, and by
// the drive's own log of its commands' effects.

import { StatusError } from "../errors.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import { decodeNamespaceDescriptors, NIDT } from "../spec/identify/namespace_descriptors.ts";
import { type CommandEffects, EffectsLog, EffectsPage } from "../spec/log/effects.ts";
import type { CommandEffect } from "../spec/opcode.ts";
import type { Drive } from "./drive.ts";
import { identify, identifyController } from "./identify.ts";
import { readLogBytes } from "./log.ts";
import { type RawCommand, rawInfo } from "./raw.ts";
import { type DestroyedNamespaces, formatScope, isFormat, scopeOf } from "./raw_scope.ts";

const GET_LOG_PAGE = 0x02;
const NAMESPACE_DESCRIPTORS = 0x03;
const TELEMETRY_HOST = 0x07;
const PERSISTENT_EVENT = 0x0d;
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
 * What the command may do: what the specification says of its opcode, made worse by what the
 * drive's effects log says of it, where there is one. Only for an opcode that the specification
 * does not define may the log make it better, and never better than `write`: whatever such a
 * command does, the log cannot say that it changes nothing.
 */
export function judge(command: RawCommand, effects: CommandEffects | undefined): Judgement {
  const namespaces = scopeOf(command);
  const { known } = rawInfo(command);
  const base = baseEffect(command);
  if (effects === undefined) {
    const reason = known ? BY_SPECIFICATION[base] : "of which only its vendor knows what it does";
    return { effect: base, reason, namespaces };
  }
  const logged = loggedEffect(effects);
  if (!known) {
    const effect = effects.supported && logged !== "destroy" ? "write" : "destroy";
    return { effect, reason: logReason(effects), namespaces };
  }
  return RANK[logged] > RANK[base]
    ? { effect: logged, reason: logReason(effects), namespaces: "all" }
    : { effect: base, reason: BY_SPECIFICATION[base], namespaces };
}

/** The effect by the opcode table, and by the log pages that a parameter makes more than reads. */
function baseEffect(command: RawCommand): CommandEffect {
  const { effect } = rawInfo(command);
  if (command.queue !== "admin" || command.opcode !== GET_LOG_PAGE) return effect;
  const { cdw10 = 0 } = command;
  const lid = cdw10 & 0xff;
  const lsp = cdw10 >>> 8 & 0x7f;
  // Creating telemetry data, establishing or releasing an event log context.
  return lsp !== 0 && (lid === TELEMETRY_HOST || lid === PERSISTENT_EVENT) ? "write" : effect;
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

/** The I/O command set of a namespace; that of NVM where the drive is too old to say. */
async function commandSet(drive: Drive, nsid = 0): Promise<number | undefined> {
  if (nsid === 0 || nsid === ALL_NAMESPACES) return undefined;
  const bytes = await unlessRefused(() =>
    identify(
      drive,
      { cns: NAMESPACE_DESCRIPTORS, nsid },
      `read the descriptors of namespace ${nsid}`,
    )
  );
  if (bytes === undefined) return 0;
  const csi = decodeNamespaceDescriptors(bytes).find(({ nidt }) => nidt === NIDT.csi);
  return csi?.nid[0] ?? 0;
}

async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/**
 * What the command may do to this drive. The effects log is read only where it can matter: a
 * command that the specification calls a read or destructive is what it is.
 */
export async function judgeOn(drive: Drive, command: RawCommand): Promise<Judgement> {
  const settled = rawInfo(command).known && baseEffect(command) !== "write";
  const judgement = judge(command, settled ? undefined : await readEffects(drive, command));
  if (!isFormat(command)) return judgement;
  return { ...judgement, namespaces: formatScope(command, await identifyController(drive)) };
}
