// Tests of drive files: what a drive remembers from one process to the next, and what a file has to
// look like.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { directTransport, type Personality, preset } from "../../../src/drive/mod.ts";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { UnreachableError, UsageError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { parseValue, type Value, valueText } from "../../../src/open/drive_file/text.ts";
import { SelfTestLog } from "../../../src/spec/log/self_test.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";
const START = 1_700_000_000_000;
const HOUR = 3_600_000;

/** A drive file on a disk in memory, with a clock in hand. */
class Desk {
  readonly disk = new MemoryDisk();
  time = START;

  constructor(overrides: Readonly<Record<string, unknown>> = {}) {
    createDriveFile(PATH, { preset: "healthy", overrides }, { disk: this.disk });
  }

  open(): DriveFile {
    return new DriveFile(PATH, { now: () => this.time, disk: this.disk });
  }

  /** Changes what the file says. */
  edit(change: (content: Record<string, Value>) => void): void {
    const content = { ...parseValue(this.disk.readText(PATH)) as Record<string, Value> };
    change(content);
    this.disk.texts.set(PATH, valueText(content));
  }

  /** Why the file cannot be opened. */
  refusal(): string {
    return assertThrows(() => this.open(), UsageError).message;
  }
}

async function send(
  { drive }: DriveFile,
  queue: Command["queue"],
  opcode: number,
  { data = 0, ...command }: Partial<Omit<Command, "data">> & { data?: number | Uint8Array } = {},
): Promise<{ status: number; data: Uint8Array }> {
  const transport = directTransport(drive, "virtual:");
  const buffer = transport.allocate(typeof data === "number" ? data : data.length);
  if (typeof data !== "number") buffer.bytes.set(data);
  const { status } = await transport.submit({ queue, opcode, nsid: 1, ...command, data: buffer });
  return { status, data: buffer.bytes };
}

async function smart(file: DriveFile): Promise<ReturnType<typeof SmartLog.decode>> {
  const log = { nsid: 0xffffffff, cdw10: 0x007f_0002, data: 512 };
  return SmartLog.decode((await send(file, "admin", 0x02, log)).data);
}

async function write(file: DriveFile, lba: number, value: number): Promise<void> {
  await send(file, "io", 0x01, { cdw10: lba, data: new Uint8Array(512).fill(value) });
}

async function read(file: DriveFile, lba: number): Promise<number | undefined> {
  return (await send(file, "io", 0x02, { cdw10: lba, data: 512 })).data[0];
}

Deno.test("A drive that is closed goes on where it was: blocks, format, features, counters", async () => {
  const desk = new Desk();
  let file = desk.open();
  await write(file, 7, 42);
  await send(file, "admin", 0x09, { nsid: 0, cdw10: 0x04, cdw11: 333 });
  const before = await smart(file);
  file.close();
  file = desk.open();
  assertEquals(await read(file, 7), 42);
  const after = await smart(file);
  assertEquals(after.hostWriteCommands, before.hostWriteCommands);
  assertEquals([after.powerCycles, after.unsafeShutdowns], [
    before.powerCycles,
    before.unsafeShutdowns,
  ]);
  assertEquals(file.drive.first.controller.features["04:over.0"], 333);
  await send(file, "admin", 0x80, { cdw10: 1 });
  file.close();
  file = desk.open();
  assertEquals(file.drive.store.find(1)?.blockBytes, 4096);
  assertEquals(file.drive.store.find(1)?.media.allocatedBlocks, 0);
  file.close();
});

Deno.test("A process that is killed loses the cache, and nothing that was stored", async () => {
  const desk = new Desk();
  const file = desk.open();
  const before = await smart(file);
  await write(file, 1, 1);
  await send(file, "io", 0x00);
  await write(file, 2, 2);
  await send(file, "io", 0x04, { cdw10: 3 });
  await send(file, "admin", 0x09, { nsid: 0, cdw10: 0x8000_0004, cdw11: 333 });
  desk.disk.kill();
  const again = desk.open();
  assertEquals([await read(again, 1), await read(again, 2)], [1, 0]);
  assertEquals(again.drive.store.find(1)?.media.damaged(0, 10).length, 1);
  assertEquals(again.drive.first.controller.features["04:over.0"], 333);
  const after = await smart(again);
  assertEquals(after.powerCycles, before.powerCycles + 1n);
  assertEquals(after.unsafeShutdowns, before.unsafeShutdowns + 1n);
  again.close();
});

