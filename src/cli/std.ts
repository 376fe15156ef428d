// The standard library's pieces that every invocation uses, with their types, in one place.

// @ts-types="./colors.d.ts"
export { bold, dim, green, red, yellow } from "deno-std/fmt/colors.js";
