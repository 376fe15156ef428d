// Telemetry: pictures of the drive's inside, taken when a host asks or when something went wrong.
//
// What other vendors keep secret is plain text here: one JSON document for each data area. Area 1
// says what the drive is and how it is, area 2 adds its errors and self-tests, area 3 the state of
// its namespaces and features and a memory dump of the size that its kind has, area 4 the
// personality that it was made from.

import type { Struct } from "../../layout/mod.ts";
import {
  encodeTelemetry,
  TELEMETRY_BLOCK_BYTES,
  TelemetryControllerLog,
  TelemetryHostLog,
} from "../../spec/log/telemetry.ts";
import type { Machine } from "../machine.ts";
import { theRest } from "../rest.ts";
import { EVENTS } from "./event_kinds.ts";
import { raiseEvent } from "./events.ts";
import { compositeTemperature, percentageUsed, powerOnHours } from "./health.ts";
import { storeBytes, storedBytes } from "./stored_bytes.ts";

/** One picture: it stays as it is until the next one is taken. */
export interface TelemetryCapture {
  /** The last block of each data area, area 1 first. */
  readonly lastBlocks: readonly number[];
  /** The blocks behind the header, in base64. */
  readonly blocks: string;
  /** Why it was taken. */
  readonly reason: string;
}

/** Telemetry in the drive's memory. */
export interface TelemetryState {
  host: TelemetryCapture | null;
  hostGeneration: number;
  controller: TelemetryCapture | null;
  controllerGeneration: number;
  /** The controller-initiated picture has not been read yet. */
  available: boolean;
}

const AREAS = 4;
const CONTROLLER_SCOPE = 1;
const REASON_BYTES = 128;
const PRETTY = 1;
/** The data area that ends with the memory dump. */
const DUMP_AREA = 3;

/** Pages that were read, for as long as their pictures are kept. */
const pages = new WeakMap<TelemetryCapture, Uint8Array>();

/** A drive of which no picture was taken. */
export function initialTelemetry(): TelemetryState {
  return {
    host: null,
    hostGeneration: 0,
    controller: null,
    controllerGeneration: 0,
    available: false,
  };
}

/** Takes a host's picture, up to a data area; zero leaves the choice to the drive. */
export function captureForHost(machine: Machine, highest: number): void {
  const { telemetry } = machine.state;
  telemetry.hostGeneration = (telemetry.hostGeneration + 1) & 0xff;
  telemetry.host = capture(machine, "requested by the host", highest || AREAS);
  theRest().records.recordTelemetry(
    machine,
    hostTelemetry(machine).slice(0, TelemetryHostLog.size),
  );
}

/** Takes a picture for whoever looks for the reason of a fault, and tells the hosts. */
export function captureTelemetry(machine: Machine, reason: string): void {
  const { state: { telemetry }, drive } = machine;
  telemetry.controllerGeneration = (telemetry.controllerGeneration + 1) & 0xff;
  telemetry.controller = capture(machine, reason, AREAS);
  telemetry.available = true;
  theRest().records.recordTelemetry(
    machine,
    controllerTelemetry(machine).slice(0, TelemetryControllerLog.size),
  );
  raiseEvent(drive, EVENTS.telemetryChanged);
}

/** Log page 07h as it is, until it is asked for again. */
export function hostTelemetry(machine: Machine): Uint8Array {
  const { telemetry } = machine.state;
  return page(TelemetryHostLog, {
    ...common(machine, telemetry.host),
    lid: 0x07,
    hostGeneration: telemetry.hostGeneration,
  }, telemetry.host);
}

/** Log page 08h as it is, until it is asked for again. */
export function controllerTelemetry(machine: Machine): Uint8Array {
  const { telemetry } = machine.state;
  return page(TelemetryControllerLog, {
    ...common(machine, telemetry.controller),
    lid: 0x08,
  }, telemetry.controller);
}

