// Log pages 07h and 08h: telemetry, as the host asked for it and as the controller saw fit.

import { TELEMETRY_BLOCK_BYTES, telemetryParameter } from "../../spec/log/telemetry.ts";
import { captureForHost, controllerTelemetry, hostTelemetry } from "../model/telemetry.ts";
import type { DriveLogPage } from "./page.ts";

/** Telemetry Host-Initiated [BASE-2.1 §5.1.12.1.8]. */
export const TelemetryHostPage: DriveLogPage = {
  lid: 0x07,
  unitBytes: TELEMETRY_BLOCK_BYTES,
  read(machine, request) {
    const parameter = Uint8Array.of(request.lsp);
    const { create, area } = telemetryParameter.get(new DataView(parameter.buffer), 0);
    if (create) captureForHost(machine, area);
    return hostTelemetry(machine);
  },
};

/** Telemetry Controller-Initiated [BASE-2.1 §5.1.12.1.9]: read once, it is no news any more. */
export const TelemetryControllerPage: DriveLogPage = {
  lid: 0x08,
  unitBytes: TELEMETRY_BLOCK_BYTES,
  read(machine, request) {
    const page = controllerTelemetry(machine);
    if (!request.rae) machine.state.telemetry.available = false;
    return page;
  },
};
