// What a plug-in file can import for its types: `nvmectl drive plugin-types > nvmectl-plugin.d.ts`.
// A test holds it against the types that the drive itself goes by.

/** The declaration file's text. */
export const PLUGIN_DECLARATION = `// Types for plug-in files of nvmectl's virtual drive.
//
//   /** @param {import("./nvmectl-plugin.d.ts").PluginTaps} taps */
//   export function setup(taps) {
//     taps.attach("nvme:io:decode", (context) => undefined);
//   }
//
// The file runs in a thread of its own without any permission. It exports setup, and teardown if it
// has something to tidy up. "nvmectl drive taps" lists the taps.

/** What setup is given. */
export interface PluginTaps {
  /** Attaches a callback to a tap, or to all that a pattern such as "nvme:*:decode" means. */
  attach(tap: CommandTapName, callback: (context: CommandTap) => Answer, options?: Options): void;
  attach(
    tap: RegisterTapName,
    callback: (context: RegisterTap) => AnswerAtOnce,
    options?: Options,
  ): void;
  attach(tap: MediaTapName, callback: (context: MediaTap) => AnswerAtOnce, options?: Options): void;
  attach(tap: PduTapName, callback: (context: PduTap) => AnswerAtOnce, options?: Options): void;
  attach(tap: string, callback: (context: TapContext) => Answer, options?: Options): void;
  /** Detaches this plug-in's callbacks from a tap, or from all that a pattern means. */
  detach(tap: string): void;
  /** A number of at least 0 and less than 1, from the plug-in's own seed. */
  random(): number;
  /** The drive's clock: milliseconds since 1970, as of the last call of a callback. */
  now(): number;
  /** Calls back once, so many milliseconds later; the function that comes back prevents it. */
  after(ms: number, action: () => void): () => void;
  /** Says something to the operator; printing to the console does the same. */
  log(message: string): void;
}

export interface Options {
  /** Lower ones are asked first; those of the same priority in the order of their attachment. */
  readonly priority?: number;
  /** At command taps before data: wants the data that the host sends. */
  readonly data?: boolean;
}

export type CommandTapName =
  | \`nvme:\${"admin" | "io"}:\${"fetch" | "decode" | "execute" | "data" | "writeback"}\`
  | \`fabrics:\${"connect" | "property"}:\${"decode" | "writeback"}\`;
export type RegisterTapName =
  | "pci:regread:writeback"
  | "pci:regwrite:decode"
  | "pci:msix:writeback"
  | "nvme:regread:writeback"
  | "nvme:regwrite:decode"
  | "nvme:msixread:writeback"
  | "nvme:msixwrite:decode"
  | "nvme:cc:decode"
  | "nvme:cc:writeback"
  | "nvme:doorbell:decode";
export type MediaTapName = \`nvme:media:\${"read" | "write" | "flush" | "deallocate"}\`;
export type PduTapName =
  | "tcp:icreq:decode"
  | "tcp:icresp:writeback"
  | "tcp:cmd:decode"
  | "tcp:rsp:writeback"
  | "tcp:h2c:decode"
  | "tcp:c2h:writeback"
  | "tcp:r2t:writeback";

interface Base {
  readonly tap: string;
  /** The drive's address for people. */
  readonly device: string;
  /** The controller identifier. */
  readonly controller: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A submission queue entry. */
export interface Command {
  readonly opcode: number;
  readonly flags: { readonly value: number; readonly fuse: number; readonly psdt: number };
  readonly cid: number;
  readonly nsid: number;
  readonly cdw2: number;
  readonly cdw3: number;
  readonly mptr: bigint;
  readonly prp1: bigint;
  readonly prp2: bigint;
  readonly cdw10: number;
  readonly cdw11: number;
  readonly cdw12: number;
  readonly cdw13: number;
  readonly cdw14: number;
  readonly cdw15: number;
}

/** A completion to be. */
export interface Completion {
  /** The 15-bit status field: SC 7:0, SCT 10:8, CRD 12:11, More 13, Do Not Retry 14. */
  readonly status: number;
  readonly dw0: number;
  readonly dw1: number;
  /** For faulty completions: another command or queue than the command's, or more than one. */
  readonly cid?: number;
  readonly sqid?: number;
  readonly copies?: number;
}

/** A command at one of its stages: fetch, decode, execute, data, writeback. */
export interface CommandTap extends Base {
  readonly kind: "command";
  readonly queue: "admin" | "io";
  readonly sqid: number;
  readonly cid: number;
  readonly command: Command;
  /** What it would complete with as things stand. */
  readonly completion: Completion;
  /** At data and later; from fetch on, for data from the host, with { data: true }. */
  readonly data?: Uint8Array;
  readonly metadata?: Uint8Array;
  readonly direction: "none" | "to-drive" | "to-host";
  /** Ends a deferred command: with a completion of its own, or the way it would have gone. */
  complete(claim?: Claim): void;
}

/** A register access. */
export interface RegisterTap extends Base {
  readonly kind: "register";
  readonly access: "read" | "write";
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly value: bigint;
}

/** Blocks on their way to or from the media. */
export interface MediaTap extends Base {
  readonly kind: "media";
  readonly nsid: number;
  readonly lba: number;
  readonly count: number;
  readonly blockBytes: number;
  readonly data?: Uint8Array;
}

/** A protocol data unit of NVMe/TCP. */
export interface PduTap extends Base {
  readonly kind: "pdu";
  readonly type: number;
  readonly qid: number;
  readonly header: Uint8Array;
  readonly data?: Uint8Array;
}

/** Something that happened. */
export interface EventTap extends Base {
  readonly kind: "event";
  readonly event: string;
  readonly details: Readonly<Record<string, string | number | bigint | boolean>>;
}

export type TapContext = CommandTap | RegisterTap | MediaTap | PduTap | EventTap;

/** The command completes so, without what was still to come; a register has this value. */
export interface Claim {
  readonly kind: "claim";
  /** The status field, or its parts; success when left out. */
  readonly status?: number | Status;
  readonly dw0?: number;
  readonly dw1?: number;
  /** Data for the host. */
  readonly data?: Uint8Array;
  readonly value?: bigint;
}

export interface Status {
  readonly type: number;
  readonly code: number;
  readonly retryDelay?: number;
  readonly more?: boolean;
  readonly doNotRetry?: boolean;
}

/** Something is different from here on. */
export interface Mutate {
  readonly kind: "mutate";
  /** At fetch: also opcode and namespace. */
  readonly command?: Partial<Command>;
  /** At writeback. */
  readonly completion?: Partial<Completion>;
  readonly data?: Uint8Array;
  readonly metadata?: Uint8Array;
  readonly value?: bigint;
  readonly lba?: number;
  readonly count?: number;
  readonly header?: Uint8Array;
  readonly corrupt?: "header-digest" | "data-digest";
}

export interface Disconnect {
  readonly kind: "disconnect";
  readonly how?: "close" | "reset" | "terminate";
  /** Fatal Error Status, for terminate. */
  readonly fes?: number;
}

/** What can be decided everywhere but at event taps. Nothing at all is continue. */
export type AnswerAtOnce =
  | undefined
  | void
  | { readonly kind: "continue" }
  | Claim
  | Mutate
  | Disconnect
  | { readonly kind: "drop" };

/** What can be decided at command taps, also as a promise. */
export type Verdict =
  | AnswerAtOnce
  | { readonly kind: "delay"; readonly ms: number }
  /** Goes on when context.complete is called. */
  | { readonly kind: "defer" };

export type Answer = Verdict | Promise<Verdict>;
`;
