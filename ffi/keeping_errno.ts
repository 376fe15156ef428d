// Foreign functions whose errno is kept by the call itself; call_stub.ts says why.

import { type Assemble, STUB_BYTES } from "./call_stub.ts";
import { PlatformError } from "./sys_error.ts";

/** Functions of a library, under the names that this program gives them. */
type Functions = Readonly<Record<string, Deno.ForeignFunction & { readonly name?: string }>>;

/**
 * Functions to call, and what errno was after the last of these calls. Disposing gives their memory
 * back; neither functions nor errno may be used after that.
 */
export interface Kept<F extends Functions> extends Disposable {
  readonly symbols: Deno.StaticForeignLibraryInterface<F>;
  /** One element. */
  readonly errno: Int32Array;
}

/** Finds the symbols of one library. */
export type Find = <S extends Deno.ForeignLibraryInterface>(
  symbols: S,
) => { readonly symbols: Deno.StaticForeignLibraryInterface<S> };

/** `Deno.dlopen`, as far as it is needed. */
export type Dlopen = <S extends Deno.ForeignLibraryInterface>(
  path: string,
  symbols: S,
) => { readonly symbols: Deno.StaticForeignLibraryInterface<S> };

/** What the stubs themselves are made with. */
const MAKERS = {
  // void *mmap(void *hint, size_t bytes, int protection, int flags, int fd, off_t offset);
  mmap: { parameters: ["u64", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  // int munmap(void *address, size_t bytes);
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  // int mprotect(void *address, size_t bytes, int protection);
  mprotect: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  // int *__errno_location(void);  what the macro errno expands to
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Bytes of the stubs, and of the memory behind them: whole pages of every size that Linux has. */
const AREA_BYTES = 64 * 1024;
const PROT_READ_WRITE = 0x3;
const PROT_READ_EXECUTE = 0x5;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/**
 * Puts a stub before each function. All of it is for the calling thread alone.
 *
 * Throws PlatformError where the kernel gives no memory for instructions, and what `find` throws.
 */
export function keepingErrno<F extends Functions>(
  find: Find,
  assemble: Assemble,
  functions: F,
): Kept<F> {
  const { symbols: makers } = find(MAKERS);
  const callees = addressesOf(find, functions);
  const bytes = BigInt(AREA_BYTES);
  const area = makers.mmap(0n, 2n * bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
  // SAFETY: the number of an address, to compare and to count from.
  const start = Deno.UnsafePointer.value(area);
  if (area === null || start === MAP_FAILED) throw new PlatformError(REFUSED);
  // SAFETY: [mmap(2)] the area has this many bytes, and nobody uses it once it was unmapped.
  const memory = Deno.UnsafePointerView.getArrayBuffer(area, 2 * AREA_BYTES);
  // SAFETY: [glibc errno(3)] the location is never null and stays valid for the calling thread's
  // life; an isolate, main or worker, never leaves its thread and has its own instance of this.
  const errno = Deno.UnsafePointer.value(makers.__errno_location());
  const kept = start + bytes;

  const names = Object.keys(functions);
  const code = new Uint8Array(memory, 0, AREA_BYTES);
  names.forEach((name, at) =>
    code.set(assemble({ callee: callees[name]!, errno, kept }), at * STUB_BYTES)
  );
  // Linux makes the instruction cache see what was written when it makes memory executable.
  if (makers.mprotect(area, bytes, PROT_READ_EXECUTE) !== 0) throw new PlatformError(REFUSED);

  const symbols = Object.fromEntries(names.map((name, at) => {
    // SAFETY: a stub stands there, and it takes what its function takes.
    const pointer = Deno.UnsafePointer.create(start + BigInt(at * STUB_BYTES))!;
    const stub = new Deno.UnsafeFnPointer(
      pointer as Deno.PointerObject<F[string]>,
      functions[name]!,
    );
    return [name, stub.call.bind(stub)];
  }));
  return {
    symbols: symbols as Deno.StaticForeignLibraryInterface<F>,
    errno: new Int32Array(memory, AREA_BYTES, 1),
    [Symbol.dispose]: () => void makers.munmap(area, 2n * bytes),
  };
}

const REFUSED = "Cannot call the C library: the kernel gives no memory for instructions, " +
  "which the runtime needs too; a security policy of this machine may forbid it";

/** Where each function is; a symbol of the type `pointer` is its own address. */
function addressesOf(find: Find, functions: Functions): Readonly<Record<string, bigint>> {
  const named = Object.entries(functions).map(([key, { name = key }]) => [key, name] as const);
  const { symbols } = find(
    Object.fromEntries(named.map(([, name]) => [name, { type: "pointer" as const }])),
  );
  return Object.fromEntries(named.map(([key, name]) => [
    key,
    // SAFETY: the number of an address, written into the stub.
    Deno.UnsafePointer.value(symbols[name]!),
  ]));
}
