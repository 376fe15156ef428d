// Get Features and Set Features.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import {
  type DataFeature,
  type Feature,
  featureKey,
  featureStore,
  valueOf,
  type Which,
  type WordFeature,
} from "../feature/feature.ts";
import { featureOf } from "../feature/table.ts";
import type { Machine } from "../machine.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { done, type Handler, type Outcome, receive, send } from "../pipeline/handler.ts";
import { replayOutcome } from "../recorded/replay.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** What Get Features is asked for, by SEL [BASE-2.1 §5.1.11, Fig. 192]. */
const SELECT = { current: 0, default: 1, saved: 2, capabilities: 3 } as const;

const WHICH: readonly Which[] = ["current", "default", "saved"];

/** Get Features [BASE-2.1 §5.1.11]. */
export const GetFeatures: Handler = {
  opcode: ADMIN_COMMANDS.getFeatures.opcode,
  nsid: "own",
  effects: { scope: "controller" },
  execute(machine, exchange) {
    const { cdw10, cdw11, cdw14, nsid } = exchange.entry;
    // Without save and select support the field is reserved, and only current values are given.
    const select = machine.personality.savesFeatures ? (cdw10 >>> 8) & 0x7 : SELECT.current;
    const asked = { id: cdw10 & 0xff, nsid, cdw11, uuid: cdw14 & 0x7f };
    return replayOutcome(machine, { kind: "feature", ...asked, select }, (machine) => {
      return getFeature(machine, exchange, select);
    });
  },
};

function getFeature(machine: Machine, exchange: Exchange, select: number): Outcome {
  const feature = find(machine, exchange.entry.cdw10);
  if (select > SELECT.capabilities) refuse(GENERIC.invalidField, { location: inDword(10, 8) });
  if (select === SELECT.capabilities) return done(capabilities(feature));
  const which = WHICH[select] ?? "current";
  return feature.kind === "word"
    ? getWord(machine, exchange, { feature, which })
    : getData(machine, exchange, { feature, which });
}

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
      ? setData(machine, exchange, { feature, save })
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
  { feature, which }: { readonly feature: WordFeature; readonly which: Which },
): Outcome {
  const [slot = ""] = slotsOf(machine, exchange, { feature, access: "get" });
  return done(valueOf(machine, feature, { slot, which }));
}

function getData(
  machine: Machine,
  { entry: command }: Exchange,
  { feature, which }: { readonly feature: DataFeature; readonly which: Which },
): Outcome {
  const [slot = ""] = holdersOf(machine, command.nsid, { feature, access: "get" });
  feature.size(machine, { command, slot, access: "get" });
  const { data, dw0 = 0 } = feature.read(machine, { command, slot, which });
  return send(data, { dw0 });
}

function setWord(
  machine: Machine,
  exchange: Exchange,
  { feature, save }: { readonly feature: WordFeature; readonly save: boolean },
): Outcome {
  const { entry } = exchange;
  const slots = slotsOf(machine, exchange, { feature, access: "set" });
  const value = feature.accept(machine, entry.cdw11, entry);
  const { features, savedFeatures } = featureStore(machine, feature);
  for (const slot of slots) {
    const key = featureKey(feature.fid, slot);
    features[key] = value;
    if (save) savedFeatures[key] = value;
    feature.changed?.(machine, slot, value);
  }
  return done(feature.answers ? value : 0);
}

function setData(
  machine: Machine,
  { entry: command }: Exchange,
  { feature, save }: { readonly feature: DataFeature; readonly save: boolean },
): Outcome {
  const slots = holdersOf(machine, command.nsid, { feature, access: "set" });
  const [slot = ""] = slots;
  const size = feature.size(machine, { command, slot, access: "set" });
  return receive({ data: size, metadata: 0 }, ({ data }) => {
    for (const holder of slots) feature.write(machine, data, { command, slot: holder, save });
    return done();
  });
}

/** Which values the command is about. */
function slotsOf(
  machine: Machine,
  { entry }: Exchange,
  { feature, access }: { readonly feature: WordFeature; readonly access: "get" | "set" },
): readonly string[] {
  const holders = holdersOf(machine, entry.nsid, { feature, access });
  return feature.slots?.(machine, entry.cdw11, access) ?? holders;
}

/** Which namespaces have the values, or nobody in particular, by the rules of BASE-2.1 §4.4. */
function holdersOf(
  machine: Machine,
  nsid: number,
  { feature, access }: { readonly feature: Feature; readonly access: "get" | "set" },
): readonly string[] {
  if (feature.scope === "controller") checkControllerNsid(machine, nsid, access);
  else if (feature.scope !== "namespace" && nsid !== 0 && !isBroadcast(feature, nsid)) {
    refuse(GENERIC.invalidField, { location: IN_NSID });
  }
  if (feature.scope !== "namespace") return [""];
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

function isBroadcast({ broadcast }: Feature, nsid: number): boolean {
  return broadcast === true && nsid === 0xffffffff;
}

function checkControllerNsid(
  { namespaces }: Machine,
  nsid: number,
  access: "get" | "set",
): void {
  const kind = namespaces.kindOf(nsid);
  if (kind === "zero" || kind === "broadcast") return;
  if (kind === "invalid") refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  if (access === "set") {
    refuse(COMMAND_SPECIFIC.featureNotPerNamespace, { location: IN_NSID });
  }
}
