// One invocation: words in, exit status out. Everything that touches the world is passed in.

import type { Drive } from "../controller/drive.ts";
import { Drive as OpenDrive } from "../controller/drive.ts";
import { EXIT, InterruptedError, OutputError, UsageError } from "../errors.ts";
import type { Topology } from "../host/topology.ts";
import type { KeyringSystem } from "../keys/keyring_system.ts";
import type { JsonObject } from "../layout/mod.ts";
import { dryRun } from "../transport/dry_run.ts";
import {
  type Command as NvmeCommand,
  type Layer,
  type Transport,
  wrap,
} from "../transport/transport.ts";
import type { Clock, Command, Context, DestroyPlan, Files, Format } from "./command.ts";
import { schemaOf } from "./command.ts";
import type { Guard } from "./confirm.ts";
import type { DriveService } from "./drive_service.ts";
import type { Failure } from "./failure.ts";
import { Interrupts, type SignalSource } from "./interrupt.ts";
import { type Parsed, parseWords } from "./parse.ts";
import type { PciService } from "./pci_service.ts";
import { progressOn } from "./progress.ts";
import { escapeHostile, jsonText, renderBlocks } from "./render.ts";
import type { Report } from "./report.ts";
import type { SecretSource } from "./secret_source.ts";
import { ClosedPipe, type Output, type Streams } from "./streams.ts";
import { asksForGroup, type FoundVerb } from "./verbs.ts";

/** A target, opened. */
export interface Opened {
  readonly transport: Transport;
  /** Who on this machine uses it. */
  readonly guard?: Guard;
}

/** What opening a target may need besides its name. */
export interface OpenRequest {
  /** Fires on SIGHUP, SIGINT or SIGTERM. Asking for it means that the opened drive will heed it. */
  readonly signal: AbortSignal;
  /** `--iova-base`, where given: where our driver's memory begins for the drive. */
  readonly iovaBase: bigint | undefined;
  /** `--queue-depth`, where given: entries of our driver's queues. */
  readonly queueDepth: number | undefined;
  /**
   * Returns when a command that is not on our driver's list of reads may leave it: `--allow-write`
   * was given, and the user has confirmed. SafetyError otherwise.
   */
  authorize(command: NvmeCommand): Promise<void>;
}

/** One trace, which all drives of a run share. */
export interface Tracer {
  /** The layer that traces a drive's commands under this name. */
  layerFor(device: string): Layer;
  close(): void;
}

/** Everything that a run needs from outside. */
export interface World {
  readonly streams: Streams;
  readonly clock: Clock;
  /** Where a wait for whoever reads a pipe ends with the signal, if anybody listens to it. */
  files(heard: () => AbortSignal | undefined): Files;
  /** Opens a drive by what the user typed; undefined is the machine's only one. */
  open(target: string | undefined, request: OpenRequest): Promise<Opened>;
  topology(): Promise<Topology>;
  controllers(): Promise<readonly string[]>;
  /** Opens a trace to stderr (`-`) or to a file; closed at the end. */
  trace(request: { destination: string; streams: Streams }): Promise<Tracer>;
  /** Virtual drives that run on their own. */
  drives(): Promise<DriveService>;
  /** Where secrets come from that are in no file. */
  readonly secrets: SecretSource;
  /** The kernel's keyrings. */
  keyring(): Promise<KeyringSystem>;
  /** The machine's NVMe functions as PCI functions. */
  pci(): Promise<PciService>;
  /** Loads the verb that the words begin with, or says that there is none. */
  load(words: readonly string[]): Promise<FoundVerb>;
  /** `nvmectl`, `nvmectl help`, `nvmectl help VERB`. */
  help(words: readonly string[]): Promise<string>;
  /** How signals are listened to; the process's own when left out. */
  readonly signals?: SignalSource;
  /** Ends the process at once: a second Ctrl-C, or the end after the first. */
  exitNow(exit: number): void;
}

/** Runs one command line and returns the exit status. Never throws. */
export async function run(words: readonly string[], world: World): Promise<number> {
  const streams = withLenientStderr(world.streams);
  try {
    return await runWords(words, { ...world, streams });
  } catch (error) {
    if (error instanceof ClosedPipe) return EXIT.ok;
    const { describeFailure } = await import("./failure.ts");
    const exit = fail(describeFailure(error), streams, wantsJson(words));
    // What was given up, such as a write that nobody takes or a question, keeps no process.
    if (error instanceof InterruptedError) world.exitNow(exit);
    return exit;
  }
}

function fail(failure: Failure, streams: Streams, asJson: boolean): number {
  streams.stderr.write(asJson ? jsonText(failure.json) + "\n" : failure.text);
  return failure.exit;
}

