// The trace for Wireshark: a pcapng stream in which every queue is an NVMe/TCP connection, so that
// a stock tshark decodes commands, completions and data. Written as it happens; every write is one
// whole block.

import { NVME_TCP_PORT } from "../tcp/pdu.ts";
import { CapsuleQueue, type SentPdu } from "./capsule.ts";
import { interfaceBlock, packetBlock, sectionBlock } from "./pcapng_blocks.ts";
import { type StreamPacket, TcpStream } from "./tcp_stream.ts";
import { formatEvent, printable } from "./text.ts";
import type {
  CommandEvent,
  CompletionEvent,
  FailureEvent,
  RegisterEvent,
  TraceEvent,
  TraceSink,
} from "./trace.ts";

/** Addresses of the range for tests of network devices: 198.18.0.1, and 198.19.0.1 upwards. */
const HOST_ADDRESS = 0xc6120001;
const FIRST_DRIVE_ADDRESS = 0xc6130001;
/** The first of the dynamic ports; a queue's port is its number above this. */
const FIRST_HOST_PORT = 49152;
const DYNAMIC_PORTS = 16384;

/** One queue of one drive. */
interface Connection {
  readonly interfaceId: number;
  readonly capsules: CapsuleQueue;
  readonly stream: TcpStream;
}

/**
 * A sink that writes a pcapng stream: one interface per drive, named after it, and one TCP
 * connection per queue. Commands whose data has PRPs show an SGL instead, as NVMe/TCP needs it; the
 * line of the text trace with the PRPs is the packet's comment. Register accesses appear as
 * properties of the same offset, a command without answer as an empty segment with a comment.
 */
export function pcapngSink(writeBytes: (bytes: Uint8Array) => void): TraceSink {
  return new Capture(writeBytes);
}

class Capture implements TraceSink {
  readonly #write: (bytes: Uint8Array) => void;
  /** The interfaces' numbers by drive. */
  readonly #interfaces = new Map<string, number>();
  readonly #connections = new Map<string, Connection>();

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
    write(sectionBlock("nvmectl"));
  }

  command(event: CommandEvent): void {
    const connection = this.#connectionOf(event, event.sqid);
    const packets = segments(connection, connection.capsules.command(event));
    this.#capture(connection, event.timeNs, packets, formatEvent(event));
  }

  completion(event: CompletionEvent | FailureEvent): void {
    const connection = this.#connectionOf(event, event.sqid);
    const packets = event.kind === "failure"
      ? [connection.stream.acknowledge("drive")]
      : segments(connection, connection.capsules.completion(event));
    // Data comes before the completion that the line is about.
    this.#capture(connection, event.timeNs, packets, formatEvent(event), packets.length - 1);
  }

  register(event: RegisterEvent): void {
    const connection = this.#connectionOf(event, 0);
    const packets = segments(connection, connection.capsules.register(event));
    this.#capture(connection, event.timeNs, packets, formatEvent(event));
  }

  /** Writes packets; the comment belongs to the one at `commented`. */
  #capture(
    { interfaceId }: Connection,
    timeNs: bigint,
    packets: readonly StreamPacket[],
    comment: string,
    commented = 0,
  ): void {
    packets.forEach(({ from, bytes }, at) =>
      this.#write(packetBlock({
        interfaceId,
        timeNs,
        direction: from === "host" ? "outbound" : "inbound",
        bytes,
        ...(at === commented ? { comment } : {}),
      }))
    );
  }

  #connectionOf({ device, timeNs }: TraceEvent, qid: number): Connection {
    const key = `${qid} ${device}`;
    const known = this.#connections.get(key);
    if (known) return known;
    const connection = connect(this.#interfaceOf(device), qid);
    this.#connections.set(key, connection);
    this.#capture(
      connection,
      timeNs,
      [...connection.stream.open(), ...segments(connection, connection.capsules.connect())],
      printable(`Queue ${qid} of ${device}: traced there, never on a network`),
    );
    return connection;
  }

  #interfaceOf(device: string): number {
    const known = this.#interfaces.get(device);
    if (known !== undefined) return known;
    const interfaceId = this.#interfaces.size;
    this.#interfaces.set(device, interfaceId);
    this.#write(interfaceBlock(printable(device)));
    return interfaceId;
  }
}

function connect(interfaceId: number, qid: number): Connection {
  const stream = new TcpStream({
    host: { address: HOST_ADDRESS, port: FIRST_HOST_PORT + qid % DYNAMIC_PORTS },
    drive: { address: FIRST_DRIVE_ADDRESS + interfaceId, port: NVME_TCP_PORT },
  });
  return { interfaceId, capsules: new CapsuleQueue(qid), stream };
}

function segments({ stream }: Connection, pdus: readonly SentPdu[]): readonly StreamPacket[] {
  return pdus.flatMap(({ from, bytes }) => stream.send(from, bytes));
}
