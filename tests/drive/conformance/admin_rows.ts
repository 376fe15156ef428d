// Admin commands that read or set something, with fields that the specification reserves, that the
// drive does not support, or that ask for more than it has.

import { dwords, INVALID_FIELD, type Row, rows, SUCCESS } from "./row.ts";

const IDENTIFY = "[BASE-2.1 §5.1.13.1]";
const OFFSET = "[BASE-2.1 §5.1.12, Fig. 199]";
const FEATURES = "[BASE-2.1 §4.4]";
const SECURITY = "[BASE-2.1 §5.1.24, Fig. 380]";
const DIRECTIVES = "[BASE-2.1 §8.1.8]";
const LBA_STATUS = "[NVM-1.1 §4.2.1]";
const SAVE = 0x8000_0000;

const IDENTIFY_ROWS = rows(
  { queue: "admin", opcode: 0x06, command: { length: 4096 } },
  ...[0x04, 0x0b, 0x0c, 0x0f, 0x14, 0x15, 0x18, 0x1d, 0x1e, 0x20, 0x21, 0xff].map((cns) => ({
    wrong: "field" as const,
    what: `Identify asks for CNS ${cns.toString(16)}h, which the drive does not have`,
    cite: IDENTIFY,
    command: { cdw10: cns, nsid: 1 },
    status: INVALID_FIELD,
    at: [10, 0] as const,
  })),
  ...[0x05, 0x06, 0x07, 0x09, 0x0a, 0x1a, 0x1b].map((cns) => ({
    wrong: "field" as const,
    what: `Identify asks for CNS ${cns.toString(16)}h of the Zoned Namespace Command Set`,
    cite: "[BASE-2.1 §5.1.13.1, Fig. 310]",
    command: { cdw10: cns, cdw11: 0x0200_0000, nsid: cns === 0x06 ? 0 : 1 },
    status: INVALID_FIELD,
    at: [11, 24] as const,
  })),
  {
    wrong: "field",
    what: "Identify asks for the command sets of a controller that does not exist",
    cite: "[BASE-2.1 §5.1.13.2.19]",
    command: { cdw10: 0x1234_001c },
    status: INVALID_FIELD,
    at: [10, 16],
  },
  {
    wrong: "field",
    what: "Identify asks for a format beyond the last one",
    cite: "[NVM-1.1 §4.1.5.5]",
    command: { cdw10: 0x09, cdw11: 18 },
    status: INVALID_FIELD,
    at: [11, 0],
  },
  {
    wrong: "none",
    what: "Identify ignores a controller identifier that the structure does not use",
    cite: "[BASE-2.1 §5.1.13.1, Fig. 307]",
    command: { cdw10: 0x1234_0001 },
    status: SUCCESS,
  },
);

const LOG_ROWS = rows(
  { queue: "admin", opcode: 0x02, command: { nsid: 0xffffffff, length: 64 } },
  ...[0x0a, 0x0b, 0x0c, 0x0f, 0x10, 0x14, 0x1d, 0x20, 0x70, 0x80, 0xbf, 0xc0, 0xff].map((lid) => ({
    wrong: "field" as const,
    what: `Get Log Page asks for page ${lid.toString(16)}h, which the drive does not have`,
    cite: "[BASE-2.1 §5.1.12.4, Fig. 305]",
    command: { cdw10: 0x000f_0000 | lid },
    status: "01h/09h",
    at: [10, 0] as const,
  })),
  {
    wrong: "limit",
    what: "Get Log Page asks for more than MDTS allows",
    cite: "[BASE-2.1 §5.1.13.2.1, Fig. 312]",
    command: { cdw10: 0x0000_0002, cdw11: 2 },
    status: INVALID_FIELD,
    at: [10, 16],
  },
  {
    wrong: "field",
    what: "Get Log Page asks for what lies beyond the page",
    cite: OFFSET,
    command: { cdw10: 0x000f_0002, cdw12: 516 },
    status: INVALID_FIELD,
    at: [12, 0],
  },
  {
    wrong: "field",
    what: "Get Log Page asks for what lies 4 GiB beyond the page",
    cite: OFFSET,
    command: { cdw10: 0x000f_0002, cdw13: 1 },
    status: INVALID_FIELD,
    at: [12, 0],
  },
  {
    wrong: "field",
    what: "Get Log Page gives an index where the page has none",
    cite: OFFSET,
    command: { cdw10: 0x000f_0002, cdw14: 1 << 23 },
    status: INVALID_FIELD,
    at: [14, 23],
  },
  ...[0, 2, 0xffff].map((group) => ({
    wrong: "field" as const,
    what: `Get Log Page asks for endurance group ${group}, which is none`,
    cite: "[BASE-2.1 §5.1.12.1.10]",
    command: { cdw10: 0x000f_0009, cdw11: (group << 16) >>> 0 },
    status: INVALID_FIELD,
    at: [11, 16] as const,
  })),
);