/** What both headers have. Areas that hold nothing more end where the one below them does. */
function common(
  { state: { telemetry }, personality }: Machine,
  taken: TelemetryCapture | null,
): {
  readonly ieee: number;
  readonly area1LastBlock: number;
  readonly area2LastBlock: number;
  readonly area3LastBlock: number;
  readonly area4LastBlock: number;
  readonly scope: number;
  readonly controllerAvailable: number;
  readonly controllerGeneration: number;
  readonly reason: Uint8Array;
} {
  const [area1 = 0, area2 = 0, area3 = 0, area4 = 0] = taken?.lastBlocks ?? [];
  return {
    ieee: personality.oui,
    area1LastBlock: area1,
    area2LastBlock: area2,
    area3LastBlock: area3,
    area4LastBlock: area4,
    scope: taken ? CONTROLLER_SCOPE : 0,
    controllerAvailable: Number(telemetry.available),
    controllerGeneration: telemetry.controllerGeneration,
    reason: textBytes(taken?.reason ?? "").subarray(0, REASON_BYTES),
  };
}

/**
 * A picture behind its header. Hosts read it in hundreds of pieces: its blocks are taken out of
 * their text once, and only the header is made anew.
 */
function page<I>(
  structure: Struct<object, I>,
  header: I,
  taken: TelemetryCapture | null,
): Uint8Array {
  if (taken === null) return encodeTelemetry(structure, header);
  const known = pages.get(taken);
  if (known === undefined) {
    const made = encodeTelemetry(structure, header, storedBytes(taken.blocks));
    pages.set(taken, made);
    return made;
  }
  known.set(structure.encode(header));
  return known;
}

function capture(machine: Machine, reason: string, highest: number): TelemetryCapture {
  // Area 4 is for hosts that have asked for it [BASE-2.1 §5.1.25.1.14].
  const most = machine.controller.hostBehavior["etdas"] === 1 ? AREAS : AREAS - 1;
  const areas = [identity, errors, memory, make].slice(0, Math.min(highest, most));
  const parts = areas.map((area) => padded(textBytes(document(area(machine)))));
  const { telemetryDumpBytes = 0 } = machine.personality;
  if (parts.length >= DUMP_AREA && telemetryDumpBytes > 0) {
    parts.splice(DUMP_AREA - 1, 1, joined(parts[DUMP_AREA - 1], dump(telemetryDumpBytes)));
  }
  const lastBlocks: number[] = [];
  let blocks = 0;
  for (const part of parts) {
    blocks += part.length / TELEMETRY_BLOCK_BYTES;
    lastBlocks.push(blocks);
  }
  while (lastBlocks.length < most) lastBlocks.push(blocks);
  const all = new Uint8Array(blocks * TELEMETRY_BLOCK_BYTES);
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return { lastBlocks, blocks: storeBytes(all), reason };
}

function identity(machine: Machine): object {
  const { personality, state, controller, now } = machine;
  const { counters, firmwareUpdate, firmwareSlot } = state;
  return {
    area: 1,
    takenAt: now(),
    model: personality.model,
    serial: personality.serial,
    controller: controller.id,
    firmware: { running: firmwareUpdate.running, slot: firmwareSlot },
    temperatureK: compositeTemperature(machine),
    percentageUsed: percentageUsed(machine),
    powerOnHours: powerOnHours(machine),
    counters,
  };
}

function errors({ state }: Machine): object {
  const { errors, selfTest, selfTestResults, sanitize, formats } = state;
  return { area: 2, errors, selfTest, selfTestResults, sanitize, formats };
}

function memory({ state }: Machine): object {
  const { namespaces, features, savedFeatures, controllers, firmware } = state;
  return { area: 3, namespaces, features, savedFeatures, controllers, firmware };
}

function make({ personality }: Machine): object {
  return { area: 4, personality };
}

/** What stands for a memory dump: no two blocks of it are alike. */
function dump(length: number): Uint8Array {
  const bytes = padded(new Uint8Array(length));
  const words = new Uint32Array(bytes.buffer);
  let word = 1;
  for (let at = 0; at < words.length; at++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[at] = word;
  }
  return bytes;
}

function joined(head: Uint8Array = new Uint8Array(0), tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/** As JSON; large numbers are text. */
function document(value: object): string {
  const plain = (_key: string, part: unknown): unknown =>
    typeof part === "bigint" ? `${part}` : part;
  return JSON.stringify(value, plain, PRETTY) + "\n";
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(
    Math.ceil(bytes.length / TELEMETRY_BLOCK_BYTES) * TELEMETRY_BLOCK_BYTES,
  );
  whole.set(bytes);
  return whole;
}

/** At least as long as a reason identifier. */
function textBytes(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length >= REASON_BYTES) return bytes;
  const whole = new Uint8Array(REASON_BYTES);
  whole.set(bytes);
  return whole;
}
