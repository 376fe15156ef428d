// The language's compiler by itself: scripts/compile.ts packs this module, because unpacked it
// would cost every run of the program ten megabytes of memory.

export { default } from "typescript";
