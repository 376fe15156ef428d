// Tests of which files are taken for drive files at all.

import { assertThrows } from "@std/assert";
import { UsageError } from "../../../src/errors.ts";
import { DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const START = 1_700_000_000_000;

Deno.test("What is no regular file, or too long for a drive file, is not even read", () => {
  const disk = new MemoryDisk();
  disk.folders.add("pipe.json");
  const open = (path: string) => () => new DriveFile(path, { now: () => START, disk });
  assertThrows(open("pipe.json"), UsageError, "virtual:pipe.json: it is no regular file");
  disk.texts.set("long.json", " ".repeat(64 * 1024 * 1024 + 1));
  assertThrows(open("long.json"), UsageError, "a drive file has at most 67108864");
  assertThrows(
    () => new DriveFile("/dev/zero", { now: () => START }),
    UsageError,
    "it is no regular file",
  );
});
