// The host's side of NVMe/TCP in a few lines: a small initiator over a socket in memory.

import { CompletionEntry } from "../../src/spec/completion.ts";
import { SubmissionEntry } from "../../src/spec/command.ts";
import { ConnectData, ConnectFields } from "../../src/spec/fabrics/connect.ts";
import {
  PROPERTY_SIZE,
  PropertyGetFields,
  PropertySetFields,
} from "../../src/spec/fabrics/property.ts";
import { FABRICS_COMMANDS } from "../../src/spec/opcode.ts";
import { CC, CSTS, REGISTERS } from "../../src/spec/registers.ts";
import { decodeStatus, formatStatusCode } from "../../src/spec/status/status.ts";
import type { TcpConnection } from "../../src/drive/face/tcp/connection.ts";
import type { Socket } from "../../src/drive/face/tcp/socket.ts";
import type { TcpTarget } from "../../src/drive/face/tcp/target.ts";
import {
  C2HData,
  C2HTermReq,
  ICReq,
  ICResp,
  pdu,
  PDU_TYPE,
  R2T,
  SGL_COMMAND_BUFFER,
  SGL_IN_CAPSULE,
} from "../../src/tcp/pdu.ts";
import { type Pdu, PduReader } from "../../src/tcp/pdu_stream.ts";
import { PduWriter } from "../../src/tcp/pdu_writer.ts";
import { hostRules } from "../../src/tcp/receive_rules.ts";

/** What a host asks for in its ICReq. */
export interface Terms {
  readonly headerDigest?: boolean;
  readonly dataDigest?: boolean;
  readonly pfv?: number;
  /** Bytes. */
  readonly alignment?: number;
}

/** A command; unset fields are zero. */
export interface HostCommand {
  readonly opcode: number;
  readonly nsid?: number;
  readonly cid?: number;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
  readonly cdw13?: number;
  readonly cdw14?: number;
  readonly cdw15?: number;
  /** Data to send: in the capsule up to `inCapsule` bytes, else by R2T. */
  readonly out?: Uint8Array;
  /** Bytes of the buffer for what comes. */
  readonly length?: number;
  readonly inCapsule?: number;
  /** Another SGL identifier than the right one, other flags, another length in the SGL. */
  readonly sgl?: number;
  readonly flags?: number;
  readonly sglLength?: number;
  readonly sglOffset?: bigint;
}

/** What came back for a command. */
export interface HostAnswer {
  /** `00h/02h`; `success` flags of data count as success. */
  readonly status: string;
  readonly field: number;
  readonly dw0: number;
  readonly dw1: number;
  readonly sqhd: number;
  readonly sqid: number;
  readonly data: Uint8Array;
  /** The response was left out, as C2HData said. */
  readonly bySuccessFlag: boolean;
}

interface Pending {
  readonly out: Uint8Array | undefined;
  readonly buffer: Uint8Array;
  received: number;
  readonly resolve: (answer: HostAnswer) => void;
}

export const HOST_ID = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
export const HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
const IN_CAPSULE = 8192;

/** The target's side of a connection in memory: what it writes goes straight to the host. */
export class MemorySocket implements Socket {
  /** Set to make the host stop taking anything. */
  stopped = false;
  ended: "closed" | "reset" | undefined;
  buffered = 0;
  /** Every write as it was made. */
  readonly writes: number[] = [];
  #held: Uint8Array[] = [];
  onBytes: (bytes: Uint8Array) => void = () => {};

  write(chunks: readonly Uint8Array[]): void {
    if (this.ended) return;
    this.writes.push(chunks.length);
    for (const chunk of chunks) this.#held.push(chunk.slice());
    this.buffered = this.#held.reduce((sum, { length }) => sum + length, 0);
    if (!this.stopped) this.release();
  }

  /** Lets through what was held back. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    this.buffered = 0;
    for (const chunk of held) this.onBytes(chunk);
  }

  close(): void {
    this.ended ??= "closed";
  }

  reset(): void {
    this.ended ??= "reset";
  }
}

/** A host with one connection. Everything happens at once: commands resolve without timers. */
export class TcpHost {
  readonly connection: TcpConnection;
  readonly socket = new MemorySocket();
  readonly reader = new PduReader(hostRules({ c2hDataMax: 2 ** 24 }));
  readonly writer = new PduWriter();
  /** PDUs that nobody was waiting for, oldest first, and terminations. */
  readonly strays: Pdu[] = [];
  /** Types of all PDUs that came. */
  readonly types: number[] = [];
  fes: number | undefined;
  fei: number | undefined;
  maxh2cdata = 0;
  cntlid = 0;
  /** Data digests that were wrong. */
  badData = 0;
  readonly pending = new Map<number, Pending>();
  #cid = 0;
  /** Answers R2Ts; set to look at them instead. */
  onR2T: ((fields: ReturnType<typeof R2T.decode>) => void) | undefined;

