// Tests of what a drive file may remember: files of older formats, and what is wrong with a file.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UnreachableError, UsageError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { STATE_FORMAT } from "../../../src/open/drive_file/state_shape.ts";
import { parseValue, type Value, valueText } from "../../../src/open/drive_file/text.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";
const START = 1_700_000_000_000;

type Fields = Record<string, Value>;

/** A disk with the file of a drive that was on. */
function diskWithDrive(): MemoryDisk {
  const disk = new MemoryDisk();
  createDriveFile(PATH, { preset: "healthy" }, { disk });
  const file = open(disk);
  file.drive.state.counters.hostWrites = 77n;
  file.close();
  return disk;
}

function open(disk: MemoryDisk): DriveFile {
  return new DriveFile(PATH, { now: () => START, disk });
}

/** Takes three fields out of the state, of different places, and says which format it is. */
function age(disk: MemoryDisk, format: number | undefined): void {
  const { format: _, ...content } = parseValue(disk.readText(PATH)) as Fields;
  const { wear: _wear, ...state } = content["state"] as Fields;
  const { mediaErrors: _errors, ...counters } = state["counters"] as Fields;
  const [controller] = state["controllers"] as Fields[];
  const { hostBehavior: _host, ...rest } = controller ?? {};
  const aged = { ...content, state: { ...state, counters, controllers: [rest] } };
  disk.texts.set(PATH, valueText(format === undefined ? aged : { ...aged, format }));
}

function refused(disk: MemoryDisk): UsageError {
  return assertThrows(() => open(disk), UsageError);
}

function refusal(disk: MemoryDisk): string {
  return refused(disk).message;
}

Deno.test("A file of an older format gets what was added since, and keeps what it has", () => {
  const disk = diskWithDrive();
  age(disk, undefined);
  const file = open(disk);
  const { counters, wear, controllers } = file.drive.state;
  assertEquals([counters.hostWrites, counters.mediaErrors, wear.heatK], [77n, 0n, 0]);
  assertEquals(controllers[0]?.hostBehavior, {});
  file.close();
  assertMatch(disk.readText(PATH), new RegExp(`"format": ${STATE_FORMAT}\\b`));
});

Deno.test("A file of this format lacks nothing, and one of a later format is refused", () => {
  const disk = diskWithDrive();
  age(disk, STATE_FORMAT);
  assertMatch(refusal(disk), /state\.controllers\[0\]\.hostBehavior is missing/);
  age(disk, STATE_FORMAT + 1);
  const { message, next } = refused(disk);
  assertMatch(message, /: format .*3/);
  assertEquals(next, "it may be of another version of nvmectl");
});

Deno.test("What is there and wrong is refused in a file of any format", () => {
  const disk = diskWithDrive();
  const { format: _, ...content } = parseValue(disk.readText(PATH)) as Fields;
  const state = { ...content["state"] as Fields, counters: 7 };
  disk.texts.set(PATH, valueText({ ...content, state }));
  assertMatch(refusal(disk), /state\.counters is a number, need a record/);
});

Deno.test("A state that could not be read again does not replace one that can", () => {
  const disk = diskWithDrive();
  const file = open(disk);
  const before = parseValue(disk.readText(PATH));
  file.drive.state.selfTestResults.unshift({ code: 1, result: 7, powerOnHours: 1, nsid: 2 ** 32 });
  const { message } = assertThrows(() => file.close(), UnreachableError);
  assertEquals(
    message,
    "Cannot write virtual:drive.json: it could not be read again: " +
      "state.selfTestResults[0].nsid is 4294967296, need a whole number from 0 to 4294967295",
  );
  assertEquals(parseValue(disk.readText(PATH)), before);
  const again = open(disk);
  assertEquals(again.drive.state.selfTestResults, []);
  again.close();
});
