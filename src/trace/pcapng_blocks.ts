// The three kinds of pcapng block that a trace needs, as bytes.

import { at, hex, reserved, struct, u16, u32, u64 } from "../layout/mod.ts";

/** The link type of packets that begin with their IP header. */
export const LINKTYPE_RAW = 101;

/** Which way a packet went, seen from the host. */
export type PacketDirection = "inbound" | "outbound";

const BLOCK_TYPE = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const OPTION = {
  end: 0,
  comment: 1,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceResolution: 9,
  packetFlags: 2,
} as const;
const DIRECTION_FLAGS: Readonly<Record<PacketDirection, number>> = { inbound: 1, outbound: 2 };

/** Bytes of a comment, at most: the option's length field has 16 bits. */
const OPTION_MAX = 0xfff0;

const SectionHeader = struct("Section Header Block", 16, "[PCAPNG-1.0 §4.1]", [
  at(0, 3, "byteOrder", hex(u32), "Byte-order magic"),
  at(4, 5, "major", u16, "Major version"),
  at(6, 7, "minor", u16, "Minor version"),
  at(8, 15, "sectionLength", hex(u64), "Section length"),
]);

const InterfaceDescription = struct("Interface Description Block", 8, "[PCAPNG-1.0 §4.2]", [
  at(0, 1, "linkType", u16, "Link type"),
  reserved(2, 3),
  at(4, 7, "snapLength", u32, "Bytes captured of a packet, at most; 0 is all"),
]);

const EnhancedPacket = struct("Enhanced Packet Block", 20, "[PCAPNG-1.0 §4.3]", [
  at(0, 3, "interface", u32, "Interface"),
  at(4, 7, "timeHigh", u32, "Timestamp, upper half"),
  at(8, 11, "timeLow", u32, "Timestamp, lower half"),
  at(12, 15, "capturedLength", u32, "Bytes captured"),
  at(16, 19, "originalLength", u32, "Bytes on the wire"),
]);

type Option = readonly [code: number, value: Uint8Array];

const encoder = new TextEncoder();

/** What a pcapng file begins with. Little-endian, of unknown length, as a stream has to be. */
export function sectionBlock(application: string): Uint8Array<ArrayBuffer> {
  const fixed = SectionHeader.encode({
    byteOrder: 0x1a2b3c4d,
    major: 1,
    minor: 0,
    sectionLength: 2n ** 64n - 1n,
  });
  return block(BLOCK_TYPE.section, [fixed], [text(OPTION.sectionApplication, application)]);
}

/** An interface with timestamps in nanoseconds; interfaces are numbered as they are written. */
export function interfaceBlock(name: string): Uint8Array<ArrayBuffer> {
  const fixed = InterfaceDescription.encode({ linkType: LINKTYPE_RAW, snapLength: 0 });
  return block(BLOCK_TYPE.interface, [fixed], [
    text(OPTION.interfaceName, name),
    [OPTION.interfaceResolution, Uint8Array.of(9)],
  ]);
}

/** A packet as a capture has it. */
export interface CapturedPacket {
  readonly interfaceId: number;
  readonly timeNs: bigint;
  readonly direction: PacketDirection;
  readonly bytes: Uint8Array;
  readonly comment?: string;
}

/** One packet with its comment. */
export function packetBlock(packet: CapturedPacket): Uint8Array<ArrayBuffer> {
  const { interfaceId, timeNs, direction, bytes, comment } = packet;
  const fixed = EnhancedPacket.encode({
    interface: interfaceId,
    timeHigh: Number(timeNs >> 32n & 0xffffffffn),
    timeLow: Number(timeNs & 0xffffffffn),
    capturedLength: bytes.length,
    originalLength: bytes.length,
  });
  return block(BLOCK_TYPE.packet, [fixed, bytes], [
    ...(comment === undefined ? [] : [text(OPTION.comment, comment)]),
    [OPTION.packetFlags, Uint8Array.of(DIRECTION_FLAGS[direction], 0, 0, 0)],
  ]);
}

/** Type, length, body padded to whole dwords, options, length again [PCAPNG-1.0 §3.1]. */
function block(
  type: number,
  body: readonly Uint8Array[],
  options: readonly Option[],
): Uint8Array<ArrayBuffer> {
  const bodyLength = body.reduce((sum, part) => sum + part.length, 0);
  const optionsLength = options.reduce((sum, [, value]) => sum + 4 + padded(value.length), 4);
  const bytes = new Uint8Array(12 + padded(bodyLength) + optionsLength);
  const view = new DataView(bytes.buffer);
  u32.put(view, 0, type);
  u32.put(view, 4, bytes.length);
  let offset = 8;
  for (const part of body) {
    bytes.set(part, offset);
    offset += part.length;
  }
  offset = 8 + padded(bodyLength);
  for (const [code, value] of [...options, [OPTION.end, new Uint8Array()] as const]) {
    u16.put(view, offset, code);
    u16.put(view, offset + 2, value.length);
    bytes.set(value, offset + 4);
    offset += 4 + padded(value.length);
  }
  u32.put(view, offset, bytes.length);
  return bytes;
}

function text(code: number, value: string): Option {
  const bytes = new Uint8Array(Math.min(OPTION_MAX, 3 * value.length));
  // Stops before a character that does not fit, never inside one.
  const { written } = encoder.encodeInto(value, bytes);
  return [code, bytes.subarray(0, written)];
}

function padded(length: number): number {
  return length + 3 & ~3;
}
