// Tests of a drive whose disk is full: what it cannot do fails, and everything else goes on.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { directTransport } from "../../../src/drive/mod.ts";
import { UnreachableError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { SanitizeLog } from "../../../src/spec/log/sanitize.ts";
import { CC, CSTS, REGISTERS, SHN } from "../../../src/spec/registers.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const PATH = "drive.json";
const START = 1_700_000_000_000;
const OK = 0;
const INTERNAL_ERROR = 0x006;
const WRITE_FAULT = 0x280;
const [FORMAT, MANAGE, SANITIZE, GET_LOG] = [0x80, 0x0d, 0x84, 0x02] as const;
const [WRITE, READ] = [0x01, 0x02] as const;
const EVERY_NAMESPACE = 0xffffffff;

/** A drive file whose disk can be made full. */
class Case {
  readonly disk = new MemoryDisk();
  readonly told: string[] = [];
  readonly timers: (() => void)[] = [];
  readonly file: DriveFile;
  time = START;

  constructor(
    preset = "healthy",
    { overrides = {}, timed = false }: {
      readonly overrides?: Readonly<Record<string, unknown>>;
      readonly timed?: boolean;
    } = {},
  ) {
    createDriveFile(PATH, { preset, overrides }, { disk: this.disk });
    this.file = new DriveFile(PATH, {
      now: () => this.time,
      disk: this.disk,
      failed: (error) => this.told.push(error.message),
      ...(timed
        ? {
          after: (_ms, action) => {
            this.timers.push(action);
            return () => {};
          },
        }
        : {}),
    });
  }

  /** Every write fails from now on, after so many more. */
  fill(after = 0): void {
    this.disk.error = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    this.disk.errorAfter = after;
  }

  /** Sends a command; the status it ends with, and its data. */
  async send(
    queue: Command["queue"],
    opcode: number,
    { data = 0, ...command }: Partial<Omit<Command, "data">> & { data?: number | Uint8Array } = {},
  ): Promise<{ status: number; data: Uint8Array }> {
    const transport = directTransport(this.file.drive, "virtual:");
    const buffer = transport.allocate(typeof data === "number" ? data : data.length);
    if (typeof data !== "number") buffer.bytes.set(data);
    const { status } = await transport.submit({ queue, opcode, nsid: 1, ...command, data: buffer });
    return { status: status & 0x7ff, data: buffer.bytes };
  }

  /** Writes a block past the cache. */
  async write(lba: number, value: number): Promise<number> {
    const data = new Uint8Array(512).fill(value);
    return (await this.send("io", WRITE, { cdw10: lba, cdw12: 0x4000_0000, data })).status;
  }

  async firstByte(lba: number): Promise<number | undefined> {
    return (await this.send("io", READ, { cdw10: lba, data: 512 })).data[0];
  }
}

Deno.test("A format on a full disk is an Internal Error, and the namespace stays as it was", async () => {
  const own = new Case();
  assertEquals(await own.write(7, 42), OK);
  own.fill();
  for (let time = 0; time < 3; time++) {
    assertEquals((await own.send("admin", FORMAT, { cdw10: 1 })).status, INTERNAL_ERROR);
  }
  assertEquals(own.file.drive.store.find(1)?.blockBytes, 512);
  assertEquals(await own.firstByte(7), 42);
  assertEquals(own.told, ["Cannot write virtual:drive.json: no space left on device"]);
  own.disk.error = undefined;
  assertEquals((await own.send("admin", FORMAT, { cdw10: 1 })).status, OK);
  assertEquals(own.file.drive.store.find(1)?.blockBytes, 4096);
  assertEquals(own.disk.list(`${PATH}.data`).filter((name) => name.endsWith(".map")).length, 1);
  own.file.close();
});

Deno.test("A format whose end could not be written down does not begin", async () => {
  const own = new Case();
  assertEquals(await own.write(7, 42), OK);
  // New empty files may be made on a full disk; the drive file that names them has no room.
  const replaceText = own.disk.replaceText.bind(own.disk);
  own.disk.replaceText = () => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  };
  assertEquals((await own.send("admin", FORMAT, { cdw10: 1 })).status, INTERNAL_ERROR);
  assertEquals([own.file.drive.store.find(1)?.blockBytes, await own.firstByte(7)], [512, 42]);
  own.disk.replaceText = replaceText;
  assertEquals((await own.send("admin", FORMAT, { cdw10: 1 })).status, OK);
  own.file.close();
});

Deno.test("A format of several namespaces that there is no room for formats none of them", async () => {
  const own = new Case("namespaces");
  const formats = (): readonly number[] =>
    own.file.drive.store.allocated().map(({ state }) => state.format);
  const before = formats();
  // The drive file is written, the first namespaces get their files, a later one does not.
  own.fill(6);
  const answer = await own.send("admin", FORMAT, { nsid: EVERY_NAMESPACE, cdw10: 1 });
  assertEquals([answer.status, formats()], [INTERNAL_ERROR, before]);
  own.disk.error = undefined;
  own.file.close();
  const again = new DriveFile(PATH, { now: () => START, disk: own.disk });
  assertEquals(again.drive.store.allocated().map(({ state }) => state.format), before);
  again.close();
});