/**
 * A reader that closes stdout has seen enough, and the program ends. One that closes stderr, a
 * terminal that is gone or a full disk behind it must not end a format half-way, or turn its
 * failure into exit status 0.
 */
function withLenientStderr(streams: Streams): Streams {
  const { stdout, stderr } = streams;
  const lenient: Output = {
    isTerminal: stderr.isTerminal,
    get columns() {
      return stderr.columns;
    },
    color: stderr.color,
    write(data) {
      try {
        stderr.write(data);
      } catch (error) {
        if (!(error instanceof ClosedPipe || error instanceof OutputError)) throw error;
      }
    },
  };
  return {
    stdout,
    stderr: lenient,
    get stdinIsTerminal() {
      return streams.stdinIsTerminal;
    },
    readLine: () => streams.readLine(),
  };
}

/** Whether a failure should be JSON: judged without parsing, because parsing may be what fails. */
function wantsJson(words: readonly string[]): boolean {
  return words.some((word, at) =>
    /^(-[a-z]*o=?|--output=)(nd)?json$/.test(word) ||
    (/^(-[a-z]*o|--output)$/.test(word) && /^(nd)?json$/.test(words[at + 1] ?? ""))
  );
}

async function runWords(words: readonly string[], world: World): Promise<number> {
  const [verb, ...rest] = words;
  if (verb === undefined || verb === "help" || verb === "--help" || verb === "-h") {
    world.streams.stdout.write(await world.help(rest));
    return EXIT.ok;
  }
  const named = verb === "--version" ? ["version", ...rest] : words;
  if (asksForGroup(named)) {
    world.streams.stdout.write(await world.help(named));
    return EXIT.ok;
  }
  const { command, rest: typed } = await world.load(named);
  const parsed = parseWords(command, typed);
  if (parsed.flags["help"]) {
    world.streams.stdout.write(await world.help(command.name.split(" ")));
    return EXIT.ok;
  }
  return await new Invocation(command, parsed, world).run();
}

/** One command line being carried out: its options, its open drives, its output. */
class Invocation {
  readonly #format: Format;
  readonly #guards = new Map<Drive, Guard>();
  /** Drives of which the user has confirmed that they may be changed. */
  readonly #confirmed = new Set<Drive>();
  readonly #resources = new AsyncDisposableStack();
  readonly #recording = dryRun();
  #tracer: Tracer | undefined;
  /** Why a dry run's real run would be refused. */
  readonly #refused: string[] = [];

  constructor(
    private readonly command: Command,
    private readonly parsed: Parsed,
    private readonly world: World,
  ) {
    this.#format = (parsed.flags["output"] ?? "table") as Format;
  }

  async run(): Promise<number> {
    if (this.parsed.flags["dryRun"] && this.#format === "raw") {
      throw new UsageError("Cannot write a dry run raw: it is a list of commands", {
        next: "use -o table or -o json",
      });
    }
    await using resources = this.#resources;
    const interrupts = resources.use(new Interrupts(this.world.exitNow, this.world.signals));
    const report = await this.command.run(this.#context(interrupts), this.parsed);
    // What has no drive says by itself what it would do.
    const isDryRun = this.parsed.flags["dryRun"] === true && this.command.target === "drive";
    if (!isDryRun) return await this.#finish(report, interrupts.heard);
    const { dryRunReport } = await import("./dry_run_report.ts");
    const dry = dryRunReport({
      verb: this.command.name,
      target: this.parsed.target,
      recorded: this.#recording.commands,
      resets: this.#recording.resets,
      refused: this.#refused,
    });
    return await this.#finish(dry, interrupts.heard);
  }

  /** Writes the result. A reader that goes away does not change what was found. */
  async #finish(report: Report, signal: AbortSignal | undefined): Promise<number> {
    try {
      await this.#write(report, signal);
    } catch (error) {
      if (!(error instanceof ClosedPipe)) throw error;
    }
    return report.exit ?? EXIT.ok;
  }

