// Boots a test guest under QEMU and runs commands in it.

import { type DriveSetup, driveSetup, imagePath } from "./drives.ts";
import { checkoutPath } from "./host.ts";
import { fullImage, rescueImage } from "./image.ts";
import { installGuestTools } from "./install.ts";
import { GuestError, QemuProcess } from "./process.ts";
import { type Answer, ByteReader, encodeRequest, parseReadyLine, readAnswer } from "./protocol.ts";
import { type BootFiles, type BootOptions, qemuArguments } from "./qemu.ts";
import { Qmp, type QmpEvent, writeAll } from "./qmp.ts";
import { makeScratchFolder } from "./scratch.ts";

export { type Disk, type Drive, driveId, type Namespace, nodeId } from "./drives.ts";
export { GuestUnavailable } from "./host.ts";
export { GuestError } from "./process.ts";
export type { BootOptions } from "./qemu.ts";
export { QmpError, type QmpEvent } from "./qmp.ts";

const BOOT_TIMEOUT_MS = 120_000;
const RUN_TIMEOUT_MS = 60_000;
/** What the guest's server may need on a busy machine to end a script and tell so. */
const ANSWER_GRACE_MS = 20_000;
/** The guest is well after a script's timeout: enough to see a driver's complaint. */
const TIMEOUT_TAIL_LINES = 10;
const EVENT_TIMEOUT_MS = 30_000;

/** A script took longer than its limit and was killed; the guest goes on. */
export class GuestTimeout extends GuestError {
  override readonly name = "GuestTimeout";
  /** What the script had written until then. */
  readonly stdout: string;
  readonly stderr: string;

  constructor(message: string, output: { readonly stdout: string; readonly stderr: string }) {
    super(message);
    this.stdout = output.stdout;
    this.stderr = output.stderr;
  }
}

/** How a script is run. */
export interface RunOptions {
  /** Default 60 s. */
  readonly timeoutMs?: number;
  /** Default empty. */
  readonly stdin?: string | Uint8Array;
  /** A user of the guest, for example `nobody`. Default root. */
  readonly user?: string;
}

/** What a script left behind. */
export interface RunResult {
  /** The exit status, 128 + the signal's number after a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The bytes of stdout as they were written. */
  readonly stdoutBytes: Uint8Array<ArrayBuffer>;
  /** Milliseconds from the request to its answer, as the host saw them. */
  readonly ms: number;
}

/**
 * Boots a guest and returns when its drives are there and it takes commands.
 *
 * @param log hears of steps that take long, such as fetching the kernel
 * @throws {GuestUnavailable} when this machine cannot have one
 * @throws {GuestError} when it does not start in time
 *
 * @example
 * ```ts ignore
 * await using guest = await boot({ drives: [{ serial: "A1" }] });
 * const { stdout } = await guest.run("nvme list");
 * ```
 */
export async function boot(
  options: BootOptions = {},
  log: (line: string) => void = () => {},
): Promise<Guest> {
  const tools = await installGuestTools(log);
  const initrd = options.image === "rescue"
    ? await rescueImage(tools, options.binary ?? checkoutPath("build/nvmectl"), {
      iommu: options.iommu ?? false,
    })
    : await fullImage(tools);
  const folder = await makeScratchFolder();
  try {
    return await start(tools.qemu, folder, options, {
      kernel: tools.kernel.image,
      initrd,
      runSocket: `${folder}/run.sock`,
      qmpSocket: `${folder}/qmp.sock`,
      consoleLog: `${folder}/console.log`,
      ...await makeDrives(options, folder),
      ...(options.console === "terminal" ? { terminal: Deno.consoleSize() } : {}),
    });
  } catch (error) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    throw error;
  }
}

async function makeDrives(options: BootOptions, folder: string): Promise<DriveSetup> {
  const setup = driveSetup(options.drives ?? [], options.disks ?? [], folder);
  for (const { path, bytes } of setup.files) {
    await Deno.writeFile(path, new Uint8Array());
    await Deno.truncate(path, bytes);
  }
  return setup;
}

async function start(
  program: string,
  folder: string,
  options: BootOptions,
  files: BootFiles,
): Promise<Guest> {
  const { bootTimeoutMs = BOOT_TIMEOUT_MS } = options;
  using runListener = Deno.listen({ transport: "unix", path: files.runSocket });
  using qmpListener = Deno.listen({ transport: "unix", path: files.qmpSocket });
  const process = await QemuProcess.spawn({
    program,
    args: qemuArguments(options, files),
    folder,
    consoleLog: files.consoleLog,
    terminal: files.terminal !== undefined,
  });
  try {
    const connected = Promise.all([qmpListener.accept(), runListener.accept()]);
    const [control, port] = await process.before(connected, bootTimeoutMs, "start");
    const qmp = new Qmp(control);
    process.qmp = qmp;
    await process.before(qmp.execute("qmp_capabilities"), bootTimeoutMs, "take commands");
    const reader = new ByteReader(port);
    const greeting = await process.before(reader.line(), bootTimeoutMs, "boot");
    const release = parseReadyLine(greeting);
    return new Guest({ process, qmp, port, reader, release, image: options.image ?? "full" });
  } catch (error) {
    await process.end();
    throw error;
  }
}

