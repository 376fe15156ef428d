// The program in the guest that reads through the polling driver, and talks by two pipes.

import { type Guest } from "../vm/guest.ts";
import { checkoutPath } from "../vm/host.ts";
import { putProgram } from "../vm/program.ts";
import type { RunResult } from "./polled_child.ts";

const [ASK, ANSWER] = ["/run/polled.ask", "/run/polled.answer"];
const [SAID, PID] = ["/run/polled.err", "/run/polled.pid"];
const TIMEOUT_MS = 60_000;

/** A drive in the hands of our driver. Disposing of it gives the drive back to the kernel. */
export class PolledReader implements AsyncDisposable {
  private constructor(private readonly guest: Guest, private readonly address: string) {}

  /** Takes the drive with this serial number from the kernel; it has so many blocks. */
  static async open(guest: Guest, serial: string, blocks: number): Promise<PolledReader> {
    const words = await putProgram(guest, checkoutPath("scripts/bench/polled_child.ts"));
    const found = await run(
      guest,
      `basename $(readlink -f $(dirname $(grep -l ${serial} /sys/class/nvme/nvme*/serial))/device)`,
    );
    const reader = new PolledReader(guest, found.trim());
    await run(guest, `nvmectl vfio bind ${reader.address}`);
    await run(
      guest,
      `rm -f ${ASK} ${ANSWER}; mkfifo ${ASK} ${ANSWER}; ` +
        // Open for both ways, so that neither end waits for the other, or sees an end.
        `${words.join(" ")} ${reader.address} ${blocks} 0<>${ASK} 1<>${ANSWER} 2>${SAID} & ` +
        `echo $! >${PID}`,
    );
    const ready = await reader.#answer("");
    if (ready !== "ready") throw new Error(`Cannot start the reader: it said ${ready}`);
    return reader;
  }

  /** Reads for so many ms. */
  async read(how: "feed" | "submit", depth: number, ms: number): Promise<RunResult> {
    return JSON.parse(await this.#answer(`${how} ${depth} ${ms}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(
      this.guest,
      `echo quit >${ASK}; for try in $(seq 300); do [ -e /proc/$(cat ${PID}) ] || break; ` +
        `sleep 0.1; done; nvmectl vfio unbind ${this.address}`,
    );
  }

  /** Asks, and waits for a line. */
  async #answer(line: string): Promise<string> {
    const ask = line === "" ? "" : `echo "${line}" >${ASK} && `;
    const { code, stdout } = await this.guest.run(
      `${ask}timeout ${TIMEOUT_MS / 1000 - 10} head -n 1 ${ANSWER}`,
      { timeoutMs: TIMEOUT_MS },
    );
    if (code === 0) return stdout.trim();
    throw new Error(`Cannot hear from the reader: ${await run(this.guest, `cat ${SAID}`)}`);
  }
}

async function run(guest: Guest, script: string): Promise<string> {
  const { code, stdout, stderr } = await guest.run(script, { timeoutMs: TIMEOUT_MS });
  if (code === 0) return stdout;
  throw new Error(`Cannot run "${script}": status ${code}, ${stderr.trim()}`);
}
