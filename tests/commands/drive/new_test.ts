// Tests of nvmectl drive new: what the options make of a preset.

import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { CreateRequest, DriveService } from "../../../src/cli/drive_service.ts";
import { driveNew } from "../../../src/commands/drive/new.ts";
import { type Personality, preset, variant, VirtualDrive } from "../../../src/drive/mod.ts";
import { UsageError } from "../../../src/errors.ts";
import { FakeClock, type Ran, runCommand } from "../../support/context.ts";

interface Made extends Ran {
  readonly request: CreateRequest;
  readonly personality: Personality;
}

/** Runs the command; the drive that it asks for is made, so that nothing in it can be nonsense. */
async function make(words: readonly string[], clock = new FakeClock()): Promise<Made> {
  const requests: CreateRequest[] = [];
  const drives = {
    create: (request: CreateRequest) => Promise.resolve(void requests.push(request)),
  } as DriveService;
  const ran = await runCommand(driveNew, words, { drives, clock });
  const [request] = requests;
  assert(request && "preset" in request.kind);
  const base = preset(request.kind.preset === "healthy" ? "" : request.kind.preset);
  assert(base);
  const personality = variant(base, request.kind.overrides);
  new VirtualDrive({ personality, now: () => 0, seed: request.seed });
  return { ...ran, request, personality };
}

Deno.test("drive new makes the default drive with a serial number of its own", async () => {
  const { personality, request, text } = await make(["d.json"]);
  assertEquals(request.path, "d.json");
  assertMatch(personality.serial, /^NVC[0-9A-F]{16}$/);
  assertEquals({ ...personality, serial: "" }, { ...preset("") as Personality, serial: "" });
  assertMatch(text, /^Next: nvmectl health virtual:d\.json/m);
});

Deno.test("two drive files never have the same serial number, nor the same randomness", async () => {
  const one = await make(["d.json"]);
  const other = await make(["e.json"]);
  const later = await make(["d.json"], new FakeClock(5));
  const serials = [one, other, later].map(({ personality }) => personality.serial);
  assertEquals(new Set(serials).size, 3);
  assertNotEquals(one.request.seed, other.request.seed);
});

Deno.test("drive new --size, --formats and --namespaces lay the drive out anew", async () => {
  const { personality } = await make([
    ...["d.json", "--size", "1TiB", "--formats", "4096,4096+8", "--namespaces", "4"],
  ]);
  assertEquals(personality.capacityBytes, 2 ** 40);
  assertEquals(personality.formats.map((format) => [format.dataBytes, format.metadataBytes]), [
    [4096, 0],
    [4096, 8],
  ]);
  assertEquals(personality.namespaces.map(({ nsid, capacityBytes }) => [nsid, capacityBytes]), [
    [1, 2 ** 38],
    [2, 2 ** 38],
    [3, 2 ** 38],
    [4, 2 ** 38],
  ]);
});

Deno.test("drive new --namespace makes namespaces one by one", async () => {
  const { personality, report } = await make([
    ...["d.json", "--namespace", "10GiB", "--namespace", "20GB", "--controllers", "2"],
  ]);
  assertEquals(personality.namespaces.map(({ capacityBytes }) => capacityBytes), [
    10 * 2 ** 30,
    20e9,
  ]);
  assertEquals([personality.controllers, report.json["controllers"]], [2, 2]);
});

Deno.test("drive new --model, --serial, --firmware and --seed are as typed", async () => {
  const { personality, request } = await make([
    ...["d.json", "--model", "Big One", "--serial", "S-1", "--firmware", "F2", "--seed", "7"],
  ]);
  const { model, serial, firmware, firmwareSlot } = personality;
  assertEquals([model, serial, firmware[firmwareSlot - 1], request.seed], [
    "Big One",
    "S-1",
    "F2",
    7,
  ]);
});

Deno.test("drive new --spec leaves out what came later", async () => {
  const { personality } = await make(["d.json", "--spec", "1.2"]);
  assertEquals(personality.version, 0x010200);
  for (const lid of [0x06, 0x07, 0x0d, 0x12, 0x81]) assert(!personality.logs.includes(lid));
  assert(personality.logs.includes(0x02) && !personality.identify.includes(0x03));
  assert(!personality.commands.includes("self-test") && personality.commands.includes("format"));
});

Deno.test("drive new says what is wrong with its options, and makes nothing", async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["d.txt"], /name ends in \.json/],
    [[".json"], /name ends in \.json/],
    [["d.json", "--preset", "great"], /no such drive/],
    [["d.json", "--size", "1x"], /--size "1x": need a whole number of bytes/],
    [["d.json", "--size", "0"], /need a whole number/],
    [["d.json", "--size", "5PiB"], /the most is 4 PiB/],
    [["d.json", "--size", "100MiB", "--namespaces", "200"], /the least is 1 MiB/],
    [["d.json", "--size", "1GiB", "--namespace", "2GiB"], /Cannot put namespaces of 2 GiB/],
    [["d.json", "--namespaces", "2", "--namespace", "2GiB"], /together/],
    [["d.json", "--formats", "513"], /"513" is no format/],
    [["d.json", "--formats", "4096+"], /is no format/],
    [["d.json", "--serial", "012345678901234567890"], /1 to 20 printable/],
    [["d.json", "--model", "a\u0007b"], /printable/],
    [["d.json", "--firmware", "123456789"], /1 to 8/],
    [["d.json", "--spec", "1.5"], /no such version/],
    [["d.json", "--preset", "old", "--namespaces", "0"], /could never get any/],
  ];
  for (const [words, message] of wrong) {
    const error = await assertRejects(() => make(words), UsageError);
    assertMatch(error.message, message);
  }
});
