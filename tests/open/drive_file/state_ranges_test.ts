// Tests of the numbers in a drive file that log pages and completions have fields for.

import { assertMatch, assertThrows } from "@std/assert";
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
          pieces: [{ offset: 0, length: 4, data: "x" }],
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
