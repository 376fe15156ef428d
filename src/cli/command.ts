// What a command is: a declaration that feeds parsing, help, completion and documents, and a
// function that returns data. A command never prints and never exits.

import type { Drive } from "../controller/drive.ts";
import type { Topology } from "../host/topology.ts";
import type { KeyringSystem } from "../keys/keyring_system.ts";
import type { JsonObject } from "../layout/mod.ts";
import type { DriveService } from "./drive_service.ts";
import type { Flags, FlagValues } from "./flags.ts";
import type { PciService } from "./pci_service.ts";
import type { Report } from "./report.ts";
import type { SecretSource } from "./secret_source.ts";

export type { Flags, FlagValues } from "./flags.ts";

/** What a command does to a drive. `destroy` demands a named target and a confirmation. */
export type Effect = "read" | "write" | "destroy";

/** How results can be written. */
export type Format = "table" | "json" | "raw" | "ndjson";

/** A word that the command takes before its target. */
export interface Positional {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Words it accepts or suggests; completion offers them. */
  readonly choices?: readonly string[];
}

/** What every command can use. */
export interface Context {
  readonly format: Format;
  readonly verbose: boolean;
  readonly dryRun: boolean;
  /** Whether results go to a terminal, where bytes have no place. */
  readonly onTerminal: boolean;
  /** Fires on SIGHUP, SIGINT or SIGTERM; long waits must watch it. */
  readonly signal: AbortSignal;
  /** `--timeout`, where given. */
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  /** What the user typed as the target, where anything was. */
  readonly target: string | undefined;
  /** Opens the target; closed by whoever runs the command. */
  openDrive(): Promise<Drive>;
  /** Opens another drive than the target, by name; closed by whoever runs the command. */
  openOther(target: string): Promise<Drive>;
  /**
   * Asks before something is destroyed, and returns only when it may be done. Until the result is
   * disposed of, the namespaces are held so that nobody can begin to use them.
   */
  confirm(plan: DestroyPlan): Promise<Disposable>;
  /** The machine's NVMe drives as the kernel lists them, without asking the drives. */
  topology(): Promise<Topology>;
  /** The names of the machine's controllers, `nvme0`: all that is needed to ask each of them. */
  controllers(): Promise<readonly string[]>;
  /** Writes an intermediate result: a step of a stream (`--watch`). */
  emit(report: Report): Promise<void>;
  /** Says something to the person, on stderr, outside the result. */
  notice(text: string): void;
  /** Shows how far something long has come. */
  progress(title: string): Progress;
  readonly files: Files;
  /** Virtual drives that run on their own. */
  drives(): Promise<DriveService>;
  /** Where secrets come from that are in no file. */
  readonly secrets: SecretSource;
  /** The kernel's keyrings. */
  keyring(): Promise<KeyringSystem>;
  /** The machine's NVMe functions as PCI functions. */
  pci(): Promise<PciService>;
}

/** Time, injectable. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A line or bar that shows progress on stderr. */
export interface Progress extends Disposable {
  /** `fraction` 0 to 1, where known; `remainingMs` is an estimate; `text` says what is going on. */
  update(state: { fraction?: number; remainingMs?: number; text?: string }): void;
}

/** The files that commands read and write. */
export interface Files {
  read(path: string): Promise<Uint8Array>;
  /**
   * The first `length` bytes of a file, fewer where it has no more, and how many it has in all.
   * UsageError if it cannot be read.
   */
  head(path: string, length: number): Promise<FileHead>;
  /** The path from the root, for another process, which may stand in another directory. */
  absolute(path: string): string;
  /** Finds out, before anything is sent, whether `write` could write there; UsageError if not. */
  probe(path: string, options?: Pick<WriteOptions, "keep">): Promise<void>;
  /** Writes all or nothing: a temporary name, then a rename. OutputError if it cannot. */
  write(path: string, bytes: Uint8Array, options?: WriteOptions): Promise<void>;
  /** How many bytes a file has; undefined where there is none. UsageError if it may not be seen. */
  size(path: string): Promise<number | undefined>;
  /** Begins a file that takes its name when it is committed. OutputError if it cannot. */
  stage(path: string): Promise<StagedFile>;
  /** Opens a file to be written in place; a missing one is made. OutputError if it cannot. */
  patch(path: string): Promise<WritableFile>;
  /**
   * Takes so much of the storage beside a file that nobody else can have, and gives it free when
   * disposed of: for what has to be written even when all else is full. It has no name, so that
   * nothing is left of it whatever happens. OutputError if there is not so much.
   */
  reserve(path: string, length: number): Promise<Disposable>;
}

/** How a file is written. */
export interface WriteOptions {
  /** For the owner of the file only (0600), also where the file was open to others before. */
  readonly secret?: boolean;
  /**
   * Refuses where a file with something in it is there already, also one that appears meanwhile.
   * An empty one is as good as none; a pipe or /dev/null is written to.
   */
  readonly keep?: boolean;
}

/** The beginning of a file. */
export interface FileHead {
  readonly bytes: Uint8Array;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** A file that is written piece by piece, one call at a time; closed on disposal. */
export interface WritableFile extends AsyncDisposable {
  /** Writes all of `bytes` at a position. OutputError if it cannot. */
  writeAt(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes the file so many bytes long; new ones are zero. OutputError if it cannot. */
  resize(length: number): Promise<void>;
  /** Returns when what was written would survive a power cut. OutputError if it would not. */
  sync(): Promise<void>;
}

/** One that is whole or not there: disposed of before `commit()`, it leaves nothing behind. */
export interface StagedFile extends WritableFile {
  /** Puts the file in its place. OutputError if it cannot; then nothing is left of it. */
  commit(): Promise<void>;
}

/** What is about to be destroyed, for the confirmation. */
export interface DestroyPlan {
  readonly drive: Drive;
  /** One sentence in the future: `Format namespace 1 (512 GB) with 4096-byte blocks`. */
  readonly action: string;
  /** Namespaces that lose data; `all` when every one does. */
  readonly namespaces: readonly number[] | "all";
  /** Nothing is lost, but the drive changes. */
  readonly keepsData?: boolean;
  /** May be done while the drive is in use: that is shown and forbids nothing. */
  readonly whileInUse?: boolean;
}

/** A verb. */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** The heading it stands under in `nvmectl help`. */
  readonly group: "Look" | "Test" | "Change" | "Rehearse" | "Learn";
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** A few lines that help shows below the usage. */
  readonly description?: string;
  /** What it does at most; one whose effect depends on its options judges again when it runs. */
  readonly effect: Effect;
  /** Whether it talks to a drive; if so the target is its last positional. */
  readonly target: "none" | "drive";
  readonly positionals?: readonly Positional[];
  readonly flags: F;
  readonly formats: readonly Format[];
  readonly examples: readonly (readonly [line: string, does: string])[];
  run(context: Context, input: Invocation<F>): Promise<Report>;
}

/** What was typed, read and checked. */
export interface Invocation<F extends Flags> {
  readonly flags: FlagValues<F>;
  /** The declared positionals in order; undefined for an optional one that is missing. */
  readonly words: readonly (string | undefined)[];
}

/** A command, with the types of its options inferred for `run`. */
export function command<const F extends Flags>(definition: Command<F>): Command<F> {
  return definition;
}

/** The `schema` key of a verb's JSON: `nvmectl.health/1`. */
export function schemaOf(name: string): JsonObject {
  return { schema: `nvmectl.${name.replaceAll(" ", "-")}/1` };
}