/** Features that the drive does not have; some are reserved, some are others' or vendors'. */
const MISSING = [
  0x00,
  0x0d,
  0x13,
  0x14,
  0x1a,
  0x1b,
  0x1d,
  0x1e,
  0x7d,
  0x82,
  0x83,
  0x85,
  0xbf,
  0xff,
];

/** Values of features that cannot be: identifier, dword 11, dword 12, where, and what. */
const IMPOSSIBLE:
  readonly (readonly [number, number, number, readonly [number, number], string])[] = [
    [0x02, 5, 0, [11, 0], "a power state beyond NPSS"],
    [0x04, 0x0030_0150, 0, [11, 20], "a threshold that is neither over nor under"],
    [0x04, 0x0009_0150, 0, [11, 16], "the threshold of a sensor that no drive has"],
    [0x07, 0x0000_ffff, 0, [11, 0], "65,536 submission queues"],
    [0x07, 0xffff_0000, 0, [11, 16], "65,536 completion queues"],
    [0x09, 0x0000_ffff, 0, [11, 0], "an interrupt vector that there is not"],
    [0x10, 0x0001_0150, 0, [11, 16], "a thermal temperature below the lowest"],
    [0x10, 0x0150_ffff, 0, [11, 0], "a thermal temperature above the highest"],
    [0x10, 0x0150_0150, 0, [11, 16], "a light thermal temperature that is not below the heavy one"],
    [0x12, 0, 5, [12, 0], "a read recovery level that the drive does not have"],
    [0x18, 2, 0, [11, 0], "the events of an endurance group that there is not"],
    [0x84, 4, 0, [11, 0], "a reserved write protection state"],
  ];

const FEATURE_ROWS: readonly Row[] = [
  ...[0x09, 0x0a].flatMap((opcode) =>
    rows(
      { queue: "admin", opcode },
      ...MISSING.map((fid) => ({
        wrong: "field" as const,
        what: `feature ${fid.toString(16)}h, which the drive does not have`,
        cite: FEATURES,
        command: { cdw10: fid, length: 512 },
        status: INVALID_FIELD,
        at: [10, 0] as const,
      })),
    )
  ),
  ...rows(
    { queue: "admin", opcode: 0x0a },
    ...[4, 5, 6, 7].map((select) => ({
      wrong: "field" as const,
      what: `Get Features selects ${select}, which is reserved`,
      cite: "[BASE-2.1 §5.1.11, Fig. 192]",
      command: { cdw10: 0x01 | (select << 8) },
      status: INVALID_FIELD,
      at: [10, 8] as const,
    })),
  ),
  ...rows(
    { queue: "admin", opcode: 0x09 },
    ...IMPOSSIBLE.map(([fid, cdw11, cdw12, at, what]) => ({
      wrong: "field" as const,
      what: `Set Features asks for ${what}`,
      cite: "[BASE-2.1 §5.1.25]",
      command: { cdw10: fid, cdw11, cdw12, nsid: fid === 0x84 ? 1 : 0 },
      status: INVALID_FIELD,
      at,
    })),
    ...[0x07, 0x0e, 0x0f, 0x10, 0x12, 0x16, 0x17, 0x81].map((fid) => ({
      wrong: "field" as const,
      what: `Set Features saves feature ${fid.toString(16)}h, which cannot be saved`,
      cite: "[BASE-2.1 §5.1.25, Fig. 383]",
      command: { cdw10: (fid | SAVE) >>> 0, length: 512 },
      status: "01h/0Dh",
      at: [10, 31] as const,
    })),
    {
      wrong: "field",
      what: "Set Features takes a combination of command sets that there is not",
      cite: "[BASE-2.1 §5.1.25.1.17]",
      command: { cdw10: 0x19, cdw11: 1 },
      status: "01h/2Bh",
      at: [11, 0],
    },
    {
      wrong: "field",
      what: "Set Features gives Host Behavior Support a reserved value",
      cite: "[BASE-2.1 §5.1.25.1.14]",
      command: { cdw10: 0x16, out: Uint8Array.from({ length: 512 }, (_, at) => at === 0 ? 2 : 0) },
      status: INVALID_FIELD,
    },
    {
      wrong: "field",
      what: "Set Features gives a transition to a power state that processes I/O",
      cite: "[BASE-2.1 §5.1.25.1.6]",
      command: { cdw10: 0x0c, cdw11: 1, out: padded(dwords(0x0000_0a08), 256) },
      status: INVALID_FIELD,
    },
  ),
];

