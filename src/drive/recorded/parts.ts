// Which part of an answer follows which rule: the table behind replayed drives.

import type { Struct } from "../../layout/mod.ts";
import { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { IdentifyControllerNvm } from "../../spec/identify/identify_controller_nvm.ts";
import { IdentifyNamespace } from "../../spec/identify/identify_namespace.ts";
import {
  IdentifyNamespaceIndependent,
} from "../../spec/identify/identify_namespace_independent.ts";
import { NvmNamespace } from "../../spec/identify/identify_namespace_nvm.ts";
import { EnduranceLog } from "../../spec/log/endurance.ts";
import { ErrorEntry } from "../../spec/log/error.ts";
import { FirmwareLog } from "../../spec/log/firmware.ts";
import { SanitizeLog } from "../../spec/log/sanitize.ts";
import { SelfTestEntry, SelfTestLog } from "../../spec/log/self_test.ts";
import { SmartLog } from "../../spec/log/smart.ts";
import { TelemetryControllerLog, TelemetryHostLog } from "../../spec/log/telemetry.ts";
import type { RecordedRequest } from "../../spec/recording.ts";
import type { Part } from "./merge.ts";

type Kinds = Readonly<Record<string, Exclude<Part["kind"], "list">>>;

const EVERYTHING = Number.MAX_SAFE_INTEGER;
const TIMESTAMP = 0x0e;

/** How a drive is reached over a fabric is the business of what serves it, not of what it was. */
const OF_THE_FABRIC: Kinds = {
  cntlid: "model",
  cntrltype: "model",
  kas: "model",
  maxcmd: "model",
  sgls: "model",
  subnqn: "model",
  ioccsz: "model",
  iorcsz: "model",
  icdoff: "model",
  msdbd: "model",
  ofcs: "model",
};

const CONTROLLER: readonly Part[] = rows(IdentifyController, {
  ctratt: "bits",
  oaes: "bits",
  oacs: "bits",
});
const CONTROLLER_OVER_FABRICS: readonly Part[] = rows(IdentifyController, {
  ctratt: "bits",
  oaes: "bits",
  oacs: "bits",
  ...OF_THE_FABRIC,
});
/** Utilization goes on from what it was, as far as blocks are written and deallocated here. */
const NAMESPACE: readonly Part[] = rows(IdentifyNamespace, { nuse: "counter" });
const NAMESPACE_INDEPENDENT: readonly Part[] = rows(IdentifyNamespaceIndependent);

const IDENTIFY: ReadonlyMap<number, readonly Part[]> = new Map([
  [0x00, NAMESPACE],
  [0x01, CONTROLLER],
  [0x05, rows(NvmNamespace)],
  [0x06, rows(IdentifyControllerNvm)],
  [0x08, NAMESPACE_INDEPENDENT],
  [0x09, NAMESPACE],
  [0x11, NAMESPACE],
  [0x1b, rows(NvmNamespace)],
  [0x1f, NAMESPACE_INDEPENDENT],
]);

const RESULTS = SelfTestLog.row("results");

const LOGS: ReadonlyMap<number, readonly Part[]> = new Map([
  [0x01, [{ kind: "list", first: 0, length: EVERYTHING, entry: ErrorEntry.size }]],
  [
    0x02,
    rows(SmartLog, {
      criticalWarning: "bits",
      percentageUsed: "counter",
      dataUnitsRead: "counter",
      dataUnitsWritten: "counter",
      hostReadCommands: "counter",
      hostWriteCommands: "counter",
      controllerBusyTime: "counter",
      powerCycles: "counter",
      powerOnHours: "counter",
      unsafeShutdowns: "counter",
      mediaErrors: "counter",
      errorLogEntries: "counter",
      warningTemperatureTime: "counter",
      criticalTemperatureTime: "counter",
    }),
  ],
  [0x03, rows(FirmwareLog)],
  // What changed since the host last looked: this host has not looked here before.
  [0x04, all("model")],
  // A self-test that was running there does not run here.
  [0x06, [
    { kind: "model", first: 0, length: RESULTS.first },
    {
      kind: "list",
      first: RESULTS.first,
      length: RESULTS.last + 1 - RESULTS.first,
      entry: SelfTestEntry.size,
    },
  ]],
  // The blocks are the vendor's secret: they stay what they were, as if always caught anew.
  [0x07, telemetry(TelemetryHostLog)],
  [0x08, telemetry(TelemetryControllerLog)],
  [0x09, rows(EnduranceLog)],
  [0x0d, all("model")],
  [0x81, rows(SanitizeLog)],
]);

/** The parts of the answer to a question; one that is not known is a single field. */
export function partsOf(
  { kind, id, select = 0 }: RecordedRequest,
  { overFabrics }: { readonly overFabrics: boolean },
): readonly Part[] {
  switch (kind) {
    case "identify":
      return id === 0x01 && overFabrics ? CONTROLLER_OVER_FABRICS : IDENTIFY.get(id) ?? [];
    case "log":
      return LOGS.get(id) ?? [];
    case "feature":
      // Time goes on from when this drive was switched on.
      return id === TIMESTAMP && select === 0 ? all("model") : [];
  }
}

/** Every field of a structure by itself, some of them of another kind. */
function rows<T extends object, I>(
  structure: Struct<T, I>,
  kinds: Kinds = {},
): readonly Part[] {
  return structure.rows.map(({ first, last, name }) => ({
    kind: kinds[name] ?? "field",
    first,
    length: last + 1 - first,
  }));
}

function all(kind: "model" | "recorded"): readonly Part[] {
  return [{ kind, first: 0, length: EVERYTHING }];
}

/** Which captures there are is counted on; everything else stays. */
function telemetry<T extends object, I>(header: Struct<T, I>): readonly Part[] {
  const counted = ["hostGeneration", "controllerGeneration"];
  const known = header.rows.map(({ first, last, name }): Part => ({
    kind: counted.includes(name)
      ? "counter"
      : name === "controllerAvailable"
      ? "field"
      : "recorded",
    first,
    length: last + 1 - first,
  }));
  return [...known, { kind: "recorded", first: header.size, length: EVERYTHING }];
}