Deno.test("A process that is killed with faults at work leaves a drive without them", async () => {
  const disk = new MemoryDisk();
  createDriveFile(PATH, { preset: "multipath" }, { disk });
  const open = () => new DriveFile(PATH, { now: () => START, disk, after: () => () => {} });
  const file = open();
  const { drive } = file;
  const texts = ["ana-flip", "unrecovered-read:lba=3", "read-only-media", "spare-drain:steps=1"];
  for (const [seed, text] of texts.entries()) {
    await drive.plugins.load(parseInjection(text).create(drive), { name: text, seed });
  }
  await send(file, "admin", 0x09, { nsid: 0, cdw10: 0x8000_0004, cdw11: 333 });
  const { criticalWarning, availableSpare } = await smart(file);
  assertEquals([criticalWarning.readOnly, availableSpare], [true, 3]);
  const kept = (parseValue(disk.readText(PATH)) as Record<string, Value>)["state"];
  const { wear, ana } = kept as Record<string, Record<string, Value>>;
  assertEquals([wear?.["readOnly"], wear?.["spare"]], [undefined, undefined]);
  assertEquals(ana?.["states"], { ...drive.personality.ana?.states });
  disk.kill();
  const again = open();
  const after = await smart(again);
  assertEquals([after.criticalWarning.readOnly, after.availableSpare], [false, 100]);
  assertEquals(again.drive.store.find(1)?.media.damaged(0, 10), []);
  assertEquals((await send(again, "io", 0x02, { cdw10: 3, data: 512 })).status, 0);
  again.close();
});

Deno.test("Whoever keeps a drive running switches it on and off, and it counts that", async () => {
  const disk = new MemoryDisk();
  createDriveFile(PATH, { preset: "healthy" }, { disk });
  const open = () => new DriveFile(PATH, { now: () => START, disk, powersOn: true });
  const first = open();
  const { powerCycles, unsafeShutdowns } = await smart(first);
  await send(first, "admin", 0x09, { nsid: 0, cdw10: 0x04, cdw11: 333 });
  first.close();
  const second = open();
  const orderly = await smart(second);
  assertEquals(orderly.powerCycles, powerCycles + 1n);
  assertEquals(orderly.unsafeShutdowns, unsafeShutdowns);
  assertEquals(second.drive.first.controller.features["04:over.0"], undefined);
  disk.kill();
  const third = open();
  const killed = await smart(third);
  assertEquals(killed.powerCycles, powerCycles + 2n);
  assertEquals(killed.unsafeShutdowns, unsafeShutdowns + 1n);
  third.close();
});

Deno.test("A format that was completed is one, though the process is killed right after", async () => {
  const desk = new Desk();
  const file = desk.open();
  await write(file, 1, 1);
  await send(file, "io", 0x00);
  await send(file, "admin", 0x80, { cdw10: 1 });
  desk.disk.kill();
  const again = desk.open();
  assertEquals(again.drive.store.find(1)?.blockBytes, 4096);
  assertEquals(again.drive.store.find(1)?.media.allocatedBlocks, 0);
  again.close();
  assertEquals(desk.disk.list(`${PATH}.data`).filter((name) => name.endsWith(".blocks")), [
    "1.1.blocks",
  ]);
});

Deno.test("A format whose drive file was not written any more did not happen", async () => {
  const desk = new Desk();
  const file = desk.open();
  await write(file, 1, 1);
  await send(file, "io", 0x00);
  // The process is killed when the new files are there and the drive file does not name them.
  file.drive.keep = () => {};
  await send(file, "admin", 0x80, { cdw10: 1 });
  desk.disk.kill();
  const again = desk.open();
  assertEquals(again.drive.store.find(1)?.blockBytes, 512);
  assertEquals(await read(again, 1), 1);
  again.close();
  assertEquals(desk.disk.list(`${PATH}.data`).filter((name) => name.endsWith(".blocks")), [
    "1.0.blocks",
  ]);
});

Deno.test("A self-test goes on while no process has the drive, power-on hours do not", async () => {
  const desk = new Desk({ selfTests: { shortMs: 5_000, extendedMs: 10 * HOUR } });
  let file = desk.open();
  await send(file, "admin", 0x14, { nsid: 0xffffffff, cdw10: 2 });
  desk.time += HOUR;
  const before = await smart(file);
  file.close();
  desk.time += 4 * HOUR;
  file = desk.open();
  const log = { nsid: 0xffffffff, cdw10: 0x008c_0006, data: 564 };
  const { data } = await send(file, "admin", 0x02, log);
  assertEquals(SelfTestLog.decode(data).completion.value, 50);
  assertEquals((await smart(file)).powerOnHours, before.powerOnHours);
  desk.time += HOUR;
  assertEquals((await smart(file)).powerOnHours, before.powerOnHours + 1n);
  file.close();
});

Deno.test("Hours on are kept of a process that was killed, up to when it was last seen", async () => {
  const desk = new Desk();
  const file = desk.open();
  const before = await smart(file);
  desk.time += 3 * HOUR;
  await send(file, "io", 0x00);
  desk.disk.kill();
  desk.time += 100 * HOUR;
  const again = desk.open();
  assertEquals((await smart(again)).powerOnHours, before.powerOnHours + 3n);
  again.close();
});

