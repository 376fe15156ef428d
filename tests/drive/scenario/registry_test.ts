// Tests of all scenarios at once: whatever a fault makes of a drive, its file can be read again.

import { assert, assertEquals } from "@std/assert";
import { directTransport } from "../../../src/drive/mod.ts";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { SCENARIOS } from "../../../src/drive/scenario/registry.ts";
import { type AnyScenario, MOST_MS } from "../../../src/drive/scenario/scenario.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { Bench } from "../bench.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";
const SECOND = 1000;

/** A drive that can do everything that faults are about. */
const KIND = {
  preset: "multipath",
  overrides: { firmwareAcceptsAny: true, formatMs: 10 * SECOND },
} as const;

type End = "least" | "most";

/** What decides whether a fault strikes at all: as usual, so that it does. */
const STRIKES: Readonly<Record<string, string>> = { after: "0", probability: "100", for: "24h" };
/** Where a fault strikes: as usual, because that is there. */
const PLACES = ["nsid", "lba", "blocks", "group", "controller", "opcode"];

/** A scenario with all parameters at one end, but those without which it does nothing. */
function atEnd({ name, parameters }: AnyScenario, end: End): string {
  const given = Object.entries(parameters).flatMap(([key, parameter]) => {
    // The places of this one are only reported.
    if (PLACES.includes(key) && name !== "self-test-failing") return [];
    const strikes = "after" in parameters ? STRIKES[key] : undefined;
    if (strikes !== undefined) return [`${key}=${strikes}`];
    switch (parameter.kind) {
      case "word":
        return [`${key}=${end === "least" ? parameter.words[0] : parameter.words.at(-1)}`];
      case "time":
        return [`${key}=${end === "least" ? 0 : MOST_MS}ms`];
      case "number":
        return [`${key}=${end === "least" ? parameter.min : parameter.max}`];
    }
  });
  return given.length === 0 ? name : `${name}:${given.join(",")}`;
}

/** A drive file that is open, whose drive has a clock and timers in hand. */
class Desk {
  readonly disk = new MemoryDisk();
  readonly clock = new Bench();
  readonly file: DriveFile;

  constructor() {
    createDriveFile(PATH, KIND, { disk: this.disk });
    const { after } = this.clock.drive;
    assert(after !== undefined);
    this.file = new DriveFile(PATH, { now: () => this.clock.time, disk: this.disk, after });
  }

  /** What a host does that faults get something to do of; some of it is never answered. */
  async use(): Promise<void> {
    const transport = directTransport(this.file.drive, "virtual:");
    const io = { queue: "io", nsid: 1, direction: "out" } as const;
    const admin = { queue: "admin" } as const;
    const commands: readonly Omit<Command, "data">[] = [
      { ...io, opcode: 0x01 },
      { ...io, opcode: 0x04, direction: "none", cdw10: 9 },
      { ...io, opcode: 0x02, direction: "in" },
      { ...io, opcode: 0x00, direction: "none" },
      { ...admin, opcode: 0x14, nsid: 1, cdw10: 1 },
      { ...admin, opcode: 0x10, cdw10: 3 << 3 | 1 },
      { ...admin, opcode: 0x84, cdw10: 2 },
      { ...admin, opcode: 0x80, nsid: 1 },
      { ...admin, opcode: 0x06, cdw10: 1, direction: "in" },
    ];
    for (const command of commands) {
      const data = transport.allocate(command.opcode === 0x06 ? 4096 : 512);
      transport.submit({ ...command, data }).catch(() => {});
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      for (let step = 0; step < 4; step++) this.clock.advance(30 * SECOND);
      this.file.drive.settle();
    }
  }

  /** The process is killed after the drive was written; another one opens it. */
  reopened(): DriveFile {
    this.file.save("anyway");
    this.disk.kill();
    return new DriveFile(PATH, { now: () => this.clock.time, disk: this.disk });
  }
}

for (const end of ["least", "most"] as const) {
  Deno.test(`a drive with any fault at its ${end} can be opened again`, async () => {
    for (const scenario of SCENARIOS) {
      const desk = new Desk();
      const text = atEnd(scenario, end);
      const plugin = parseInjection(text).create(desk.file.drive);
      await desk.file.drive.plugins.load(plugin, { name: text, seed: 1 });
      await desk.use();
      desk.reopened().close();
    }
  });
}

Deno.test("the most that self-test-failing can say comes back out of the file", async () => {
  const desk = new Desk();
  const { create } = parseInjection(`self-test-failing:nsid=${0xffff_ffff},lba=${2 ** 52}`);
  await desk.file.drive.plugins.load(create(desk.file.drive), { name: "fault", seed: 1 });
  await desk.use();
  const file = desk.reopened();
  const failed = file.drive.state.selfTestResults.find(({ segment }) => segment === 7);
  assertEquals([failed?.nsid, failed?.lba], [0xffff_ffff, 2 ** 52]);
  file.close();
});
