// The trace of a whole drive: what it is called, when it begins and ends.

import { assertEquals } from "@std/assert";
import { directTransport, registerBacking, VirtualDrive } from "../../src/drive/mod.ts";
import { traceDrive } from "../../src/drive/trace.ts";
import { textSink } from "../../src/trace/text.ts";
import { RegisterDriver } from "../support/register_driver.ts";
import { Bench, personality, START } from "./bench.ts";
import { Recorder } from "./trace/recorder.ts";

Deno.test("the text form of a register-level driver's session is the old traces'", () => {
  const drive = new VirtualDrive({
    personality: personality(""),
    now: () => START,
    seed: 1,
    device: "00:06.0",
  });
  const lines: string[] = [];
  let index = 588;
  traceDrive(drive, textSink((line) => lines.push(line)), {
    clock: () => 1_556_804_537_200_926_382n,
    failed: (error) => {
      throw error;
    },
    nextIndex: () => ++index,
  });
  using backing = registerBacking(drive, "00:06.0");
  const driver = RegisterDriver.open(backing);
  index = 588;
  lines.length = 0;
  driver.admin.put({ opcode: 0x06, cid: 0, prp1: 0xbfb24000n, cdw10: 1 });
  driver.admin.ring();
  assertEquals(lines, [
    "[ 589] 1556804537:200926382 00:06.0 REG 1000 <- 00000001",
    "[ 590] 1556804537:200926382 00:06.0 ADM SQ=0 CID=0000 OPC=Identify NSID=0 " +
    "prp1=bfb24000 prp2=0 CDW10=00000001",
    // There is no memory at that address.
    "[ 591] 1556804537:200926382 00:06.0 CPL SQ=0 CID=0000 P=1 STS=0x6004 CDW0=0 " +
    "Data Transfer Error (00h/04h), more in the error log, do not retry",
  ]);
});

Deno.test("the phase tag is that of the completion queue's round", () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  using backing = registerBacking(bench.drive, "virtual:");
  const queue = RegisterDriver.open(backing).createQueue(1, 3);
  trace.events.length = 0;
  for (let count = 0; count < 7; count++) queue.execute({ opcode: 0x00, nsid: 1 });
  assertEquals(
    trace.lines.flatMap((line) => /^CPL .* P=(\d)/.exec(line)?.[1] ?? []).join(""),
    "1110001",
  );
});

Deno.test("completions that wait for room have the phase tag that they will be posted with", () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  using backing = registerBacking(bench.drive, "virtual:");
  const queue = RegisterDriver.open(backing).createQueue(1, 4);
  trace.events.length = 0;
  const detach = bench.drive.taps.attach(
    "nvme:io:writeback",
    () => ({ kind: "mutate", completion: { copies: 5 } }),
  );
  queue.put({ opcode: 0x00, nsid: 1 });
  queue.ring();
  detach();
  // There is room for three of the five until those are read.
  assertEquals([queue.poll().length, queue.poll().length], [3, 2]);
  queue.execute({ opcode: 0x00, nsid: 1 });
  assertEquals(
    trace.lines.flatMap((line) => /^CPL .* P=(\d)/.exec(line)?.[1] ?? []).join(""),
    "111100",
  );
});

Deno.test("each of several controllers is a device of its own", async () => {
  const bench = new Bench("multipath");
  const trace = new Recorder(bench.drive);
  const [, second] = bench.drive.controllers;
  const transport = directTransport(bench.drive, "virtual:", second);
  await bench.admin(0x18);
  await transport.submit({ queue: "admin", opcode: 0x18 });
  const [first] = bench.drive.controllers;
  assertEquals(
    trace.events.map(({ device, index }) => [index, device]),
    [first, first, second, second].map((one, at) => [at, `virtual:#${one?.controller.id}`]),
  );
});

Deno.test("a trace ends when it is stopped, and leaves nothing behind", async () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  const { registers, outstanding } = bench.drive.first;
  await bench.identify(0x01);
  registers.read(0x1c, 4);
  assertEquals(trace.events.length, 3);
  trace.stop();
  assertEquals(outstanding.observers.all, undefined);
  await bench.identify(0x01);
  registers.read(0x1c, 4);
  assertEquals(trace.events.length, 3);
});

Deno.test("several traces of a drive know nothing of each other", async () => {
  const bench = new Bench();
  const [one, other] = [new Recorder(bench.drive), new Recorder(bench.drive)];
  await bench.identify(0x01);
  one.stop();
  await bench.identify(0x02);
  assertEquals([one.lines.length, other.lines.length], [2, 4]);
  assertEquals(one.lines, other.lines.slice(0, 2));
});

Deno.test("what was fetched before a trace began is not in it", async () => {
  const bench = new Bench();
  const pending = bench.admin(0x0c);
  const trace = new Recorder(bench.drive);
  await bench.admin(0x08, { cdw10: 1 << 16 });
  await pending;
  assertEquals(trace.lines.map((line) => line.slice(0, 30)), [
    "ADM SQ=0 CID=0002 OPC=Abort NS",
    "CPL SQ=0 CID=0002 P=1 STS=0x00",
  ]);
});

Deno.test("a sink that throws ends the trace; the drive goes on", async () => {
  const bench = new Bench();
  const failures: unknown[] = [];
  const fail = (): never => {
    throw new Error("disk full");
  };
  traceDrive(bench.drive, { command: fail, completion: fail, register: fail }, {
    clock: () => 0n,
    failed: (error) => failures.push((error as Error).message),
  });
  assertEquals((await bench.identify(0x01)).status, "00h/00h");
  assertEquals((await bench.identify(0x01)).status, "00h/00h");
  assertEquals(failures, ["disk full"]);
});

Deno.test("a trace costs an event no more than one reading of the clock", async () => {
  const bench = new Bench();
  let readings = 0;
  const events: string[] = [];
  traceDrive(bench.drive, textSink((line) => events.push(line)), {
    clock: () => BigInt(readings++),
    failed: () => {},
  });
  await bench.identify(0x01);
  assertEquals([events.length, readings], [2, 2]);
});

Deno.test("a completion knows when its command was fetched", async () => {
  const bench = new Bench();
  const trace = new Recorder(bench.drive);
  await bench.identify(0x01);
  const [command, completion] = trace.events;
  assertEquals(completion?.kind === "completion" && completion.issuedNs, command?.timeNs);
});