Deno.test("A second process is told that the drive is in use", () => {
  const desk = new Desk();
  const file = desk.open();
  const error = assertThrows(() => desk.open(), UnreachableError);
  assertMatch(error.message, /^Cannot open virtual:drive\.json: another process is using it$/);
  assertEquals(error.exitCode, 4);
  file.close();
  desk.open().close();
});

Deno.test("A file that is missing is a UsageError that says how to make one", () => {
  const error = assertThrows(
    () => new DriveFile("none.json", { now: () => START, disk: new MemoryDisk() }),
    UsageError,
  );
  assertMatch(error.next ?? "", /nvmectl drive new none\.json/);
});

Deno.test("createDriveFile() overwrites nothing and takes personalities in full", () => {
  const desk = new Desk();
  assertThrows(
    () => createDriveFile(PATH, { preset: "healthy" }, { disk: desk.disk }),
    UsageError,
    "there is one already",
  );
  const personality = preset("namespaces");
  assert(personality !== undefined);
  createDriveFile("other.json", { personality }, { disk: desk.disk, seed: 5 });
  const file = new DriveFile("other.json", { now: () => START, disk: desk.disk });
  assertEquals(file.drive.personality, personality);
  assertEquals(file.drive.state.namespaces.length, 6);
  file.close();
});

Deno.test("Every preset can be kept in a file and comes back as it was", () => {
  for (const name of ["healthy", "warning", "impossible", "hostile", "old", "zero"]) {
    const disk = new MemoryDisk();
    createDriveFile(PATH, { preset: name }, { disk });
    const file = new DriveFile(PATH, { now: () => START, disk });
    const state = structuredClone(file.drive.state);
    file.close();
    const again = new DriveFile(PATH, { now: () => START, disk });
    assertEquals(again.drive.personality, preset(name === "healthy" ? "" : name));
    assertEquals(again.drive.state, state);
    again.close();
  }
});

Deno.test("What is wrong with a file is named with its field", () => {
  const wrong = (change: (content: Record<string, Value>) => void): string => {
    const desk = new Desk();
    desk.open().close();
    desk.edit(change);
    return desk.refusal().replace("Cannot open virtual:drive.json: ", "");
  };
  const state = (change: Record<string, Value>) => (content: Record<string, Value>) => {
    content["state"] = { ...content["state"] as Record<string, Value>, ...change };
  };
  assertEquals(
    wrong((content) => content["schema"] = "nvmectl.drive/2"),
    'schema is "nvmectl.drive/2", need "nvmectl.drive/1"',
  );
  assertEquals(
    wrong((content) => content["schema"] = 1n),
    'schema is no text, need "nvmectl.drive/1"',
  );
  assertEquals(
    wrong((content) => content["sead"] = 1),
    "sead is not a field of a drive file",
  );
  assertMatch(
    wrong((content) => content["preset"] = "great"),
    /^preset is "great", need one of healthy, /,
  );
  assertEquals(
    wrong((content) => content["overrides"] = { health: { temperaturK: 300 } }),
    "overrides.health.temperaturK is not a field of it",
  );
  assertEquals(
    wrong((content) => content["overrides"] = { limits: { mdts: "7" } }),
    "overrides.limits.mdts is a text, need a number",
  );
  assertEquals(
    wrong((content) => content["overrides"] = { firmware: ["1", "2"], firmwareSlot: 3 }),
    "overrides.firmwareSlot is 3, need a whole number from 1 to 2",
  );
  assertEquals(
    wrong((content) => content["personality"] = {}),
    "the file needs one of personality and preset",
  );
  assertEquals(
    wrong((content) => content["overrides"] = { serial: "S".repeat(30) }),
    "overrides.serial has 30 characters, need 20 or fewer",
  );
  assertEquals(
    wrong((content) => content["overrides"] = { firmware: ["123456789"], firmwareSlot: 1 }),
    "overrides.firmware[0] has 9 characters, need 8 or fewer",
  );
  assertEquals(
    wrong((content) => content["overrides"] = { model: "Größe" }),
    'overrides.model is "Größe", need printable ASCII',
  );
  assertEquals(
    wrong((content) => content["overrides"] = { health: { powerOnHours: 1e15 } }),
    "overrides.health.powerOnHours is 1000000000000000, need a whole number from 0 to 1000000000",
  );
  assertEquals(
    wrong((content) => content["overrides"] = { limits: { mdts: 7 }, version: 2 ** 40 }),
    "overrides.version is 1099511627776, need a whole number from 0 to 4294967295",
  );
  assertEquals(wrong(state({ version: 2 })), "state.version is 2, need 1");
  assertEquals(wrong(state({ counters: {} })), "state.counters.sectorsRead is missing");
  assertEquals(wrong(state({ random: 1n })).slice(0, 31), "state.random is an exact intege");
  assertEquals(
    wrong((content) => content["power"] = "maybe"),
    'power is "maybe", need one of on, off',
  );
  assertEquals(
    wrong((content) => content["files"] = { "1": -1 }),
    'files["1"] is -1, need a whole number from 0 to 4294967295',
  );
});

