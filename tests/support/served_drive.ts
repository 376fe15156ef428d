// A virtual drive that nvmectl serves inside a test guest, and the guest's own kernel as its host.

import { type Guest, quote } from "../../scripts/vm/guest.ts";
import { controllers, shell } from "./guest.ts";
import { connectScript, LOAD_HOST } from "./kernel_host.ts";

/** How a drive is served. */
export interface ServeOptions {
  /** Default `virtual:`. */
  readonly drive?: string;
  /** Default 4420. */
  readonly port?: number;
  /** Further words of `nvmectl drive serve`. */
  readonly words?: readonly string[];
}

const HOST = "127.0.0.1";
const START_TIMEOUT_MS = 60_000;
const LOG_TIMEOUT_MS = 20_000;
const POLL_MS = 200;
const READY_TRIES = 100;
const CONTROL_PROGRAM = "/run/served-control.pl";
/**
 * Speaks to a control socket: starting nvmectl takes two seconds in an emulated guest, and the
 * tests inject and clear a hundred times. Perl is part of every Debian system.
 */
const CONTROL_SOURCE = `use IO::Socket::UNIX;
my ($path, $method, $params) = @ARGV;
my $socket = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
$socket->autoflush(1);
print $socket qq({"id":1,"method":"$method","params":$params}\\n);
my $answer = <$socket>;
print $answer;
exit($answer =~ /^\\{"id":1,"result"/ ? 0 : 1);
`;

/** What a connection of the kernel's initiator needs beyond the address. */
const CONNECT_WORDS = ["--nr-io-queues=2", "--reconnect-delay=1", "--ctrl-loss-tmo=60"];
/** What the kernel writes when it is the kernel that is broken. */
const KERNEL_FAULT = /\b(BUG|WARNING|Oops|KASAN|general protection|blocked for more than)\b.*/;

/** A served drive. */
export class ServedDrive {
  readonly guest: Guest;
  readonly port: number;
  readonly nqn: string;
  /** Of its control socket. */
  readonly control: string;
  readonly #pid: string;
  #marks = 0;
  #mark = "";

  private constructor(
    guest: Guest,
    { port, nqn, control, pid }: Record<"nqn" | "control" | "pid", string> & {
      readonly port: number;
    },
  ) {
    this.guest = guest;
    this.port = port;
    this.nqn = nqn;
    this.control = control;
    this.#pid = pid;
  }

  /** Serves a drive in the guest and returns when it can be connected to. */
  static async start(
    guest: Guest,
    { drive = "virtual:", port = 4420, words = [] }: ServeOptions = {},
  ): Promise<ServedDrive> {
    const files = `/run/served-${port}`;
    const command = ["nvmectl", "drive", "serve", drive, "--tcp", `${port}`, "--seed", "1"];
    const out = await shell(
      guest,
      `${LOAD_HOST} || exit
       setsid ${
        [...command, ...words].map(quote).join(" ")
      } >${files}.out 2>${files}.err </dev/null &
       pid=$!
       until grep -q ^Next: ${files}.out; do
         kill -0 $pid || { cat ${files}.err >&2; exit 1; }
         sleep 0.1
       done
       echo "pid $pid"; cat ${files}.out`,
      { timeoutMs: START_TIMEOUT_MS },
    );
    await guest.run(`cat > ${CONTROL_PROGRAM}`, { stdin: CONTROL_SOURCE });
    const fact = (pattern: RegExp): string => {
      const found = pattern.exec(out)?.[1];
      if (found === undefined) throw new Error(`Cannot find ${pattern} in ${out}`);
      return found;
    };
    return new ServedDrive(guest, {
      port,
      pid: fact(/^pid (\d+)/m),
      nqn: fact(/^NQN\s+(\S+)/m),
      control: fact(/^Control\s+(\S+)/m),
    });
  }

  /** The command line, for a script in the guest, that asks as `nvmectl drive` does. */
  asking(method: string, params: unknown = {}): string {
    const words = [this.control, method, JSON.stringify(params)].map(quote).join(" ");
    return `perl ${CONTROL_PROGRAM} ${words}`;
  }

