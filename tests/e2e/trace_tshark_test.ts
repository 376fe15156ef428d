// Wireshark's own dissectors as the judge of the pcapng trace: needs --allow-run=tshark and
// --allow-env=CI.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type RegisterEvent, tracing } from "../../src/trace/trace.ts";
import { openPolled } from "../../src/transport/polled/mod.ts";
import { wrap } from "../../src/transport/transport.ts";
import { PolledRig } from "../support/polled.ts";
import { because, capturing, fields, ignore, numeric } from "../support/tshark.ts";
import { record, SESSION, START_NS } from "../trace/scenario.ts";

async function session(): Promise<Uint8Array> {
  const { sink, bytes } = capturing();
  await record(SESSION, sink);
  return bytes();
}

Deno.test({ name: `tshark finds nothing malformed in a trace${because}`, ignore }, async () => {
  const capture = await session();
  // Severities from "note" upwards; our own comments and the handshake are below.
  const suspicious = "_ws.malformed or nvme-tcp.unknown_data or tcp.analysis.flags or " +
    "_ws.expert.severity >= 0x400000";
  assertEquals(await fields(capture, suspicious, ["frame.number", "_ws.col.Info"]), []);
  const all = await fields(capture, "frame", ["ip.checksum.status", "tcp.checksum.status"]);
  assertEquals(new Set(all.map((one) => Object.values(one).join())), new Set(["1,1"]));
});

Deno.test({ name: `tshark reads the commands of a trace${because}`, ignore }, async () => {
  const commands = await fields(await session(), "nvme.cmd.opc", [
    "nvme-tcp.cmd.qid",
    "nvme.cmd.cid",
    "nvme.cmd.opc",
    "nvme.cmd.nsid",
    "nvme.cmd.psdt",
    "nvme.cmd.get_logpage.dword10.id",
    "nvme.cmd.set_features.dword10.fid",
    "nvme.cmd.slba",
    "nvme.cmd.nlb",
  ]);
  assertEquals(commands.map((one) => Object.values(one).map(numeric).join(" ")), [
    "0 65535 6 0 1 - - - -",
    "0 1 2 4294967295 1 2 - - -",
    "0 2 2 0 1 1 - - -",
    "0 3 9 0 1 - 7 - -",
    "0 4 9 0 1 - 14 - -",
    "1 65535 2 1 1 - - 4294971392 256",
    "1 1 1 1 1 - - 8 8",
    "1 2 1 1 1 - - 2048 320",
    "0 5 2 0 1 127 - - -",
    "0 6 194 0 1 - - - -",
    "0 7 193 0 1 - - - -",
    "0 8 2 4294967295 1 7 - - -",
    "1 3 0 1 1 - - - -",
    "0 9 20 4294967295 1 - - - -",
  ]);
});

Deno.test({ name: `tshark reads the completions of a trace${because}`, ignore }, async () => {
  // What belongs to the connection itself is Fabrics only, and has no "nvme" layer.
  const completions = await fields(await session(), "nvme and nvme.cqe.cid", [
    "nvme-tcp.cmd.qid",
    "nvme.cqe.cid",
    "nvme.cqe.status.sct",
    "nvme.cqe.status.sc",
    "nvme.cqe.status.dnr",
    "nvme.cmd_latency",
    "nvme.cqe_pkt",
    "nvme.cmd_pkt",
  ]);
  const statuses = completions.map((one) => Object.values(one).slice(0, 4).map(numeric).join(" "));
  assertEquals(statuses, [
    "0 65535 0 0",
    "0 1 0 0",
    "0 2 0 0",
    "0 3 0 0",
    "0 4 0 0",
    "1 65535 0 0",
    "1 1 0 0",
    "1 2 0 0",
    "0 5 1 9",
    "0 6 0 0",
    "0 7 0 0",
    "0 8 0 0",
    "0 9 0 0",
  ]);
  assertEquals(completions[8]?.["nvme.cqe.status.dnr"], "1");
  // Every answer is linked to its command, and knows how long it took.
  for (const one of completions) {
    assertNotEquals(one["nvme.cmd_pkt"], "");
    assertEquals(Number(one["nvme.cmd_latency"]).toFixed(2), "1.00");
  }
});

Deno.test({
  name: `tshark survives a command whose identifier is the number of command 0's packet${because}`,
  ignore,
}, async () => {
  const { sink, bytes } = capturing();
  const [identify] = SESSION;
  assert(identify);
  // The data of the first command is in packet 9, that of each further one three packets later.
  await record(Array.from({ length: 40 }, () => identify), sink);
  const commands = await fields(bytes(), "nvme.cmd.opc", ["nvme.cmd.cid"]);
  assertEquals(commands.length, 40);
});

