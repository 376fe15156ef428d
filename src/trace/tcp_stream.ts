// A TCP connection that never was: IPv4 packets with handshake, sequence numbers and checksums, as
// an analyser wants to see them.

/** The two ends of a stream. */
export type End = "host" | "drive";

/** One IPv4 packet of the stream. */
export interface StreamPacket {
  readonly from: End;
  readonly bytes: Uint8Array;
}

/** Where one end is. */
export interface Endpoint {
  /** The IPv4 address, first octet in the upper bits. */
  readonly address: number;
  readonly port: number;
}

/** Bytes of a PDU in one segment, at most. */
export const SEGMENT_MAX = 32 * 1024;

const IP_HEADER = 20;
const TCP_HEADER = 20;
const TCP_PROTOCOL = 6;
const DO_NOT_FRAGMENT = 0x4000;
const TIME_TO_LIVE = 64;
const FLAG = { syn: 0x02, push: 0x08, ack: 0x10 } as const;

// The largest window there is: no amount of data between two acknowledgements looks like too much.
const WINDOW = 0xffff;
const WINDOW_SHIFT = 14;
// Maximum segment size, no-operation, window scale.
const SYN_OPTIONS = Uint8Array.of(
  2,
  4,
  SEGMENT_MAX >> 8,
  SEGMENT_MAX & 0xff,
  1,
  3,
  3,
  WINDOW_SHIFT,
);

/** One TCP connection between a host and a drive. All network numbers are big-endian. */
export class TcpStream {
  readonly #ends: Readonly<Record<End, Endpoint>>;
  /** The next sequence number of each end. */
  readonly #sequence: Record<End, number>;
  #packets = 0;

  /** @param initialSequence what both ends start to count at */
  constructor(ends: Readonly<Record<End, Endpoint>>, initialSequence = 0) {
    this.#ends = ends;
    this.#sequence = { host: initialSequence, drive: initialSequence };
  }

  /** The three packets that open the connection. */
  open(): readonly StreamPacket[] {
    const packets = [this.#packet("host", FLAG.syn, SYN_OPTIONS, new Uint8Array())];
    this.#advance("host", 1);
    packets.push(this.#packet("drive", FLAG.syn | FLAG.ack, SYN_OPTIONS, new Uint8Array()));
    this.#advance("drive", 1);
    packets.push(this.acknowledge("host"));
    return packets;
  }

  /** The packets that carry `bytes`, none above SEGMENT_MAX. */
  send(from: End, bytes: Uint8Array): readonly StreamPacket[] {
    const packets: StreamPacket[] = [];
    for (let offset = 0; offset < bytes.length; offset += SEGMENT_MAX) {
      const segment = bytes.subarray(offset, offset + SEGMENT_MAX);
      const final = offset + segment.length === bytes.length;
      const flags = FLAG.ack | (final ? FLAG.push : 0);
      packets.push(this.#packet(from, flags, new Uint8Array(), segment));
      this.#advance(from, segment.length);
    }
    return packets;
  }

  /** A packet without data: the connection is as it was. */
  acknowledge(from: End): StreamPacket {
    return this.#packet(from, FLAG.ack, new Uint8Array(), new Uint8Array());
  }

  #advance(end: End, count: number): void {
    this.#sequence[end] = (this.#sequence[end] + count) >>> 0;
  }

  #packet(from: End, flags: number, options: Uint8Array, segment: Uint8Array): StreamPacket {
    const to = from === "host" ? "drive" : "host";
    const source = this.#ends[from];
    const destination = this.#ends[to];
    const tcpLength = TCP_HEADER + options.length + segment.length;
    const bytes = new Uint8Array(IP_HEADER + tcpLength);
    const view = new DataView(bytes.buffer);

    view.setUint8(0, 0x45); // Version 4, five dwords of header.
    view.setUint16(2, bytes.length);
    view.setUint16(4, this.#packets++ & 0xffff);
    view.setUint16(6, DO_NOT_FRAGMENT);
    view.setUint8(8, TIME_TO_LIVE);
    view.setUint8(9, TCP_PROTOCOL);
    view.setUint32(12, source.address);
    view.setUint32(16, destination.address);
    view.setUint16(10, checksum(sum(bytes.subarray(0, IP_HEADER))));

    const tcp = bytes.subarray(IP_HEADER);
    view.setUint16(IP_HEADER, source.port);
    view.setUint16(IP_HEADER + 2, destination.port);
    view.setUint32(IP_HEADER + 4, this.#sequence[from]);
    view.setUint32(IP_HEADER + 8, (flags & FLAG.ack) === 0 ? 0 : this.#sequence[to]);
    view.setUint8(IP_HEADER + 12, (TCP_HEADER + options.length) / 4 << 4);
    view.setUint8(IP_HEADER + 13, flags);
    view.setUint16(IP_HEADER + 14, WINDOW);
    tcp.set(options, TCP_HEADER);
    tcp.set(segment, TCP_HEADER + options.length);
    // The pseudo header: both addresses, the protocol, the length.
    const pseudo = sum(bytes.subarray(12, IP_HEADER)) + TCP_PROTOCOL + tcpLength;
    view.setUint16(IP_HEADER + 16, checksum(pseudo + sum(tcp)));
    return { from, bytes };
  }
}

/** The sum of the big-endian words; exact for anything that fits an IPv4 packet. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  }
  return total;
}

/** The Internet checksum of a sum of words: ones' complement of the folded sum. */
function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}