  /** Asks over the control socket; throws what the drive refuses. */
  async ask(method: string, params: unknown = {}): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await shell(this.guest, this.asking(method, params))).result;
  }

  /** Begins a fault; after `before`, and a mark from which on the kernel's log counts. */
  async inject(scenario: string, before = ""): Promise<void> {
    const command = this.asking("inject", { scenario });
    await shell(this.guest, `set -e\n${before}\n${this.#marking()}\n${command}`);
  }

  /** Ends all faults, and waits until a controller is live and its namespace can be read. */
  async heal(device: string, block: string): Promise<void> {
    const state = `/sys/class/nvme/${device.slice(5)}/state`;
    const read = `dd if=${block} of=/dev/null bs=4k count=1 iflag=direct status=none`;
    await shell(
      this.guest,
      `${this.asking("clear")}
       for try in $(seq ${READY_TRIES}); do
         [ "$(cat ${state})" = live ] && [ -b ${block} ] && ${read} && exit
         sleep ${POLL_MS / 1000}
       done
       echo "${device} is not live again: $(cat ${state})" >&2; exit 1`,
    );
  }

  /** Connects the kernel to the drive. Throws what nvme-cli says where it cannot be done. */
  async connect(options: readonly string[] = []): Promise<void> {
    const { code, stdout, stderr } = await this.tryConnect(options);
    if (code !== 0) throw new Error(`Cannot connect to ${this.nqn}: ${stdout}${stderr}`);
  }

  /** Connects the kernel to the drive, or shows why not. */
  async tryConnect(
    options: readonly string[] = [],
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const words = [...CONNECT_WORDS, ...options].map(quote).join(" ");
    return await this.guest.run(connectScript({ host: HOST, port: this.port }, this.nqn, words));
  }

  /** Disconnects the kernel from the drive. */
  async disconnect(): Promise<void> {
    await shell(this.guest, `nvme disconnect -n ${this.nqn}`);
  }

  /** The controllers that the kernel has of it, for example `/dev/nvme1`: by its serial number. */
  async controllers(serial: string): Promise<readonly string[]> {
    return await controllers(this.guest, serial);
  }

  /** From here on the kernel's log counts. */
  async mark(): Promise<void> {
    await shell(this.guest, this.#marking());
  }

  #marking(): string {
    this.#mark = `served-mark-${++this.#marks}`;
    return `echo ${this.#mark} > /dev/kmsg`;
  }

  /** What the kernel has logged since the mark. */
  async log(): Promise<string> {
    const log = await shell(this.guest, "dmesg");
    return log.slice(log.lastIndexOf(this.#mark)).replace(/^.*\n/, "");
  }

  /** Waits until the kernel has logged all of these since the mark; throws when it does not. */
  async logs(patterns: readonly RegExp[]): Promise<string> {
    const deadline = Date.now() + LOG_TIMEOUT_MS;
    let log = await this.log();
    while (!patterns.every((pattern) => pattern.test(log))) {
      const missing = patterns.filter((pattern) => !pattern.test(log)).join(", ");
      if (Date.now() > deadline) throw new Error(`The kernel did not log ${missing}, but:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      log = await this.log();
    }
    const [fault] = KERNEL_FAULT.exec(log) ?? [];
    if (fault !== undefined) throw new Error(`The kernel itself complains: ${fault}\n${log}`);
    return log;
  }

  /** Ends the serving process at once: nothing is saved, as when the power fails. */
  async kill(): Promise<void> {
    await shell(
      this.guest,
      `kill -9 ${this.#pid}; while kill -0 ${this.#pid} 2>/dev/null; do sleep 0.1; done`,
    );
  }

  /** Ends serving. */
  async stop(): Promise<void> {
    await shell(
      this.guest,
      `kill ${this.#pid}; while kill -0 ${this.#pid} 2>/dev/null; do sleep 0.1; done`,
    );
  }
}
