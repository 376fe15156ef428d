// Property Get and Property Set: the registers of a controller that is reached over a fabric.

import {
  at,
  bits,
  hex,
  type Names,
  range,
  reserved,
  struct,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";

/** How wide a property is, by ATTRIB [BASE-2.1 §6.5, Fig. 551]. */
export const PROPERTY_SIZE = { fourBytes: 0, eightBytes: 1 } as const;

const SIZE_NAMES: Names = {
  [PROPERTY_SIZE.fourBytes]: "4 bytes",
  [PROPERTY_SIZE.eightBytes]: "8 bytes",
};

const attributes = bits(u8, { size: range(2, 0, "size", { names: SIZE_NAMES }) });

/** Bytes 40 to 63 of a Property Get command. */
export const PropertyGetFields = struct(
  "Property Get command fields",
  24,
  "[BASE-2.1 §6.5, Fig. 551]",
  [
    at(0, 0, "attrib", attributes, "Attributes"),
    reserved(1, 3),
    at(4, 7, "ofst", hex(u32), "Offset"),
    reserved(8, 23),
  ],
);

/** Decoded bytes 40 to 63 of a Property Get command. */
export type PropertyGetFields = ReturnType<typeof PropertyGetFields.decode>;

/** Dwords 0 and 1 of the response to Property Get. */
export const PropertyGetValue = struct(
  "Property Get response value",
  8,
  "[BASE-2.1 §6.5, Fig. 552]",
  [at(0, 7, "value", hex(u64), "Value; of a property of 4 bytes the upper half is reserved")],
);

/** The decoded value. */
export type PropertyGetValue = ReturnType<typeof PropertyGetValue.decode>;

/** Bytes 40 to 63 of a Property Set command. */
export const PropertySetFields = struct(
  "Property Set command fields",
  24,
  "[BASE-2.1 §6.6, Fig. 553]",
  [
    at(0, 0, "attrib", attributes, "Attributes"),
    reserved(1, 3),
    at(4, 7, "ofst", hex(u32), "Offset"),
    at(8, 15, "value", hex(u64), "Value; of a property of 4 bytes the upper half is reserved"),
    reserved(16, 23),
  ],
);

/** Decoded bytes 40 to 63 of a Property Set command. */
export type PropertySetFields = ReturnType<typeof PropertySetFields.decode>;
