// The trace for Wireshark: a pcapng stream in which every queue is an NVMe/TCP connection, so that
// a stock tshark decodes commands, completions and data. Written as it happens; every write is one
// whole block.

import { COMMON_IO_COMMANDS, FABRICS_COMMANDS } from "../spec/opcode.ts";
import { NVME_TCP_PORT } from "../tcp/pdu.ts";
import { CapsuleQueue, type SentPdu } from "./capsule.ts";
import { interfaceBlock, packetBlock, sectionBlock } from "./pcapng_blocks.ts";
import { type StreamPacket, TcpStream } from "./tcp_stream.ts";
import { formatEvent, printable } from "./text.ts";
import type {
  CommandEvent,
  CompletionEvent,
  DataEvent,
  FailureEvent,
  RegisterEvent,
  TraceEvent,
  TraceSink,
} from "./trace.ts";

/** Addresses of the range for tests of network devices: 198.18.0.1, and 198.19.0.1 upwards. */
const HOST_ADDRESS = 0xc6120001;
const FIRST_DRIVE_ADDRESS = 0xc6130001;
/** The first of the dynamic ports; a queue's port is its number above this, if nobody has it. */
const FIRST_HOST_PORT = 49152;
const DYNAMIC_PORTS = 16384;

/** A drive, as an interface of the capture. */
interface Interface {
  readonly id: number;
  readonly ports: Ports;
}

/** One queue of one drive. */
interface Connection {
  readonly interfaceId: number;
  readonly capsules: CapsuleQueue;
  readonly stream: TcpStream;
}

/**
 * A sink that writes a pcapng stream: one interface per drive, named after it, and one TCP
 * connection per queue; a host that connects to a queue again has a new one. Commands whose data
 * has PRPs show an SGL instead, as NVMe/TCP needs it; the line of the text trace with the PRPs is
 * the packet's comment. Register accesses appear as properties of the same offset, a command
 * without answer as an empty segment with a comment.
 */
export function pcapngSink(writeBytes: (bytes: Uint8Array) => void): TraceSink {
  return new Capture(writeBytes);
}

class Capture implements TraceSink {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #interfaces = new Map<string, Interface>();
  readonly #connections = new Map<string, Connection>();
  /** Connect commands whose data has not come: it belongs into their capsule. */
  readonly #connecting = new Map<string, CommandEvent>();

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
    write(sectionBlock("nvmectl"));
  }

  command(event: CommandEvent): void {
    if (!isConnect(event)) this.#command(this.#connectionOf(event, event.sqid), event);
    else if (event.data) this.#admit(event);
    else this.#connecting.set(keyOf(event, event.sqid), event);
  }

  data(event: DataEvent): void {
    const connect = this.#connectOf(event);
    if (connect) return this.#admit({ ...connect, data: event.data });
    const connection = this.#connectionOf(event, event.sqid);
    const packets = segments(connection, connection.capsules.data(event));
    this.#capture(connection, event.timeNs, packets, formatEvent(event));
  }

  completion(event: CompletionEvent | FailureEvent): void {
    const connect = this.#connectOf(event);
    if (connect) this.#admit(connect);
    const connection = this.#connectionOf(event, event.sqid);
    const packets = event.kind === "failure"
      ? [connection.stream.acknowledge("drive")]
      : segments(connection, connection.capsules.completion(event));
    // Data comes before the completion that the line is about.
    this.#capture(connection, event.timeNs, packets, formatEvent(event), packets.length - 1);
  }

  register(event: RegisterEvent): void {
    if (event.byCommand) return;
    const connection = this.#connectionOf(event, 0);
    const packets = segments(connection, connection.capsules.register(event));
    this.#capture(connection, event.timeNs, packets, formatEvent(event));
  }

  #command(connection: Connection, event: CommandEvent): void {
    const packets = segments(connection, connection.capsules.command(event));
    this.#capture(connection, event.timeNs, packets, formatEvent(event));
  }

  /** A host connects to the queue: from here on it is another connection. */
  #admit(event: CommandEvent): void {
    this.#command(this.#connect(event, event.sqid, (capsules) => capsules.greet()), event);
  }

  /** The Connect command that waits for this, if one does; it does not wait any more. */
  #connectOf(event: DataEvent | CompletionEvent | FailureEvent): CommandEvent | undefined {
    const key = keyOf(event, event.sqid);
    const waiting = this.#connecting.get(key);
    if (waiting?.cid !== event.cid) return undefined;
    this.#connecting.delete(key);
    return waiting;
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

  #connectionOf(event: TraceEvent, qid: number): Connection {
    return this.#connections.get(keyOf(event, qid)) ??
      this.#connect(event, qid, (capsules) => capsules.connect());
  }

  /** A new connection, which begins with what `greet` says. */
  #connect(
    event: TraceEvent,
    qid: number,
    greet: (capsules: CapsuleQueue) => readonly SentPdu[],
  ): Connection {
    const { device, timeNs } = event;
    const { id, ports } = this.#interfaceOf(device);
    const port = FIRST_HOST_PORT + ports.take(qid % DYNAMIC_PORTS);
    const stream = new TcpStream({
      host: { address: HOST_ADDRESS, port },
      drive: { address: FIRST_DRIVE_ADDRESS + id, port: NVME_TCP_PORT },
    });
    const connection = { interfaceId: id, capsules: new CapsuleQueue(qid), stream };
    this.#connections.set(keyOf(event, qid), connection);
    this.#capture(
      connection,
      timeNs,
      [...stream.open(), ...segments(connection, greet(connection.capsules))],
      printable(`Queue ${qid} of ${device}: traced there, never on a network`),
    );
    return connection;
  }

  #interfaceOf(device: string): Interface {
    const known = this.#interfaces.get(device);
    if (known) return known;
    const fresh = { id: this.#interfaces.size, ports: new Ports() };
    this.#interfaces.set(device, fresh);
    this.#write(interfaceBlock(printable(device)));
    return fresh;
  }
}

function keyOf({ device }: TraceEvent, qid: number): string {
  return `${qid} ${device}`;
}

function isConnect({ command: { opcode, nsid = 0 } }: CommandEvent): boolean {
  return opcode === COMMON_IO_COMMANDS.fabrics.opcode &&
    (nsid & 0xff) === FABRICS_COMMANDS.connect.opcode;
}

/**
 * The host's ports of connections to one drive. None is used twice, as long as there are any:
 * analysers take the later connection for the earlier one.
 */
class Ports {
  readonly #taken = new Set<number>();
  /** Those that nobody asked for are given from the top. */
  #next = DYNAMIC_PORTS;

  /** The wanted one, or another if it is taken. */
  take(wanted: number): number {
    if (this.#taken.size === DYNAMIC_PORTS) {
      this.#taken.clear();
      this.#next = DYNAMIC_PORTS;
    }
    let port = wanted;
    while (this.#taken.has(port)) port = --this.#next;
    this.#taken.add(port);
    return port;
  }
}

function segments({ stream }: Connection, pdus: readonly SentPdu[]): readonly StreamPacket[] {
  return pdus.flatMap(({ from, bytes }) => stream.send(from, bytes));
}
