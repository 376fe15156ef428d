// Log pages 07h and 08h: what the vendor wants to know of the drive's inside. The header says how
// much there is; the blocks behind it mean something to the vendor only.

import {
  at,
  bit,
  bits,
  bytes,
  coded,
  hex,
  type JsonObject,
  range,
  reserved,
  type Struct,
  struct,
  u16,
  u32,
  u8,
} from "../../layout/mod.ts";
import { oui } from "../identify/codecs.ts";
import { growingPage, type Growth, isSet, type LogPage } from "./log_page.ts";

/** Telemetry is counted in blocks of so many bytes, the header being block 0. */
export const TELEMETRY_BLOCK_BYTES = 512;

/** What a capture is of [BASE-2.1 §5.1.12.1.8, Fig. 214]. */
export const TELEMETRY_SCOPE_NAMES = {
  0: "not reported",
  1: "the controller",
  2: "the NVM subsystem",
} as const;

/** Whether the controller keeps a capture of its own [BASE-2.1 §5.1.12.1.9, Fig. 216]. */
export const TELEMETRY_AVAILABLE_NAMES = { 0: "no", 1: "yes" } as const;

/** A data area: all of them begin at block 1, so that a higher one holds the lower ones. */
export type TelemetryArea = 1 | 2 | 3 | 4;

/** The log specific parameter of page 07h [BASE-2.1 §5.1.12.1.8, Fig. 213]. */
export const telemetryParameter = bits(u8, {
  create: bit(0, "capture now"),
  area: range(3, 1, "highest data area to capture"),
});

const IDENTITY = [
  at(0, 0, "lid", hex(u8), "Log page identifier"),
  reserved(1, 4),
  at(5, 7, "ieee", oui, "IEEE OUI", { brief: true }),
  at(8, 9, "area1LastBlock", u16, "Data area 1, last block", { brief: true }),
  at(10, 11, "area2LastBlock", u16, "Data area 2, last block", { brief: true }),
  at(12, 13, "area3LastBlock", u16, "Data area 3, last block", { brief: true }),
  reserved(14, 15),
  at(16, 19, "area4LastBlock", u32, "Data area 4, last block", { brief: true, since: "2.0" }),
] as const;

const CAPTURED = [
  at(
    382,
    382,
    "controllerAvailable",
    coded(u8, TELEMETRY_AVAILABLE_NAMES),
    "Controller-initiated data available",
    { brief: true },
  ),
  at(383, 383, "controllerGeneration", u8, "Controller-initiated generation", { brief: true }),
  at(384, 511, "reason", bytes(128), "Reason identifier", { brief: true }),
] as const;

const scope = coded(u8, TELEMETRY_SCOPE_NAMES);

/** The header of the Telemetry Host-Initiated log page. */
export const TelemetryHostLog = struct(
  "Telemetry Host-Initiated",
  512,
  "[BASE-2.1 §5.1.12.1.8, Fig. 214]",
  [
    ...IDENTITY,
    reserved(20, 379),
    at(380, 380, "scope", scope, "Scope", { since: "2.1" }),
    at(381, 381, "hostGeneration", u8, "Host-initiated generation", {
      brief: true,
      since: "2.0",
    }),
    ...CAPTURED,
  ],
);

/** The header of the Telemetry Controller-Initiated log page. */
export const TelemetryControllerLog = struct(
  "Telemetry Controller-Initiated",
  512,
  "[BASE-2.1 §5.1.12.1.9, Fig. 216]",
  [
    ...IDENTITY,
    reserved(20, 380),
    at(381, 381, "scope", scope, "Scope", { since: "2.1" }),
    ...CAPTURED,
  ],
);

/** The decoded header of page 07h. */
export type TelemetryHostHeader = ReturnType<typeof TelemetryHostLog.decode>;

/** The decoded header of page 08h. */
export type TelemetryControllerHeader = ReturnType<typeof TelemetryControllerLog.decode>;

