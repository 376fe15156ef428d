// Bytes to values and back, from tables. No NVMe in here.

export * from "./array.ts";
export * from "./bits.ts";
export * from "./codec.ts";
export * from "./coded.ts";
export * from "./json.ts";
export * from "./list.ts";
export * from "./numbers.ts";
export * from "./struct.ts";
export * from "./text.ts";
export * from "./units.ts";
