// A command's surroundings without a machine: runs one from the words that a user would type and
// keeps everything that it said.

import { type Command, type Context, type DestroyPlan } from "../../src/cli/command.ts";
import { memoryFiles } from "./memory_files.ts";
import { memorySecrets, type MemorySecretsOptions } from "./memory_secrets.ts";
import { parseWords } from "../../src/cli/parse.ts";
import { renderBlocks } from "../../src/cli/render.ts";
import type { Report } from "../../src/cli/report.ts";
import { Drive } from "../../src/controller/drive.ts";
import type { DriveService } from "../../src/cli/drive_service.ts";
import type { PciService } from "../../src/cli/pci_service.ts";
import { directTransport, preset, VirtualDrive } from "../../src/drive/mod.ts";
import { UnreachableError } from "../../src/errors.ts";
import type { Topology } from "../../src/host/topology.ts";
import type { KeyringSystem } from "../../src/keys/keyring_system.ts";
import type { Transport } from "../../src/transport/transport.ts";

/** A clock that only moves when somebody sleeps. */
export class FakeClock {
  readonly sleeps: number[] = [];
  constructor(public time: number = Date.UTC(2025, 0, 1)) {}

  now(): number {
    return this.time;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.time += ms;
    // A turn of the event loop, so that what a test set up to happen meanwhile can happen.
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
  }
}

/** What a fake context can be given; everything has a default. */
export interface Surroundings {
  /** What openDrive() opens. */
  readonly drive?: Transport | Drive;
  /** What openOther() opens, by target; an Error is thrown instead. */
  readonly others?: Readonly<Record<string, Transport | Drive | Error>>;
  readonly topology?: Topology;
  readonly clock?: FakeClock;
  readonly signal?: AbortSignal;
  readonly format?: Context["format"];
  readonly verbose?: boolean;
  readonly dryRun?: boolean;
  readonly timeoutMs?: number;
  readonly target?: string;
  /** What confirm() does: throws, or lets it happen. */
  readonly confirm?: (plan: DestroyPlan) => void;
  /** What drives() gives. */
  readonly drives?: DriveService;
  /** What keyring() gives. */
  readonly keyring?: KeyringSystem;
  /** What comes from standard input, what is typed, what is random. */
  readonly secrets?: MemorySecretsOptions;
  /** What pci() gives. */
  readonly pci?: PciService;
  /** What files.read() finds, by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Throws where writing so many bytes to a file, in the end, is to fail. */
  readonly refuseFile?: (path: string, length: number) => void;
  /** Hears of storage that is taken, and as a negative number of what is given free. */
  readonly reserved?: (path: string, length: number) => void;
  /** What the standard output is. */
  readonly onTerminal?: boolean;
}

/** A context that keeps what the command said and asked. */
export interface FakeContext extends Context {
  readonly clock: FakeClock;
  readonly emitted: Report[];
  readonly notices: string[];
  readonly confirmed: DestroyPlan[];
  readonly updates: { fraction?: number; remainingMs?: number; text?: string }[];
  readonly written: Map<string, Uint8Array>;
}

/** A context without a machine around it. */
export function fakeContext(around: Surroundings = {}): FakeContext {
  const emitted: Report[] = [];
  const notices: string[] = [];
  const confirmed: DestroyPlan[] = [];
  const updates: FakeContext["updates"] = [];
  const written = new Map<string, Uint8Array>();
  const open = (found: Transport | Drive | Error | undefined, name: string): Promise<Drive> => {
    if (found === undefined) {
      return Promise.reject(new UnreachableError(`Cannot open ${name}: there is no such drive`));
    }
    if (found instanceof Error) return Promise.reject(found);
    if (found instanceof Drive) return Promise.resolve(found);
    const { timeoutMs, dryRun = false } = around;
    return Promise.resolve(new Drive(found, { timeoutMs, dryRun }));
  };
  return {
    format: around.format ?? "table",
    verbose: around.verbose ?? false,
    dryRun: around.dryRun ?? false,
    onTerminal: around.onTerminal ?? false,
    signal: around.signal ?? new AbortController().signal,
    timeoutMs: around.timeoutMs,
    clock: around.clock ?? new FakeClock(),
    target: around.target,
    emitted,
    notices,
    confirmed,
    updates,
    written,
    openDrive: () => open(around.drive, around.target ?? "the drive"),
    openOther: (target) => open(around.others?.[target], target),
    confirm(plan) {
      confirmed.push(plan);
      return Promise.resolve().then(() => {
        around.confirm?.(plan);
        return { [Symbol.dispose]: () => {} };
      });
    },
    drives: () =>
      around.drives ? Promise.resolve(around.drives) : Promise.reject(
        new UnreachableError("Cannot serve a drive: there is nothing to serve it"),
      ),
    secrets: memorySecrets(around.secrets),
    keyring: () =>
      around.keyring ? Promise.resolve(around.keyring) : Promise.reject(
        new UnreachableError("Cannot use the kernel's keyrings: there are none here"),
      ),
    pci: () =>
      around.pci ? Promise.resolve(around.pci) : Promise.reject(
        new UnreachableError("Cannot look at PCI functions: there are none here"),
      ),
    controllers: () =>
      Promise.resolve((around.topology?.controllers ?? []).map(({ name }) => name)),
    topology: () =>
      Promise.resolve(
        around.topology ?? { subsystems: [], controllers: [], namespaces: [] },
      ),
    emit(report) {
      emitted.push(report);
      return Promise.resolve();
    },
    notice: (text) => void notices.push(text),
    progress: () => ({
      update: (state) => void updates.push(state),
      [Symbol.dispose]: () => {},
    }),
    files: memoryFiles(written, around),
  };
}

/** A virtual drive by its preset's name, and a transport to it. */
export function virtualDrive(
  name = "",
  { clock = new FakeClock() }: { clock?: FakeClock } = {},
): { drive: VirtualDrive; transport: Transport; clock: FakeClock } {
  const personality = preset(name);
  if (!personality) throw new Error(`no preset ${name}`);
  const drive = new VirtualDrive({ personality, now: () => clock.now(), seed: 1 });
  return { drive, transport: directTransport(drive, `virtual:${name}`), clock };
}

/** What running a command came to. */
export interface Ran {
  readonly report: Report;
  readonly context: FakeContext;
  /** The report as a person sees it, without colour. */
  readonly text: string;
}

/**
 * Runs a command with the words that a user would type after its name. Errors are thrown as the
 * command throws them; UsageError where the words cannot be read.
 */
export async function runCommand(
  // A command is invariant in its options' types; this only carries it out.
  command: unknown,
  words: readonly string[],
  around: Surroundings = {},
): Promise<Ran> {
  const verb = command as Command;
  const parsed = parseWords(verb, words);
  const context = fakeContext({
    ...around,
    format: (parsed.flags["output"] ?? around.format ?? "table") as Context["format"],
    verbose: parsed.flags["verbose"] === true || around.verbose === true,
    dryRun: parsed.flags["dryRun"] === true || around.dryRun === true,
    ...(parsed.target === undefined ? {} : { target: parsed.target }),
  });
  const report = await verb.run(context, parsed);
  const text = renderBlocks(report.blocks, { color: false, escape: true });
  return { report, context, text };
}
