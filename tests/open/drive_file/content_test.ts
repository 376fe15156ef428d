// Tests of drive files that somebody wrote by hand: whatever stands in them, they are refused by
// the member that is wrong, or make a drive that answers.

import { assert, assertEquals } from "@std/assert";
import { directTransport, preset } from "../../../src/drive/mod.ts";
import { nextRandom } from "../../../src/drive/random.ts";
import { UsageError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { parseValue, type Value, valueText } from "../../../src/open/drive_file/text.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";
const START = 1_700_000_000_000;
const MINUTE = 60_000;

type Place = readonly (string | number)[];

function open(disk: MemoryDisk, now = () => START): DriveFile {
  return new DriveFile(PATH, { now, disk });
}

/** Every member of a presets's file that can be left out, or is empty at first. */
const RARE = {
  nqn: "nqn.2014-08.org.example:drive",
  controllers: 2,
  controllerIds: [1, 2],
  readyMs: 10,
  shutdownMs: 10,
  queueEntries: 64,
  doorbellStride: 1,
  deviceId: 1,
  interrupts: 4,
  memoryBufferBytes: 65_536,
  scatterGather: true,
  cacheBytes: 65_536,
  copy: { rangeBlocks: 8, blocks: 16, ranges: 4 },
  dataset: { ranges: 4, rangeBlocks: 8, blocks: 16 },
  ana: { groups: 2, transitionSeconds: 10, states: { "1@1": "non-optimized" } },
  thermalManagement: { lowestK: 273, highestK: 373 },
  recoveryLevels: [0, 4],
  uuids: ["12345678-1234-1234-1234-123456789abc"],
  granularityBytes: 1_048_576,
  attachments: 4,
  formatMs: 10,
  sanitizing: {
    blockEraseMs: 10,
    overwritePassMs: 10,
    cryptoEraseMs: 10,
    keepsBlocks: true,
    verification: { deallocateMs: 10 },
    failsAtPercent: 50,
  },
  firmwareUpdates: {
    readOnlySlot1: false,
    granularity: 1,
    withoutReset: true,
    longestPauseMs: 100,
    pauseMs: 10,
    imageBytes: 65_536,
  },
  firmwareAcceptsAny: true,
  telemetryDumpBytes: 1024,
  savedFeatures: { "06": 1 },
} satisfies Readonly<Record<string, Value>>;

const FAILURE = {
  segment: 2,
  nsid: 1,
  lba: 7,
  statusCodeType: 2,
  statusCode: 0x81,
  vendorSpecific: 1,
};

/** A drive file in which every member stands that there is. */
function wholeFile(): Value {
  const base = preset("failing");
  assert(base !== undefined);
  const error = { count: 1n, sqid: 1, cid: 1, status: 2, location: 0, lba: 1n, nsid: 1, opcode: 2 };
  const test = { code: 1, result: 7, powerOnHours: 1, ...FAILURE };
  const personality = {
    ...base,
    ...RARE,
    formats: [...base.formats, { dataBytes: 512, metadataBytes: 8, performance: 0 }],
    selfTests: {
      shortMs: MINUTE,
      extendedMs: MINUTE,
      vendorMs: MINUTE,
      shortFailure: FAILURE,
      extendedFailure: FAILURE,
      vendorFailure: FAILURE,
    },
    history: { errors: [{ ...error, specific: 1n }], selfTests: [test], events: ["AAAA"] },
  } as typeof base;
  const disk = new MemoryDisk();
  createDriveFile(PATH, { personality }, { disk, seed: 1 });
  const file = open(disk);
  const { state } = file.drive;
  const [namespace] = state.namespaces;
  const [controller] = state.controllers;
  assert(namespace !== undefined && controller !== undefined);
  const command = { controller: 1, sqid: 0, cid: 1 };
  const settings = {
    format: 0,
    metadataInline: false,
    protection: 0,
    protectionFirst: false,
  } as const;
  Object.assign(namespace, { shared: true, anaGroup: 1, incarnation: 1, writeProtection: 0 });
  controller.changedNamespaces = [1];
  controller.maskedEvents = [{ type: 1, information: 1, lid: 2, parameter: 0 }];
  controller.pendingEvents = [{ type: 2, information: 0, lid: 4 }];
  controller.features["04:over.0"] = 400;
  controller.featureData["81"] = "00".repeat(8);
  controller.featureData["0c"] = "00".repeat(256);
  state.featureData["03:1"] = "00".repeat(64);
  controller.hostBehavior = { acre: 0, etdas: 1, lbafee: 1, hdisns: 0, cdfe: 0 };
  controller.connectedHost = "00".repeat(16);
  controller.lbaStatus.reported = [{ nsid: 1, lba: 1, count: 1 }];
  Object.assign(state.wear, { spare: 50, readOnly: false, degraded: false });
  state.ana.transitions = [{ controller: 1, group: 1, to: "optimized", at: START }];
  state.ana.changes["1@1"] = 1;
  state.ana.logChanges["1"] = 1;
  state.processingPausedUntil = START;
  state.firmwareUpdate.pieces = [{ offset: 0, length: 3, data: "AAAA" }];
  state.firmwareUpdate.pending = { slot: 1, by: "controllerReset" };
  state.firmwareUpdate.activation = { slot: 1, endsAt: START, ...command };
  state.formats = [
    { nsids: [1], settings, nsid: 1, cdw10: 0, startedAt: START, durationMs: 10, ...command },
  ];
  state.telemetry.host = { lastBlocks: [1, 1, 1, 1], blocks: "AAAA", reason: "r" };
  state.telemetry.controller = { lastBlocks: [1, 1, 1, 1], blocks: "AAAA", reason: "r" };
  state.persistentEvents.context = { page: "A".repeat(2048) };
  state.persistentEvents.timestamps["1"] = { value: 1, setAt: START, origin: 1 };
  state.selfTest = { code: 1, nsid: 1, startedAt: START, durationMs: 10, controller: 1 };
  file.save("anyway");
  return parseValue(disk.readText(PATH));
}

/** The places of all values in a value, its own first. */
function placesOf(value: Value, place: Place = []): readonly Place[] {
  const inside = Array.isArray(value)
    ? value.slice(0, 2).flatMap((item, at) => placesOf(item, [...place, at]))
    : typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, item = null]) => placesOf(item, [...place, name]))
    : [];
  return [place, ...inside];
}

