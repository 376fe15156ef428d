// I/O commands: ranges that are not there, more than is allowed, protection information that does
// not fit, blocks that cannot be read or written.

import { crc16 } from "../../../src/drive/nvm/crc16.ts";
import {
  dwords,
  INVALID_FIELD,
  OUT_OF_RANGE,
  type Row,
  rows,
  SUCCESS,
  WRITE_PROTECTED,
} from "./row.ts";

const WRITE = 0x01;
const READ = 0x02;
const UNCORRECTABLE = 0x04;
const COMPARE = 0x05;
const ZEROES = 0x08;
const DATASET = 0x09;
const VERIFY = 0x0c;
const COPY = 0x19;

const FUSES = "[BASE-2.1 §4.1, Fig. 91]";
const MDTS = "[BASE-2.1 §5.1.13.2.1, Fig. 312]";
const PROTECTED = "[BASE-2.1 §8.1.16]";
const COPYING = "[NVM-1.1 §3.3.2]";
const CHECKING = "[NVM-1.1 §5.3.3]";

/** Where the specification describes each command. */
const SECTION: Readonly<Record<number, string>> = {
  [COMPARE]: "[NVM-1.1 §3.3.1]",
  [COPY]: "[NVM-1.1 §3.3.2]",
  [DATASET]: "[NVM-1.1 §3.3.3]",
  [READ]: "[NVM-1.1 §3.3.4]",
  [VERIFY]: "[NVM-1.1 §3.3.5]",
  [WRITE]: "[NVM-1.1 §3.3.6]",
  [UNCORRECTABLE]: "[NVM-1.1 §3.3.7]",
  [ZEROES]: "[NVM-1.1 §3.3.8]",
};

/** Blocks of namespace 1 of `virtual:namespaces`. */
const BLOCKS = 107_374_182_400 / 512;
/** Namespace 3: type 1 protection information in metadata of eight bytes. */
const CHECKED = 3;
const BLOCK = new Uint8Array(512);

/** Every I/O command, fine but for what a row changes. */
export const EVERY_IO: readonly (readonly [number, Partial<Row["command"]>])[] = [
  [0x00, {}],
  [WRITE, { length: 512 }],
  [READ, { length: 512 }],
  [UNCORRECTABLE, {}],
  [COMPARE, { out: BLOCK }],
  [ZEROES, {}],
  [DATASET, { cdw11: 4, out: dwords(0, 1, 0, 0) }],
  [VERIFY, {}],
  [COPY, { out: copyRange(0, 1) }],
];

const FUSED_ROWS: readonly Row[] = EVERY_IO.flatMap(([opcode, command]) =>
  rows(
    { queue: "io", opcode, command: { ...command, nsid: 1 } },
    ...[1, 2, 3].map((fuse) => ({
      wrong: "field" as const,
      what: `I/O command ${
        opcode.toString(16)
      }h is part ${fuse} of a fused pair, which FUSES denies`,
      cite: FUSES,
      command: { flags: fuse },
      status: INVALID_FIELD,
      at: [0, 8] as const,
    })),
  )
);

const RANGE_ROWS: readonly Row[] = [WRITE, READ, UNCORRECTABLE, COMPARE, ZEROES, VERIFY].flatMap(
  (opcode) =>
    rows(
      { queue: "io", opcode, command: { nsid: 1, length: 1024 } },
      ...([
        ["the first block beyond the last", BLOCKS, 0],
        ["the last block and one more", BLOCKS - 1, 1],
        ["a block at 2^32 times the size", BLOCKS * 2 ** 32, 0],
      ] as const).map(([what, lba, more]) => ({
        wrong: "limit" as const,
        what: `I/O command ${opcode.toString(16)}h is about ${what}`,
        cite: SECTION[opcode] ?? "",
        command: { ...starting(lba), cdw12: more },
        status: OUT_OF_RANGE,
        at: [10, 0] as const,
        lba: BigInt(lba),
      })),
      {
        wrong: "none",
        what: `I/O command ${opcode.toString(16)}h is about the last block`,
        cite: SECTION[opcode] ?? "",
        command: { ...starting(BLOCKS - 1), cdw12: 0 },
        status: SUCCESS,
      },
    ),
);

