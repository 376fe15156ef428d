// The text trace, line by line.

import { assert, assertEquals } from "@std/assert";
import { formatEvent, printable, textSink } from "../../src/trace/text.ts";
import type { CommandEvent, RegisterEvent } from "../../src/trace/trace.ts";
import { record, SESSION, START_NS } from "./scenario.ts";

const identify: CommandEvent = {
  kind: "command",
  index: 589,
  timeNs: START_NS,
  device: "00:06.0",
  sqid: 0,
  cid: 0,
  command: {
    queue: "admin",
    opcode: 0x06,
    cdw10: 1,
    direction: "in",
    dataLength: 4096,
    metadataLength: 0,
  },
};

const register: RegisterEvent = {
  kind: "register",
  index: 12,
  timeNs: START_NS,
  device: "00:06.0",
  access: "write",
  offset: 0x14,
  width: 4,
  value: 0x460001n,
};

/** The event's text behind index, time and drive. */
function body(event: Parameters<typeof formatEvent>[0]): string {
  return formatEvent(event).replace(/^\[ *\d+\] \d+:\d{9} 00:06\.0 /, "");
}

Deno.test("formatEvent() writes a command with PRPs in the old traces' form", () => {
  assertEquals(
    formatEvent({ ...identify, prps: { prp1: 0xbfb24000n, prp2: 0n } }),
    "[ 589] 1556804537:200926382 00:06.0 ADM SQ=0 CID=0000 OPC=Identify NSID=0 " +
      "prp1=bfb24000 prp2=0 CDW10=00000001",
  );
});

Deno.test("formatEvent() pads nanoseconds and lets the index outgrow its place", () => {
  const line = formatEvent({ ...identify, index: 12345, timeNs: 7_000_000_042n });
  assert(line.startsWith("[12345] 7:000000042 00:06.0 ADM "), line);
});

Deno.test("formatEvent() writes register accesses with the register's width", () => {
  assertEquals(body(register), "REG 0014 <- 00460001");
  assertEquals(
    body({ ...register, access: "read", offset: 0, width: 8, value: 0x2028010fffn }),
    "REG 0000 -> 0000002028010fff",
  );
});

Deno.test("formatEvent() shows length and direction where there are no PRPs", () => {
  assertEquals(body(identify), "ADM SQ=0 CID=0000 OPC=Identify NSID=0 data=4096< CDW10=00000001");
  const command = { ...identify.command, direction: "out" as const, metadataLength: 64 };
  assertEquals(
    body({ ...identify, command }),
    "ADM SQ=0 CID=0000 OPC=Identify NSID=0 data=4096> meta=64> CDW10=00000001",
  );
});

Deno.test("formatEvent() appends notes in brackets", () => {
  const line = body({ ...identify, notes: ["claimed by no_writes"] });
  assert(line.endsWith(" CDW10=00000001 (claimed by no_writes)"), line);
});

Deno.test("textSink() writes a whole session", async () => {
  const lines: string[] = [];
  await record(SESSION, textSink((line) => lines.push(line)));
  assertEquals(lines.map((line) => line.replace(/^\[ *(\d+)\] \d+:\d{9} 00:06\.0/, "$1")), [
    "0 ADM SQ=0 CID=0000 OPC=Identify NSID=0 data=4096< CDW10=00000001",
    "1 CPL SQ=0 CID=0000 P=1 STS=0x0000 CDW0=0",
    "2 ADM SQ=0 CID=0001 OPC=Get Log Page NSID=0xffffffff data=512< CDW10=007f0002",
    "3 CPL SQ=0 CID=0001 P=1 STS=0x0000 CDW0=0",
    "4 ADM SQ=0 CID=0002 OPC=Get Log Page NSID=0 data=256< CDW10=003f0001",
    "5 CPL SQ=0 CID=0002 P=1 STS=0x0000 CDW0=0",
    "6 ADM SQ=0 CID=0003 OPC=Set Features NSID=0 CDW10=00000007 CDW11=00030003",
    "7 CPL SQ=0 CID=0003 P=1 STS=0x0000 CDW0=0x30003",
    "8 ADM SQ=0 CID=0004 OPC=Set Features NSID=0 data=8> CDW10=0000000e",
    "9 CPL SQ=0 CID=0004 P=1 STS=0x0000 CDW0=0",
    "10 IO  SQ=1 CID=0000 OPC=Read NSID=0x1 LBA=0x100001000 data=131072< CDW12=000000ff",
    "11 CPL SQ=1 CID=0000 P=1 STS=0x0000 CDW0=0",
    "12 IO  SQ=1 CID=0001 OPC=Write NSID=0x1 LBA=0x8 data=4096> CDW12=00000007",
    "13 CPL SQ=1 CID=0001 P=1 STS=0x0000 CDW0=0",
    "14 IO  SQ=1 CID=0002 OPC=Write NSID=0x1 LBA=0x800 data=163840> CDW12=0000013f",
    "15 CPL SQ=1 CID=0002 P=1 STS=0x0000 CDW0=0",
    "16 ADM SQ=0 CID=0005 OPC=Get Log Page NSID=0 data=512< CDW10=007f007f",
    "17 CPL SQ=0 CID=0005 P=1 STS=0x4109 CDW0=0 Invalid Log Page (01h/09h), do not retry",
    "18 ADM SQ=0 CID=0006 OPC=vendor specific (C2h) NSID=0 data=512< CDW10=00000080 CDW13=deadbeef",
    "19 CPL SQ=0 CID=0006 P=1 STS=0x0000 CDW0=0xf CDW1=0x1",
    "20 ADM SQ=0 CID=0007 OPC=vendor specific (C1h) NSID=0 data=512> CDW2=00000001 CDW3=00000002 " +
    "CDW10=00000000 CDW15=ffffffff",
    "21 CPL SQ=0 CID=0007 P=1 STS=0x0000 CDW0=0",
    "22 ADM SQ=0 CID=0008 OPC=Get Log Page NSID=0xffffffff data=196608< CDW10=bfff0007",
    "23 CPL SQ=0 CID=0008 P=1 STS=0x0000 CDW0=0",
    "24 IO  SQ=1 CID=0003 OPC=Flush NSID=0x1",
    "25 ERR SQ=1 CID=0003 Cannot wait longer for an answer to the command: nothing after 60000 ms",
    "26 ADM SQ=0 CID=0009 OPC=Device Self-test NSID=0xffffffff CDW10=00000001",
    "27 CPL SQ=0 CID=0009 P=1 STS=0x0000 CDW0=0",
  ]);
});

