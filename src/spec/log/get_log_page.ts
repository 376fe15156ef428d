// The command dwords of Get Log Page, both ways.

import {
  at,
  bit,
  bits,
  fromCount,
  range,
  struct,
  u32,
  u64,
  type ZeroBased,
} from "../../layout/mod.ts";

/** What Get Log Page is asked for. What is left out is zero. */
export interface GetLogPage {
  /** Log page identifier. */
  readonly lid: number;
  /** Dwords to transfer, 0's based: see `dwordsOf`. */
  readonly numd: ZeroBased;
  /** Log specific parameter, 7 bits. */
  readonly lsp?: number;
  /** Retain the asynchronous event that announced the page. */
  readonly rae?: boolean;
  /** Log specific identifier: an endurance group, an NVM set. */
  readonly lsi?: number;
  /** Where to start: a byte offset that is a multiple of 4, or an index where `ot` is set. */
  readonly lpo?: bigint;
  /** Index into the UUID list, 7 bits. */
  readonly uuidIndex?: number;
  /** Command set identifier, for the pages whose contents depend on it. */
  readonly csi?: number;
  /** `lpo` counts entries, not bytes. */
  readonly ot?: boolean;
}

/** Command dwords 10 to 14. */
export interface LogPageDwords {
  readonly cdw10: number;
  readonly cdw11: number;
  readonly cdw12: number;
  readonly cdw13: number;
  readonly cdw14: number;
}

/** Command dwords 10 to 14 of Get Log Page, as bytes 40 to 59 of the submission queue entry. */
export const GetLogPageDwords = struct(
  "Get Log Page command dwords",
  20,
  "[BASE-2.1 §5.1.12, Fig. 197]",
  [
    at(
      0,
      3,
      "cdw10",
      bits(u32, {
        lid: range(7, 0, "log page identifier"),
        lsp: range(14, 8, "log specific parameter"),
        rae: bit(15, "retain asynchronous event"),
        numdl: range(31, 16, "number of dwords, lower, 0's based"),
      }),
      "Command dword 10",
    ),
    at(
      4,
      7,
      "cdw11",
      bits(u32, {
        numdu: range(15, 0, "number of dwords, upper"),
        lsi: range(31, 16, "log specific identifier"),
      }),
      "Command dword 11",
    ),
    at(8, 15, "lpo", u64, "Log page offset, command dwords 12 and 13"),
    at(
      16,
      19,
      "cdw14",
      bits(u32, {
        uuidIndex: range(6, 0, "UUID index"),
        ot: bit(23, "offset is an index"),
        csi: range(31, 24, "command set identifier"),
      }),
      "Command dword 14",
    ),
  ],
);

/** The 0's based number of dwords in `bytes` bytes. Throws RangeError unless they are whole. */
export function dwordsOf(bytes: number): ZeroBased {
  if (bytes % 4 !== 0) {
    throw new RangeError(`Cannot transfer ${bytes} bytes of a log page: need a multiple of 4`);
  }
  return fromCount(bytes / 4, 2 ** 32);
}

/** Command dwords 10 to 14 of a request. Throws RangeError where a value does not fit its field. */
export function getLogPageDwords(request: GetLogPage): LogPageDwords {
  const { lid, numd, lsp = 0, rae = false, lsi = 0, lpo = 0n, uuidIndex = 0, csi = 0 } = request;
  const ot = request.ot ?? false;
  if (!ot && (lpo & 3n) !== 0n) {
    throw new RangeError(`Cannot read a log page from byte ${lpo}: need a multiple of 4`);
  }
  const bytes = GetLogPageDwords.encode({
    cdw10: { lid, lsp, rae, numdl: numd % 0x10000 },
    cdw11: { numdu: Math.floor(numd / 0x10000), lsi },
    lpo,
    cdw14: { uuidIndex, ot, csi },
  });
  const view = new DataView(bytes.buffer);
  const dword = (index: number): number => view.getUint32(4 * index, true);
  return { cdw10: dword(0), cdw11: dword(1), cdw12: dword(2), cdw13: dword(3), cdw14: dword(4) };
}

/** What a controller that receives the dwords is asked for. */
export function parseGetLogPage(dwords: Readonly<LogPageDwords>): Required<GetLogPage> {
  const { cdw10, cdw11, cdw12, cdw13, cdw14 } = dwords;
  const words = Uint32Array.of(cdw10, cdw11, cdw12, cdw13, cdw14);
  const bytes = new Uint8Array(20);
  words.forEach((word, index) => new DataView(bytes.buffer).setUint32(4 * index, word, true));
  const fields = GetLogPageDwords.decode(bytes);
  return {
    lid: fields.cdw10.lid,
    numd: fields.cdw11.numdu * 0x10000 + fields.cdw10.numdl as ZeroBased,
    lsp: fields.cdw10.lsp,
    rae: fields.cdw10.rae,
    lsi: fields.cdw11.lsi,
    lpo: fields.lpo,
    uuidIndex: fields.cdw14.uuidIndex,
    ot: fields.cdw14.ot,
    csi: fields.cdw14.csi,
  };
}
