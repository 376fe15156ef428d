// The served drive that the tests of this folder share, the guest's kernel connected to it, and
// how they ask nvme-cli, nvmectl, and the drive's own trace.

import { assert, assertEquals } from "@std/assert";
import type { Guest } from "../../../../scripts/vm/guest.ts";
import { guestTest, shell } from "../../../support/guest.ts";
import { type Fields, ours, peer } from "../../../support/peer.ts";
import { ServedDrive } from "../../../support/served_drive.ts";

/** The shared drive's serial number. */
export const SERIAL = "SERVED0001";
const MIB = 1024 * 1024;
/** Bytes of its one namespace, and of the room for more. */
export const NAMESPACE_BYTES = 64 * MIB;
export const FREE_BYTES = 192 * MIB;
/** Seconds of its Keep Alive Timer. */
export const KEEP_ALIVE_S = 10;

const DRIVE_FILE = "/run/served-drive.json";
/** As `nvmectl drive new` writes it: the default drive with room, and sanitize times of a test. */
const DRIVE = {
  schema: "nvmectl.drive/1",
  preset: "healthy",
  overrides: {
    serial: SERIAL,
    capacityBytes: NAMESPACE_BYTES + FREE_BYTES,
    namespaces: [{ nsid: 1, capacityBytes: NAMESPACE_BYTES, format: 0 }],
    sanitizing: {
      blockEraseMs: 20_000,
      overwritePassMs: 8_000,
      cryptoEraseMs: 10_000,
      keepsBlocks: true,
    },
  },
  seed: 1,
};

const CONNECT_WORDS = ["--hdr-digest", "--data-digest", `--keep-alive-tmo=${KEEP_ALIVE_S}`];

/** Copies the drive's live trace to standard output, until it is ended. */
const TRACE_PROGRAM = "/run/served-trace.pl";
const TRACE_SOURCE = `use IO::Socket::UNIX;
my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!";
$socket->autoflush(1);
print $socket qq({"id":1,"method":"trace","params":{"form":"ndjson"}}\\n);
$| = 1;
print while <$socket>;
`;
const TRACE_FILE = "/run/served-trace";
/** The features that are asked for before and after what is traced: nobody else does. */
const FIRST_MARK = 1;
const LAST_MARK = 2;

/** The shared drive, and what can be asked of it. In scripts, `$CTRL` and `$BLK` stand for it. */
export interface Bench {
  readonly guest: Guest;
  readonly drive: ServedDrive;
  /** The controller, such as `/dev/nvme4`, and its first namespace. */
  readonly device: string;
  readonly block: string;
  /** Runs a script that must succeed; what it writes, errors too. */
  must(script: string): Promise<string>;
  /** The JSON of `nvme WORDS`. */
  peer(words: string): Promise<Fields>;
  /** The JSON of nvmectl. */
  ours(...words: readonly string[]): Promise<Fields>;
  /** Runs commands, and compares how each ended with what it should: see `OUTCOME`. */
  steps(steps: readonly (readonly [command: string, outcome: string])[]): Promise<void>;
  /** What the drive's trace shows while a script runs. */
  traced(script: string): Promise<readonly Fields[]>;
  /** The attribute of the controller in sysfs. */
  attribute(name: string): Promise<string>;
}

/** How a command ends that does what it should; another outcome is the drive's refusal by name. */
export const OK = "ok";
/** How a command ends that fails for another reason than a refusal. */
export const FAILED = "failed";

let shared: Promise<Bench> | undefined;

/** A test on the shared drive, which is connected and can be read before and after. */
export function servedTest(name: string, body: (bench: Bench) => Promise<void>): void {
  guestTest(name, async (guest) => {
    const bench = await (shared ??= begin(guest));
    try {
      await body(bench);
    } finally {
      await bench.drive.heal(bench.device, bench.block);
    }
  });
}

async function begin(guest: Guest): Promise<Bench> {
  await guest.run(`cat > ${DRIVE_FILE}`, { stdin: JSON.stringify(DRIVE) });
  await guest.run(`cat > ${TRACE_PROGRAM}`, { stdin: TRACE_SOURCE });
  const drive = await ServedDrive.start(guest, { drive: `virtual:${DRIVE_FILE}` });
  await drive.connect(CONNECT_WORDS);
  const [device] = await drive.controllers(SERIAL);
  assert(device);
  await drive.heal(device, `${device}n1`);
  return benchOf(guest, drive, device);
}

function benchOf(guest: Guest, drive: ServedDrive, device: string): Bench {
  const block = `${device}n1`;
  const named = (script: string): string => `CTRL=${device} BLK=${block}\n${script}`;
  const must = async (script: string): Promise<string> => {
    const { code, stdout } = await guest.run(`exec 2>&1; ${named(script)}`);
    assertEquals(code, 0, `${script}: ${stdout}`);
    return stdout;
  };
  return {
    guest,
    drive,
    device,
    block,
    must,
    peer: (words) => peer(guest, words.replaceAll("$CTRL", device).replaceAll("$BLK", block)),
    ours: (...words) => ours(guest, words),
    steps: async (steps) => {
      const found = await must(steps.map(([command]) => stepScript(command)).join("\n"));
      const outcomes = found.split(`${STEP_END}\n`).slice(0, -1).map(outcomeOf);
      assertEquals(
        steps.map(([command], at) => [command, outcomes[at]]),
        steps.map(([command, outcome]) => [command, outcome]),
        found,
      );
    },
    traced: async (script) => {
      const marked = (fid: number): string =>
        `until grep -q '"name":"Get Features".*"cdw10":"0x0000000${fid}"' ${TRACE_FILE}; do
           nvme get-feature $CTRL -f ${fid}; sleep 0.2
         done >/dev/null`;
      const text = await must(
        `perl ${TRACE_PROGRAM} ${drive.control} > ${TRACE_FILE} & trace=$!
         ${marked(FIRST_MARK)}
         { ${script}
         } >/run/served-script 2>&1; code=$?
         ${marked(LAST_MARK)}
         kill $trace
         if [ $code -ne 0 ]; then cat /run/served-script; exit $code; fi
         cat ${TRACE_FILE}`,
      );
      return text.split("\n").filter((line) => /^\{.*"item".*\}$/.test(line))
        .map((line) => JSON.parse(line).item.event);
    },
    attribute: async (name) =>
      (await shell(guest, `cat /sys/class/nvme/${device.slice(5)}/${name}`)).trim(),
  };
}

const STEP_END = "-- end of step";

function stepScript(command: string): string {
  return `( ${command}\n); echo "-- code $?"; echo "${STEP_END}"`;
}

function outcomeOf(text: string): string {
  if (/^-- code 0$/m.test(text)) return OK;
  return /NVMe status: ([^:]+):/.exec(text)?.[1] ?? FAILED;
}
