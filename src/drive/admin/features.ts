// Get Features and Set Features.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import {
  currentValue,
  type DataFeature,
  type Feature,
  featureKey,
  featureStore,
  type WordFeature,
} from "../feature/feature.ts";
import { featureOf } from "../feature/table.ts";
import type { Machine } from "../machine.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { done, type Handler, type Outcome, receive, send } from "../pipeline/handler.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** What Get Features is asked for, by SEL [BASE-2.1 §5.1.11, Fig. 192]. */
const SELECT = { current: 0, default: 1, saved: 2, capabilities: 3 } as const;

/** Get Features [BASE-2.1 §5.1.11]. */
export const GetFeatures: Handler = {
  opcode: ADMIN_COMMANDS.getFeatures.opcode,
  nsid: "own",
  effects: { scope: "controller" },
  execute(machine, exchange) {
    const { cdw10 } = exchange.entry;
    const feature = find(machine, cdw10);
    // Without save and select support the field is reserved, and only current values are given.
    const select = machine.personality.savesFeatures ? (cdw10 >>> 8) & 0x7 : SELECT.current;
    if (select > SELECT.capabilities) refuse(GENERIC.invalidField, { location: inDword(10, 8) });
    if (select === SELECT.capabilities) return done(capabilities(feature));
    if (feature.kind === "word") return getWord(machine, exchange, { feature, select });
    checkControllerNsid(machine, exchange, "get");
    return send(feature.read(machine, select === SELECT.current ? "current" : "default"));
  },
};

/** Set Features [BASE-2.1 §5.1.25]. */
export const SetFeatures: Handler = {
  opcode: ADMIN_COMMANDS.setFeatures.opcode,
  nsid: "own",
  effects: { scope: "controller" },
  execute(machine, exchange) {
    const { cdw10 } = exchange.entry;
    const feature = find(machine, cdw10);
    const save = (cdw10 >>> 31) === 1;
    if (save && !machine.personality.savesFeatures) {
      refuse(GENERIC.invalidField, { location: inDword(10, 31) });
    }
    if (save && !feature.saveable) {
      refuse(COMMAND_SPECIFIC.featureNotSaveable, { location: inDword(10, 31) });
    }
    return feature.kind === "data"
      ? setData(machine, exchange, feature)
      : setWord(machine, exchange, { feature, save });
  },
};

function find({ personality }: Machine, cdw10: number): Feature {
  return featureOf(personality, cdw10 & 0xff) ??
    refuse(GENERIC.invalidField, { location: inDword(10) });
}

/** What can be done with the feature [BASE-2.1 §5.1.11, Fig. 195]. */
function capabilities({ saveable, scope }: Feature): number {
  const changeable = 1;
  return (saveable ? 1 : 0) | (scope === "namespace" ? 2 : 0) | (changeable << 2);
}

function getWord(
  machine: Machine,
  exchange: Exchange,
  { feature, select }: { readonly feature: WordFeature; readonly select: number },
): Outcome {
  const [slot = ""] = slotsOf(machine, exchange, { feature, access: "get" });
  if (select === SELECT.current) return done(currentValue(machine, feature, slot));
  const initial = feature.initial(machine.personality, slot);
  const saved = featureStore(machine, feature).savedFeatures[featureKey(feature.fid, slot)];
  return done(select === SELECT.saved ? saved ?? initial : initial);
}

function setWord(
  machine: Machine,
  exchange: Exchange,
  { feature, save }: { readonly feature: WordFeature; readonly save: boolean },
): Outcome {
  const slots = slotsOf(machine, exchange, { feature, access: "set" });
  const value = feature.accept(machine, exchange.entry.cdw11);
  const { features, savedFeatures } = featureStore(machine, feature);
  for (const slot of slots) {
    const key = featureKey(feature.fid, slot);
    features[key] = value;
    if (save) savedFeatures[key] = value;
  }
  return done(feature.answers ? value : 0);
}

function setData(machine: Machine, exchange: Exchange, feature: DataFeature): Outcome {
  checkControllerNsid(machine, exchange, "set");
  return receive({ data: feature.size, metadata: 0 }, ({ data }) => {
    feature.write(machine, data);
    return done();
  });
}

/** Which values the command is about. The rules of the namespace identifier are BASE-2.1 §4.4's. */
function slotsOf(
  machine: Machine,
  exchange: Exchange,
  { feature, access }: { readonly feature: WordFeature; readonly access: "get" | "set" },
): readonly string[] {
  if (feature.scope === "controller") {
    checkControllerNsid(machine, exchange, access);
    return feature.slots?.(machine, exchange.entry.cdw11, access) ?? [""];
  }
  const { nsid } = exchange.entry;
  switch (machine.namespaces.kindOf(nsid)) {
    case "active":
      return [`${nsid}`];
    case "broadcast":
      if (access === "get") refuse(GENERIC.invalidNamespace, { location: IN_NSID });
      return machine.namespaces.active().map((namespace) => `${namespace.nsid}`);
    case "inactive":
    case "unallocated":
      return refuse(GENERIC.invalidField, { location: IN_NSID });
    default:
      return refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
}

function checkControllerNsid(
  { namespaces }: Machine,
  { entry }: Exchange,
  access: "get" | "set",
): void {
  const kind = namespaces.kindOf(entry.nsid);
  if (kind === "zero" || kind === "broadcast") return;
  if (kind === "invalid") refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  if (access === "set") {
    refuse(COMMAND_SPECIFIC.featureNotPerNamespace, { location: IN_NSID });
  }
}
