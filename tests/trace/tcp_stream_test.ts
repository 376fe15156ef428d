// The TCP connection of a trace: headers, numbers, checksums.

import { assertEquals } from "@std/assert";
import { toHex } from "../../src/layout/mod.ts";
import { SEGMENT_MAX, TcpStream } from "../../src/trace/tcp_stream.ts";
import { pattern } from "./scenario.ts";

function stream(): TcpStream {
  return new TcpStream({
    host: { address: 0xc6120001, port: 49152 },
    drive: { address: 0xc6130001, port: 4420 },
  });
}

function numbers(bytes: Uint8Array): Record<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    sequence: view.getUint32(24),
    acknowledged: view.getUint32(28),
    flags: view.getUint8(33),
    length: bytes.length - 20 - (view.getUint8(32) >> 4) * 4,
  };
}

Deno.test("TcpStream.open() shakes hands", () => {
  const packets = stream().open();
  assertEquals(packets.map(({ from }) => from), ["host", "drive", "host"]);
  assertEquals(packets.map(({ bytes }) => numbers(bytes)), [
    { sequence: 0, acknowledged: 0, flags: 0x02, length: 0 },
    { sequence: 0, acknowledged: 1, flags: 0x12, length: 0 },
    { sequence: 1, acknowledged: 1, flags: 0x10, length: 0 },
  ]);
});

Deno.test("TcpStream.open() starts with this packet", () => {
  const [syn] = stream().open();
  // tshark finds both checksums good.
  assertEquals(
    toHex(syn?.bytes ?? new Uint8Array()),
    "45000030" + "00004000" + "4006aea0" + "c6120001" + "c6130001" +
      "c0001144" + "00000000" + "00000000" + "7002ffff" + "ac580000" + "02048000" + "0103030e",
  );
});

Deno.test("TcpStream.send() splits at SEGMENT_MAX and pushes the last segment", () => {
  const connection = stream();
  connection.open();
  const packets = connection.send("drive", pattern(SEGMENT_MAX * 2 + 24));
  assertEquals(packets.map(({ bytes }) => numbers(bytes)), [
    { sequence: 1, acknowledged: 1, flags: 0x10, length: SEGMENT_MAX },
    { sequence: 1 + SEGMENT_MAX, acknowledged: 1, flags: 0x10, length: SEGMENT_MAX },
    { sequence: 1 + 2 * SEGMENT_MAX, acknowledged: 1, flags: 0x18, length: 24 },
  ]);
  const [answer] = connection.send("host", Uint8Array.of(1));
  assertEquals(numbers(answer?.bytes ?? new Uint8Array()), {
    sequence: 1,
    acknowledged: 1 + 2 * SEGMENT_MAX + 24,
    flags: 0x18,
    length: 1,
  });
});

Deno.test("TcpStream.send() wraps its sequence number", () => {
  const connection = new TcpStream({
    host: { address: 0xc6120001, port: 49152 },
    drive: { address: 0xc6130001, port: 4420 },
  }, 0xffff_ffff);
  connection.open();
  connection.send("host", new Uint8Array(5));
  const [answer] = connection.send("drive", Uint8Array.of(1));
  const { sequence, acknowledged } = numbers(answer?.bytes ?? new Uint8Array());
  assertEquals([sequence, acknowledged], [0, 5]);
});

Deno.test("TcpStream.acknowledge() carries nothing", () => {
  const connection = stream();
  connection.open();
  connection.send("host", new Uint8Array(72));
  assertEquals(numbers(connection.acknowledge("drive").bytes), {
    sequence: 1,
    acknowledged: 73,
    flags: 0x10,
    length: 0,
  });
});
