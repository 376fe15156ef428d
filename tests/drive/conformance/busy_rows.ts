// Commands that come while the drive is busy with its media: a sanitize operation, its failure, a
// media verification, a format; and commands about contexts that there are not.

import { variant } from "../../../src/drive/mod.ts";
import { type Bench, type BenchCommand, personality } from "../bench.ts";
import { EVERY_IO } from "./io_rows.ts";
import { type Row, rows, SANITIZING, SEQUENCE, SUCCESS } from "./row.ts";

const RESTRICTIONS = "[BASE-2.1 §8.1.24.4]";
const ALLOWED = "[BASE-2.1 §5, Fig. 142]";
const FAILED = "00h/1Ch";
const FORMATTING = "00h/84h";
const FLUSH = 0x00;
const READ = 0x02;
const BLOCK_ERASE = 2;
const MINUTES = 600_000;

/** Admin commands that have to wait for a sanitize operation. */
const WAITING: readonly (readonly [string, number, BenchCommand])[] = [
  ["Namespace Management", 0x0d, { cdw10: 1, nsid: 1 }],
  ["Firmware Commit", 0x10, { cdw10: 2 }],
  ["Firmware Image Download", 0x11, { cdw10: 1023, length: 4096 }],
  ["Device Self-test", 0x14, { cdw10: 1 }],
  ["Namespace Attachment", 0x15, { cdw10: 1, nsid: 1, length: 4096 }],
  ["Directive Send", 0x19, { cdw11: 1, nsid: 1 }],
  ["Directive Receive", 0x1a, { cdw11: 1, nsid: 1 }],
  ["Format NVM", 0x80, { nsid: 1 }],
  ["Security Send", 0x81, {}],
  ["Security Receive", 0x82, {}],
  ["Get LBA Status", 0x86, { nsid: 1, cdw13: 0x1100_0000 }],
  ["Get Log Page 03h", 0x02, { cdw10: 3 }],
  ["Get Log Page 07h", 0x02, { cdw10: 7 }],
];

/** Admin commands that are allowed meanwhile. */
const PROCESSED: readonly (readonly [string, number, BenchCommand])[] = [
  ["Identify", 0x06, { cdw10: 1, length: 4096 }],
  ["Abort", 0x08, { cdw10: 0x0001_0000 }],
  ["Get Features", 0x0a, { cdw10: 2 }],
  ["Set Features", 0x09, { cdw10: 2, cdw11: 1 }],
  ["Keep Alive", 0x18, {}],
  ...[0x01, 0x02, 0x04, 0x81].map((lid) =>
    [`Get Log Page ${lid}h`, 0x02, { cdw10: 0x000f_0000 | lid, length: 64 }] as const
  ),
];

const sanitize = (bench: Bench): Promise<unknown> => bench.admin(0x84, { cdw10: BLOCK_ERASE });

/** A state of the sanitize operation, how it is reached, and what it does to I/O commands. */
interface BusyState {
  readonly what: string;
  readonly ofIo: string;
  /** What is at fault goes away by itself. */
  readonly passes: boolean;
  readonly on?: NonNullable<Row["on"]>;
  readonly before: NonNullable<Row["before"]>;
}

const STATES: readonly BusyState[] = [
  {
    what: "a sanitize operation runs",
    ofIo: SANITIZING,
    passes: true,
    before: async (bench) => void await sanitize(bench),
  },
  {
    what: "a sanitize operation has failed",
    ofIo: FAILED,
    passes: false,
    on: variant(personality("namespaces"), {
      sanitizing: { blockEraseMs: 1000, failsAtPercent: 50 },
    }),
    before: async (bench) => {
      await sanitize(bench);
      bench.advance(MINUTES);
    },
  },
  {
    what: "the media are being verified",
    ofIo: SANITIZING,
    passes: true,
    before: async (bench) => {
      await bench.admin(0x84, { cdw10: 0x400 | BLOCK_ERASE });
      bench.advance(MINUTES);
    },
  },
];

function onlyIf<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { readonly [key in K]: V };
}

