// A traced queue as an NVMe/TCP connection: the PDUs that host and drive would have exchanged had
// there been a network between them.

import { ANY_CONTROLLER, ConnectData } from "../spec/fabrics/connect.ts";
import { COMMON_IO_COMMANDS, FABRICS_COMMANDS } from "../spec/opcode.ts";
import {
  ADMIN_IN_CAPSULE_MAX,
  C2HData,
  CapsuleCmd,
  CapsuleResp,
  H2CData,
  ICReq,
  ICResp,
  pdu,
  PDU_TYPE,
  R2T,
  SGL_COMMAND_BUFFER,
  SGL_IN_CAPSULE,
  SglDescriptor,
} from "../tcp/pdu.ts";
import type { End } from "./tcp_stream.ts";
import type { CommandEvent, CompletionEvent, DataEvent, RegisterEvent } from "./trace.ts";

/** A PDU and who sent it. */
export interface SentPdu {
  readonly from: End;
  readonly bytes: Uint8Array;
}

/** Bytes of data in one H2CData or C2HData PDU, at most. */
export const DATA_PDU_MAX = 128 * 1024;

/** Entries of the queue, as its Connect command says. */
const QUEUE_ENTRIES = 1024;

/** The identifier of the commands that only this connection has; hosts hardly get so far. */
const OWN_CID = 0xfffe;

/**
 * What stands for command identifier 0; hosts should not use it [BASE-2.1 §4.1, Fig. 91].
 *
 * Wireshark (4.0, and its sources of later) keeps the data of command 0 by the packet's number
 * alone, that of any other command by identifier and packet. Where command 9 reads after command 0
 * has read in packet 9 it takes the one for the other, and crashes.
 */
const CID_FOR_ZERO = 0xffff;

const FABRICS_OPCODE = COMMON_IO_COMMANDS.fabrics.opcode;

/** PSDT of a command whose data pointer is an SGL [BASE-2.1 §4.1]. */
const PSDT_SGL = 1;

// Made up: a capture needs a host that names itself. The domain is one that nobody can own.
const HOST_ID = new TextEncoder().encode("nvmectl trace\0\0\0");
const HOST_NQN = "nqn.1999-06.com.example:nvmectl:host";
const SUBSYSTEM_NQN = "nqn.1999-06.com.example:nvmectl:drive";

const CONTROLLER = 1;

/** What a capsule's submission entry is made from. */
type Entry = NonNullable<Parameters<typeof CapsuleCmd.encode>[0]["sqe"]>;

/** One queue pair's connection. It only counts; everything else is in the events. */
export class CapsuleQueue {
  #submitted = 0;

  constructor(readonly qid: number) {}

  /** What host and drive say before anything else. */
  greet(): readonly SentPdu[] {
    return [
      fromHost(pdu(PDU_TYPE.icReq, ICReq, {})),
      fromDrive(pdu(PDU_TYPE.icResp, ICResp, { maxh2cdata: DATA_PDU_MAX })),
    ];
  }

