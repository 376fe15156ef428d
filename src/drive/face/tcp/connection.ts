// One NVMe/TCP connection as the controller has it: bytes in, bytes out, no network.

import { C2HData, ICReq, ICResp, pdu, PDU_TYPE } from "../../../tcp/pdu.ts";
import { FATAL_ERROR } from "../../../tcp/pdu.ts";
import { type Pdu, PduReader } from "../../../tcp/pdu_stream.ts";
import {
  type C2HDataFields,
  PduWriter,
  type R2TFields,
  type ResponseFields,
  termReq,
} from "../../../tcp/pdu_writer.ts";
import { controllerRules } from "../../../tcp/receive_rules.ts";
import { PduViolation } from "../../../tcp/violation.ts";
import { CapsuleCmd } from "../../../tcp/pdu.ts";
import { toCount } from "../../../layout/mod.ts";
import type { Subsystem } from "../../machine.ts";
import type { TapName } from "../../tap/names.ts";
import type { Disconnect } from "../../tap/verdict.ts";
import type { TcpLimits } from "./limits.ts";
import { assemblePdu, decidePdu, isTapped, type TappedPdu, type TapWitness } from "./pdu_taps.ts";
import { type Doorman, type Line, TcpQueue } from "./queue.ts";
import type { Ends, Socket } from "./socket.ts";

/** What a connection needs of its target. */
export interface ConnectionHome extends Doorman {
  readonly limits: TcpLimits;
  /** All drives that are served, whose plug-ins see what comes before Connect. */
  readonly drives: readonly Subsystem[];
  after(ms: number, action: () => void): () => void;
  /** The connection has got through Connect. */
  connected(connection: TcpConnection): void;
  /** Nothing more comes of the connection. */
  gone(connection: TcpConnection): void;
}

/**
 * How far a connection is: waiting for the ICReq, open, waiting to be closed after a fatal error or
 * a last response, over.
 */
type State = "new" | "open" | "ending" | "over";

const SQE = CapsuleCmd.row("sqe").first;
const PFV = ICReq.row("pfv").first;
const HPDA = ICReq.row("hpda").first;
/** HPDA counts dwords, 0's based, up to 128 bytes [TCP-1.1 §3.6.2.2]. */
const HPDA_MAX = 31;
const DWORD = 4;
/** Headers whose data has its length in the header, too. */
const HAS_DATAL: ReadonlySet<number> = new Set([PDU_TYPE.c2hData, PDU_TYPE.h2cData]);

/** A connection. Whoever owns the socket feeds it and watches `hungry`. */
export class TcpConnection implements Line, TapWitness {
  readonly ends: Ends;
  readonly queue: TcpQueue;
  readonly #home: ConnectionHome;
  readonly #socket: Socket;
  readonly #reader: PduReader;
  readonly #writer = new PduWriter();
  #state: State = "new";
  #drives: readonly Subsystem[];
  /** Waits for nothing but more bytes. */
  #hungry = true;
  /** Within `#pump`, whose end sends everything at once. */
  #pumping = false;
  #out: Uint8Array[] = [];
  #outBytes = 0;
  /** Of the memory that was received into last. */
  #view: DataView = new DataView(new ArrayBuffer(0));
  #cancel: (() => void) | undefined;

