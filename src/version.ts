// The version of nvmectl and of what it runs on: the one place that knows.

/** nvmectl's version [Semantic Versioning]. */
export const VERSION = "0.1.0";

/** What this program runs on. */
export interface RuntimeVersions {
  readonly deno: string;
  readonly v8: string;
  /** The machine it was built for: `x86_64-unknown-linux-gnu`. */
  readonly target: string;
}

/** The versions of the runtime that is in the binary. */
export function runtimeVersions(): RuntimeVersions {
  return { deno: Deno.version.deno, v8: Deno.version.v8, target: Deno.build.target };
}
