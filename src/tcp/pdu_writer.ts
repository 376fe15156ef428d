// Builds outgoing PDUs: digests, data offset and padding as agreed on, from prepared headers.

import type { Struct } from "../layout/mod.ts";
import { CompletionEntry } from "../spec/completion.ts";
import { byteAt, putU16, putU32 } from "./bytes.ts";
import { crc32c } from "./crc32c.ts";
import {
  checkedFraming,
  dataOffset,
  DIGEST_BYTES,
  type Framing,
  PLAIN_FRAMING,
} from "./framing.ts";
import {
  C2HData,
  C2HTermReq,
  CapsuleCmd,
  CapsuleResp,
  CommonHeader,
  H2CData,
  H2CTermReq,
  PDU_FLAG,
  PDU_TYPE,
  R2T,
  TERM_DATA_MAX,
} from "./pdu.ts";
import { Slab } from "../layout/slab.ts";

/** Built bytes: nothing else uses them, but their `buffer` is shared with other PDUs. */
export type Built = Uint8Array<ArrayBuffer>;

/** What may be done wrong on purpose. */
export interface WriteOptions {
  /** Inverts a digest, where the PDU has it. */
  readonly corrupt?: "header-digest" | "data-digest";
}

/** A completion for the wire. Numbers are unsigned; those left out are zero. */
export interface ResponseFields {
  readonly dw0?: number;
  readonly dw1?: number;
  readonly sqhd?: number;
  readonly sqid?: number;
  readonly cid: number;
  /** The 15-bit status field; the phase tag below it is not used in capsules. */
  readonly status?: number;
}

/** What an H2CData PDU says about its data. */
export interface H2CDataFields {
  readonly cccid: number;
  readonly ttag: number;
  readonly datao: number;
  /** The last PDU of an R2T. */
  readonly last: boolean;
}

/** What a C2HData PDU says about its data. */
export interface C2HDataFields {
  readonly cccid: number;
  readonly datao: number;
  /** The last PDU of a command. */
  readonly last: boolean;
  /** Only with `last`: the command succeeded, and no response follows. */
  readonly success?: boolean;
}

/** What an R2T asks for. */
export interface R2TFields {
  readonly cccid: number;
  readonly ttag: number;
  readonly r2to: number;
  readonly r2tl: number;
}

const FLAGS = CommonHeader.row("flags").first;
const PLEN = CommonHeader.row("plen").first;

const CQE = CapsuleResp.row("cqe").first;
const DW0 = CQE + CompletionEntry.row("dw0").first;
const DW1 = CQE + CompletionEntry.row("dw1").first;
const SQHD = CQE + CompletionEntry.row("sqhd").first;
const SQID = CQE + CompletionEntry.row("sqid").first;
const CID = CQE + CompletionEntry.row("cid").first;
const STATUS = CQE + CompletionEntry.row("status").first;

const SQE = CapsuleCmd.row("sqe").first;

const H2C = offsets(H2CData, ["cccid", "ttag", "datao", "datal"]);
const C2H = offsets(C2HData, ["cccid", "datao", "datal"]);
const ASK = offsets(R2T, ["cccid", "ttag", "r2to", "r2tl"]);

/** A header with everything in it that the framing decides. */
interface Prepared {
  /** The common header; the rest of the header is for the caller to fill in. */
  readonly head: Uint8Array;
  readonly hlen: number;
  /** Where data starts, or the PDU ends: header, digest and padding are before it. */
  readonly start: number;
}

interface Templates {
  readonly command: Prepared;
  readonly commandWithData: Prepared;
  readonly response: Prepared;
  readonly h2cData: Prepared;
  readonly c2hData: Prepared;
  readonly r2t: Prepared;
}

/**
 * Builds the PDUs of one direction of a connection. Field values are taken as they are, and cut to
 * the width of their field: what a PDU may say is for the connection to decide. The bytes belong to
 * the caller, who may change them.
 *
 * ICReq and ICResp come from `pdu`, terminations from `termReq`: no framing applies to them.
 */
export class PduWriter {
  readonly #slab = new Slab();
  #framing: Framing;
  #templates: Templates;

  constructor(framing: Framing = PLAIN_FRAMING) {
    this.#framing = checkedFraming(framing);
    this.#templates = prepareAll(framing);
  }

  /** How PDUs are framed from the next one on. */
  get framing(): Framing {
    return this.#framing;
  }

  set framing(framing: Framing) {
    this.#framing = checkedFraming(framing);
    this.#templates = prepareAll(framing);
  }

