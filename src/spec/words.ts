// Words of bits that travel as integers: registers, command dwords, dword 0 of a completion.

import {
  type BitFields,
  bits,
  type BitsInput,
  type BitsValue,
  type Codec,
  type Struct,
  u32,
  u64,
} from "../layout/mod.ts";

/** Bits of a word that is also at hand as an integer, not only as bytes. */
export interface WordCodec<W extends number | bigint, F extends BitFields>
  extends Codec<BitsValue<F, W>, BitsInput<F, W>> {
  /** The pieces of an integer. Total: bits beyond the word are cut off. */
  parse(raw: W): BitsValue<F, W>;
  /** The integer of the pieces. Throws RangeError where one does not fit its bits. */
  compose(value: BitsInput<F, W>): W;
}

/** Where words are taken apart and put together, by all codecs: nothing waits in between. */
const WORD = new DataView(new ArrayBuffer(8));

/** A 32-bit word of named bits. */
export function bits32<const F extends BitFields>(fields: F): WordCodec<number, F> {
  const codec = bits(u32, fields);
  return Object.assign(codec, {
    parse(raw: number): BitsValue<F, number> {
      WORD.setUint32(0, raw, true);
      return codec.get(WORD, 0);
    },
    compose(value: BitsInput<F, number>): number {
      codec.put(WORD, 0, value);
      return WORD.getUint32(0, true);
    },
  });
}

/** A 64-bit word of named bits. */
export function bits64<const F extends BitFields>(fields: F): WordCodec<bigint, F> {
  const codec = bits(u64, fields);
  return Object.assign(codec, {
    parse(raw: bigint): BitsValue<F, bigint> {
      WORD.setBigUint64(0, raw, true);
      return codec.get(WORD, 0);
    },
    compose(value: BitsInput<F, bigint>): bigint {
      codec.put(WORD, 0, value);
      return WORD.getBigUint64(0, true);
    },
  });
}

/** A structure's value from its 32-bit words; words that are missing are zero. */
export function decodeWords<T extends object, I>(
  structure: Struct<T, I>,
  words: readonly number[],
): T {
  const bytes = new Uint8Array(structure.size);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= structure.size; at += 4) view.setUint32(at, words[at / 4] ?? 0, true);
  return structure.decode(bytes);
}

/** The 32-bit words of a structure's value. Throws RangeError where a part does not fit. */
export function encodeWords<T extends object, I>(
  structure: Struct<T, I>,
  value: I,
): readonly number[] {
  const view = new DataView(structure.encode(value).buffer);
  return Array.from({ length: structure.size / 4 }, (_, at) => view.getUint32(4 * at, true));
}

/** The command specific dwords of a submission queue entry [BASE-2.1 §4.1, Fig. 92]. */
export interface CommandDwords {
  readonly cdw10: number;
  readonly cdw11: number;
  readonly cdw12: number;
  readonly cdw13: number;
  readonly cdw14: number;
  readonly cdw15: number;
}

const FIRST_DWORD = 10;

/**
 * What a command's dwords say by a structure that begins with dword `first`; dwords that are not
 * given are zero.
 */
export function parseDwords<T extends object, I>(
  structure: Struct<T, I>,
  entry: Partial<CommandDwords>,
  first = FIRST_DWORD,
): T {
  const { cdw10 = 0, cdw11 = 0, cdw12 = 0, cdw13 = 0, cdw14 = 0, cdw15 = 0 } = entry;
  const words = [cdw10, cdw11, cdw12, cdw13, cdw14, cdw15];
  return decodeWords(structure, words.slice(first - FIRST_DWORD));
}

/**
 * The six dwords of a command by a structure that begins with dword `first`; what the structure
 * does not have is zero. Throws RangeError where a part does not fit its field.
 */
export function composeDwords<T extends object, I>(
  structure: Struct<T, I>,
  value: I,
  first = FIRST_DWORD,
): CommandDwords {
  const before = new Array<number>(first - FIRST_DWORD).fill(0);
  const [cdw10 = 0, cdw11 = 0, cdw12 = 0, cdw13 = 0, cdw14 = 0, cdw15 = 0] = [
    ...before,
    ...encodeWords(structure, value),
  ];
  return { cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 };
}