Deno.test("A namespace in a file has a format and an identifier that the drive has", () => {
  const wrong = (change: Record<string, Value>): string => {
    const desk = new Desk();
    desk.open().close();
    desk.edit((content) => {
      const state = content["state"] as { namespaces: Record<string, Value>[] };
      Object.assign(state.namespaces[0] ?? {}, change);
    });
    return desk.refusal().replace("Cannot open virtual:drive.json: ", "");
  };
  assertMatch(wrong({ format: 9 }), /^state\.namespaces\[0\]\.format is 9, need a whole number/);
  assertMatch(wrong({ nsid: 0 }), /^state\.namespaces\[0\]\.nsid is 0, need a whole number from 1/);
});

Deno.test("A personality that is written out has to be whole and make sense", () => {
  const base = preset("");
  assert(base !== undefined);
  const wrong = (personality: unknown): string => {
    const options = { disk: new MemoryDisk() };
    const error = assertThrows(
      () => createDriveFile(PATH, { personality: personality as Personality }, options),
      UsageError,
    );
    return error.message.replace("Cannot make virtual:drive.json: ", "");
  };
  const { model: _model, ...rest } = base;
  assertEquals(wrong(rest), "personality.model is missing");
  assertEquals(
    wrong({ ...base, formats: [{ dataBytes: 520, metadataBytes: 0, performance: 0 }] }),
    "personality.formats[0].dataBytes is 520, need a power of two from 512 to 65536",
  );
  assertMatch(
    wrong({ ...base, commands: ["self-tset"] }),
    /^personality\.commands\[0\] is "self-tset", need one of self-test, format, /,
  );
  assertEquals(
    wrong({ ...base, namespaces: [...base.namespaces, ...base.namespaces] }),
    "personality.namespaces[1].nsid is 1, like another one's",
  );
});

Deno.test("A file that is cut off is damaged, and stays as it is", () => {
  const desk = new Desk();
  desk.open().close();
  const text = desk.disk.readText(PATH).slice(0, 500);
  desk.disk.texts.set(PATH, text);
  assertMatch(desk.refusal(), /^Cannot open virtual:drive\.json: it is damaged: /);
  assertEquals(desk.disk.readText(PATH), text);
});

Deno.test("A disk without room fails the command, and says why", async () => {
  const desk = new Desk();
  const file = desk.open();
  desk.disk.error = new Deno.errors.WriteZero("no space left");
  const { status } = await send(file, "io", 0x01, {
    cdw12: 0x4000_0000,
    data: new Uint8Array(512),
  });
  assertEquals(status & 0x7ff, 0x280);
  assertMatch(file.failure?.message ?? "", /virtual:drive\.json.*no space left/);
});

Deno.test("A change that cannot be kept is an Internal Error, and the drive goes on", async () => {
  const disk = new MemoryDisk();
  createDriveFile(PATH, { preset: "healthy" }, { disk });
  const told: string[] = [];
  const failed = (error: Error): void => void told.push(error.message);
  const file = new DriveFile(PATH, { now: () => START, disk, failed });
  disk.error = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  const save = { nsid: 0, cdw10: 0x8000_0004, cdw11: 333 };
  assertEquals((await send(file, "admin", 0x09, save)).status & 0x7ff, 0x006);
  // What changes nothing is not held up, and neither is a host that connects.
  assertEquals((await send(file, "admin", 0x06, { cdw10: 1, nsid: 0, data: 4096 })).status, 0);
  assertEquals((await send(file, "admin", 0x09, save)).status & 0x7ff, 0x006);
  assertEquals(told, ["Cannot write virtual:drive.json: no space left on device"]);
  assertEquals(file.failure?.code, "ENOSPC");
  disk.error = undefined;
  assertEquals((await send(file, "admin", 0x09, save)).status, 0);
  assertEquals(file.failure, undefined);
  file.close();
});

Deno.test("A drive file on a read-only file system is refused with a way out", () => {
  const desk = new Desk();
  desk.disk.error = Object.assign(new Error("Read-only file system"), { code: "EROFS" });
  const error = assertThrows(() => desk.open(), UnreachableError);
  assertEquals(
    error.message,
    "Cannot open virtual:drive.json: it is on a file system that is read-only",
  );
  assertMatch(error.next ?? "", /^copy it with the folder drive\.json\.data to where/);
});
