// Log pages 00h, 05h, 12h and 13h: what the drive can do, out of its own tables.

import { array, at, bit, bits, range, reserved, struct, u32 } from "../../layout/mod.ts";
import { EffectsLog } from "../../spec/log/effects.ts";
import { SupportedLog } from "../../spec/log/supported.ts";
import { featureOf, FEATURES } from "../feature/table.ts";
import type { Machine } from "../machine.ts";
import type { Effects, Handler } from "../pipeline/handler.ts";
import type { DriveLogPage } from "./page.ts";

/** One FID Supported and Effects data structure [BASE-2.1 §5.1.12.1.18, Fig. 262]. */
const featureEffects = bits(u32, {
  supported: bit(0, "supported"),
  userData: bit(1, "may change user data"),
  namespaceCapability: bit(2, "may change namespace capabilities"),
  namespaceInventory: bit(3, "may change which namespaces there are"),
  controllerCapability: bit(4, "may change controller capabilities"),
  uuidSelection: bit(19, "takes a UUID index"),
  scope: range(31, 20, "scope"),
});

const FEATURE_SCOPE = { namespace: 0x1, controller: 0x2 } as const;

/** The Feature Identifiers Supported and Effects log page. */
export const FeatureEffectsLog = struct(
  "Feature Identifiers Supported and Effects",
  1024,
  "[BASE-2.1 §5.1.12.1.18]",
  [at(0, 1023, "features", array(featureEffects, 256), "Feature identifiers 00h to FFh")],
);

/** The NVMe-MI Commands Supported and Effects log page, of a drive without NVMe-MI. */
export const MiEffectsLog = struct(
  "NVMe-MI Commands Supported and Effects",
  4096,
  "[BASE-2.1 §5.1.12.1.19]",
  [reserved(0, 4095)],
);

/** Supported Log Pages. */
export const SupportedPage: DriveLogPage = {
  lid: 0x00,
  read({ personality }) {
    const pages = Array.from({ length: 256 }, (_, lid) => ({
      supported: personality.logs.includes(lid),
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
      return feature ? { supported: true, scope: FEATURE_SCOPE[feature.scope] } : 0;
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
      return EffectsLog.encode({ admin: half(machine, admin), io: half(machine, io) });
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
    controllerCapability: effects.controllerCapability ?? false,
    execution: effects.execution ?? 0,
    namespaceScope: effects.scope === "namespace",
    controllerScope: effects.scope === "controller",
    subsystemScope: effects.scope === "subsystem",
  };
}