  /** A command capsule around a 64-byte submission queue entry [TCP-1.1 §3.6.2.6]. */
  capsuleCmd(sqe: Uint8Array, data?: Uint8Array, options?: WriteOptions): Built {
    if (SQE + sqe.length !== CapsuleCmd.size) {
      throw new RangeError(
        `Cannot build a command capsule: entry of ${sqe.length} bytes, need ${
          CapsuleCmd.size - SQE
        }`,
      );
    }
    if (data === undefined || data.length === 0) {
      const bytes = this.#copy(this.#templates.command);
      bytes.set(sqe, SQE);
      return this.#sealHeader(bytes, CapsuleCmd.size, options);
    }
    const bytes = this.#withRoom(this.#templates.commandWithData, data.length);
    bytes.set(sqe, SQE);
    return this.#sealData(bytes, this.#templates.commandWithData, data, options);
  }

  /** A response capsule [TCP-1.1 §3.6.2.7]. */
  capsuleResp(fields: ResponseFields, options?: WriteOptions): Built {
    const bytes = this.#copy(this.#templates.response);
    putU32(bytes, DW0, fields.dw0 ?? 0);
    putU32(bytes, DW1, fields.dw1 ?? 0);
    putU16(bytes, SQHD, fields.sqhd ?? 0);
    putU16(bytes, SQID, fields.sqid ?? 0);
    putU16(bytes, CID, fields.cid);
    putU16(bytes, STATUS, (fields.status ?? 0) << 1);
    return this.#sealHeader(bytes, CapsuleResp.size, options);
  }

  /** Asks the host for data [TCP-1.1 §3.6.2.10]. */
  r2t(fields: R2TFields, options?: WriteOptions): Built {
    const bytes = this.#copy(this.#templates.r2t);
    putU16(bytes, ASK.cccid, fields.cccid);
    putU16(bytes, ASK.ttag, fields.ttag);
    putU32(bytes, ASK.r2to, fields.r2to);
    putU32(bytes, ASK.r2tl, fields.r2tl);
    return this.#sealHeader(bytes, R2T.size, options);
  }

  /** Data for the host, header and data in one array [TCP-1.1 §3.6.2.9]. */
  c2hData(fields: C2HDataFields, data: Uint8Array, options?: WriteOptions): Built {
    const template = this.#templates.c2hData;
    const bytes = this.#withRoom(template, data.length);
    putC2H(bytes, fields, data.length);
    return this.#sealData(bytes, template, data, options);
  }

  /** Data for the host as header, `data` itself, and the digest if there is one. */
  c2hDataPieces(
    fields: C2HDataFields,
    data: Uint8Array,
    options?: WriteOptions,
  ): readonly Uint8Array[] {
    const bytes = this.#alone(this.#templates.c2hData, data.length);
    putC2H(bytes, fields, data.length);
    return this.#pieces(bytes, C2HData.size, data, options);
  }

  /** Data for the controller, header and data in one array [TCP-1.1 §3.6.2.8]. */
  h2cData(fields: H2CDataFields, data: Uint8Array, options?: WriteOptions): Built {
    const template = this.#templates.h2cData;
    const bytes = this.#withRoom(template, data.length);
    putH2C(bytes, fields, data.length);
    return this.#sealData(bytes, template, data, options);
  }

  /** Data for the controller as header, `data` itself, and the digest if there is one. */
  h2cDataPieces(
    fields: H2CDataFields,
    data: Uint8Array,
    options?: WriteOptions,
  ): readonly Uint8Array[] {
    const bytes = this.#alone(this.#templates.h2cData, data.length);
    putH2C(bytes, fields, data.length);
    return this.#pieces(bytes, H2CData.size, data, options);
  }

  #copy({ head, start }: Prepared): Built {
    const bytes = this.#slab.take(start);
    putHead(bytes, head);
    return bytes;
  }

  /** The prepared header, for data of this length in an array of its own. */
  #alone(template: Prepared, length: number): Built {
    const bytes = this.#copy(template);
    putU32(bytes, PLEN, bytes.length + length + this.#dataDigestBytes());
    return bytes;
  }

  /** The prepared header with room behind it for data and digest. */
  #withRoom(template: Prepared, length: number): Built {
    const { head, start } = template;
    const bytes = this.#slab.take(start + length + this.#dataDigestBytes());
    putHead(bytes, head);
    putU32(bytes, PLEN, bytes.length);
    return bytes;
  }

  #dataDigestBytes(): number {
    return this.#framing.dataDigest ? DIGEST_BYTES : 0;
  }

  #sealHeader(bytes: Built, hlen: number, options: WriteOptions | undefined): Built {
    if (this.#framing.headerDigest) {
      putU32(bytes, hlen, digest(bytes, 0, hlen, options?.corrupt === "header-digest"));
    }
    return bytes;
  }

  #sealData(
    bytes: Built,
    template: Prepared,
    data: Uint8Array,
    options: WriteOptions | undefined,
  ): Built {
    const start = template.start;
    const end = start + data.length;
    bytes.set(data, start);
    if (this.#framing.dataDigest) {
      putU32(bytes, end, digest(bytes, start, end, options?.corrupt === "data-digest"));
    }
    return this.#sealHeader(bytes, template.hlen, options);
  }

  #pieces(
    bytes: Built,
    hlen: number,
    data: Uint8Array,
    options: WriteOptions | undefined,
  ): readonly Uint8Array[] {
    this.#sealHeader(bytes, hlen, options);
    if (!this.#framing.dataDigest) return [bytes, data];
    const tail = this.#slab.take(DIGEST_BYTES);
    putU32(tail, 0, digest(data, 0, data.length, options?.corrupt === "data-digest"));
    return [bytes, data, tail];
  }
}

