// Every scenario, one line each: `nvmectl drive scenarios` lists them in this order.

import * as commands from "./commands.ts";
import * as conditions from "./conditions.ts";
import * as health from "./health.ts";
import * as links from "./links.ts";
import * as media from "./media.ts";
import type { AnyScenario } from "./scenario.ts";

// A scenario is invariant in its parameters' types; the registry only holds it.
function entry(scenario: unknown): AnyScenario {
  return scenario as AnyScenario;
}

/** The scenarios: those of the talk first. */
export const SCENARIOS: readonly AnyScenario[] = [
  commands.noWrites,
  commands.noWritesErrors,
  commands.temperamental,
  commands.reincarnation,
  commands.sum,
  commands.writeFault,
  commands.status,
  commands.hangIo,
  commands.hangAdmin,
  commands.keepAliveSwallow,
  commands.slowAdmin,
  commands.latency,
  commands.slowDie,
  commands.shortData,
  commands.badCid,
  commands.duplicateCompletion,
  commands.lostCompletion,
  commands.dropConnection,
  commands.firmwareRejected,
  conditions.unrecoveredRead,
  media.bitFlip,
  media.staleRead,
  media.misdirectedWrite,
  media.tornWrite,
  media.lostFlush,
  links.headerDigest,
  links.dataDigest,
  links.truncatedPdu,
  links.neverReady,
  links.slowReady,
  links.fatalStatus,
  links.shutdownStuck,
  links.allOnes,
  conditions.persistentError,
  conditions.eventStorm,
  conditions.panicDump,
  conditions.selfTestFailing,
  conditions.sanitizeFailing,
  conditions.slowActivation,
  conditions.anaFlip,
  health.spareDrain,
  health.wearOut,
  health.thermalRamp,
  health.readOnlyMedia,
  health.degraded,
].map(entry);

const BY_NAME: ReadonlyMap<string, AnyScenario> = new Map(SCENARIOS.map((one) => [one.name, one]));

/** The scenario of a name, if there is one. */
export function findScenario(name: string): AnyScenario | undefined {
  return BY_NAME.get(name);
}