/** The value with another one at a place; without a change the member is missing. */
function exchanged(value: Value, [name, ...place]: Place, change: Value | undefined): Value {
  if (name === undefined) return change ?? null;
  const copy = (Array.isArray(value) ? [...value] : { ...Object(value) }) as Record<string, Value>;
  if (place.length > 0) copy[name] = exchanged(copy[name] ?? null, place, change);
  else if (change !== undefined) copy[name] = change;
  else if (Array.isArray(copy)) copy.splice(Number(name), 1);
  else delete copy[name];
  return copy;
}

/** Values that are wrong in most places, and some that are just at an end of what is right. */
const WRONG: readonly (Value | undefined)[] = [
  undefined,
  null,
  -1,
  0,
  1,
  0.5,
  7,
  255,
  65_535,
  0xffff_ffff,
  2 ** 31,
  2 ** 42,
  2 ** 45,
  2 ** 52,
  Number.MAX_SAFE_INTEGER,
  1e308,
  -1e308,
  0n,
  -1n,
  2n ** 31n,
  2n ** 52n,
  2n ** 64n,
  true,
  false,
  "",
  "x",
  "é\u{1F600}",
  "0".repeat(5000),
  [],
  [null],
  [1, 1],
  {},
  { "1": null },
  { constructor: 1 },
];

/** Questions and commands that reach into all of what a drive remembers. */
async function exercise({ drive }: DriveFile, pass: (ms: number) => void): Promise<void> {
  const transport = directTransport(drive, "virtual:");
  const send = async (
    queue: Command["queue"],
    opcode: number,
    command: Partial<Omit<Command, "data">> & { readonly bytes?: number } = {},
  ): Promise<void> => {
    const { bytes = 0, ...rest } = command;
    const data = transport.allocate(bytes);
    const { status } = await transport.submit({ queue, opcode, nsid: 1, ...rest, data });
    assert((status & 0x7ff) !== 0x006, `${queue} ${opcode} ended with an internal error`);
  };
  const log = (lid: number, bytes: number, lsp = 0) =>
    send("admin", 0x02, {
      nsid: 0xffffffff,
      bytes,
      cdw10: ((bytes / 4 - 1) << 16) | lsp << 8 | lid,
    });
  for (const cns of [0, 1, 2, 3, 5, 6, 8, 9, 0x12, 0x13, 0x16, 0x17, 0x19, 0x1c]) {
    await send("admin", 0x06, { nsid: cns === 1 ? 0 : 1, cdw10: cns, bytes: 4096 });
  }
  for (const lid of [1, 2, 3, 4, 5, 6, 8, 9, 0x0c, 0x0e, 0x12, 0x13, 0x81]) await log(lid, 4096);
  await log(0x07, 4096, 1);
  await log(0x0d, 4096, 1);
  for (const fid of [1, 2, 3, 4, 5, 6, 7, 0x0b, 0x0c, 0x0e, 0x10, 0x12, 0x15, 0x16, 0x81, 0x84]) {
    await send("admin", 0x0a, { nsid: 1, cdw10: fid, bytes: 4096 });
    await send("admin", 0x09, { nsid: 1, cdw10: fid, cdw11: 1, bytes: 4096 });
  }
  await send("io", 0x01, { bytes: 1024, cdw12: 0 });
  await send("io", 0x02, { bytes: 1024, cdw12: 0 });
  await send("io", 0x09, { bytes: 16, cdw11: 4 });
  await send("io", 0x19, { bytes: 32, cdw12: 0 });
  await send("admin", 0x11, { nsid: 0, bytes: 4096, cdw10: 1023 });
  await send("admin", 0x10, { nsid: 0, cdw10: 0x08 });
  for (const opcode of [0x14, 0x84, 0x14]) {
    await send("admin", opcode, { cdw10: 2 });
    pass(MINUTE);
    drive.settle();
  }
  await log(6, 564);
  await log(2, 512);
  drive.powercut();
  await log(0x0d, 4096, 1);
}