/**
 * The PDU that ends a connection after a fatal error, such as a `PduViolation`; of the header at
 * fault it brings back at most 128 bytes [TCP-1.1 §3.6.2.4] [TCP-1.1 §3.6.2.5].
 */
export function termReq(
  from: "host" | "controller",
  { fes, fei, header }: {
    readonly fes: number;
    readonly fei: number;
    readonly header: Uint8Array;
  },
): Built {
  const [type, structure] = from === "host"
    ? [PDU_TYPE.h2cTermReq, H2CTermReq] as const
    : [PDU_TYPE.c2hTermReq, C2HTermReq] as const;
  const echo = header.subarray(0, TERM_DATA_MAX);
  const bytes = new Uint8Array(structure.size + echo.length);
  bytes.set(structure.encode({ type, hlen: structure.size, plen: bytes.length, fes, fei }));
  bytes.set(echo, structure.size);
  return bytes;
}

// A loop: for so few bytes `set` takes longer.
function putHead(bytes: Uint8Array, head: Uint8Array): void {
  for (let at = 0; at < head.length; at++) bytes[at] = byteAt(head, at);
}

function putC2H(bytes: Uint8Array, fields: C2HDataFields, length: number): void {
  const flags = (fields.last ? PDU_FLAG.last : 0) | (fields.success ? PDU_FLAG.success : 0);
  bytes[FLAGS] = byteAt(bytes, FLAGS) | flags;
  putU16(bytes, C2H.cccid, fields.cccid);
  putU32(bytes, C2H.datao, fields.datao);
  putU32(bytes, C2H.datal, length);
}

function putH2C(bytes: Uint8Array, fields: H2CDataFields, length: number): void {
  bytes[FLAGS] = byteAt(bytes, FLAGS) | (fields.last ? PDU_FLAG.last : 0);
  putU16(bytes, H2C.cccid, fields.cccid);
  putU16(bytes, H2C.ttag, fields.ttag);
  putU32(bytes, H2C.datao, fields.datao);
  putU32(bytes, H2C.datal, length);
}

function digest(bytes: Uint8Array, start: number, end: number, corrupt: boolean): number {
  const right = crc32c(bytes, start, end);
  return corrupt ? ~right >>> 0 : right;
}

function prepareAll(framing: Framing): Templates {
  const bare = (type: number, size: number) => prepare(type, size, framing, false);
  const carrier = (type: number, size: number) => prepare(type, size, framing, true);
  return {
    command: bare(PDU_TYPE.capsuleCmd, CapsuleCmd.size),
    commandWithData: carrier(PDU_TYPE.capsuleCmd, CapsuleCmd.size),
    response: bare(PDU_TYPE.capsuleResp, CapsuleResp.size),
    h2cData: carrier(PDU_TYPE.h2cData, H2CData.size),
    c2hData: carrier(PDU_TYPE.c2hData, C2HData.size),
    r2t: bare(PDU_TYPE.r2t, R2T.size),
  };
}

function prepare(type: number, hlen: number, framing: Framing, hasData: boolean): Prepared {
  const used = hlen + (framing.headerDigest ? DIGEST_BYTES : 0);
  const start = hasData ? dataOffset(used, framing.alignment) : used;
  const head = CommonHeader.encode({
    type,
    flags: (framing.headerDigest ? PDU_FLAG.headerDigest : 0) |
      (hasData && framing.dataDigest ? PDU_FLAG.dataDigest : 0),
    hlen,
    pdo: hasData ? start : 0,
    plen: start,
  });
  return { head, hlen, start };
}

function offsets<T extends object, I, const N extends keyof T & string>(
  structure: Struct<T, I>,
  names: readonly N[],
): Readonly<Record<N, number>> {
  return Object.fromEntries(
    names.map((name) => [name, structure.row(name).first]),
  ) as Record<N, number>;
}