  /**
   * The greeting and a Connect command, so that an analyser knows which queue this is. The greeting
   * alone will do where the host's own Connect command is in the trace.
   */
  connect(): readonly SentPdu[] {
    const data = ConnectData.encode({
      hostId: HOST_ID,
      cntlid: this.qid === 0 ? ANY_CONTROLLER : CONTROLLER,
      subnqn: SUBSYSTEM_NQN,
      hostnqn: HOST_NQN,
    });
    return [
      ...this.greet(),
      // Record format 0; the queue's size is 0's based.
      this.#fabrics(FABRICS_COMMANDS.connect.opcode, {
        cdw10: this.qid << 16 >>> 0,
        cdw11: QUEUE_ENTRIES - 1,
      }, data),
      this.#response({ cid: OWN_CID, status: 0, result: BigInt(CONTROLLER) }),
    ];
  }

  /** A command, with what goes to the drive. */
  command(event: CommandEvent): readonly SentPdu[] {
    const { command, data } = event;
    const cid = shownCid(event.cid);
    const { opcode, flags = 0, nsid, cdw2, cdw3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 } =
      command;
    const dwords = { nsid, cdw2, cdw3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 };
    const entry: Entry = {
      opcode,
      flags: { fuse: flags & 0x3, psdt: PSDT_SGL },
      cid,
      ...Object.fromEntries(Object.entries(dwords).map(([name, value]) => [name, value ?? 0])),
    };
    if (data && data.length <= ADMIN_IN_CAPSULE_MAX) {
      return [this.#capsule({ ...entry, ...sgl(SGL_IN_CAPSULE, data.length) }, data)];
    }
    const capsule = this.#capsule({
      ...entry,
      ...sgl(SGL_COMMAND_BUFFER, command.dataLength ?? 0),
    });
    return data ? [capsule, ...requested(cid, data)] : [capsule];
  }

  /** What goes to the drive after its command: the drive asks for it. */
  data({ cid, data }: DataEvent): readonly SentPdu[] {
    return data.length === 0 ? [] : requested(shownCid(cid), data);
  }

  /** A completion, with what came from the drive before it. */
  completion(event: CompletionEvent): readonly SentPdu[] {
    const { cid, completion, data, posted } = event;
    const answer = this.#response({ cid, ...posted, ...completion });
    if (!data) return [answer];
    const parts = inParts(data).map(({ offset, part, last }) =>
      fromDrive(
        pdu(PDU_TYPE.c2hData, C2HData, {
          flags: { last },
          cccid: shownCid(cid),
          datao: offset,
          datal: part.length,
        }, part),
      )
    );
    return [...parts, answer];
  }

  /**
   * A register access: the property of the same offset is got [BASE-2.1 §6.5] or set
   * [BASE-2.1 §6.6].
   */
  register({ access, offset, width, value }: RegisterEvent): readonly SentPdu[] {
    const size = width === 8 ? 1 : 0;
    const write = access === "write";
    const { propertySet, propertyGet } = FABRICS_COMMANDS;
    const command = this.#fabrics((write ? propertySet : propertyGet).opcode, {
      cdw10: size,
      cdw11: offset,
      cdw12: write ? Number(value & 0xffffffffn) : 0,
      cdw13: write ? Number(value >> 32n) : 0,
    });
    return [
      command,
      this.#response({ cid: OWN_CID, status: 0, result: write ? 0n : value }),
    ];
  }

  /** A Fabrics command: its type stands where other commands have their namespace. */
  #fabrics(type: number, dwords: Entry, data?: Uint8Array): SentPdu {
    return this.#capsule({
      opcode: FABRICS_OPCODE,
      flags: { psdt: PSDT_SGL },
      cid: OWN_CID,
      nsid: type,
      ...dwords,
      ...(data ? sgl(SGL_IN_CAPSULE, data.length) : {}),
    }, data);
  }

  #capsule(sqe: Entry, data?: Uint8Array): SentPdu {
    this.#submitted++;
    return fromHost(pdu(PDU_TYPE.capsuleCmd, CapsuleCmd, { sqe }, data));
  }

  #response({ cid, sqid = this.qid, status, result }: {
    readonly cid: number;
    readonly sqid?: number;
    readonly status: number;
    readonly result: bigint;
  }): SentPdu {
    const cqe = {
      dw0: Number(result & 0xffffffffn),
      dw1: Number(result >> 32n),
      sqhd: this.#submitted % QUEUE_ENTRIES,
      sqid,
      cid: shownCid(cid),
      status: { status },
    };
    return fromDrive(pdu(PDU_TYPE.capsuleResp, CapsuleResp, { cqe }));
  }
}

/** A command's identifier in the capture; the line in the comment has the real one. */
function shownCid(cid: number): number {
  return cid === 0 ? CID_FOR_ZERO : cid;
}

/** The drive asks for all the data at once and gets it in as many PDUs as it takes. */
function requested(cid: number, data: Uint8Array): readonly SentPdu[] {
  const transfer = { cccid: cid, ttag: cid };
  const request = pdu(PDU_TYPE.r2t, R2T, { ...transfer, r2to: 0, r2tl: data.length });
  const parts = inParts(data).map(({ offset, part, last }) =>
    fromHost(
      pdu(PDU_TYPE.h2cData, H2CData, {
        flags: { last },
        ...transfer,
        datao: offset,
        datal: part.length,
      }, part),
    )
  );
  return [fromDrive(request), ...parts];
}

/** The data in pieces that a PDU may carry. */
function inParts(data: Uint8Array): readonly {
  readonly offset: number;
  readonly part: Uint8Array;
  readonly last: boolean;
}[] {
  return Array.from({ length: Math.ceil(data.length / DATA_PDU_MAX) }, (_, at) => {
    const offset = at * DATA_PDU_MAX;
    const part = data.subarray(offset, offset + DATA_PDU_MAX);
    return { offset, part, last: offset + part.length === data.length };
  });
}

/** An SGL descriptor in the two halves of the data pointer. */
function sgl(identifier: number, length: number): Pick<Entry, "prp1" | "prp2"> {
  const view = new DataView(SglDescriptor.encode({ length, identifier }).buffer);
  return { prp1: view.getBigUint64(0, true), prp2: view.getBigUint64(8, true) };
}

function fromHost(bytes: Uint8Array): SentPdu {
  return { from: "host", bytes };
}

function fromDrive(bytes: Uint8Array): SentPdu {
  return { from: "drive", bytes };
}
