// Virtual drives that this process serves, and a test guest whose kernel reaches them.

import { boot, type Guest } from "../../scripts/vm/guest.ts";
import { type Personality, preset, VirtualDrive } from "../../src/drive/mod.ts";
import { TcpTarget } from "../../src/drive/face/tcp/target.ts";
import { serveTcp, type TcpServer } from "../../src/serve/tcp_listener.ts";
import { guestTest, shell } from "./guest.ts";
import {
  addressOptions,
  appeared,
  connectScript,
  LOAD_HOST,
  type ServedAt,
} from "./kernel_host.ts";

/** Where the guest sees the loopback of this machine. */
const HOST = "10.0.2.2";
const MIB = 1024 * 1024;

let shared: Promise<Guest> | undefined;

/** The one guest of this test file, with a network and without drives of its own. */
function networkGuest(): Promise<Guest> {
  shared ??= boot({ network: "host", drives: [] }).then(async (guest) => {
    await shell(guest, LOAD_HOST);
    return guest;
  });
  return shared;
}

/** A drive of 256 MiB in blocks of 512 bytes. */
export function servedDrive(serial: string): VirtualDrive {
  const healthy = preset("");
  if (!healthy) throw new Error("Cannot make a drive: there is no default preset");
  const personality: Personality = {
    ...healthy,
    serial,
    namespaces: [{ nsid: 1, capacityBytes: 256 * MIB, format: 0 }],
  };
  return new VirtualDrive({ personality, now: () => Date.now(), after, seed: 1, device: serial });
}

/** A target at a port of its own. */
export class ServedTarget implements AsyncDisposable {
  readonly failures: unknown[] = [];
  readonly nqns: string[] = [];
  #server: TcpServer | undefined;
  #port = 0;

  constructor(readonly drives: readonly VirtualDrive[]) {
    this.start();
  }

  /** Opens the port; the same one again after a stop. */
  start(): void {
    const advertise: { host: string; port: number }[] = [];
    const target = new TcpTarget({ now: () => Date.now(), after, advertise });
    this.nqns.splice(0);
    for (const drive of this.drives) this.nqns.push(target.add({ drive }));
    this.#server = serveTcp({
      target,
      port: this.#port,
      failed: (error) => this.failures.push(error),
    });
    this.#port = this.#server.address.port;
    advertise.push({ host: HOST, port: this.#port });
  }

  /** Closes the port and all connections. */
  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  /** What nvme-cli needs to find it. */
  get address(): string {
    return addressOptions(this.at);
  }

  get port(): number {
    return this.#port;
  }

  /** Where the guest finds it. */
  get at(): ServedAt {
    return { host: HOST, port: this.#port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What a test gets. */
export interface TargetTest {
  readonly guest: Guest;
  readonly target: ServedTarget;
}

/** Registers a test with drives of these serial numbers; the guest is left without controllers. */
export function targetTest(
  name: string,
  serials: readonly string[],
  run: (test: TargetTest) => Promise<void>,
): void {
  guestTest(name, async (guest) => {
    await using target = new ServedTarget(serials.map(servedDrive));
    try {
      await run({ guest, target });
    } finally {
      await guest.run("umount /run/mnt; nvme disconnect-all; dmesg -c >/run/last-dmesg");
    }
    const [failure] = target.failures;
    if (failure !== undefined) throw failure;
  }, networkGuest);
}

/**
 * Connects, and waits for the block device of the drive with this serial number.
 *
 * @returns the controller's name: `nvme0`
 */
export async function connect(
  guest: Guest,
  target: ServedTarget,
  options = "",
  at = 0,
): Promise<string> {
  await shell(guest, connectScript(target.at, target.nqns[at] ?? "", options));
  return await appeared(guest, target.drives[at]?.personality.serial ?? "");
}

function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}
