// Tests of personalities in drive files whose numbers have to fit each other.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { directTransport, type Personality, preset } from "../../../src/drive/mod.ts";
import { UsageError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { parseValue, type Value, valueText } from "../../../src/open/drive_file/text.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";

/** A drive file whose namespace says that it has protection information, in 512 bytes alone. */
function phantom(more: Partial<Personality>): MemoryDisk {
  const base = preset("");
  assert(base !== undefined);
  const disk = new MemoryDisk();
  createDriveFile(PATH, { personality: { ...base, ...more } }, { disk });
  open(disk).close();
  const content = parseValue(disk.readText(PATH)) as Record<string, Record<string, Value>>;
  const { personality, state } = content;
  for (const part of [personality, state]) {
    const namespaces = part?.["namespaces"] as Record<string, Value>[];
    Object.assign(namespaces[0] ?? {}, { protection: 1 });
  }
  disk.texts.set(PATH, valueText(content));
  return disk;
}

function open(disk: MemoryDisk): DriveFile {
  return new DriveFile(PATH, { now: () => 1_700_000_000_000, disk });
}

Deno.test("a clone of an earlier version has no protection information without room", async () => {
  const disk = phantom({ recorded: { controller: 1, answers: {} } });
  const file = open(disk);
  assertEquals(file.drive.personality.namespaces[0]?.protection, 0);
  assertEquals(file.drive.state.namespaces[0]?.protection, 0);
  const transport = directTransport(file.drive, "virtual:");
  const data = transport.allocate(512);
  const { status } = await transport.submit({ queue: "io", opcode: 0x02, nsid: 1, data });
  assertEquals(status, 0);
  file.close();
  open(disk).close();
});

Deno.test("protection information without room is refused in a drive that is no clone", () => {
  const { message } = assertThrows(() => open(phantom({})), UsageError);
  assertEquals(
    message,
    "Cannot open virtual:drive.json: personality.namespaces[0].protection is 1, " +
      "need 0 for format 0 with 0 bytes of metadata",
  );
});
