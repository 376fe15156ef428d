// Wireshark's own dissectors as the judge of traces taken inside the drive, with and without our
// plug-in for it.

import { assert, assertEquals } from "@std/assert";
import { registerBacking } from "../../src/drive/mod.ts";
import { traceDrive } from "../../src/drive/trace.ts";
import { openDriveTrace } from "../../src/open/trace.ts";
import { adminOpcode, ioOpcode } from "../../src/spec/opcode.ts";
import type { VirtualDrive } from "../../src/drive/mod.ts";
import { wiresharkPlugin } from "../../src/trace/wireshark.ts";
import { Bench } from "../drive/bench.ts";
import { TcpBench } from "../drive/face/tcp/bench.ts";
import { because, capturing, fields, ignore, numeric } from "../support/tshark.ts";
import { RegisterDriver } from "../support/register_driver.ts";
import { pattern } from "../trace/scenario.ts";

/** Everything from "note" upwards; our own comments and the handshake are below. */
const SUSPICIOUS = "_ws.malformed or nvme-tcp.unknown_data or tcp.analysis.flags or " +
  "_ws.expert.severity >= 0x400000";
const LONG = 128 * 1024;

/** What the drive sees while something is done with it. */
async function captured(
  drive: VirtualDrive,
  session: () => void | Promise<void>,
): Promise<Uint8Array> {
  const { sink, bytes } = capturing();
  let now = 1_556_804_537_200_926_382n;
  const stop = traceDrive(drive, sink, {
    clock: () => now += 1000n,
    failed: (error) => {
      throw error;
    },
  });
  await session();
  stop();
  return bytes();
}

/** Through the direct face: a bit of everything. */
async function directSession(bench: Bench): Promise<void> {
  const { registers } = bench.drive.first;
  registers.read(0x00, 8);
  registers.write(0x14, 4, 0x00460001n);
  await bench.identify(0x01, { direction: "in" });
  await bench.log(0x02, 512, { direction: "in" });
  await bench.log(0x06, 564, { direction: "in" });
  await bench.admin(0x09, { cdw10: 0x0e, direction: "out", out: pattern(8) });
  await bench.admin(0x0a, { cdw10: 0x07 });
  await bench.io(0x01, { nsid: 1, cdw12: 255, direction: "out", out: pattern(LONG) });
  await bench.io(0x02, { nsid: 1, cdw12: 255, direction: "in", length: LONG });
  await bench.log(0x7f, 512, { direction: "in" });
  await bench.io(0x02, { nsid: 9, direction: "in", length: 512 });
  const detach = bench.drive.taps.attach(
    "nvme:io:decode",
    () => ({ kind: "claim", status: { type: 1, code: 0x82 } }),
    { plugin: "no-writes" },
  );
  await bench.io(0x01, { nsid: 1, cdw10: 8, direction: "out", out: pattern(512) });
  detach();
  const hang = bench.drive.taps.attach("nvme:io:execute", () => ({ kind: "drop" }), {
    plugin: "hang",
  });
  const hung = bench.io(0x00, { nsid: 1 }).catch(() => undefined);
  hang();
  registers.write(0x14, 4, 0n);
  await hung;
}

function registerSession(bench: Bench): void {
  using backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  using memory = backing.dma.allocate(LONG);
  driver.admin.execute({ opcode: 0x06, prp1: memory.iova, cdw10: 1 });
  const queue = driver.createQueue(1, 4);
  for (const kind of ["write", "read", "write", "read"] as const) {
    driver.transfer(queue, kind, { iova: memory.iova, bytes: LONG, slba: 0 });
  }
  driver.transfer(queue, "write", { iova: memory.iova, bytes: 512, slba: 0 });
}

async function fabricsSession(bench: TcpBench): Promise<void> {
  const host = await bench.host();
  await host.submit({ opcode: 0x06, length: 4096, cdw10: 1 });
  const queue = await bench.ioQueue(host);
  // Two at a time: what belongs to one comes between what belongs to the other.
  await Promise.all([
    queue.submit({ opcode: 0x01, nsid: 1, cdw12: 255, out: pattern(LONG) }),
    queue.submit({ opcode: 0x01, nsid: 1, cdw10: 512, cdw12: 255, out: pattern(LONG) }),
  ]);
  await queue.submit({ opcode: 0x02, nsid: 1, cdw12: 255, length: LONG });
  void host.submit({ opcode: 0x0c });
  await host.setProperty(0x14, 0);
  host.connection.closed();
  await bench.host();
}

