// `nvmectl drive serve` on this machine: the compiled program, a port on loopback, a control socket
// of the test's own.

import { type BinaryResult, nvmectl } from "./binary.ts";
import { BINARY } from "./binary.ts";
import { type Dialled, dialTcp } from "./tcp_dial.ts";

const READY_MS = 30_000;

/** A drive that the program serves. */
export class Serving implements AsyncDisposable {
  readonly folder: string;
  readonly control: string;
  readonly port: number;
  readonly subnqn: string;
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;

  private constructor(
    folder: string,
    ready: { readonly addresses: readonly { readonly port: number }[]; readonly subnqn: string },
    child: Deno.ChildProcess,
    stderr: Promise<string>,
  ) {
    this.folder = folder;
    this.control = `${folder}/control.sock`;
    this.port = ready.addresses[0]?.port ?? 0;
    this.subnqn = ready.subnqn;
    this.#child = child;
    this.#stderr = stderr;
  }

  /** Starts it; resolves when it says that it is ready. */
  static async start(folder: string, words: readonly string[]): Promise<Serving> {
    const child = new Deno.Command(BINARY, {
      args: [
        ...["drive", "serve", ...words],
        ...["--tcp", "0", "--control", `${folder}/control.sock`, "-o", "ndjson"],
      ],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = new Response(child.stderr).text();
    const late = setTimeout(() => child.kill("SIGKILL"), READY_MS);
    let text = "";
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    clearTimeout(late);
    if (!text.includes("\n")) throw new Error(`Cannot serve ${words.join(" ")}: ${await stderr}`);
    // What it says when it ends is read, so that it does not wait for a reader.
    (async () => {
      while (!(await reader.read()).done);
    })();
    return new Serving(folder, JSON.parse(text.split("\n")[0] ?? ""), child, stderr);
  }

  /** Runs a verb of the group `drive` on it. */
  drive(...words: readonly string[]): Promise<BinaryResult> {
    return nvmectl(["drive", ...words, "--control", this.control], { cwd: this.folder });
  }

  /** Connects an admin queue and enables the controller. */
  async connect(): Promise<Dialled> {
    const dialled = await dialTcp(this.port);
    await dialled.initialize();
    const { status } = await dialled.host.connect(this.subnqn);
    if (status !== "00h/00h") throw new Error(`Cannot connect to the served drive: ${status}`);
    if (!await dialled.host.enable()) throw new Error("Cannot enable the served drive");
    return dialled;
  }

  /** Ends it with a signal; its exit status and what it said on stderr. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<{ code: number; stderr: string }> {
    this.#child.kill(signal);
    const { code } = await this.#child.status;
    return { code, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#stderr;
  }
}

/** Runs with a folder that is gone afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