  #context(interrupts: Interrupts): Context {
    const { parsed, world } = this;
    return {
      format: this.#format,
      verbose: parsed.flags["verbose"] === true,
      dryRun: parsed.flags["dryRun"] === true,
      onTerminal: world.streams.stdout.isTerminal,
      get signal() {
        return interrupts.signal;
      },
      timeoutMs: parsed.flags["timeout"] as number | undefined,
      clock: world.clock,
      target: parsed.target,
      files: world.files(() => interrupts.heard),
      openDrive: () => this.#open(parsed.target, interrupts),
      openOther: (target) => this.#open(target, interrupts),
      topology: () => world.topology(),
      controllers: () => world.controllers(),
      drives: () => world.drives(),
      secrets: world.secrets,
      keyring: () => world.keyring(),
      pci: () => world.pci(),
      confirm: (plan) => this.#confirm(plan, interrupts),
      emit: (report) => this.#write(report, interrupts.heard),
      notice: (text) => world.streams.stderr.write(`nvmectl: ${escapeHostile(text)}\n`),
      progress: (title) => progressOn(world.streams.stderr, world.clock, title),
    };
  }

  async #confirm(plan: DestroyPlan, interrupts: Interrupts): Promise<Disposable> {
    const { parsed: { flags, target }, world } = this;
    const { confirmDestroy, NOBODY } = await import("./confirm.ts");
    const claim = await confirmDestroy(plan, {
      guard: this.#guards.get(plan.drive) ?? NOBODY,
      streams: world.streams,
      signal: interrupts.heard,
      consent: {
        named: target !== undefined,
        yes: flags["yes"] === true,
        serial: flags["serial"] as string | undefined,
        dryRun: flags["dryRun"] === true,
        refused: (reasons) => void this.#refused.push(...reasons),
      },
    });
    if (flags["dryRun"] !== true) this.#confirmed.add(plan.drive);
    return claim;
  }

  async #open(target: string | undefined, interrupts: Interrupts): Promise<Drive> {
    const { flags } = this.parsed;
    // Known only once it is open; nothing is authorized before.
    const opened: { drive?: Drive } = {};
    const { transport, guard } = await this.world.open(target, {
      get signal() {
        return interrupts.signal;
      },
      iovaBase: flags["iovaBase"] as bigint | undefined,
      queueDepth: flags["queueDepth"] as number | undefined,
      authorize: (command) =>
        this.#authorize(command, opened.drive, (plan) => this.#confirm(plan, interrupts)),
    });
    const dryRun = flags["dryRun"] === true;
    const traced = await this.#traced(transport);
    const drive = this.#resources.use(
      new OpenDrive(dryRun ? wrap(traced, this.#recording.layer) : traced, {
        timeoutMs: flags["timeout"] as number | undefined,
        dryRun,
      }),
    );
    opened.drive = drive;
    if (guard) this.#guards.set(drive, guard);
    return drive;
  }

  /** Lets a command that may change something through our own driver, or throws SafetyError. */
  async #authorize(
    command: NvmeCommand,
    drive: Drive | undefined,
    confirm: Context["confirm"],
  ): Promise<void> {
    if (drive !== undefined && this.#confirmed.has(drive)) {
      if (this.parsed.flags["allowWrite"] === true) return;
    }
    const { authorizeWrite } = await import("./authorize.ts");
    await authorizeWrite(command, {
      drive,
      verb: this.command.name,
      allowed: this.parsed.flags["allowWrite"] === true,
      confirm,
    });
  }

  async #traced(transport: Transport): Promise<Transport> {
    const destination = this.parsed.flags["trace"] as string | undefined;
    if (destination === undefined) return transport;
    try {
      this.#tracer ??= await this.#openTracer(destination);
      return wrap(transport, this.#tracer.layerFor(transport.target));
    } catch (error) {
      await transport[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #openTracer(destination: string): Promise<Tracer> {
    const tracer = await this.world.trace({ destination, streams: this.world.streams });
    this.#resources.defer(() => tracer.close());
    return tracer;
  }

  /** Where nobody listens to signals, they end a write that takes long as they end all else. */
  async #write(report: Report, signal: AbortSignal | undefined): Promise<void> {
    const { stdout } = this.world.streams;
    const data = this.#rendered(report);
    if (signal !== undefined && stdout.send) await stdout.send(data, signal);
    else stdout.write(data);
  }

  #rendered(report: Report): string | Uint8Array {
    switch (this.#format) {
      case "table": {
        const { color, columns } = this.world.streams.stdout;
        // Escaped also in a pipe, whose other end is often a terminal: machines read -o json and
        // -o raw.
        return renderBlocks(report.blocks, { color, escape: true, columns });
      }
      case "json":
        return jsonText(this.#json(report), 2) + "\n";
      case "ndjson":
        return jsonText(this.#json(report)) + "\n";
      case "raw":
        if (report.raw) return report.raw;
        throw new UsageError(
          `Cannot write ${this.command.name} raw: this result has no raw form`,
        );
    }
  }

  #json(report: Report): JsonObject {
    return {
      ...schemaOf(this.command.name),
      ...report.json,
      exit_status: report.exit ?? EXIT.ok,
    };
  }
}