const LISTED_ROWS: readonly Row[] = [
  ...rows(
    { queue: "io", opcode: DATASET, command: { nsid: 1 } },
    ...[0, 4].map((attributes) => ({
      wrong: "limit" as const,
      what: `Dataset Management lists a range beyond the last block, attributes ${attributes}`,
      cite: "[NVM-1.1 §3.3.3]",
      command: { cdw11: attributes, out: dwords(0, 2, BLOCKS - 1, 0) },
      status: OUT_OF_RANGE,
      lba: BigInt(BLOCKS - 1),
    })),
  ),
  ...rows(
    { queue: "io", opcode: COPY, command: { nsid: 1 } },
    {
      wrong: "limit",
      what: "Copy reads a range beyond the last block",
      cite: COPYING,
      command: { out: copyRange(BLOCKS, 1) },
      status: OUT_OF_RANGE,
      lba: BigInt(BLOCKS),
    },
    {
      wrong: "limit",
      what: "Copy writes beyond the last block",
      cite: COPYING,
      command: { ...starting(BLOCKS), out: copyRange(0, 1) },
      status: OUT_OF_RANGE,
      at: [10, 0],
      lba: BigInt(BLOCKS),
    },
    ...[2, 3, 4, 0xf].map((format) => ({
      wrong: "field" as const,
      what: `Copy comes with descriptors of format ${format}, which the drive does not have`,
      cite: COPYING,
      command: { cdw12: format << 8, out: new Uint8Array(64) },
      status: INVALID_FIELD,
      at: [12, 8] as const,
    })),
    {
      wrong: "limit",
      what: "Copy lists more ranges than MSRC",
      cite: COPYING,
      command: { cdw12: 128, out: new Uint8Array(129 * 32) },
      status: "01h/83h",
      at: [12, 0],
    },
    {
      wrong: "limit",
      what: "Copy lists a range of more blocks than MSSRL",
      cite: COPYING,
      command: { out: copyRange(0, 65_536) },
      status: "01h/83h",
    },
    {
      wrong: "field",
      what: "Copy gives descriptors without the tags that the protection needs",
      cite: COPYING,
      command: { nsid: CHECKED, cdw12: 0x100, out: new Uint8Array(40) },
      status: "00h/0Bh",
      at: [12, 8],
    },
    {
      wrong: "field",
      what: "Copy inserts protection information that it does not strip",
      cite: COPYING,
      command: { nsid: CHECKED, cdw12: 0x2000_0000, out: copyRange(0, 1) },
      status: INVALID_FIELD,
      at: [12, 26],
    },
  ),
];

const SIZE_ROWS: readonly Row[] = [WRITE, READ, COMPARE].flatMap((opcode) =>
  rows({ queue: "io", opcode, command: { nsid: 1 } }, {
    wrong: "limit",
    what: `I/O command ${opcode.toString(16)}h moves more than MDTS allows`,
    cite: MDTS,
    command: { cdw12: 1024 },
    status: INVALID_FIELD,
    at: [12, 0],
  })
);

const PROTECTED_ROWS: readonly Row[] = [WRITE, UNCORRECTABLE, ZEROES, DATASET, COPY].flatMap(
  (opcode) =>
    rows(
      { queue: "io", opcode, command: { ...Object.fromEntries(EVERY_IO)[opcode], nsid: 1 } },
      {
        wrong: "sequence",
        what: `I/O command ${opcode.toString(16)}h changes a write protected namespace`,
        cite: PROTECTED,
        status: WRITE_PROTECTED,
        before: async (bench) => {
          await bench.admin(0x09, { cdw10: 0x84, cdw11: 1, nsid: 1 });
        },
      },
      {
        wrong: "sequence",
        what: `I/O command ${opcode.toString(16)}h changes media that have become read-only`,
        cite: SECTION[opcode] ?? "",
        on: "critical",
        status: "01h/82h",
      },
    ),
);

