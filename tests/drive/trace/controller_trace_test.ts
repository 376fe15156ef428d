// What a trace shows of commands: their data, what plug-ins did to them, how they ended.

import { assert, assertEquals } from "@std/assert";
import type { TapCallback } from "../../../src/drive/tap/verdict.ts";
import type { TraceEvent } from "../../../src/trace/trace.ts";
import { TcpBench } from "../face/tcp/bench.ts";
import { Bench } from "../bench.ts";
import { Recorder } from "./recorder.ts";

function attached(name: string, callback: TapCallback, plugin = "test"): [Bench, Recorder] {
  const bench = new Bench();
  bench.drive.taps.attach(name, callback, { plugin });
  return [bench, new Recorder(bench.drive)];
}

/** The event of that kind, of which there is one. */
function only<K extends TraceEvent["kind"]>(
  { events }: Recorder,
  kind: K,
): Extract<TraceEvent, { readonly kind: K }> {
  const found = events.filter((event) => event.kind === kind);
  assertEquals(found.length, 1, kind);
  return found[0] as Extract<TraceEvent, { readonly kind: K }>;
}

const BLOCK = Uint8Array.from({ length: 512 }, (_, at) => at & 0xff);

Deno.test("data from the host is an event of its own, with its command's number", async () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  await bench.io(0x01, { nsid: 1, direction: "out", out: BLOCK });
  assertEquals(trace.events.map(({ kind, index }) => [kind, index]), [
    ["command", 0],
    ["data", 0],
    ["completion", 1],
  ]);
  assertEquals(only(trace, "data").data, BLOCK);
});

Deno.test("data for the host comes with the completion, and only as much as there was room for", async () => {
  const bench = new Bench();
  await bench.io(0x01, { nsid: 1, direction: "out", out: BLOCK });
  const trace = new Recorder(bench.drive);
  await bench.io(0x02, { nsid: 1, direction: "in", length: 512 });
  assertEquals(only(trace, "completion").data, BLOCK);
  trace.events.length = 0;
  await bench.identify(0x01, { direction: "in", length: 100 });
  assertEquals(only(trace, "completion").data?.length, 100);
});

Deno.test("a refused command has no data", async () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  await bench.io(0x02, { nsid: 1, direction: "in", length: 512, cdw10: 0xffffffff, cdw11: 1 });
  await bench.io(0x01, { nsid: 7, direction: "out", out: BLOCK });
  assertEquals(trace.lines, [
    "IO  SQ=1 CID=0001 OPC=Read NSID=0x1 LBA=0x1ffffffff data=512<",
    "CPL SQ=1 CID=0001 P=1 STS=0x6080 CDW0=0 " +
    "LBA Out of Range (00h/80h), more in the error log, do not retry",
    "IO  SQ=1 CID=0002 OPC=Write NSID=0x7 LBA=0 data=512>",
    "CPL SQ=1 CID=0002 P=1 STS=0x6002 CDW0=0 " +
    "Invalid Field in Command (00h/02h), more in the error log, do not retry",
  ]);
  assert(trace.events.every((event) => event.kind === "command" || !("data" in event)));
});

Deno.test("the payload of Security Send and Receive stays out", async () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  // The drive refuses the command without its data; somebody else looks at it.
  bench.drive.taps.attach("nvme:admin:fetch", () => undefined, { data: true });
  await bench.admin(0x81, { direction: "out", out: new Uint8Array(64).fill(0xaa) });
  const { data, notes } = only(trace, "data");
  assertEquals([data, notes], [new Uint8Array(64), ["payload withheld, zeros instead"]]);
  trace.events.length = 0;
  const received = await bench.admin(0x82, { direction: "in", length: 64, cdw11: 64 });
  assert(received.data.some((byte) => byte !== 0));
  const completion = only(trace, "completion");
  assert(completion.data?.length && completion.data.every((byte) => byte === 0));
  assertEquals(completion.notes, ["payload withheld, zeros instead"]);
});

Deno.test("the command is as it was sent, its completion as the host gets it", async () => {
  const [bench, trace] = attached(
    "nvme:io:decode",
    () => ({ kind: "mutate", command: { cdw10: 9 } }),
    "misdirected",
  );
  bench.drive.taps.attach("nvme:io:writeback", () => ({ kind: "claim", status: 0x281, dw0: 7 }), {
    plugin: "liar",
  });
  await bench.io(0x02, { nsid: 1, direction: "in", length: 512, cdw10: 3 });
  assertEquals(trace.lines, [
    "IO  SQ=1 CID=0001 OPC=Read NSID=0x1 LBA=0x3 data=512<",
    "CPL SQ=1 CID=0001 P=1 STS=0x0281 CDW0=0x7 Unrecovered Read Error (02h/81h) " +
    "(misdirected@nvme:io:decode: mutate command) (liar@nvme:io:writeback: claim status 641)",
  ]);
  // The data had gone before the lie.
  assertEquals(only(trace, "completion").data?.length, 512);
});

Deno.test("data that a plug-in kept from the host is not shown as sent", async () => {
  const [bench, trace] = attached("nvme:io:data", () => ({ kind: "claim", status: 0x281 }));
  await bench.io(0x02, { nsid: 1, direction: "in", length: 512 });
  assertEquals(only(trace, "completion").data, undefined);
});