Deno.test({ name: `tshark decodes what commands brought${because}`, ignore }, async () => {
  const capture = await session();
  const read = async (name: string): Promise<readonly string[]> =>
    (await fields(capture, name, [name])).map((one) => one[name]?.trim() ?? "");
  assertEquals(await read("nvme.cmd.identify.ctrl.sn"), ["TRACE0000001"]);
  assertEquals(await read("nvme.cmd.identify.ctrl.mn"), ["nvmectl scripted drive"]);
  assertEquals(await read("nvme.cmd.get_logpage.smart.ct"), ["309"]);
  assertEquals(await read("nvme.cmd.get_logpage.errinf.errcnt"), ["2"]);
  assertEquals(await read("nvme.cqe.dword0.set_features.nq.nsqa"), ["3"]);
  const data = await fields(capture, "nvme-tcp.data.length", [
    "nvme-tcp.type",
    "nvme-tcp.data.offset",
    "nvme-tcp.data.length",
  ]);
  assertEquals(data.map((one) => Object.values(one).join(" ")), [
    "7 0 4096",
    "7 0 512",
    "7 0 256",
    "7 0 131072",
    "6 0 131072",
    "6 131072 32768",
    "7 0 512",
    "7 0 131072",
    "7 131072 65536",
  ]);
});

Deno.test({ name: `tshark shows our lines as comments${because}`, ignore }, async () => {
  const comments = await fields(await session(), "frame.comment", ["frame.comment", "nvme"]);
  const lines = comments.map((one) => one["frame.comment"]).filter((line) => line.startsWith("["));
  assertEquals(lines.length, 2 * SESSION.length);
  assertEquals(
    lines[17],
    "[  17] 1556804537:217934882 00:06.0 CPL SQ=0 CID=0005 P=1 STS=0x4109 CDW0=0 " +
      "Invalid Log Page (01h/09h), do not retry",
  );
});

Deno.test({ name: `tshark tells drives and registers apart${because}`, ignore }, async () => {
  const { sink, bytes } = capturing();
  const access = (event: Partial<RegisterEvent>): void =>
    sink.register({
      kind: "register",
      index: 0,
      timeNs: START_NS,
      device: "/dev/nvme0",
      access: "read",
      offset: 0,
      width: 4,
      value: 0n,
      ...event,
    });
  access({ width: 8, value: 0x0000_0020_0801_03ffn });
  access({ access: "write", offset: 0x14, value: 0x0046_0001n });
  access({ offset: 0x1c, value: 1n, device: "/dev/nvme1" });
  const capture = bytes();
  const properties = await fields(capture, "nvme.fabrics.cmd.prop_get_set.offset", [
    "frame.interface_name",
    "nvme.fabrics.cmd.fctype",
    "nvme.fabrics.cmd.prop_get_set.offset",
  ]);
  assertEquals(properties.map((one) => Object.values(one).join(" ")), [
    "/dev/nvme0 0x04 0x00000000",
    "/dev/nvme0 0x00 0x00000014",
    "/dev/nvme1 0x04 0x0000001c",
  ]);
  const streams = await fields(capture, "tcp.flags.syn == 1", ["tcp.stream", "ip.dst"]);
  assertEquals(new Set(streams.map((one) => one["tcp.stream"])), new Set(["0", "1"]));
  assertEquals(await fields(capture, "_ws.malformed or tcp.analysis.flags", ["frame"]), []);
});

Deno.test({ name: `tshark reads the trace of our own driver${because}`, ignore }, async () => {
  const { sink, bytes } = capturing();
  const { backing, clock } = new PolledRig();
  const failed = (error: unknown): void => {
    throw error;
  };
  let now = START_NS;
  const layer = tracing(sink, { device: "0000:01:00.0", clock: () => now += 1000n, failed });
  {
    await using drive = wrap(await openPolled({ backing, clock, hostPageBytes: 4096 }), layer);
    using data = drive.allocate(32 * 512);
    await drive.submit({ queue: "io", opcode: 2, nsid: 1, cdw12: 31, direction: "in", data });
  }
  const capture = bytes();
  const suspicious = "_ws.malformed or nvme-tcp.unknown_data or tcp.analysis.flags or " +
    "_ws.expert.severity >= 0x400000";
  assertEquals(await fields(capture, suspicious, ["frame.number", "_ws.col.Info"]), []);
  const commands = await fields(capture, "nvme.cmd.opc", ["nvme-tcp.cmd.qid", "nvme.cmd.opc"]);
  // Identify, Number of Queues, the queues, the namespace; what was asked for; the queues again.
  assertEquals(
    commands.map((one) => Object.values(one).map(numeric).join(" ")),
    ["0 6", "0 9", "0 5", "0 1", "0 6", "0 6", "1 2", "0 0", "0 4"],
  );
  const writes = await fields(capture, "nvme.fabrics.cmd.fctype == 0", [
    "nvme.fabrics.cmd.prop_get_set.offset",
  ]);
  const offsets = writes.map((one) => Number(Object.values(one)[0]));
  // AQA, ASQ, ACQ; CC configured, enabled, told to shut down, disabled.
  assertEquals(offsets, [0x24, 0x28, 0x2c, 0x30, 0x34, 0x14, 0x14, 0x14, 0x14]);
});
