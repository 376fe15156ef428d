// Owns one QEMU process: starts it, knows why it ended, and always ends it.

import { findProgram, lastLines } from "./host.ts";
import type { Qmp } from "./qmp.ts";

/** How long QEMU may take to write its trace and leave. */
const LEAVE_MS = 3000;
/** How long a broken connection may precede the end of the process that broke it. */
const EXPLAIN_MS = 2000;
/** A panic's message stands above some fifty lines of registers. */
const CONSOLE_TAIL_LINES = 60;

/** The guest did not start, has ended, or stopped answering; the message ends with its console. */
export class GuestError extends Error {
  override readonly name: string = "GuestError";
}

/** QEMU's SHUTDOWN event names its cause. */
const CAUSES: Readonly<Record<string, string>> = {
  "guest-shutdown": "the guest was powered off",
  "guest-reset": "the guest panicked or was rebooted",
  "guest-panic": "the guest panicked",
  "host-signal": "QEMU was ended by a signal",
  "host-qmp-quit": "QEMU was told to quit",
};

/** Processes that end with this one, whatever way it leaves. */
const living = new Set<QemuProcess>();
globalThis.addEventListener("unload", () => {
  for (const process of living) process.abandon();
});

/** How to start QEMU. */
export interface SpawnOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** The folder with the guest's files; it goes with the process. */
  readonly folder: string;
  /** Where QEMU writes the serial console. */
  readonly consoleLog: string;
  /** Whether QEMU takes over this terminal. */
  readonly terminal: boolean;
}

/** A running QEMU. */
export class QemuProcess {
  /** Settles when QEMU has ended, with an error that says why. */
  readonly ended: Promise<GuestError>;
  /** The control connection, once there is one: it knows why a guest shut down. */
  qmp: Qmp | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #options: SpawnOptions;
  #closing = false;

  private constructor(child: Deno.ChildProcess, options: SpawnOptions) {
    this.#child = child;
    this.#options = options;
    const stderr = options.terminal ? Promise.resolve("") : new Response(child.stderr).text();
    this.ended = this.#watch(stderr);
    living.add(this);
  }

  static async spawn(options: SpawnOptions): Promise<QemuProcess> {
    // The kernel ends QEMU if this process dies without a chance to do so.
    const guard = await findProgram("setpriv");
    const line = [options.program, ...options.args];
    if (guard !== undefined) line.unshift(guard, "--pdeathsig", "KILL");
    const [program = options.program, ...args] = line;
    const streams = options.terminal ? "inherit" : "null";
    const child = new Deno.Command(program, {
      args,
      stdin: streams,
      stdout: streams,
      stderr: options.terminal ? "inherit" : "piped",
    }).spawn();
    return new QemuProcess(child, options);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The folder with the guest's files. */
  get folder(): string {
    return this.#options.folder;
  }

  /**
   * What `promise` gives, unless QEMU ends or `limitMs` passes first.
   * @param waitingFor completes "it did not ..." in the message
   * @throws {GuestError}
   */
  async before<T>(promise: Promise<T>, limitMs: number, waitingFor: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(async () => {
      late.reject(await this.error(`it did not ${waitingFor} in ${limitMs / 1000} s`));
    }, limitMs);
    const gone = this.ended.then((error) => Promise.reject(error));
    try {
      return await Promise.race([promise, late.promise, gone]);
    } catch (error) {
      if (error instanceof GuestError) throw error;
      throw await this.#explain(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** An error about the guest, with the end of its console. */
  async error(state: string): Promise<GuestError> {
    return new GuestError(await this.withConsole(`Cannot use the test guest: ${state}`));
  }

  /** `message`, and the last lines of the console. */
  async withConsole(message: string, lines = CONSOLE_TAIL_LINES): Promise<string> {
    const tail = lastLines(await this.console(), lines);
    return tail === "" ? message : `${message}\n--- end of the guest's console ---\n${tail}`;
  }

  /** Everything the serial console has shown. */
  async console(): Promise<string> {
    return await Deno.readTextFile(this.#options.consoleLog).catch(() => "");
  }

  /** Ends QEMU, kindly first, and removes the guest's files. */
  async end(): Promise<void> {
    this.#closing = true;
    const timer = setTimeout(() => this.#kill("SIGKILL"), LEAVE_MS);
    this.#kill("SIGTERM");
    await this.ended;
    clearTimeout(timer);
    this.qmp?.close();
    await Deno.remove(this.#options.folder, { recursive: true }).catch(() => {});
  }

  /** Ends QEMU and removes its files at once: this process is leaving. */
  abandon(): void {
    this.#kill("SIGKILL");
    try {
      Deno.removeSync(this.#options.folder, { recursive: true });
    } catch {
      // The next guest's start sweeps what is left.
    }
  }

  async #watch(stderr: Promise<string>): Promise<GuestError> {
    const { code, signal } = await this.#child.status;
    living.delete(this);
    const words = lastLines(await stderr, 5);
    if (this.#closing) return new GuestError("Cannot use the test guest: it was closed");
    const shutdown = this.qmp?.events.findLast(({ event }) => event === "SHUTDOWN");
    const cause = CAUSES[String(shutdown?.data.reason)] ??
      `QEMU ended with ${signal ?? `status ${code}`}`;
    return await this.error(words === "" ? cause : `${cause}: ${words}`);
  }

  /** A broken connection usually means that QEMU is about to be gone. */
  async #explain(error: unknown): Promise<GuestError> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), EXPLAIN_MS);
    const end = await Promise.race([this.ended, promise]);
    clearTimeout(timer);
    return end ?? await this.error(error instanceof Error ? error.message : String(error));
  }

  #kill(signal: Deno.Signal): void {
    if (!living.has(this)) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It ended by itself in this moment.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