Deno.test("formatEvent() lets no control character of a device name pass", () => {
  const device = "nvme\r\n\u001b[2J\u009b31m\u202e\u2028\ud800";
  const line = formatEvent({ ...identify, device });
  // deno-lint-ignore no-control-regex
  assert(!/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\ud800]/.test(line), JSON.stringify(line));
  assert(line.includes("nvme\\u000d\\u000a\\u001b[2J\\u009b31m\\u202e\\u2028\ufffd ADM"), line);
});

Deno.test("formatEvent() lets no control character of an error pass", () => {
  const { command: _command, ...base } = identify;
  const line = formatEvent({
    ...base,
    kind: "failure",
    command: identify.command,
    issuedNs: 0n,
    error: { name: "Error", message: "gone\nfor good" },
  });
  assert(line.endsWith("ERR SQ=0 CID=0000 gone\\u000afor good"), line);
});

Deno.test("printable() leaves ordinary text alone", () => {
  assertEquals(printable("Größe 数 \\ 😀"), "Größe 数 \\ 😀");
});

Deno.test("formatEvent() names a Fabrics command by its type, which is no namespace", () => {
  const command = {
    ...identify.command,
    opcode: 0x7f,
    nsid: 0x04,
    flags: 0x40,
    cdw11: 0x1c,
    direction: "none" as const,
    dataLength: 0,
    cdw10: 0,
  };
  assertEquals(
    body({ ...identify, command }),
    "ADM SQ=0 CID=0000 OPC=Property Get CDW10=00000000 CDW11=0000001c",
  );
  assertEquals(
    body({ ...identify, sqid: 1, command: { ...command, queue: "io", nsid: 0x01 } }),
    "IO  SQ=1 CID=0000 OPC=Connect CDW11=0000001c",
  );
});

Deno.test("formatEvent() shows flags, but not that a command without PRPs has none", () => {
  const flagged = (flags: number, prps?: CommandEvent["prps"]): string =>
    body({ ...identify, command: { ...identify.command, flags }, ...(prps ? { prps } : {}) });
  assert(!flagged(0x40).includes("FLAGS"));
  assert(flagged(0x41).includes(" FLAGS=01 "));
  assert(flagged(0x80).includes(" FLAGS=80 "));
  assert(flagged(0x40, { prp1: 0n, prp2: 0n }).includes(" FLAGS=40 "));
});

Deno.test("formatEvent() shows the identifiers that a completion really has", () => {
  const line = body({
    ...identify,
    kind: "completion",
    issuedNs: 0n,
    completion: { status: 0, result: 0x1_0000_0000n },
    phase: 0,
    posted: { sqid: 3, cid: 0xbeef },
  });
  assertEquals(line, "CPL SQ=3 CID=beef P=0 STS=0x0000 CDW0=0 CDW1=0x1");
});

Deno.test("textSink() has no line for data that comes after its command", () => {
  assertEquals(textSink(() => {}).data, undefined);
});