/** What becomes of a file; anything but a refusal that names something fails. */
async function outcome(text: string): Promise<string> {
  const disk = new MemoryDisk();
  disk.texts.set(PATH, text);
  let now = START;
  try {
    const file = open(disk, () => now);
    await exercise(file, (ms) => now += ms);
    file.close();
    open(disk, () => now).close();
    return "";
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

Deno.test("whatever stands in a drive file, it is refused by a member or makes a drive", async () => {
  const whole = wholeFile();
  const places = placesOf(whole);
  const random = { random: 20_261_122 };
  const pick = <T>(list: readonly T[]): T | undefined =>
    list[Math.floor(nextRandom(random) * list.length)];
  assertEquals(await outcome(valueText(whole)), "");
  for (const place of [...places, ...places]) {
    const change = pick(WRONG);
    const text = valueText(exchanged(whole, place, change));
    const where = `${place.join(".")} = ${valueText(change ?? null).slice(0, 80)}`;
    try {
      const said = await outcome(text);
      assert(said === "" || /^Cannot open virtual:drive\.json: \S+ /.test(said), said);
    } catch (error) {
      throw new Error(`a file with ${where}`, { cause: error });
    }
  }
});

Deno.test("impossible values are refused with the member and what it can be", async () => {
  const whole = wholeFile();
  const cases: readonly (readonly [place: string, change: Value, says: string])[] = [
    ["personality.history", null, "personality.history is null, need a record"],
    ["personality.copy.ranges", 1.5, "personality.copy.ranges is 1.5, need a whole number from 1"],
    ["personality.copy.blocks", -1, "personality.copy.blocks is -1, need a whole number from 1"],
    [
      "personality.sanitizing.blockEraseMs",
      -5,
      "personality.sanitizing.blockEraseMs is -5, need a whole number from 0",
    ],
    ["personality.memoryBufferBytes", 2 ** 40, "personality.memoryBufferBytes is 1099511627776"],
    ["personality.controllerIds", [3, 3], "personality.controllerIds[1] is 3, like another one's"],
    ["personality.uuids", ["x"], 'personality.uuids[0] is "x", need a UUID'],
    ["personality.fixedSmart", { availableSpare: 999 }, "personality.fixedSmart is no SMART page"],
    [
      "personality.recorded",
      { controller: 1, answers: { "identify 1": ["0 4096"] } },
      'personality.recorded.answers["identify 1"] is no recorded answer',
    ],
    [
      "personality.ana.states",
      { optimal: "optimized" },
      'personality.ana.states["optimal"] is no GROUP@CONTROLLER',
    ],
    [
      "personality.namespaces",
      [{ nsid: 1, capacityBytes: 1_048_576, format: 0, protection: 1 }],
      "personality.namespaces[0].protection is 1, need 0 for format 0",
    ],
    ["files", { one: 1 }, 'files["one"] is not about a namespace'],
    ["state.formats.0.settings.format", 63, "state.formats[0].settings.format is 63, need"],
    [
      "state.firmwareUpdate.activation",
      null,
      "state.processingPausedUntil is for a firmwareUpdate.activation only",
    ],
  ];
  for (const [place, change, says] of cases) {
    const text = valueText(exchanged(whole, place.split("."), change));
    const said = (await outcome(text)).replace("Cannot open virtual:drive.json: ", "");
    assertEquals(said.slice(0, says.length), says);
  }
});

Deno.test("a member that stands twice counts as it stands last", async () => {
  const text = valueText(wholeFile());
  assertEquals(await outcome(text.replace("{", '{ "seed": -0.5,')), "");
  const said = await outcome(text.replace(/\}\s*$/, ', "seed": 0.5 }'));
  assertEquals(said.includes("seed is 0.5, need a whole number"), true, said);
});