const DAMAGED_ROWS: readonly Row[] = [READ, COMPARE, VERIFY, COPY].flatMap((opcode) =>
  rows({ queue: "io", opcode, command: { nsid: 1, ...reading(opcode, 8) } }, {
    wrong: "sequence",
    what: `I/O command ${opcode.toString(16)}h reads a block that was made uncorrectable`,
    cite: "[NVM-1.1 §3.3.7]",
    command: {},
    status: "02h/81h",
    lba: 10n,
    before: async (bench) => {
      await bench.io(UNCORRECTABLE, { nsid: 1, cdw10: 10 });
    },
  }, {
    wrong: "sequence",
    what: `I/O command ${
      opcode.toString(16)
    }h reads a deallocated block, which the host calls an error`,
    cite: "[NVM-1.1 §3.3.3.2.1]",
    status: "02h/87h",
    lba: 8n,
    before: async (bench) => {
      await bench.admin(0x09, { cdw10: 0x05, cdw11: 0x1_0000, nsid: 1 });
    },
  })
);

const COMPARE_ROWS = rows({ queue: "io", opcode: COMPARE, command: { nsid: 1 } }, {
  wrong: "sequence",
  what: "Compare finds other data",
  cite: "[NVM-1.1 §3.3.1]",
  command: { cdw10: 4, cdw12: 1, out: new Uint8Array(1024).fill(7, 1023) },
  status: "02h/85h",
  lba: 5n,
});

/** Protection information that is right for block 0 and application tag 1234h. */
const RIGHT = Uint8Array.of(...u16be(crc16(BLOCK)), 0x12, 0x34, 0, 0, 0, 0);

/** Writing protection information of which one part is not what the command says. */
const PROTECTION_ROWS: readonly Row[] = [
  ...rows(
    { queue: "io", opcode: WRITE, command: { nsid: CHECKED, out: BLOCK, cdw15: 0xffff_1234 } },
    ...([
      ["guard", 0x1000_0000, "02h/82h", 0],
      ["application tag", 0x0800_0000, "02h/83h", 2],
      ["reference tag", 0x0400_0000, "02h/84h", 4],
    ] as const).map(([what, check, status, byte]) => ({
      wrong: "field" as const,
      what: `Write sends a wrong ${what}`,
      cite: CHECKING,
      command: {
        cdw12: check,
        outMetadata: RIGHT.map((value, at) => at === byte ? value ^ 1 : value),
      },
      status,
      lba: 0n,
    })),
    {
      wrong: "none",
      what: "Write sends protection information that is right in every part",
      cite: CHECKING,
      command: { cdw12: 0x1c00_0000, outMetadata: RIGHT },
      status: SUCCESS,
    },
  ),
  ...[WRITE, READ, COMPARE, VERIFY].flatMap((opcode) =>
    rows(
      { queue: "io", opcode, command: { nsid: CHECKED, out: BLOCK, outMetadata: RIGHT } },
      {
        wrong: "field",
        what: `I/O command ${opcode.toString(16)}h of type 1 expects a tag that is not the address`,
        cite: CHECKING,
        command: { cdw12: 0x0400_0000, cdw14: 1 },
        status: "01h/81h",
        at: [14, 0],
        lba: 0n,
      },
    )
  ),
];

/** Every row about I/O commands, but for namespaces and what else is going on. */
export const IO_ROWS: readonly Row[] = [
  ...FUSED_ROWS,
  ...RANGE_ROWS,
  ...LISTED_ROWS,
  ...SIZE_ROWS,
  ...PROTECTED_ROWS,
  ...DAMAGED_ROWS,
  ...COMPARE_ROWS,
  ...PROTECTION_ROWS,
];

/** Starting LBA in command dwords 10 and 11. */
function starting(lba: number): { readonly cdw10: number; readonly cdw11: number } {
  return { cdw10: lba % 2 ** 32, cdw11: Math.floor(lba / 2 ** 32) };
}

/** A command that reads four blocks from block `lba` on. */
function reading(opcode: number, lba: number): Partial<Row["command"]> {
  return opcode === COPY
    ? { cdw10: 100, out: copyRange(lba, 4) }
    : { cdw10: lba, cdw12: 3, length: 2048 };
}

/** One source range of descriptor format 0h. */
function copyRange(lba: number, count: number): Uint8Array {
  return dwords(0, 0, lba % 2 ** 32, Math.floor(lba / 2 ** 32), count - 1, 0, 0, 0);
}

function u16be(value: number): readonly [number, number] {
  return [value >>> 8, value & 0xff];
}
