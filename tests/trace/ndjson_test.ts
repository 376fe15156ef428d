// The JSON trace: what a machine gets of each event.

import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { eventJson, ndjsonSink } from "../../src/trace/ndjson.ts";
import { toHex } from "../../src/layout/mod.ts";
import { pattern, record, SESSION, START_NS } from "./scenario.ts";

async function session(): Promise<readonly Record<string, unknown>[]> {
  const lines: string[] = [];
  await record(SESSION, ndjsonSink((line) => lines.push(line)));
  return lines.map((line) => {
    assert(!line.includes("\n"));
    return JSON.parse(line);
  });
}

Deno.test("ndjsonSink() writes a command with every dword", async () => {
  const [first] = await session();
  assertEquals(first, {
    schema: "nvmectl.trace/1",
    index: 0,
    seconds: 1556804537,
    nanoseconds: 200926382,
    device: "00:06.0",
    event: "command",
    queue: "admin",
    sqid: 0,
    cid: 0,
    opcode: "0x06",
    name: "Identify",
    nsid: 0,
    flags: "0x00",
    cdw2: "0x00000000",
    cdw3: "0x00000000",
    cdw10: "0x00000001",
    cdw11: "0x00000000",
    cdw12: "0x00000000",
    cdw13: "0x00000000",
    cdw14: "0x00000000",
    cdw15: "0x00000000",
    direction: "in",
    data_length: 4096,
    metadata_length: 0,
  });
});

Deno.test("ndjsonSink() writes data out with the command, data in with the answer", async () => {
  const events = await session();
  assertObjectMatch(events[8] ?? {}, { event: "command", data: toHex(pattern(8)) });
  assertEquals(events[9]?.["data"], undefined);
  assertEquals(events[18]?.["data"], undefined);
  assertObjectMatch(events[19] ?? {}, { event: "completion", data: toHex(pattern(512)) });
});

Deno.test("ndjsonSink() writes a completion with latency, status and both dwords", async () => {
  const events = await session();
  assertObjectMatch(events[17] ?? {}, {
    event: "completion",
    name: "Get Log Page",
    latency_ns: 1000500,
    status: { value: 0x4109, text: "Invalid Log Page (01h/09h), do not retry" },
  });
  assertObjectMatch(events[19] ?? {}, { dw0: 0xf, dw1: 1, status: { value: 0 } });
});

Deno.test("ndjsonSink() writes a failure with its error", async () => {
  const events = await session();
  assertObjectMatch(events[25] ?? {}, {
    event: "failure",
    queue: "io",
    name: "Flush",
    error: { name: "DeadlineError" },
  });
});

Deno.test("eventJson() writes a register access", () => {
  assertEquals(
    eventJson({
      kind: "register",
      index: 3,
      timeNs: START_NS,
      device: "00:06.0",
      access: "read",
      offset: 0,
      width: 8,
      value: 0x2028010fffn,
      notes: ["from a tap"],
    }),
    {
      schema: "nvmectl.trace/1",
      index: 3,
      seconds: 1556804537,
      nanoseconds: 200926382,
      device: "00:06.0",
      event: "register",
      access: "read",
      offset: "0x0000",
      width: 8,
      value: "0x0000002028010fff",
      notes: ["from a tap"],
    },
  );
});

Deno.test("ndjsonSink() keeps a hostile device name exactly, its controls escaped", () => {
  const device = "a\u001b[0m\u009b\u202eb";
  const lines: string[] = [];
  ndjsonSink((line) => lines.push(line)).register({
    kind: "register",
    index: 0,
    timeNs: 0n,
    device,
    access: "write",
    offset: 0,
    width: 4,
    value: 0n,
  });
  const [line = ""] = lines;
  // deno-lint-ignore no-control-regex
  assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line));
  assertEquals(JSON.parse(line).device, device);
});

const WRITE = {
  index: 7,
  timeNs: START_NS,
  device: "00:06.0",
  sqid: 1,
  cid: 3,
  command: { queue: "io", opcode: 0x01, nsid: 1, direction: "out", metadataLength: 0 },
} as const;

Deno.test("eventJson() has data that came after its command under the command's index", () => {
  const { seconds: _s, nanoseconds: _n, ...event } = eventJson({
    ...WRITE,
    kind: "data",
    data: Uint8Array.of(1, 2),
    notes: ["seen"],
  });
  assertEquals(event, {
    schema: "nvmectl.trace/1",
    index: 7,
    device: "00:06.0",
    event: "data",
    queue: "io",
    sqid: 1,
    cid: 3,
    opcode: "0x01",
    name: "Write",
    nsid: 1,
    data: "0102",
    notes: ["seen"],
  });
});

Deno.test("eventJson() has no length where only PRPs point at the data", () => {
  const event = eventJson({ ...WRITE, kind: "command", prps: { prp1: 0x1000n, prp2: 0n } });
  assertEquals(event["data_length"], undefined);
  assertEquals(event["prp1"], "0x0000000000001000");
});

Deno.test("eventJson() has the identifiers of a faulty completion, and register accesses of commands", () => {
  const completion = { status: 0, result: 0n };
  const posted = { sqid: 1, cid: 99 };
  assertObjectMatch(eventJson({ ...WRITE, kind: "completion", issuedNs: 0n, completion, posted }), {
    cid: 3,
    posted: { sqid: 1, cid: 99 },
  });
  const { index, timeNs, device } = WRITE;
  const register = { kind: "register", access: "read", offset: 0x1c, width: 4, value: 1n } as const;
  const base = { index, timeNs, device };
  assertEquals(eventJson({ ...base, ...register, byCommand: true })["by_command"], true);
  assertEquals("by_command" in eventJson({ ...base, ...register }), false);
});