Deno.test("a completion with wrong identifiers says whose it is", async () => {
  const [bench, trace] = attached(
    "nvme:io:writeback",
    () => ({ kind: "mutate", completion: { cid: 0x77, sqid: 9 } }),
  );
  await bench.io(0x00, { nsid: 1 });
  assertEquals(trace.lines, [
    "IO  SQ=1 CID=0001 OPC=Flush NSID=0x1",
    "CPL SQ=9 CID=0077 P=1 STS=0x0000 CDW0=0 " +
    "(test@nvme:io:writeback: mutate completion) (answers SQ=1 CID=0001)",
  ]);
  const { sqid, cid, posted } = only(trace, "completion");
  assertEquals([sqid, cid, posted], [1, 1, { sqid: 9, cid: 0x77 }]);
});

Deno.test("a completion that comes more than once is shown so, up to a bound", async () => {
  for (const [copies, shown] of [[2, 2], [16, 16]] as const) {
    const [bench, trace] = attached(
      "nvme:io:writeback",
      () => ({ kind: "mutate", completion: { copies } }),
    );
    await bench.io(0x02, { nsid: 1, direction: "in", length: 512 });
    const completions = trace.events.filter((event) => event.kind === "completion");
    assertEquals(completions.length, shown);
    assert(completions[0]?.notes?.includes(`posted ${copies} times`));
    // The data went once.
    assertEquals(completions.map(({ data }) => data?.length), [512, ...Array(shown - 1)]);
  }
});

Deno.test("a completion that is withheld is none", async () => {
  const [bench, trace] = attached(
    "nvme:io:writeback",
    () => ({ kind: "mutate", completion: { copies: 0 } }),
  );
  await bench.io(0x00, { nsid: 1 });
  assertEquals(
    trace.lines.at(-1),
    "ERR SQ=1 CID=0001 no completion: a plug-in withheld it " +
      "(test@nvme:io:writeback: mutate completion)",
  );
});

Deno.test("a command that a plug-in dropped is said to be so at once, and once", async () => {
  const [bench, trace] = attached("nvme:io:execute", () => ({ kind: "drop" }), "hang");
  const hung = bench.io(0x00, { nsid: 1 }).catch(() => undefined);
  const gone =
    "ERR SQ=1 CID=0001 no completion: a plug-in made it vanish (hang@nvme:io:execute: drop)";
  assertEquals(trace.lines, ["IO  SQ=1 CID=0001 OPC=Flush NSID=0x1", gone]);
  bench.drive.first.reset();
  await hung;
  assertEquals(trace.lines.length, 2);
});

Deno.test("a dropped command that is aborted completes after all", async () => {
  const [bench, trace] = attached("nvme:io:execute", () => ({ kind: "drop" }), "hang");
  const hung = bench.io(0x00, { nsid: 1 });
  await bench.admin(0x08, { cdw10: 0x0001_0001 });
  assertEquals((await hung).status, "00h/07h");
  assertEquals(trace.lines.map((line) => line.slice(0, 34)), [
    "IO  SQ=1 CID=0001 OPC=Flush NSID=0",
    "ERR SQ=1 CID=0001 no completion: a",
    "ADM SQ=0 CID=0001 OPC=Abort NSID=0",
    "CPL SQ=1 CID=0001 P=1 STS=0x0007 C",
    "CPL SQ=0 CID=0001 P=1 STS=0x0000 C",
  ]);
});

Deno.test("a command that vanishes at writeback is gone", () => {
  const [bench, trace] = attached("nvme:io:writeback", () => ({ kind: "drop" }), "mute");
  void bench.io(0x00, { nsid: 1 }).catch(() => undefined);
  bench.drive.first.reset();
  assertEquals(trace.lines.length, 2);
  assert(trace.lines[1]?.startsWith("ERR SQ=1 CID=0001 no completion: a plug-in made it vanish"));
});

Deno.test("commands that a reset drops say so", async () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  const waiting = bench.admin(0x0c).catch(() => undefined);
  bench.drive.first.reset();
  await waiting;
  assertEquals(trace.lines, [
    "ADM SQ=0 CID=0001 OPC=Asynchronous Event Request NSID=0 CDW10=00000000",
    "ERR SQ=0 CID=0001 no completion: the controller was reset",
  ]);
});

Deno.test("over a fabric, properties are commands and register accesses", async () => {
  const bench = new TcpBench();
  const trace = new Recorder(bench.drive);
  const host = await bench.host();
  await host.setProperty(0x14, 0);
  const [connect, ...rest] = trace.lines;
  assertEquals(connect, "ADM SQ=0 CID=0001 OPC=Connect data=1024> CDW10=00000000 CDW11=0000001f");
  assertEquals(rest.slice(-3), [
    "ADM SQ=0 CID=0004 OPC=Property Set CDW10=00000000 CDW11=00000014",
    "REG 0014 <- 00000000",
    // It survives the reset that it causes.
    "CPL SQ=0 CID=0004 P=1 STS=0x0000 CDW0=0",
  ]);
  const registers = trace.events.filter((event) => event.kind === "register");
  assert(registers.length >= 3 && registers.every(({ byCommand }) => byCommand));
  bench.drive.first.registers.read(0x1c, 4);
  const last = trace.events.at(-1);
  assertEquals(last?.kind === "register" && last.byCommand, undefined);
});

Deno.test("commands of a queue that is gone say so", async () => {
  const bench = new TcpBench();
  const host = await bench.host();
  const trace = new Recorder(bench.drive);
  void host.submit({ opcode: 0x0c });
  host.connection.closed();
  assert(trace.lines.includes("ERR SQ=0 CID=0004 no completion: its queue has gone"));
});
