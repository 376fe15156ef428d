// Tests of the telemetry log pages.

import { assert, assertEquals } from "@std/assert";
import { captureTelemetry } from "../../../src/drive/model/telemetry.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import {
  TelemetryControllerLog,
  TelemetryHostLog,
  telemetryLastBlock,
} from "../../../src/spec/log/telemetry.ts";
import { Bench, OK } from "../bench.ts";

const CREATE = 0x0100;
const RETAIN = 0x8000;
const HOST_BEHAVIOR = 0x16;

async function host(bench: Bench, lsp = 0, bytes = 512): Promise<Uint8Array> {
  const { status, data } = await bench.log(0x07, bytes, {
    cdw10: ((bytes / 4 - 1) << 16 | lsp | 0x07) >>> 0,
  });
  assertEquals(status, OK);
  return data;
}

function document(page: Uint8Array, from: number, to: number): Record<string, unknown> {
  const text = new TextDecoder().decode(page.slice(from * 512, (to + 1) * 512));
  return JSON.parse(text.replaceAll("\0", ""));
}

Deno.test("Host telemetry has nothing to show before somebody asks for a picture", async () => {
  const header = TelemetryHostLog.decode(await host(new Bench()));
  assertEquals([header.lid, header.hostGeneration, header.controllerAvailable], [7, 0, 0]);
  assertEquals(telemetryLastBlock(header, 4), 0);
});

Deno.test("Host telemetry stays as it is until the next picture is asked for", async () => {
  const bench = new Bench();
  const created = TelemetryHostLog.decode(await host(bench, CREATE));
  const { area1LastBlock, area2LastBlock, area3LastBlock, area4LastBlock } = created;
  assert(area1LastBlock >= 1 && area2LastBlock > area1LastBlock);
  assert(area3LastBlock > area2LastBlock);
  assertEquals([created.hostGeneration, area4LastBlock, created.scope], [1, 0, 1]);
  const page = await host(bench, 0, (area3LastBlock + 1) * 512);
  assertEquals(document(page, 1, area1LastBlock)["model"], "nvmectl virtual drive");
  const errors = document(page, area1LastBlock + 1, area2LastBlock);
  assertEquals(errors["errors"], []);
  await bench.admin(0xff);
  bench.time += 60_000;
  assertEquals(await host(bench, 0, page.length), page);
  const next = TelemetryHostLog.decode(await host(bench, CREATE));
  assertEquals(next.hostGeneration, 2);
  const later = await host(bench, 0, (next.area3LastBlock + 1) * 512);
  const { errors: known } = document(later, next.area1LastBlock + 1, next.area2LastBlock);
  assert(Array.isArray(known) && known.length === 1);
});

Deno.test("Host telemetry ends at the area that was asked for; the fourth is to be enabled", async () => {
  const bench = new Bench();
  const only = TelemetryHostLog.decode(await host(bench, CREATE | (1 << 9)));
  assertEquals(only.area3LastBlock, only.area1LastBlock);
  const behavior = new Uint8Array(512);
  behavior[1] = 1;
  await bench.admin(0x09, { cdw10: HOST_BEHAVIOR, out: behavior });
  const all = TelemetryHostLog.decode(await host(bench, CREATE));
  assert(all.area4LastBlock > all.area3LastBlock);
});

Deno.test("Controller telemetry is announced, kept, and no news once it has been read", async () => {
  const bench = new Bench();
  await bench.admin(0x09, { cdw10: 0x0b, cdw11: 0x400 });
  const event = bench.admin(0x0c);
  captureTelemetry(bench.drive.first, "lost its mind");
  assertEquals((await event).dw0, 0x08_02_02);
  const read = async (flags: number): Promise<TelemetryControllerHeader> => {
    const { data } = await bench.log(0x08, 512, { cdw10: (127 << 16 | flags | 0x08) >>> 0 });
    return TelemetryControllerLog.decode(data);
  };
  const first = await read(RETAIN);
  assertEquals([first.controllerAvailable, first.controllerGeneration], [1, 1]);
  assertEquals(new TextDecoder().decode(first.reason).replaceAll("\0", ""), "lost its mind");
  assertEquals(TelemetryHostLog.decode(await host(bench)).controllerAvailable, 1);
  assertEquals((await read(0)).controllerAvailable, 1);
  const after = await read(0);
  assertEquals([after.controllerAvailable, after.controllerGeneration], [0, 1]);
  assertEquals(after.area1LastBlock, first.area1LastBlock);
});

Deno.test("Identify Controller says that there is telemetry", async () => {
  const { lpa } = IdentifyController.decode((await new Bench().identify(0x01)).data);
  assertEquals([lpa.ts, lpa.da4s, lpa.pes], [true, true, true]);
  const old = IdentifyController.decode((await new Bench("old").identify(0x01)).data);
  assertEquals([old.lpa.ts, old.lpa.da4s, old.lpa.pes], [false, false, false]);
});

type TelemetryControllerHeader = ReturnType<typeof TelemetryControllerLog.decode>;

Deno.test("Telemetry is read in whole blocks, or not at all", async () => {
  const bench = new Bench();
  for (const lid of [0x07, 0x08]) {
    const read = async (bytes: number, offset: number): Promise<string> => {
      const cdw10 = ((bytes / 4 - 1) << 16 | CREATE | lid) >>> 0;
      return (await bench.log(lid, bytes, { cdw10, cdw12: offset })).status;
    };
    assertEquals([await read(508, 0), await read(512, 4)], ["00h/02h", "00h/02h"]);
    // What was refused has set nothing going.
    assertEquals(bench.drive.state.telemetry.host, null);
  }
  assertEquals(TelemetryHostLog.decode(await host(bench, CREATE)).hostGeneration, 1);
});