/** A decoded telemetry page: its header, and as many blocks as were read. */
export type Telemetry<H> = H & { readonly data: Uint8Array };

type LastBlocks = Pick<
  TelemetryHostHeader,
  "area1LastBlock" | "area2LastBlock" | "area3LastBlock" | "area4LastBlock"
>;

/** The last block of a data area and of those below it; zero where none of them holds data. */
export function telemetryLastBlock(header: LastBlocks, area: TelemetryArea): number {
  const { area1LastBlock, area2LastBlock, area3LastBlock, area4LastBlock } = header;
  return Math.max(
    ...[area1LastBlock, area2LastBlock, area3LastBlock, area4LastBlock].slice(0, area),
  );
}

/** The page's bytes up to the end of a data area, header included. */
export function telemetryBytes(header: LastBlocks, area: TelemetryArea): number {
  return (telemetryLastBlock(header, area) + 1) * TELEMETRY_BLOCK_BYTES;
}

/** A page out of its header and the blocks behind it, padded to a whole block. */
export function encodeTelemetry<I>(
  structure: Struct<object, I>,
  header: I,
  data: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const blocks = 1 + Math.ceil(data.length / TELEMETRY_BLOCK_BYTES);
  const page = new Uint8Array(blocks * TELEMETRY_BLOCK_BYTES);
  page.set(structure.encode(header));
  page.set(data, structure.size);
  return page;
}

/**
 * Data area 4 counts only where the host has enabled it (Host Behavior Support, ETDAS), so a page
 * is read up to the end of area 3, as other programs do.
 */
const READ_AREA: TelemetryArea = 3;

/** The parameter's bits matter to the command that captures, and to no other. */
const HOST_ONCE = 0x7f;

function growth<H extends LastBlocks>(
  structure: { decode(bytes: Uint8Array): H },
  generation: (header: H) => number,
): Growth {
  return {
    extent: (page) => telemetryBytes(structure.decode(page), READ_AREA),
    generation: (page) => generation(structure.decode(page)),
    once: HOST_ONCE,
  };
}

function decode<H extends object>(
  structure: { decode(bytes: Uint8Array): H },
  page: Uint8Array,
): Telemetry<H> {
  return { ...structure.decode(page), data: page.slice(TELEMETRY_BLOCK_BYTES) };
}

function json<H extends LastBlocks>(
  structure: { json(header: H): JsonObject },
  log: Telemetry<H>,
): JsonObject {
  return { ...structure.json(log), data_bytes: log.data.length };
}

/** Log page 07h. With bit 0 of the log specific parameter the drive captures its state first. */
export const TelemetryHostPage: LogPage<Telemetry<TelemetryHostHeader>> = growingPage(
  TelemetryHostLog,
  {
    lid: 0x07,
    name: "telemetry-host",
    aliases: ["telemetry-log", "telemetry"],
    since: "1.3",
    scope: "controller",
    supportedBy: ({ lpa }) => isSet(lpa, 3),
    growth: growth(TelemetryHostLog, ({ hostGeneration }) => hostGeneration),
    decode: (page) => decode(TelemetryHostLog, page),
    json: (log) => json(TelemetryHostLog, log),
  },
);

/** Log page 08h. Reading it without retaining its event lets the drive drop the capture. */
export const TelemetryControllerPage: LogPage<Telemetry<TelemetryControllerHeader>> = growingPage(
  TelemetryControllerLog,
  {
    lid: 0x08,
    name: "telemetry-controller",
    since: "1.3",
    scope: "controller",
    supportedBy: ({ lpa }) => isSet(lpa, 3),
    growth: growth(TelemetryControllerLog, ({ controllerGeneration }) => controllerGeneration),
    decode: (page) => decode(TelemetryControllerLog, page),
    json: (log) => json(TelemetryControllerLog, log),
  },
);