Deno.test(
  { name: `tshark finds nothing malformed in a drive's trace${because}`, ignore },
  async () => {
    const bench = new Bench();
    const capture = await captured(bench.drive, () => directSession(bench));
    assertEquals(await fields(capture, SUSPICIOUS, ["frame.number", "_ws.col.Info"]), []);
    const commands = await fields(capture, "nvme.cmd.opc", [
      "nvme-tcp.cmd.qid",
      "nvme.cmd.cid",
      "nvme.cmd.opc",
      "nvme.cmd.nsid",
      "nvme.cmd.slba",
      "nvme.cmd.nlb",
    ]);
    assertEquals(commands.map((one) => Object.values(one).map(numeric).join(" ")), [
      "0 1 6 0 - -",
      "0 2 2 4294967295 - -",
      "0 3 2 4294967295 - -",
      "0 4 9 0 - -",
      "0 5 10 0 - -",
      "1 1 1 1 0 256",
      "1 2 2 1 0 256",
      "0 6 2 4294967295 - -",
      "1 3 2 9 0 1",
      "1 4 1 1 8 1",
      "1 5 0 1 - -",
    ]);
    const statuses = await fields(capture, "nvme and nvme.cqe.cid", [
      "nvme.cqe.cid",
      "nvme.cqe.status.sct",
      "nvme.cqe.status.sc",
    ]);
    assertEquals(
      statuses.map((one) => Object.values(one).map(numeric).join(" "))
        .filter((one) => !one.endsWith(" 0 0")),
      ["6 1 9", "3 0 2", "4 1 130"],
    );
  },
);

Deno.test({ name: `tshark reads what a drive's commands moved${because}`, ignore }, async () => {
  const bench = new Bench();
  const capture = await captured(bench.drive, () => directSession(bench));
  const data = await fields(capture, "nvme-tcp.data.length", [
    "nvme-tcp.type",
    "nvme-tcp.data.offset",
    "nvme-tcp.data.length",
  ]);
  assertEquals(data.map((one) => Object.values(one).join(" ")), [
    "7 0 4096",
    "7 0 512",
    "7 0 564",
    "6 0 8",
    "6 0 131072",
    "7 0 131072",
  ]);
  const [{ "nvme.cmd.identify.ctrl.sn": serial = "" } = {}] = await fields(
    capture,
    "nvme.cmd.identify.ctrl.sn",
    ["nvme.cmd.identify.ctrl.sn"],
  );
  assertEquals(serial.trim(), bench.drive.personality.serial);
});

Deno.test({ name: `tshark shows a drive's registers and verdicts${because}`, ignore }, async () => {
  const bench = new Bench();
  const capture = await captured(bench.drive, () => directSession(bench));
  const properties = await fields(capture, "nvme.fabrics.cmd.prop_get_set.offset", [
    "nvme.fabrics.cmd.fctype",
    "nvme.fabrics.cmd.prop_get_set.offset",
  ]);
  assertEquals(properties.map((one) => Object.values(one).map(numeric).join(" ")), [
    "4 0",
    "0 20",
    "0 20",
  ]);
  const comments = await fields(capture, 'frame.comment contains "@"', ["frame.comment"]);
  assertEquals(
    comments.map((one) => one["frame.comment"].replace(/^\[.*?\] \S+ \S+ /, "")),
    [
      "CPL SQ=1 CID=0004 P=1 STS=0x0182 CDW0=0 " +
      "Attempted Write to Read Only Range (01h/82h) " +
      '(no-writes@nvme:io:decode: claim status {"type":1,"code":130})',
      "ERR SQ=1 CID=0005 no completion: a plug-in made it vanish (hang@nvme:io:execute: drop)",
    ],
  );
});

Deno.test(
  { name: `tshark reads a register-level driver's session${because}`, ignore },
  async () => {
    const bench = new Bench();
    const capture = await captured(bench.drive, () => registerSession(bench));
    assertEquals(await fields(capture, SUSPICIOUS, ["frame.number", "_ws.col.Info"]), []);
    const opcodes = await fields(capture, "nvme.cmd.opc", ["nvme-tcp.cmd.qid", "nvme.cmd.opc"]);
    assertEquals(opcodes.map((one) => Object.values(one).map(numeric).join(" ")), [
      "0 6",
      "0 5",
      "0 1",
      "1 1",
      "1 2",
      "1 1",
      "1 2",
      "1 1",
    ]);
  },
);

Deno.test({ name: `tshark reads a fabric host's session${because}`, ignore }, async () => {
  const bench = new TcpBench();
  const capture = await captured(bench.drive, () => fabricsSession(bench));
  assertEquals(await fields(capture, SUSPICIOUS, ["frame.number", "_ws.col.Info"]), []);
  const connects = await fields(capture, "nvme.fabrics.cmd.connect.qid", [
    "tcp.stream",
    "nvme.fabrics.cmd.connect.qid",
    "nvme.fabrics.cmd.connect.data.subnqn",
  ]);
  // The host's own, each on a connection of its own.
  assertEquals(connects.map((one) => Object.values(one).join(" ")), [
    `0 0 ${bench.nqn}`,
    `1 1 ${bench.nqn}`,
    `2 0 ${bench.nqn}`,
  ]);
  // Registers are shown once: as the host's properties.
  const properties = await fields(capture, "nvme.fabrics.cmd.prop_get_set.offset", ["tcp.stream"]);
  assertEquals(properties.map((one) => one["tcp.stream"]).join(""), "00022");
});

