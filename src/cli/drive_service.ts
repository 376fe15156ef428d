// What commands can ask of virtual drives that run on their own: to serve one, and to speak with
// one that is being served.

import type { Personality } from "../drive/personality.ts";
import type { JsonObject } from "../layout/mod.ts";

/** What to serve, and how. */
export interface ServeRequest {
  /** `virtual:`, `virtual:NAME`, `virtual:FILE.json`. */
  readonly target: string;
  /** Where NVMe/TCP listens: `4420`, `127.0.0.1:4420`, `[::1]:0`. */
  readonly listen: readonly string[];
  /** The subsystem's NQN; one made of the serial number when left out. */
  readonly subnqn: string | undefined;
  /** Plug-in files. */
  readonly plugins: readonly string[];
  /** Scenarios: `NAME`, `NAME:key=value,key=value`. */
  readonly scenarios: readonly string[];
  /** Files of declarative rules. */
  readonly rules: readonly string[];
  /** Where the control socket is made; a place by itself when left out. */
  readonly control: string | undefined;
  /** Bytes of memory for the blocks of a drive that has no file; 1 GiB when left out. */
  readonly memoryBytes: number | undefined;
  /** Where a trace goes: a file, or `-` for stderr. */
  readonly trace: string | undefined;
  /** Of all randomness. */
  readonly seed: number;
  /** Told what the operator should know: plug-ins that were detached, connections that came. */
  readonly notice: (text: string) => void;
}

/** A drive file to make. */
export interface CreateRequest {
  /** `FILE.json`; nothing is overwritten. */
  readonly path: string;
  /** What kind of drive: all of it, or a preset and what is different. */
  readonly kind:
    | { readonly personality: Personality }
    | { readonly preset: string; readonly overrides: Readonly<Record<string, unknown>> };
  /** Of the drive's randomness. */
  readonly seed: number;
}

/** A drive that is being served. */
export interface Served {
  /** What there is: addresses, NQN, control socket, plug-ins. */
  readonly about: JsonObject & {
    readonly addresses: readonly { readonly host: string; readonly port: number }[];
    readonly subnqn: string;
    readonly control: string;
  };
  /** Ends it in good order: caches written, state saved. */
  stop(): Promise<void>;
}

/** A line to a drive that another process serves. */
export interface Control extends AsyncDisposable {
  /** The socket's path. */
  readonly path: string;
  /** Asks one thing. Throws what the drive's side refused, as UsageError or UnreachableError. */
  call(method: string, params?: JsonObject): Promise<JsonObject>;
  /** Asks for a stream, until the signal fires or the other side ends it. */
  stream(
    method: string,
    params: JsonObject,
    options: { readonly signal: AbortSignal; item(item: JsonObject): Promise<void> },
  ): Promise<void>;
}

/** All of it. */
export interface DriveService {
  /** Makes a drive file. Throws UsageError where there is one already or it makes no sense. */
  create(request: CreateRequest): Promise<void>;
  serve(request: ServeRequest): Promise<Served>;
  /** Connects to the control socket of that path, or to the only one there is. */
  control(path: string | undefined): Promise<Control>;
}