  constructor(target: Pick<TcpTarget, "accept">) {
    this.socket.onBytes = (bytes) => this.#receive(bytes);
    const connection = target.accept(this.socket, {
      peer: "memory",
      local: { host: "127.0.0.1", port: 4420 },
    });
    if (!connection) throw new Error("Cannot connect: the target takes no more connections");
    this.connection = connection;
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.connection.receive(bytes);
  }

  /** ICReq, and what the ICResp makes of it. */
  initialize(terms: Terms = {}): void {
    const { headerDigest = false, dataDigest = false, pfv = 0, alignment = 4 } = terms;
    const digest = { header: headerDigest, data: dataDigest };
    this.send(pdu(PDU_TYPE.icReq, ICReq, { pfv, hpda: alignment / 4 - 1, digest, maxr2t: 0 }));
    if (this.maxh2cdata === 0) return;
    this.reader.framing = { headerDigest, dataDigest, alignment };
    this.writer.framing = { headerDigest, dataDigest, alignment: 4 };
  }

  /** Sends a command; the promise is for its completion. */
  submit(command: HostCommand): Promise<HostAnswer> {
    const cid = command.cid ?? (this.#cid = (this.#cid + 1) % 0xffff);
    const { out, length = 0, inCapsule = IN_CAPSULE } = command;
    const carried = out !== undefined && out.length <= inCapsule ? out : undefined;
    const bytes = command.sglLength ?? out?.length ?? length;
    const identifier = command.sgl ?? (carried ? SGL_IN_CAPSULE : SGL_COMMAND_BUFFER);
    const sqe = SubmissionEntry.encode({
      opcode: command.opcode,
      flags: command.flags ?? 0x40,
      cid,
      nsid: command.nsid ?? 0,
      prp1: command.sglOffset ?? 0n,
      prp2: BigInt(identifier) << 56n | BigInt(bytes),
      cdw10: command.cdw10 ?? 0,
      cdw11: command.cdw11 ?? 0,
      cdw12: command.cdw12 ?? 0,
      cdw13: command.cdw13 ?? 0,
      cdw14: command.cdw14 ?? 0,
      cdw15: command.cdw15 ?? 0,
    });
    return new Promise((resolve) => {
      this.pending.set(cid, { out, buffer: new Uint8Array(length), received: 0, resolve });
      this.send(this.writer.capsuleCmd(sqe, carried));
    });
  }

  /** Connect, as the queue `qid` of the subsystem. */
  async connect(subnqn: string, options: {
    readonly qid?: number;
    readonly entries?: number;
    readonly cntlid?: number;
    readonly kato?: number;
    readonly noFlowControl?: boolean;
    readonly hostId?: Uint8Array;
    readonly hostNqn?: string;
    readonly recfmt?: number;
    readonly inCapsule?: number;
  } = {}): Promise<HostAnswer> {
    const { qid = 0, entries = 32, kato = 0, recfmt = 0 } = options;
    const fields = ConnectFields.encode({
      recfmt,
      qid,
      sqsize: entries - 1,
      cattr: { dissqfc: options.noFlowControl ?? false },
      kato,
    });
    const answer = await this.submit({
      ...dwords(fields),
      opcode: 0x7f,
      nsid: FABRICS_COMMANDS.connect.opcode,
      out: ConnectData.encode({
        hostId: options.hostId ?? HOST_ID,
        cntlid: options.cntlid ?? 0xffff,
        subnqn,
        hostnqn: options.hostNqn ?? HOST_NQN,
      }),
      ...(options.inCapsule === undefined ? {} : { inCapsule: options.inCapsule }),
    });
    if (answer.field === 0) this.cntlid = answer.dw0 & 0xffff;
    return answer;
  }

  /** Property Get. */
  async property(offset: number, width: 4 | 8 = 4): Promise<HostAnswer> {
    const size = width === 8 ? PROPERTY_SIZE.eightBytes : PROPERTY_SIZE.fourBytes;
    const fields = PropertyGetFields.encode({ attrib: { size }, ofst: offset });
    return await this.submit({
      ...dwords(fields),
      opcode: 0x7f,
      nsid: FABRICS_COMMANDS.propertyGet.opcode,
    });
  }

  /** Property Set. */
  async setProperty(offset: number, value: number): Promise<HostAnswer> {
    const fields = PropertySetFields.encode({
      attrib: { size: PROPERTY_SIZE.fourBytes },
      ofst: offset,
      value: BigInt(value),
    });
    return await this.submit({
      ...dwords(fields),
      opcode: 0x7f,
      nsid: FABRICS_COMMANDS.propertySet.opcode,
    });
  }

  /** Sets CC.EN; whether the controller is ready then. */
  async enable(): Promise<boolean> {
    await this.setProperty(REGISTERS.CC.offset, CC.compose({ en: true, iosqes: 6, iocqes: 4 }));
    const { dw0 } = await this.property(REGISTERS.CSTS.offset);
    return CSTS.parse(dw0).rdy;
  }

  /** ICReq, Connect and CC.EN. */
  async start(subnqn: string, terms: Terms & { readonly kato?: number } = {}): Promise<this> {
    this.initialize(terms);
    const { status } = await this.connect(subnqn, { kato: terms.kato ?? 0 });
    if (status !== "00h/00h" || !await this.enable()) {
      throw new Error(`Cannot start the controller: ${status}`);
    }
    return this;
  }

  #receive(bytes: Uint8Array): void {
    this.reader.push(bytes);
    for (let one = this.reader.next(); one; one = this.reader.next()) this.#handle(one);
  }