Deno.test({ name: `tshark takes our plug-in's names and verdicts${because}`, ignore }, async () => {
  const path = await Deno.makeTempFile({ suffix: ".lua" });
  await Deno.writeTextFile(path, wiresharkPlugin());
  const args = ["-X", `lua_script:${path}`];
  try {
    const bench = new Bench();
    const admin = [0x06, 0x14, 0x80, 0x81, 0x82, 0x84, 0x86, 0x1a, 0xc0, 0xfe, 0x7e];
    const io = [0x00, 0x0c, 0x19, 0x04, 0x80, 0x7e];
    const capture = await captured(bench.drive, async () => {
      for (const opcode of admin) await bench.admin(opcode);
      for (const opcode of io) await bench.io(opcode);
      await directSession(bench);
    });
    const named = await fields(
      capture,
      "nvme.cmd.opc",
      ["nvme.cmd.opc", "nvmectl.opcode_name", "_ws.col.Info"],
      args,
    );
    assertEquals(
      named.slice(0, admin.length + io.length).map((one) => one["nvmectl.opcode_name"]),
      [...admin.map((one) => adminOpcode(one).name), ...io.map((one) => ioOpcode(one).name)],
    );
    const unnamed = named.filter((one) => /Unknown Command$/.test(one["_ws.col.Info"]));
    assertEquals(unnamed, []);
    // Its completion is named after the command.
    const filter = 'nvme.cqe.cid and nvmectl.opcode_name == "Device Self-test"';
    assertEquals((await fields(capture, filter, ["frame.number"], args)).length, 1);
    const verdicts = await fields(capture, "nvmectl.verdict", ["nvmectl.verdict"], args);
    assertEquals(verdicts.map((one) => one["nvmectl.verdict"]), [
      'no-writes@nvme:io:decode: claim status {"type":1,"code":130}',
      "hang@nvme:io:execute: drop",
    ]);
    assertEquals(await fields(capture, SUSPICIOUS, ["frame.number", "_ws.col.Info"], args), []);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({ name: `tshark takes our plug-in's registers and PRPs${because}`, ignore }, async () => {
  const path = await Deno.makeTempFile({ suffix: ".lua" });
  await Deno.writeTextFile(path, wiresharkPlugin());
  const args = ["-X", `lua_script:${path}`];
  try {
    const bench = new Bench();
    const capture = await captured(bench.drive, () => registerSession(bench));
    const registers = await fields(capture, "nvmectl.register", ["nvmectl.register"], args);
    const names = registers.map((one) => one["nvmectl.register"]);
    for (
      const name of [
        "CAP Controller Capabilities",
        "CC Controller Configuration",
        "AQA Admin Queue Attributes",
        "ACQ Admin Completion Queue Base Address, upper half",
        "doorbell (1000h)",
      ]
    ) assert(names.includes(name), name);
    const prps = await fields(capture, "nvmectl.prp1", [
      "frame.comment",
      "nvmectl.prp1",
      "nvmectl.prp2",
    ], args);
    assertEquals(prps.length, 8);
    for (const { "frame.comment": line, "nvmectl.prp1": prp1, "nvmectl.prp2": prp2 } of prps) {
      const hex = (text: string): string => BigInt(text).toString(16);
      assert(line.includes(` prp1=${hex(prp1)} prp2=${hex(prp2)} `) || line.endsWith(hex(prp2)));
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("openDriveTrace() writes the form that the file's name says, until it is disposed of", async () => {
  const directory = await Deno.makeTempDir();
  try {
    for (
      const [name, begins] of [["t.txt", "[   0] "], ["t.ndjson", '{"schema":'], ["t.pcapng", "\n"]]
    ) {
      const bench = new Bench();
      const path = `${directory}/${name}`;
      {
        using _trace = await openDriveTrace(bench.drive, path, (said) => {
          throw new Error(said);
        });
        await bench.identify(0x01);
      }
      const size = (await Deno.stat(path)).size;
      await bench.identify(0x01);
      const text = await Deno.readTextFile(path);
      assert(text.startsWith(begins ?? "?"), name);
      const { size: afterwards, mode } = await Deno.stat(path);
      assertEquals(afterwards, size);
      // Data is for its owner alone.
      assertEquals((mode ?? 0) & 0o777, 0o600);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
