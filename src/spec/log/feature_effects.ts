// Log page 12h: which features the controller has, and what setting each may do to the drive.

import {
  array,
  at,
  bit,
  bits,
  counted,
  type JsonObject,
  nameOf,
  range,
  struct,
  u32,
} from "../../layout/mod.ts";
import { formatOpcode } from "../opcode.ts";
import { fixedPage, isSet, type LogPage, type Table } from "./log_page.ts";

/** What a feature or command acts on; one bit at most is set [BASE-2.1 §5.1.12.1.18, Fig. 262]. */
export const EFFECT_SCOPE_NAMES = {
  0x00: "not reported",
  0x01: "namespaces",
  0x02: "the controller",
  0x04: "NVM sets",
  0x08: "endurance groups",
  0x10: "a domain",
  0x20: "the NVM subsystem",
  0x40: "a controller data queue",
} as const;

/** One FID Supported and Effects data structure [BASE-2.1 §5.1.12.1.18, Fig. 262]. */
const featureEffects = bits(u32, {
  supported: bit(0, "supported"),
  userData: bit(1, "may change user data"),
  namespaceCapability: bit(2, "may change namespace capabilities"),
  namespaceInventory: bit(3, "may change which namespaces there are"),
  controllerCapability: bit(4, "may change controller capabilities"),
  uuidSelection: bit(19, "takes a UUID index"),
  scope: range(31, 20, "acts on", { names: EFFECT_SCOPE_NAMES }),
});

/** What the log says of one feature. */
export type FeatureEffects = ReturnType<typeof featureEffects.get>;

/** The Feature Identifiers Supported and Effects log page: one entry for each identifier. */
export const FeatureEffectsLog = struct(
  "Feature Identifiers Supported and Effects",
  1024,
  "[BASE-2.1 §5.1.12.1.18, Fig. 261]",
  [at(0, 1023, "features", array(featureEffects, 256), "Feature identifiers 00h to FFh")],
);

/** A decoded Feature Identifiers Supported and Effects log page. */
export type FeatureEffectsLog = ReturnType<typeof FeatureEffectsLog.decode>;

/** What both logs of effects say may change. */
type Changes = Pick<
  FeatureEffects,
  "userData" | "namespaceCapability" | "namespaceInventory" | "controllerCapability"
>;

const CHANGES: readonly (readonly [keyof Changes, string])[] = [
  ["userData", "user data"],
  ["namespaceCapability", "namespace capabilities"],
  ["namespaceInventory", "namespace inventory"],
  ["controllerCapability", "controller capabilities"],
];

/** What may change, in words; empty where nothing does. */
export function changesText(effects: Changes): string {
  return CHANGES.filter(([flag]) => effects[flag]).map(([, word]) => word).join(", ");
}

/** What is acted on, in words; empty where the drive does not say. */
export function scopeText(scope: number): string {
  return scope === 0 ? "" : nameOf(EFFECT_SCOPE_NAMES, scope);
}

/** A feature that the controller has. */
export interface SupportedFeature {
  readonly fid: number;
  readonly effects: FeatureEffects;
}

/** The supported features, by identifier. */
export function supportedFeatures(log: FeatureEffectsLog): readonly SupportedFeature[] {
  return log.features.flatMap((effects, fid) => effects.supported ? [{ fid, effects }] : []);
}

/** Log page 12h. */
export const FeatureEffectsPage: LogPage<FeatureEffectsLog> = fixedPage(FeatureEffectsLog, {
  lid: 0x12,
  name: "feature-effects",
  aliases: ["fid-support-effects-log", "fid-effects"],
  since: "2.0",
  scope: "controller",
  supportedBy: ({ lpa }) => isSet(lpa, 5),
  json: featureEffectsJson,
  table: featureEffectsTable,
});

function featureEffectsJson(log: FeatureEffectsLog): JsonObject {
  return {
    features: supportedFeatures(log).map(({ fid, effects }) => ({
      fid,
      effects: featureEffects.json(effects),
    })),
  };
}

function featureEffectsTable(log: FeatureEffectsLog): Table {
  const features = supportedFeatures(log);
  return {
    columns: ["Feature", "May change", "Acts on", "UUID index"],
    rows: features.map(({ fid, effects }) => [
      formatOpcode(fid),
      changesText(effects),
      scopeText(effects.scope),
      effects.uuidSelection ? "yes" : "",
    ]),
    note: `${counted(features.length, "feature")} supported`,
  };
}