  constructor(home: ConnectionHome, socket: Socket, ends: Ends) {
    const { limits } = home;
    this.ends = ends;
    this.#home = home;
    this.#socket = socket;
    this.#drives = home.drives;
    this.queue = new TcpQueue(this, home, limits.incomingBytes);
    this.#reader = new PduReader(controllerRules({
      inCapsuleMax: limits.inCapsuleBytes,
      h2cDataMax: limits.h2cDataBytes,
    }));
    this.#patience(limits.icReqMs);
    this.#tell("tcp:accept:event", "accepted", { peer: ends.peer });
  }

  get drives(): readonly Subsystem[] {
    return this.#drives;
  }

  get controller(): number {
    return this.queue.association?.controller.controller.id ?? 0;
  }

  get qid(): number {
    return this.queue.qid;
  }

  /** Whether more bytes may be received: all that came has been used, and its answers can go. */
  get hungry(): boolean {
    return this.#hungry && this.#state !== "over";
  }

  /** Nothing more comes of it. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Bytes of memory that the peer makes us keep. */
  get kept(): number {
    return this.#reader.kept + this.queue.transfers.taken + this.#outBytes;
  }

  get watched(): boolean {
    return isTapped(this, "tcp:rsp:writeback") || isTapped(this, "tcp:c2h:writeback");
  }

  /** Where to receive into, if there is a better place than memory of the caller's. */
  room(): Uint8Array | undefined {
    return this.#state === "ending" ? undefined : this.#reader.room();
  }

  /** So many bytes were received into `room()`. */
  filled(count: number): void {
    this.#reader.filled(count);
    this.#pump();
  }

  /** Takes what was received; the memory may be used again once `hungry`. */
  receive(chunk: Uint8Array): void {
    if (this.#state === "ending" || this.#state === "over") return;
    this.#reader.push(chunk);
    this.#pump();
  }

  /** The network has taken what was written: what had to wait for that goes on. */
  drained(): void {
    if (!this.#hungry) this.#pump();
  }

  /** The peer has closed the connection, or it was lost. */
  closed(): void {
    this.#over();
  }

  end({ how = "close", fes = 0 }: Omit<Disconnect, "kind">): void {
    if (this.#state === "over") return;
    if (how === "terminate") {
      return this.#terminate(fes, 0, new Uint8Array(0), "asked for");
    }
    this.#write();
    this.#over();
    if (how === "reset") this.#socket.reset();
    else this.#socket.close();
  }

  finish(): void {
    this.end({});
  }

  joined(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const drive = this.queue.association?.controller.drive;
    if (drive) this.#drives = [drive];
    this.#home.connected(this);
  }

  response(fields: ResponseFields): void {
    const bytes = this.#writer.capsuleResp(fields);
    this.#send("tcp:rsp:writeback", PDU_TYPE.capsuleResp, bytes, undefined);
  }

  ask(fields: R2TFields): void {
    this.#send("tcp:r2t:writeback", PDU_TYPE.r2t, this.#writer.r2t(fields), undefined);
  }

  data(fields: C2HDataFields, data: Uint8Array): void {
    if (!isTapped(this, "tcp:c2h:writeback")) {
      for (const piece of this.#writer.c2hDataPieces(fields, data)) this.#emit(piece);
      return;
    }
    const bytes = this.#writer.c2hData(fields, data);
    this.#send("tcp:c2h:writeback", PDU_TYPE.c2hData, bytes.slice(0, C2HData.size), data);
  }

  flush(): void {
    if (!this.#pumping) this.#write();
  }

  #write(): void {
    if (this.#out.length === 0) return;
    const chunks = this.#out;
    this.#out = [];
    this.#outBytes = 0;
    if (this.#state !== "over") this.#socket.write(chunks);
  }

  /** Takes what was received apart, as long as the answers find room. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#hungry = false;
    const { outgoingBytes } = this.#home.limits;
    try {
      while (this.#state === "new" || this.#state === "open") {
        if (this.#outBytes + this.#socket.buffered >= outgoingBytes) break;
        const received = this.#reader.next();
        if (!received) {
          this.#hungry = true;
          break;
        }
        this.#handle(received);
      }
      this.queue.association?.heard();
    } catch (error) {
      if (!(error instanceof PduViolation)) throw error;
      this.#violated(error);
    } finally {
      this.#pumping = false;
      // What was received does not matter any more.
      if (this.#state === "ending") this.#hungry = true;
      this.flush();
    }
  }

  #handle(received: Pdu): void {
    switch (received.type) {
      case PDU_TYPE.capsuleCmd:
        return this.#inOrder(received, "open", "tcp:cmd:decode", (seen) => {
          const { buffer, byteOffset } = seen.header;
          if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
          this.queue.command(this.#view, byteOffset + SQE, seen);
        });
      case PDU_TYPE.h2cData:
        return this.#inOrder(received, "open", "tcp:h2c:decode", (seen) => {
          this.queue.transfers.take(seen);
        });
      case PDU_TYPE.icReq:
        return this.#inOrder(received, "new", "tcp:icreq:decode", (seen) => this.#initialize(seen));
      default:
        // H2CTermReq: the host says why, and waits for the end [TCP-1.1 §3.5].
        this.end({});
    }
  }

  /** Hands a PDU over that has its place now, as plug-ins leave it. */
  #inOrder(received: Pdu, state: State, tap: TapName, take: (seen: Pdu) => void): void {
    if (this.#state !== state) {
      throw new PduViolation({
        fes: FATAL_ERROR.sequence,
        header: received.header,
        reason: `type ${received.type} has no place here`,
      });
    }
    if (!isTapped(this, tap)) return take(received);
    const { type, header, data } = received;
    const { context, final } = decidePdu(this, tap, { type, header, data });
    if (final?.kind === "disconnect") return this.end(final);
    if (final) return;
    const mutated = context.header.length === header.length ? context.header : header;
    take({ ...received, header: mutated, data: context.data ?? data });
  }

  /** ICReq and ICResp [TCP-1.1 §3.1]. */
  #initialize({ header }: Pdu): void {
    const { pfv, hpda, digest } = ICReq.decode(header);
    const unsupported = (fei: number, reason: string): PduViolation =>
      new PduViolation({ fes: FATAL_ERROR.unsupportedParameter, fei, header, reason });
    if (pfv !== 0) throw unsupported(PFV, `PFV ${pfv}, need 0`);
    if (hpda > HPDA_MAX) throw unsupported(HPDA, `HPDA ${hpda}, need at most ${HPDA_MAX}`);
    const { limits } = this.#home;
    this.#state = "open";
    this.#patience(limits.connectMs);
    const answer = pdu(PDU_TYPE.icResp, ICResp, {
      pfv: 0,
      cpda: 0,
      digest: { header: digest.header, data: digest.data },
      maxh2cdata: limits.h2cDataBytes,
    });
    this.#send("tcp:icresp:writeback", PDU_TYPE.icResp, answer, undefined);
    const digests = { headerDigest: digest.header, dataDigest: digest.data };
    this.#reader.framing = { ...digests, alignment: DWORD };
    this.#writer.framing = { ...digests, alignment: DWORD * toCount(hpda) };
  }

  /** Sends a PDU as plug-ins leave it; `header` is all of it, or has `data` behind it. */
  #send(
    tap: TapName,
    type: number,
    bytes: Uint8Array,
    data: Uint8Array | undefined,
  ): void {
    if (!isTapped(this, tap)) return this.#emit(bytes);
    const hlen = bytes[2] ?? bytes.length;
    const original: TappedPdu = {
      type,
      header: bytes.slice(0, hlen),
      ...(data ? { data } : {}),
    };
    const { context, corrupt, final } = decidePdu(this, tap, original);
    if (final?.kind === "disconnect") return this.end(final);
    if (final) return;
    const parts = {
      ...context,
      hasDatal: HAS_DATAL.has(type),
      ownHeader: context.header !== original.header,
    };
    this.#emit(assemblePdu(this.#writer.framing, parts, corrupt));
  }

  #emit(bytes: Uint8Array): void {
    if (this.#state === "over") return;
    this.#out.push(bytes);
    this.#outBytes += bytes.length;
  }

  #violated({ fes, fei, header, message, silent }: PduViolation): void {
    if (silent) this.end({});
    else this.#terminate(fes, fei, header, message);
  }

  /** A fatal error: the host is told why, and has a moment to read it [TCP-1.1 §3.5]. */
  #terminate(fes: number, fei: number, header: Uint8Array, reason: string): void {
    if (this.#state === "ending" || this.#state === "over") return;
    this.#tell("tcp:term:writeback", "terminated", { fes, fei, reason });
    this.#emit(termReq("controller", { fes, fei, header }));
    this.#state = "ending";
    this.#hungry = true;
    this.queue.leave();
    this.#patience(this.#home.limits.terminateMs);
    this.flush();
  }

  #over(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#cancel?.();
    this.#out = [];
    this.#outBytes = 0;
    this.queue.leave();
    this.#home.gone(this);
  }

  /** Ends the connection unless something happens first. */
  #patience(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#home.after(ms, () => this.end({ how: "reset" }));
  }

  #tell(tap: TapName, event: string, details: Record<string, string | number>): void {
    for (const drive of this.#drives) {
      drive.taps.notify(tap, () => ({
        kind: "event",
        tap,
        device: drive.device,
        controller: this.controller,
        now: drive.now(),
        event,
        details,
      }));
    }
  }
}