const SECURITY_ROWS: readonly Row[] = [0x81, 0x82].flatMap((opcode) =>
  rows(
    { queue: "admin", opcode, command: { length: 512, cdw11: 512 } },
    {
      wrong: "field",
      what: "a security command names a protocol that the drive does not have",
      cite: SECURITY,
      command: { cdw10: 0x9900_0000 },
      status: INVALID_FIELD,
      at: [10, 24],
    },
    {
      wrong: "field",
      what: "a security command names an unknown part of a protocol",
      cite: SECURITY,
      command: { cdw10: 0x0177_7700 },
      status: INVALID_FIELD,
      at: [10, 8],
    },
  )
);

const DIRECTIVE_ROWS: readonly Row[] = [
  ...[0x19, 0x1a].flatMap((opcode) =>
    rows(
      { queue: "admin", opcode, command: { nsid: 1, length: 4096, cdw10: 1023 } },
      {
        wrong: "field",
        what: "a directive command is about streams, which the drive does not have",
        cite: DIRECTIVES,
        command: { cdw11: 0x0101 },
        status: INVALID_FIELD,
        at: [11, 8],
      },
      {
        wrong: "field",
        what: "a directive command asks for an operation that is reserved",
        cite: DIRECTIVES,
        command: { cdw11: 0x0007 },
        status: INVALID_FIELD,
        at: [11, 0],
      },
    )
  ),
  ...rows(
    { queue: "admin", opcode: 0x19, command: { nsid: 1, cdw11: 0x0001 } },
    {
      wrong: "field",
      what: "Directive Send enables streams, which the drive does not have",
      cite: "[BASE-2.1 §8.1.8]",
      command: { cdw12: 0x0101 },
      status: INVALID_FIELD,
      at: [12, 8],
    },
    {
      wrong: "field",
      what: "Directive Send disables the Identify directive, which stays",
      cite: "[BASE-2.1 §8.1.8]",
      command: { cdw12: 0 },
      status: INVALID_FIELD,
      at: [12, 0],
    },
  ),
];

const LBA_STATUS_ROWS = rows(
  { queue: "admin", opcode: 0x86, command: { nsid: 1, cdw12: 1023, length: 4096 } },
  ...[0, 0x02, 0x12, 0xff].map((action) => ({
    wrong: "field" as const,
    what: `Get LBA Status asks for action ${action.toString(16)}h, which is reserved`,
    cite: LBA_STATUS,
    command: { cdw13: (action << 24) >>> 0 },
    status: INVALID_FIELD,
    at: [13, 24] as const,
  })),
  {
    wrong: "limit",
    what: "Get LBA Status asks for more than MDTS allows",
    cite: "[BASE-2.1 §5.1.13.2.1, Fig. 312]",
    command: { cdw12: 0xf_ffff, cdw13: 0x1100_0000 },
    status: INVALID_FIELD,
    at: [12, 0],
  },
  {
    wrong: "limit",
    what: "Get LBA Status begins beyond the last block",
    cite: LBA_STATUS,
    command: { cdw11: 1, cdw13: 0x1100_0000 },
    status: "00h/80h",
    at: [10, 0],
    lba: 1n << 32n,
  },
);

/** Rows about what admin commands read and set. */
export const ADMIN_ROWS: readonly Row[] = [
  ...IDENTIFY_ROWS,
  ...LOG_ROWS,
  ...FEATURE_ROWS,
  ...SECURITY_ROWS,
  ...DIRECTIVE_ROWS,
  ...LBA_STATUS_ROWS,
];

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}
