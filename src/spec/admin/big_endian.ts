// Integers with the upper byte first, as the security protocols write theirs.

import { type BigInteger, type SmallInteger, u16, u32, u64 } from "../../layout/mod.ts";

/** The same integer with its bytes in the other order. */
function swapped<T, C extends { readonly size: number; readonly type: string }>(
  codec: C & {
    get(view: DataView, offset: number): T;
    put(view: DataView, offset: number, value: T): void;
  },
): C {
  return {
    ...codec,
    type: `${codec.type}, big-endian`,
    get(view: DataView, offset: number): T {
      return codec.get(reversed(view, offset, codec.size), 0);
    },
    put(view: DataView, offset: number, value: T): void {
      const scratch = new DataView(new ArrayBuffer(codec.size));
      codec.put(scratch, 0, value);
      const bytes = new Uint8Array(scratch.buffer).reverse();
      new Uint8Array(view.buffer, view.byteOffset + offset, codec.size).set(bytes);
    },
  };
}

function reversed(view: DataView, offset: number, size: number): DataView {
  const start = view.byteOffset + offset;
  return new DataView(new Uint8Array(view.buffer.slice(start, start + size)).reverse().buffer);
}

/** Two bytes, big-endian. */
export const u16be: SmallInteger = swapped<number, SmallInteger>(u16);
/** Four bytes, big-endian. */
export const u32be: SmallInteger = swapped<number, SmallInteger>(u32);
/** Eight bytes, big-endian; always a bigint. */
export const u64be: BigInteger = swapped<bigint | number, BigInteger>(u64 as never);
