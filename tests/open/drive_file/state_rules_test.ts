// Tests of the numbers in a drive file's state that log pages and completions have fields for.

import { assertMatch, assertThrows } from "@std/assert";
import { directTransport, presetNames } from "../../../src/drive/mod.ts";
import { nextRandom, type RandomState } from "../../../src/drive/random.ts";
import { UsageError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { parseValue, type Value, valueText } from "../../../src/open/drive_file/text.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";

type Fields = Record<string, Value>;

function open(disk: MemoryDisk): DriveFile {
  return new DriveFile(PATH, { now: () => 1_700_000_000_000, disk });
}

/** What opening says to a state in which one value was exchanged. */
function refusal(change: (state: Fields) => Fields): string {
  const disk = new MemoryDisk();
  createDriveFile(PATH, { preset: "failing" }, { disk });
  open(disk).close();
  const content = parseValue(disk.readText(PATH)) as Fields;
  const state = content["state"] as Fields;
  disk.texts.set(PATH, valueText({ ...content, state: { ...state, ...change(state) } }));
  return assertThrows(() => open(disk), UsageError).message;
}

/** The first of a list of records, with another value in it. */
function first(list: Value | undefined, changed: Fields): Value[] {
  const [one, ...others] = list as Fields[];
  return [{ ...one, ...changed }, ...others];
}

Deno.test("A number that no log page has room for is refused when the file is opened", () => {
  const test = { code: 16, nsid: 1, startedAt: 0, durationMs: 1, controller: 1 };
  const cases: readonly [expected: RegExp, change: (state: Fields) => Fields][] = [
    [/selfTest\.code is 16, need .* 0 to 15/, () => ({ selfTest: test })],
    [
      /selfTestResults\[0\]\.result is 0\.5/,
      (s) => ({ selfTestResults: first(s["selfTestResults"], { result: 0.5 }) }),
    ],
    [/errors\[0\]\.status is -1/, (s) => ({ errors: first(s["errors"], { status: -1 }) })],
    [/errors\[0\]\.lba is -5/, (s) => ({ errors: first(s["errors"], { lba: -5n }) })],
    [/sanitize\.state is 7/, (s) => ({ sanitize: { ...s["sanitize"] as Fields, state: 7 } })],
    [
      /namespaces\[0\]\.protection is 4/,
      (s) => ({ namespaces: first(s["namespaces"], { protection: 4 }) }),
    ],
    [
      /controllers\[0\]\.timestamp\.origin is 8/,
      (s) => ({
        controllers: first(s["controllers"], { timestamp: { value: 0, setAt: 0, origin: 8 } }),
      }),
    ],
    [
      /counters\.hostReads is 18446744073709551616/,
      (s) => ({ counters: { ...s["counters"] as Fields, hostReads: 2n ** 64n } }),
    ],
    [
      /features\["06"\] is 1e\+308/,
      (s) => ({ controllers: first(s["controllers"], { features: { "06": 1e308 } }) }),
    ],
    [
      /pieces\[0\]\.data is not 4 bytes/,
      (s) => ({
        firmwareUpdate: {
          ...s["firmwareUpdate"] as Fields,
          pieces: [{ offset: 0, length: 4, data: "AAAA" }],
        },
      }),
    ],
    [
      /persistentEvents\.events\[0\] is no base64/,
      (s) => ({ persistentEvents: { ...s["persistentEvents"] as Fields, events: ["x"] } }),
    ],
  ];
  for (const [expected, change] of cases) assertMatch(refusal(change), expected);
});

/** Commands that make a drive remember something, among them impossible ones. */
async function live({ drive }: DriveFile, commands: number, random: RandomState): Promise<void> {
  const transport = directTransport(drive, "virtual:");
  const below = (most: number): number => Math.floor(nextRandom(random) * most);
  const admin = [0x02, 0x06, 0x09, 0x0a, 0x0d, 0x10, 0x11, 0x14, 0x15, 0x80, 0x84, 0x86];
  const io = [0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x09, 0x0c, 0x19];
  for (let at = 0; at < commands; at++) {
    const queue = below(2) === 0 ? "admin" : "io";
    const opcodes = queue === "admin" ? admin : io;
    const data = transport.allocate(4096);
    if (below(2) === 0) data.bytes.forEach((_, byte) => data.bytes[byte] = below(256));
    const word = (): number => below(3) === 0 ? below(2 ** 32) : below(64);
    await transport.submit({
      queue,
      opcode: opcodes[below(opcodes.length)] ?? 0,
      nsid: [0, 1, 1, 1, 2, 0xffffffff][below(6)] ?? 0,
      cdw10: (word() | 0x3f0000 * below(2)) >>> 0,
      cdw11: word(),
      cdw12: word(),
      cdw13: word(),
      data,
    });
    if (below(40) === 0) drive.powercut();
  }
}

Deno.test("a drive goes on from whatever it wrote itself", async () => {
  const random = { random: 7 };
  for (const preset of presetNames()) {
    const disk = new MemoryDisk();
    createDriveFile(PATH, { preset: preset || "healthy" }, { disk });
    let now = 1_700_000_000_000;
    for (let round = 0; round < 4; round++) {
      const file = new DriveFile(PATH, { now: () => now, disk });
      await live(file, 100, random);
      if (round % 2 === 0) file.close();
      else disk.kill();
      now += 3_600_000;
    }
    new DriveFile(PATH, { now: () => now, disk }).close();
  }
});
