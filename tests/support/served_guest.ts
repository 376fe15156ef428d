// A guest that reaches virtual drives served by this process, and the port that they are served at.

import { boot, type Guest } from "../../scripts/vm/guest.ts";
import { type Personality, preset, VirtualDrive } from "../../src/drive/mod.ts";
import { TcpTarget } from "../../src/drive/face/tcp/target.ts";
import { serveTcp, type TcpServer } from "../../src/serve/tcp_listener.ts";
import { shell, unavailable } from "./guest.ts";

/** Where the guest sees the loopback of this machine. */
const HOST = "10.0.2.2";
const MIB = 1024 * 1024;

let shared: Promise<Guest> | undefined;

/** The one guest of this test file, with a network and without drives of its own. */
function sharedGuest(): Promise<Guest> {
  shared ??= boot({ network: "host", drives: [] }).then(async (guest) => {
    await shell(guest, "modprobe nvme-tcp");
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
    return `-t tcp -a ${HOST} -s ${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The options by which `nvme connect` finds a drive of it. */
  connectTo(at: number): string {
    return `${this.address} -n ${this.nqns[at]}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What a test gets. */
export interface ServedTest {
  readonly guest: Guest;
  readonly target: ServedTarget;
}

/** Registers a test with drives of these serial numbers; the guest is left without controllers. */
export function servedTest(
  name: string,
  serials: readonly string[],
  run: (test: ServedTest) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: unavailable !== undefined,
    // The guest outlives the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const guest = await sharedGuest();
      await using target = new ServedTarget(serials.map(servedDrive));
      try {
        await run({ guest, target });
      } finally {
        await guest.run("umount /run/mnt; nvme disconnect-all; dmesg -c >/run/last-dmesg");
      }
      const [failure] = target.failures;
      if (failure !== undefined) throw failure;
    },
  });
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
  await shell(guest, `nvme connect ${target.connectTo(at)} ${options}`);
  return await appeared(guest, target.drives[at]?.personality.serial ?? "");
}

/** The name of the controller with this serial number, once its namespace is there. */
export async function appeared(guest: Guest, serial: string): Promise<string> {
  const script = `for i in $(seq 100); do
    for c in /sys/class/nvme/nvme*; do
      [ "$(tr -d ' ' <$c/serial 2>/dev/null)" = ${serial} ] && [ -b /dev/\${c##*/}n1 ] &&
        { echo \${c##*/}; exit; }
    done
    usleep 100000
  done
  dmesg | tail -20 >&2; exit 1`;
  return (await shell(guest, script)).trim();
}

function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}