Deno.test("A format that takes its time ends with an Internal Error when the disk is full by then", async () => {
  const own = new Case("healthy", { overrides: { formatMs: 1000 }, timed: true });
  assertEquals(await own.write(7, 42), OK);
  const answer = own.send("admin", FORMAT, { cdw10: 1 });
  own.fill();
  own.time += 1000;
  for (const timer of own.timers.splice(0)) timer();
  assertEquals((await answer).status, INTERNAL_ERROR);
  own.disk.error = undefined;
  assertEquals([own.file.drive.store.find(1)?.blockBytes, await own.firstByte(7)], [512, 42]);
  own.file.close();
});

Deno.test("A namespace that there is no room for is not made", async () => {
  const own = new Case();
  assertEquals((await own.send("admin", MANAGE, { cdw10: 1 })).status, OK);
  const data = new Uint8Array(4096);
  new DataView(data.buffer).setBigUint64(0, 1000n, true);
  new DataView(data.buffer).setBigUint64(8, 1000n, true);
  const before = structuredClone(own.file.drive.state.incarnations);
  own.fill();
  const create = () => own.send("admin", MANAGE, { nsid: 0, cdw10: 0, data });
  assertEquals((await create()).status, INTERNAL_ERROR);
  assertEquals(own.file.drive.state.namespaces, []);
  assertEquals(own.file.drive.state.incarnations, before);
  own.disk.error = undefined;
  assertEquals((await create()).status, OK);
  assertEquals(own.file.drive.state.namespaces.map(({ nsid }) => nsid), [1]);
  own.file.close();
});

Deno.test("A sanitize operation that the disk has no room for fails, and can be repeated", async () => {
  const own = new Case();
  const log = async () => {
    const page = { nsid: EVERY_NAMESPACE, cdw10: 0x007f_0081, data: 512 };
    return SanitizeLog.decode((await own.send("admin", GET_LOG, page)).data);
  };
  const blockErase = { nsid: 0, cdw10: 2 };
  assertEquals(await own.write(7, 42), OK);
  assertEquals((await own.send("admin", SANITIZE, blockErase)).status, OK);
  own.fill();
  own.time += 3_600_000;
  own.file.drive.settle();
  assertEquals((await log()).status.operation, 3);
  own.disk.error = undefined;
  assertEquals((await own.send("admin", SANITIZE, blockErase)).status, OK);
  own.time += 3_600_000;
  assertEquals((await log()).status.operation, 1);
  assertEquals(await own.firstByte(7), 0);
  own.file.close();
});

Deno.test("A shutdown that cannot store the write cache is a fatal error, not a complete one", async () => {
  const own = new Case();
  const { registers } = own.file.drive.first;
  const { CC: { offset }, CSTS: { offset: status } } = REGISTERS;
  const enabled = { en: true, iosqes: 6, iocqes: 4 };
  registers.write(offset, 4, BigInt(CC.compose(enabled)));
  const data = new Uint8Array(512).fill(9);
  assertEquals((await own.send("io", WRITE, { data })).status, OK);
  own.fill();
  registers.write(offset, 4, BigInt(CC.compose({ ...enabled, shn: SHN.normal })));
  const { cfs, shst } = CSTS.parse(Number(registers.read(status, 4)));
  assertEquals([cfs, shst], [true, 0]);
  assertEquals(await own.firstByte(0), 9);
  own.disk.error = undefined;
  own.file.close();
});

Deno.test("Writes that a full disk refuses do not make the write cache grow", async () => {
  const own = new Case("healthy", { overrides: { cacheBytes: 16_384 } });
  own.fill();
  const statuses: number[] = [];
  for (let at = 0; at < 20; at++) {
    const data = new Uint8Array(512).fill(at + 1);
    statuses.push((await own.send("io", WRITE, { cdw10: at * 8, data })).status);
  }
  assertEquals(statuses, [...Array(4).fill(OK), ...Array(16).fill(WRITE_FAULT)]);
  assertEquals(own.file.drive.store.find(1)?.media.allocatedBlocks, 4);
  own.disk.error = undefined;
  own.file.close();
});

Deno.test("Power that goes while the disk is full takes the cache along, and the drive comes back", async () => {
  const own = new Case();
  for (let lba = 0; lba < 20; lba++) {
    await own.send("io", WRITE, { cdw10: lba, data: new Uint8Array(512).fill(1) });
  }
  own.fill();
  assertEquals(own.file.drive.powercut({ cached: "partly-lost" }), 20);
  own.disk.error = undefined;
  assertEquals([await own.firstByte(0), await own.write(0, 5)], [0, OK]);
  own.file.close();
});

Deno.test("A drive that is closed on a full disk says so, and has lost its power", async () => {
  const own = new Case();
  const before = own.file.drive.state.counters;
  const { unsafeShutdowns } = before;
  await own.send("io", WRITE, { data: new Uint8Array(512).fill(1) });
  own.fill();
  const error = assertThrows(() => own.file.close(), UnreachableError);
  assertEquals([error.code, error.message.includes("no space left on device")], ["ENOSPC", true]);
  own.disk.error = undefined;
  const again = new DriveFile(PATH, { now: () => START, disk: own.disk });
  assert(again.drive.state.counters.unsafeShutdowns === unsafeShutdowns + 1n);
  again.close();
});
