// A served drive on a disk that is full, with memory that is full, with a file that may not be
// written, and what a restart counts: the compiled program on real file systems.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SmartLog } from "../../src/spec/log/smart.ts";
import { BINARY, type BinaryResult, nvmectl, runProgram } from "../support/binary.ts";
import { inFolder, Serving } from "../support/serving.ts";
import type { Dialled } from "../support/tcp_dial.ts";
import { dialTcp } from "../support/tcp_dial.ts";

const [FORMAT, IDENTIFY, GET_LOG] = [0x80, 0x06, 0x02] as const;
const [WRITE, READ] = [0x01, 0x02] as const;
const OK = "00h/00h";
const FUA = 0x4000_0000;
const NOBODY = 65534;

function mount(folder: string): Promise<BinaryResult> {
  return runProgram("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
}

/** Whether this machine lets us mount a file system. */
async function canMount(): Promise<boolean> {
  if (Deno.uid() !== 0) return false;
  const folder = await Deno.makeTempDir();
  const { code } = await mount(folder);
  if (code === 0) await runProgram("umount", [folder]);
  await Deno.remove(folder);
  return code === 0;
}

/** Runs in a folder with 1 MiB of room. */
async function inSmallFolder(use: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const { code, stderr } = await mount(folder);
    assertEquals(code, 0, stderr);
    try {
      await use(folder);
    } finally {
      await runProgram("umount", ["-l", folder]);
    }
  });
}

/** Takes all the room that there is. */
async function fill(folder: string): Promise<void> {
  await runProgram("dd", ["if=/dev/zero", `of=${folder}/filler`, "bs=4096", "count=10000"]);
}

async function ioQueue(serving: Serving, admin: Dialled): Promise<Dialled> {
  const io = await dialTcp(serving.port);
  await io.initialize();
  const { cntlid } = admin.host;
  assertEquals((await io.host.connect(serving.subnqn, { qid: 1, cntlid })).status, OK);
  return io;
}

Deno.test({
  name: "A served drive on a disk that is really full fails what needs room, and lives on",
  ignore: !await canMount(),
  fn: () =>
    inSmallFolder(async (folder) => {
      assertEquals((await nvmectl(["drive", "new", "d.json"], { cwd: folder })).code, 0);
      await using serving = await Serving.start(folder, ["virtual:d.json"]);
      await using admin = await serving.connect();
      await using io = await ioQueue(serving, admin);
      const write = async (lba: number): Promise<string> => {
        const out = new Uint8Array(4096).fill(7);
        const command = { opcode: WRITE, nsid: 1, cdw10: lba, cdw12: FUA | 7, out };
        return (await io.host.submit(command)).status;
      };
      assertEquals(await write(0), OK);
      await fill(folder);
      assertEquals(await write(100_000), "02h/80h");
      const format = { opcode: FORMAT, nsid: 1, cdw10: 1 };
      assertEquals((await admin.host.submit(format)).status, "00h/06h");
      assertEquals((await admin.host.submit(format)).status, "00h/06h");
      const identify = { opcode: IDENTIFY, cdw10: 1, length: 4096 };
      assertEquals((await admin.host.submit(identify)).status, OK);
      const { data } = await io.host.submit({ opcode: READ, nsid: 1, length: 512 });
      assert(data.length === 512 && data.every((byte) => byte === 7));
      await Deno.remove(`${folder}/filler`);
      assertEquals((await admin.host.submit(format)).status, OK);
      const { code, stderr } = await serving.stop();
      assertEquals(code, 0, stderr);
      assertEquals(stderr.match(/no space left/gi)?.length, 1, stderr);
    }),
});

Deno.test({
  name: "A drive file that may not be written is not replaced, though its folder would let it",
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      assertEquals((await nvmectl(["drive", "new", "d.json"], { cwd: folder })).code, 0);
      const before = await Deno.readTextFile(`${folder}/d.json`);
      await Deno.chmod(folder, 0o777);
      await Deno.chmod(`${folder}/d.json`, 0o444);
      const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
      const words = [...user, BINARY, "health", `virtual:${folder}/d.json`];
      const { code, stderr } = await runProgram("setpriv", words);
      assertEquals(code, 4, stderr);
      assertMatch(stderr, /Cannot write virtual:.*[Pp]ermission denied/);
      assertEquals(await Deno.readTextFile(`${folder}/d.json`), before);
    }),
});

Deno.test("Serving a drive file is switching it on: a restart counts a power cycle, a kill more", () =>
  inFolder(async (folder) => {
    assertEquals((await nvmectl(["drive", "new", "d.json"], { cwd: folder })).code, 0);
    const round = async (signal: Deno.Signal): Promise<readonly [bigint, bigint]> => {
      await using serving = await Serving.start(folder, ["virtual:d.json"]);
      await using admin = await serving.connect();
      const log = { opcode: GET_LOG, nsid: 0xffffffff, cdw10: 0x007f_0002, length: 512 };
      const { powerCycles, unsafeShutdowns } = SmartLog.decode((await admin.host.submit(log)).data);
      await serving.stop(signal);
      return [powerCycles, unsafeShutdowns];
    };
    const [cycles, unsafe] = await round("SIGTERM");
    assertEquals(await round("SIGTERM"), [cycles + 1n, unsafe]);
    assertEquals(await round("SIGKILL"), [cycles + 2n, unsafe]);
    assertEquals(await round("SIGTERM"), [cycles + 3n, unsafe + 1n]);
    assertEquals(await round("SIGTERM"), [cycles + 4n, unsafe + 1n]);
  }));

Deno.test("A drive in memory takes no more of it than it may: writes fail, the drive lives on", () =>
  inFolder(async (folder) => {
    const refused = await nvmectl(["drive", "serve", "virtual:d.json", "--memory", "1MiB"]);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "its blocks are in its file");
    await using serving = await Serving.start(folder, ["virtual:", "--memory", "1MiB"]);
    await using admin = await serving.connect();
    await using io = await ioQueue(serving, admin);
    const statuses: string[] = [];
    for (let at = 0; at < 32; at++) {
      const out = new Uint8Array(65_536).fill(at + 1);
      const place = { nsid: 1, cdw10: at * 128, cdw12: FUA | 127 };
      statuses.push((await io.host.submit({ opcode: WRITE, ...place, out })).status);
    }
    assertEquals(statuses, [...Array(15).fill(OK), ...Array(17).fill("02h/80h")]);
    const first = await io.host.submit({ opcode: READ, nsid: 1, length: 512 });
    assertEquals([first.status, first.data[0]], [OK, 1]);
    // What is deallocated makes room.
    const range = new Uint8Array(16);
    new DataView(range.buffer).setUint32(4, 128, true);
    const trim = { opcode: 0x09, nsid: 1, cdw10: 0, cdw11: 4, out: range };
    assertEquals((await io.host.submit(trim)).status, OK);
    const out = new Uint8Array(65_536);
    const again = { opcode: WRITE, nsid: 1, cdw10: 31 * 128, cdw12: FUA | 127, out };
    assertEquals((await io.host.submit(again)).status, OK);
  }));
