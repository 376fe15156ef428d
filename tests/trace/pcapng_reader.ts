// Reads back what the pcapng trace writes: blocks, packets, TCP streams, PDUs. Strict on purpose,
// and written from the formats, not from the writer.

import { assert, assertEquals } from "@std/assert";

/** One packet of the file. */
export interface ReadPacket {
  readonly interfaceName: string;
  readonly timeNs: bigint;
  readonly comment: string | undefined;
  readonly fromHost: boolean;
  readonly source: string;
  readonly destination: string;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly payload: Uint8Array;
}

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const PACKET = 6;

/** Splits a little-endian pcapng file into its blocks: type and body. */
export function readBlocks(file: Uint8Array): readonly (readonly [number, DataView])[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const blocks: (readonly [number, DataView])[] = [];
  for (let at = 0; at < file.length;) {
    const length = view.getUint32(at + 4, true);
    assertEquals(length % 4, 0, "block length is whole dwords");
    assertEquals(view.getUint32(at + length - 4, true), length, "both block lengths agree");
    const body = new DataView(file.buffer, file.byteOffset + at + 8, length - 12);
    blocks.push([view.getUint32(at, true), body]);
    at += length;
  }
  return blocks;
}

/** The options from `offset` to the end of a block's body. */
export function readOptions(body: DataView, offset: number): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = offset;;) {
    const code = body.getUint16(at, true);
    const length = body.getUint16(at + 2, true);
    if (code === 0) {
      assertEquals([length, at + 4], [0, body.byteLength], "options end the block");
      return options;
    }
    options.set(code, new Uint8Array(body.buffer, body.byteOffset + at + 4, length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
}

/** Every packet, with its checksums checked. */
export function readPackets(file: Uint8Array): readonly ReadPacket[] {
  const [section, ...rest] = readBlocks(file);
  assert(section?.[0] === SECTION, "starts with a section header");
  assertEquals(section[1].getUint32(0, true), 0x1a2b3c4d);
  const names: string[] = [];
  const packets: ReadPacket[] = [];
  for (const [type, body] of rest) {
    if (type === INTERFACE) {
      assertEquals(body.getUint16(0, true), 101, "raw IP");
      const options = readOptions(body, 8);
      assertEquals(options.get(9), Uint8Array.of(9), "nanoseconds");
      names.push(decode(options.get(2)));
    } else {
      assertEquals(type, PACKET);
      const name = names[body.getUint32(0, true)];
      assert(name !== undefined, "interface is described before it is used");
      packets.push(readPacket(body, name));
    }
  }
  return packets;
}

function readPacket(body: DataView, interfaceName: string): ReadPacket {
  const length = body.getUint32(12, true);
  assertEquals(body.getUint32(16, true), length);
  const options = readOptions(body, 20 + Math.ceil(length / 4) * 4);
  const ip = new DataView(body.buffer, body.byteOffset + 20, length);
  assertEquals([ip.getUint8(0), ip.getUint8(9), ip.getUint16(2)], [0x45, 6, length]);
  assertEquals(fold(ip, 0, 20), 0xffff, "IP checksum");
  assertEquals(fold(ip, 12, length, 6 + length - 20), 0xffff, "TCP checksum");
  const fromHost = ip.getUint16(22) === 4420;
  const comment = options.get(1);
  return {
    interfaceName,
    timeNs: BigInt(body.getUint32(4, true)) << 32n | BigInt(body.getUint32(8, true)),
    comment: comment && decode(comment),
    fromHost,
    source: endpoint(ip, 12, 20),
    destination: endpoint(ip, 16, 22),
    flags: ip.getUint8(33),
    sequence: ip.getUint32(24),
    acknowledged: ip.getUint32(28),
    payload: new Uint8Array(ip.buffer, ip.byteOffset, length).slice(
      20 + (ip.getUint8(32) >> 4) * 4,
    ),
  };
}

function endpoint(ip: DataView, address: number, port: number): string {
  const octets = [0, 1, 2, 3].map((at) => ip.getUint8(address + at));
  return `${octets.join(".")}:${ip.getUint16(port)}`;
}

function fold(view: DataView, first: number, end: number, start = 0): number {
  let total = start;
  for (let at = first; at < end; at += 2) {
    total += view.getUint8(at) * 256 + (at + 1 < end ? view.getUint8(at + 1) : 0);
  }
  while (total > 0xffff) total = total % 0x10000 + Math.floor(total / 0x10000);
  return total;
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** One PDU of a connection. */
export interface ReadPdu {
  readonly fromHost: boolean;
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly data: Uint8Array;
}

/** The PDUs of the connection whose host end is `host`, in order; sequence numbers are checked. */
export function readPdus(packets: readonly ReadPacket[], host: string): readonly ReadPdu[] {
  const stream = packets.filter(({ source, destination }) => [source, destination].includes(host));
  const next = { host: 0, drive: 0 };
  let pending: { fromHost: boolean; bytes: Uint8Array } | undefined;
  const pdus: ReadPdu[] = [];
  for (const { fromHost, flags, sequence, acknowledged, payload } of stream) {
    const [own, other] = fromHost ? ["host", "drive"] as const : ["drive", "host"] as const;
    assertEquals(sequence, next[own], "sequence numbers have no gap");
    if ((flags & 0x10) !== 0) assertEquals(acknowledged, next[other], "everything is acknowledged");
    next[own] += payload.length + ((flags & 0x02) !== 0 ? 1 : 0);
    if (payload.length === 0) continue;
    assert(!pending || pending.fromHost === fromHost, "a PDU is not interrupted");
    const bytes = concat(pending?.bytes ?? new Uint8Array(), payload);
    const length = new DataView(bytes.buffer).getUint32(4, true);
    assert(bytes.length <= length, "a segment ends with its PDU");
    pending = bytes.length < length ? { fromHost, bytes } : undefined;
    if (pending) continue;
    const [type = -1, , headerLength = 0, offset = 0] = bytes;
    const data = bytes.subarray(offset === 0 ? headerLength : offset);
    pdus.push({ fromHost, type, bytes, data });
  }
  assert(!pending, "the last PDU is whole");
  return pdus;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