/** One word of a shell script, whatever characters it has. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

interface GuestParts {
  readonly process: QemuProcess;
  readonly qmp: Qmp;
  readonly port: Deno.Conn;
  readonly reader: ByteReader;
  readonly release: string;
  readonly image: "full" | "rescue";
}

/** A running guest. It ends with {@linkcode close}, `await using`, or this process. */
export class Guest implements AsyncDisposable {
  /** What `uname -r` says in the guest. */
  readonly release: string;
  /** Settles when the guest has ended, by itself or not, with an error that says why. */
  readonly ended: Promise<GuestError>;
  readonly #process: QemuProcess;
  readonly #qmp: Qmp;
  readonly #port: Deno.Conn;
  readonly #reader: ByteReader;
  readonly #image: "full" | "rescue";
  #lastId = 0;
  /** The request before the next one: the guest runs one script at a time. */
  #previous: Promise<unknown> = Promise.resolve();

  /** Guests come from {@linkcode boot}. */
  constructor(parts: GuestParts) {
    this.#process = parts.process;
    this.#qmp = parts.qmp;
    this.#port = parts.port;
    this.#reader = parts.reader;
    this.#image = parts.image;
    this.release = parts.release;
    this.ended = parts.process.ended;
  }

  /** QEMU's process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** QEMU's events so far, oldest first. */
  get events(): readonly QmpEvent[] {
    return this.#qmp.events;
  }

  /**
   * Runs a script with the guest's `/bin/sh` in `/tmp`. Scripts that are asked for at the same time
   * run one after the other. What a script leaves in the background lives on.
   *
   * @throws {GuestTimeout} when it takes longer than its limit
   * @throws {GuestError} when the guest ends or stops answering
   */
  async run(script: string, options: RunOptions = {}): Promise<RunResult> {
    const turn = this.#previous.then(() => this.#run(script, options));
    this.#previous = turn.catch(() => {});
    return await turn;
  }

  async #run(script: string, options: RunOptions): Promise<RunResult> {
    const { timeoutMs = RUN_TIMEOUT_MS, stdin = "", user = "root" } = options;
    const id = ++this.#lastId;
    const request = encodeRequest({
      id,
      user,
      timeoutMs,
      script,
      stdin: typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin,
    });
    const startedAt = performance.now();
    const exchange = writeAll(this.#port, request).then(() => readAnswer(this.#reader));
    const waitMs = timeoutMs + ANSWER_GRACE_MS;
    const answer = await this.#process.before(exchange, waitMs, "answer");
    return await this.#result(answer, id, { script, timeoutMs, startedAt });
  }

  async #result(
    answer: Answer,
    id: number,
    run: { readonly script: string; readonly timeoutMs: number; readonly startedAt: number },
  ): Promise<RunResult> {
    if (answer.id !== id) {
      throw await this.#process.error(`it answered request ${answer.id} instead of ${id}`);
    }
    const stdout = new TextDecoder().decode(answer.stdout);
    const stderr = new TextDecoder().decode(answer.stderr);
    if (answer.how === "timeout") {
      const state = `it was killed after ${run.timeoutMs / 1000} s`;
      const message = `Cannot finish "${run.script.trim()}" in the test guest: ${state}`;
      throw new GuestTimeout(await this.#process.withConsole(message, TIMEOUT_TAIL_LINES), {
        stdout,
        stderr,
      });
    }
    const ms = performance.now() - run.startedAt;
    return { code: answer.code, stdout, stderr, stdoutBytes: answer.stdout, ms };
  }

  /**
   * Places a copy of a host's file, as it is now, in the guest.
   * @param mode its permissions, default 0o755
   */
  async put(hostPath: string, guestPath: string, mode = 0o755): Promise<void> {
    const from = quote(`/run/vm/fresh${await Deno.realPath(hostPath)}`);
    const [to, part] = [quote(guestPath), quote(`${guestPath}.part`)];
    const source = this.#image === "full" ? `<${from}` : "";
    const stdin = this.#image === "full" ? "" : await Deno.readFile(hostPath);
    const { code, stderr } = await this.run(
      `cat ${source} >${part} && chmod ${mode.toString(8)} ${part} && mv ${part} ${to}`,
      { stdin },
    );
    if (code !== 0) throw new GuestError(`Cannot put ${guestPath}: ${stderr.trim()}`);
  }

  /** The kernel's messages since the start. */
  async dmesg(): Promise<string> {
    return (await this.run("dmesg")).stdout;
  }

  /** Everything the serial console has shown. */
  async console(): Promise<string> {
    return await this.#process.console();
  }

  /**
   * The host's file with the content of namespace `namespace` (from 0) of drive `drive` (from 0).
   */
  imagePath(drive: number, namespace = 0): string {
    return imagePath(this.#process.folder, drive, namespace);
  }

  /** Runs a QMP command, for example `device_del` with `{ id: driveId(0) }`. @throws {QmpError} */
  async qmp(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return await this.#qmp.execute(command, args);
  }

  /**
   * The next event of this name that comes after the call, for example DEVICE_DELETED.
   * @throws {QmpError} when none comes in time
   */
  async nextEvent(name: string, timeoutMs = EVENT_TIMEOUT_MS): Promise<QmpEvent> {
    return await this.#qmp.nextEvent(({ event }) => event === name, timeoutMs);
  }

  /** Ends QEMU and removes the guest's files. Does nothing the second time. */
  async close(): Promise<void> {
    await this.#process.end();
    try {
      this.#port.close();
    } catch {
      // Closed before.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
