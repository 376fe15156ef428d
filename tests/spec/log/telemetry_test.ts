// The telemetry log pages.

import { assertEquals } from "@std/assert";
import {
  encodeTelemetry,
  telemetryBytes,
  TelemetryControllerLog,
  TelemetryControllerPage,
  TelemetryHostLog,
  TelemetryHostPage,
  telemetryLastBlock,
  telemetryParameter,
} from "../../../src/spec/log/telemetry.ts";
import { TELEMETRY_CONTROLLER_IMAGE, TELEMETRY_HOST_IMAGE } from "../../golden/log/later_images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { TELEMETRY_CONTROLLER_WITNESS, TELEMETRY_HOST_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const HOST = {
  lid: 7,
  ieee: 0x002538,
  area1LastBlock: 2,
  area2LastBlock: 3,
  area3LastBlock: 3,
  area4LastBlock: 0x10010,
  scope: 1,
  hostGeneration: 7,
  controllerAvailable: 1,
  controllerGeneration: 0xfe,
  reason: page(128, { 0: "41 42", 127: "ff" }),
};

const CONTROLLER = {
  lid: 8,
  ieee: 0x002538,
  area1LastBlock: 1,
  area2LastBlock: 1,
  area3LastBlock: 5,
  scope: 2,
  controllerAvailable: 1,
  controllerGeneration: 9,
  reason: page(128, { 0: "de ad" }),
};

structureTests(TelemetryHostLog, { bytes: TELEMETRY_HOST_IMAGE, decoded: HOST, encoded: HOST });
witnessTests(TelemetryHostLog, TELEMETRY_HOST_WITNESS);
structureTests(TelemetryControllerLog, {
  bytes: TELEMETRY_CONTROLLER_IMAGE,
  decoded: CONTROLLER,
  encoded: CONTROLLER,
});
witnessTests(TelemetryControllerLog, TELEMETRY_CONTROLLER_WITNESS);

Deno.test("telemetryBytes() counts the header and the blocks up to an area's last", () => {
  const header = TelemetryHostLog.decode(TELEMETRY_HOST_IMAGE);
  assertEquals(([1, 2, 3, 4] as const).map((area) => telemetryLastBlock(header, area)), [
    2,
    3,
    3,
    0x10010,
  ]);
  assertEquals(telemetryBytes(header, 1), 3 * 512);
  assertEquals(telemetryBytes(TelemetryHostLog.decode(new Uint8Array(512)), 3), 512);
});

Deno.test("telemetryLastBlock() of an empty higher area is that of the lower ones", () => {
  const header = TelemetryHostLog.decode(page(512, { 8: "04" }));
  assertEquals(telemetryLastBlock(header, 3), 4);
});

Deno.test("encodeTelemetry() puts whole blocks behind the header", () => {
  const image = encodeTelemetry(TelemetryHostLog, HOST, new Uint8Array(513).fill(0xaa));
  assertEquals(image.length, 3 * 512);
  assertEquals(image.subarray(0, 512), TELEMETRY_HOST_IMAGE);
  assertEquals([image[512], image[1024], image[1025]], [0xaa, 0xaa, 0]);
  assertEquals(encodeTelemetry(TelemetryHostLog, HOST).length, 512);
});

Deno.test("the telemetry pages go up to area 3, which is read without the host's consent to 4", () => {
  assertEquals(TelemetryHostPage.growth?.extent(TELEMETRY_HOST_IMAGE), 4 * 512);
  assertEquals(TelemetryControllerPage.growth?.extent(TELEMETRY_CONTROLLER_IMAGE), 6 * 512);
});

Deno.test("the telemetry pages tell captures apart by their own generation", () => {
  assertEquals(TelemetryHostPage.growth?.generation(TELEMETRY_HOST_IMAGE), 7);
  assertEquals(TelemetryControllerPage.growth?.generation(TELEMETRY_CONTROLLER_IMAGE), 9);
});

Deno.test("TelemetryHostPage.decode() keeps what was read behind the header", () => {
  const image = encodeTelemetry(TelemetryHostLog, HOST, Uint8Array.of(1, 2, 3));
  const log = TelemetryHostPage.decode(image);
  assertEquals(log.data.subarray(0, 4), Uint8Array.of(1, 2, 3, 0));
  const json = TelemetryHostPage.json(log);
  assertEquals([json["data_bytes"], json["area2_last_block"]], [512, 3]);
});

Deno.test("telemetryParameter has the area to capture above the bit that captures", () => {
  const bytes = new Uint8Array(1);
  telemetryParameter.put(new DataView(bytes.buffer), 0, { create: true, area: 4 });
  assertEquals(bytes[0], 0b1001);
});