const SANITIZE_ROWS: readonly Row[] = STATES.flatMap(({ what, ofIo, passes, on, before }) => [
  ...WAITING.map(([name, opcode, command]): Row => ({
    queue: "admin",
    opcode,
    wrong: "sequence",
    what: `${name} comes while ${what}`,
    cite: RESTRICTIONS,
    command,
    status: SANITIZING,
    retry: true,
    ...onlyIf("on", on),
    before,
  })),
  ...PROCESSED.map(([name, opcode, command]): Row => ({
    queue: "admin",
    opcode,
    wrong: "none",
    what: `${name} is processed while ${what}`,
    cite: ALLOWED,
    command,
    status: SUCCESS,
    ...onlyIf("on", on),
    before,
  })),
  ...EVERY_IO.map(([opcode, command]): Row => {
    const verified = opcode === READ && what.includes("verified");
    const processed = opcode === FLUSH || verified;
    return {
      queue: "io",
      opcode,
      wrong: processed ? "none" : "sequence",
      what: `I/O command ${opcode.toString(16)}h comes while ${what}`,
      cite: verified ? "[NVM-1.1 §5.10.1]" : RESTRICTIONS,
      command: { ...command, nsid: 1 },
      status: processed ? SUCCESS : ofIo,
      ...(passes && !processed ? { retry: true as const } : {}),
      ...onlyIf("on", on),
      before,
    };
  }),
]);

/** A drive whose formats take their time. */
const SLOW = variant(personality("namespaces"), { formatMs: 60_000 });

const format = (bench: Bench): void => void bench.admin(0x80, { nsid: 1 });

const FORMAT_ROWS: readonly Row[] = [
  ...EVERY_IO.map(([opcode, command]): Row => ({
    queue: "io",
    opcode,
    wrong: "sequence",
    what: `I/O command ${opcode.toString(16)}h comes while its namespace is formatted`,
    cite: "[BASE-2.1 §5.1.10]",
    command: { ...command, nsid: 1 },
    status: FORMATTING,
    retry: true,
    on: SLOW,
    before: format,
  })),
  {
    queue: "io",
    opcode: READ,
    wrong: "none",
    what: "Read comes while another namespace is formatted",
    cite: "[BASE-2.1 §5.1.10]",
    command: { nsid: 2, length: 4096 },
    status: SUCCESS,
    on: SLOW,
    before: format,
  },
  ...WAITING.filter(([, opcode]) => [0x10, 0x11, 0x14, 0x80].includes(opcode))
    .map(([name, opcode, command]): Row => ({
      queue: "admin",
      opcode,
      wrong: "sequence",
      what: `${name} comes while a namespace is formatted`,
      cite: ALLOWED,
      command,
      status: FORMATTING,
      retry: true,
      on: SLOW,
      before: format,
    })),
];

const EVENTS = "[BASE-2.1 §5.1.12.1.14, Fig. 225]";

const CONTEXT_ROWS = rows(
  { queue: "admin", opcode: 0x02, command: { nsid: 0xffffffff, length: 512 } },
  {
    wrong: "sequence",
    what: "the persistent event log is read without a context",
    cite: EVENTS,
    command: { cdw10: 0x007f_000d },
    status: SEQUENCE,
    retry: true,
  },
  {
    wrong: "sequence",
    what: "a context of the persistent event log is established twice",
    cite: EVENTS,
    command: { cdw10: 0x007f_010d },
    status: SEQUENCE,
    retry: true,
    before: async (bench) => void await bench.log(0x0d, 512, { cdw10: 0x007f_010d }),
  },
  {
    wrong: "none",
    what: "a context of the persistent event log is released that there is not",
    cite: EVENTS,
    command: { cdw10: 0x007f_020d },
    status: SUCCESS,
  },
  {
    wrong: "none",
    what: "telemetry is read before any was captured",
    cite: "[BASE-2.1 §5.1.12.1.8]",
    command: { cdw10: 0x007f_0007 },
    status: SUCCESS,
  },
);

const REQUEST_ROWS: readonly Row[] = [
  {
    queue: "admin",
    opcode: 0x08,
    wrong: "none",
    what: "Abort names a command that there is not",
    cite: "[BASE-2.1 §5.1.1.2, Fig. 144]",
    command: { cdw10: 0x1234_0000 },
    status: SUCCESS,
    dw0: 1,
  },
  {
    queue: "admin",
    opcode: 0x08,
    wrong: "none",
    what: "Abort names a queue that there is not",
    cite: "[BASE-2.1 §5.1.1.2, Fig. 144]",
    command: { cdw10: 0x0001_7777 },
    status: SUCCESS,
    dw0: 1,
  },
  {
    queue: "admin",
    opcode: 0x0c,
    wrong: "limit",
    what: "Asynchronous Event Request comes once more than AERL allows",
    cite: "[BASE-2.1 §5.1.2]",
    command: {},
    status: "01h/05h",
    retry: true,
    before: (bench) => {
      for (let request = 0; request < 4; request++) void bench.admin(0x0c);
    },
  },
];

/** Every row about what else is going on. */
export const BUSY_ROWS: readonly Row[] = [
  ...SANITIZE_ROWS,
  ...FORMAT_ROWS,
  ...CONTEXT_ROWS,
  ...REQUEST_ROWS,
];
