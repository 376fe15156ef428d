// Log pages 00h, 05h, 12h and 13h: what the drive can do, out of its own tables.

import { EffectsLog } from "../../spec/log/effects.ts";
import { FeatureEffectsLog } from "../../spec/log/feature_effects.ts";
import { MiEffectsLog } from "../../spec/log/mi_effects.ts";
import { SupportedLog } from "../../spec/log/supported.ts";
import type { FeatureScope } from "../feature/feature.ts";
import { featureOf, FEATURES } from "../feature/table.ts";
import type { Machine } from "../machine.ts";
import type { Effects, Handler } from "../pipeline/handler.ts";
import type { DriveLogPage } from "./page.ts";

/** Scopes, of which each is a bit [BASE-2.1 §5.1.12.1.18, Fig. 262]. */
const FEATURE_SCOPE: Readonly<Record<FeatureScope, number>> = {
  namespace: 0x01,
  controller: 0x02,
  "nvm-set": 0x04,
  "endurance-group": 0x08,
  subsystem: 0x20,
};

/**
 * What pages say of themselves: data areas can be chosen, a context is established with its header
 * [BASE-2.1 §5.1.12.1.1, Fig. 204].
 */
const SPECIFIC: Readonly<Record<number, number>> = { 0x07: 1, 0x0d: 1 };

/** Supported Log Pages. */
export const SupportedPage: DriveLogPage = {
  lid: 0x00,
  read({ personality }) {
    const pages = Array.from({ length: 256 }, (_, lid) => ({
      supported: personality.logs.includes(lid),
      specific: personality.logs.includes(lid) ? SPECIFIC[lid] ?? 0 : 0,
    }));
    return SupportedLog.encode({ pages });
  },
};

/** Feature Identifiers Supported and Effects. */
export const FeatureEffectsPage: DriveLogPage = {
  lid: 0x12,
  read({ personality }) {
    const features = Array.from({ length: 256 }, (_, fid) => {
      const feature = FEATURES.has(fid) ? featureOf(personality, fid) : undefined;
      if (!feature) return 0;
      return { ...feature.effects, supported: true, scope: FEATURE_SCOPE[feature.scope] };
    });
    return FeatureEffectsLog.encode({ features });
  },
};

/** NVMe-MI Commands Supported and Effects. */
export const MiEffectsPage: DriveLogPage = {
  lid: 0x13,
  read: () => MiEffectsLog.encode({}),
};

/** Commands Supported and Effects, out of the tables of the commands themselves. */
export function effectsPage(
  tables: () => { readonly admin: Iterable<Handler>; readonly io: Iterable<Handler> },
): DriveLogPage {
  return {
    lid: 0x05,
    byCommandSet: true,
    read(machine) {
      const { admin, io } = tables();
      // What was recorded of a drive says itself which queues there were.
      const queues = machine.personality.recorded ? [] : machine.faceCommands;
      return EffectsLog.encode({
        admin: half(machine, [...admin, ...queues]),
        io: half(machine, io),
      });
    },
  };
}

type CommandEntry = NonNullable<
  NonNullable<Parameters<typeof EffectsLog.encode>[0]["admin"]>[number]
>;

function half({ personality }: Machine, handlers: Iterable<Handler>): readonly CommandEntry[] {
  const entries = Array.from<CommandEntry>({ length: 256 }).fill(0);
  for (const { opcode, effects, supported } of handlers) {
    if (supported?.(personality) !== false) entries[opcode] = entryOf(effects);
  }
  return entries;
}

function entryOf(effects: Effects): CommandEntry {
  return {
    supported: true,
    blockContent: effects.blockContent ?? false,
    namespaceCapability: effects.namespaceCapability ?? false,
    namespaceInventory: effects.namespaceInventory ?? false,
    controllerCapability: effects.controllerCapability ?? false,
    execution: effects.execution ?? 0,
    namespaceScope: effects.scope === "namespace",
    controllerScope: effects.scope === "controller",
    subsystemScope: effects.scope === "subsystem",
  };
}
