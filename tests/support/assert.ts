// The assertions that tests use, from Deno's standard library, with their types.

// @ts-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