  #handle(received: Pdu): void {
    this.types.push(received.type);
    const { header } = received;
    switch (received.type) {
      case PDU_TYPE.icResp:
        this.maxh2cdata = ICResp.decode(header).maxh2cdata;
        return;
      case PDU_TYPE.c2hTermReq: {
        const { fes, fei } = C2HTermReq.decode(header);
        this.fes = fes;
        this.fei = fei;
        return;
      }
      case PDU_TYPE.c2hData:
        return this.#data(received);
      case PDU_TYPE.r2t: {
        const fields = R2T.decode(header);
        return this.onR2T ? this.onR2T(fields) : this.answerR2T(fields);
      }
      case PDU_TYPE.capsuleResp:
        return this.#response(received);
    }
  }

  #data(received: Pdu): void {
    if (received.dataDigestBad) this.badData++;
    const { cccid, datao, flags } = C2HData.decode(received.header);
    const command = this.pending.get(cccid);
    if (!command) {
      this.strays.push(received);
      return;
    }
    command.buffer.set(received.data, datao);
    command.received += received.data.length;
    if (!flags.success) return;
    this.pending.delete(cccid);
    command.resolve({
      status: "00h/00h",
      field: 0,
      dw0: 0,
      dw1: 0,
      sqhd: 0,
      sqid: 0,
      data: command.buffer.subarray(0, command.received),
      bySuccessFlag: true,
    });
  }

  /** Sends what an R2T asks for, in PDUs as large as they may be. */
  answerR2T({ cccid, ttag, r2to, r2tl }: ReturnType<typeof R2T.decode>): void {
    const command = this.pending.get(cccid);
    if (!command?.out) throw new Error(`Cannot answer an R2T: command ${cccid} has no data`);
    for (let done = 0; done < r2tl;) {
      const count = Math.min(r2tl - done, this.maxh2cdata);
      const datao = r2to + done;
      const last = done + count === r2tl;
      const data = command.out.subarray(datao, datao + count);
      this.send(this.writer.h2cData({ cccid, ttag, datao, last }, data));
      done += count;
    }
  }

  #response(received: Pdu): void {
    const { dw0, dw1, sqhd, sqid, cid, status } = CompletionEntry.decode(
      received.header.subarray(8),
    );
    const command = this.pending.get(cid);
    if (!command) {
      this.strays.push(received);
      return;
    }
    this.pending.delete(cid);
    command.resolve({
      status: formatStatusCode(decodeStatus(status.status)),
      field: status.status,
      dw0,
      dw1,
      sqhd,
      sqid,
      data: command.buffer.subarray(0, command.received),
      bySuccessFlag: false,
    });
  }
}

/** Bytes 40 to 63 of an entry as its dwords. */
function dwords(
  fields: Uint8Array,
): Pick<HostCommand, "cdw10" | "cdw11" | "cdw12" | "cdw13" | "cdw14" | "cdw15"> {
  const view = new DataView(fields.buffer, fields.byteOffset);
  const dword = (at: number): number => view.getUint32(4 * at, true);
  return {
    cdw10: dword(0),
    cdw11: dword(1),
    cdw12: dword(2),
    cdw13: dword(3),
    cdw14: dword(4),
    cdw15: dword(5),
  };
}
