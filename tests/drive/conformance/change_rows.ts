// Commands that change the drive: namespaces, self-tests, formats, sanitize operations,
// with what they may not be told and when they may not come.

import { NamespaceCreateData } from "../../../src/spec/admin/namespace_management.ts";
import { encodeControllerList } from "../../../src/spec/identify/identify_lists.ts";
import { variant } from "../../../src/drive/mod.ts";
import { type Bench, personality } from "../bench.ts";
import { downloadImage } from "./firmware_rows.ts";
import { INVALID_FIELD, type Row, rows, SANITIZING, SUCCESS, WRITE_PROTECTED } from "./row.ts";

const MANAGEMENT = "[BASE-2.1 §5.1.21, Fig. 370]";
const ATTACHMENT = "[BASE-2.1 §5.1.20]";
const SELF_TEST = "[BASE-2.1 §5.1.5, Fig. 173]";
const FORMAT = "[BASE-2.1 §5.1.10, Fig. 189]";
const SANITIZE = "[BASE-2.1 §5.1.22]";

type Wishes = Parameters<typeof NamespaceCreateData.encode>[0];

const SMALL: Wishes = { nsze: 8n, ncap: 8n };

/** What is wrong with the data of a creation, the status that says so. */
const CREATIONS: readonly (readonly [string, Wishes, string])[] = [
  ["no blocks", { nsze: 0n, ncap: 0n }, INVALID_FIELD],
  ["more capacity than size", { nsze: 8n, ncap: 9n }, INVALID_FIELD],
  ["less capacity than size", { nsze: 8n, ncap: 7n }, "01h/1Bh"],
  ["more than is left", { nsze: 1n << 40n, ncap: 1n << 40n }, "01h/15h"],
  ["protection without metadata", { ...SMALL, dps: { pit: 1 } }, "01h/0Ah"],
  ["an NVM set", { ...SMALL, nvmsetid: 1 }, INVALID_FIELD],
  ["an endurance group that there is not", { ...SMALL, endgid: 7 }, INVALID_FIELD],
  ["an ANA group on a drive without", { ...SMALL, anagrpid: 1 }, "01h/24h"],
];

const MANAGEMENT_ROWS = rows(
  { queue: "admin", opcode: 0x0d },
  ...[2, 0xf].map((select) => ({
    wrong: "field" as const,
    what: `Namespace Management selects ${select}, which is reserved`,
    cite: "[BASE-2.1 §5.1.21, Fig. 367]",
    command: { cdw10: select },
    status: INVALID_FIELD,
    at: [10, 0] as const,
  })),
  {
    wrong: "field",
    what: "Namespace Management creates a namespace of another command set",
    cite: MANAGEMENT,
    command: { cdw10: 0, cdw11: 0x0200_0000, out: NamespaceCreateData.encode(SMALL) },
    status: "01h/29h",
    at: [11, 24],
  },
  ...CREATIONS.map(([what, wishes, status]) => ({
    wrong: "field" as const,
    what: `Namespace Management creates a namespace of ${what}`,
    cite: MANAGEMENT,
    command: { cdw10: 0, out: NamespaceCreateData.encode(wishes) },
    status,
  })),
  {
    wrong: "limit",
    what: "Namespace Management creates a namespace where NN exist",
    cite: MANAGEMENT,
    command: { cdw10: 0, out: NamespaceCreateData.encode(SMALL) },
    status: "01h/16h",
    before: async (bench) => {
      for (let nsid = 6; nsid <= 16; nsid++) await create(bench, SMALL);
    },
  },
  {
    wrong: "sequence",
    what: "Namespace Management deletes a write protected namespace",
    cite: "[BASE-2.1 §8.1.16]",
    command: { cdw10: 1, nsid: 1 },
    status: WRITE_PROTECTED,
    before: protect,
  },
);

const ATTACHMENT_ROWS = rows(
  { queue: "admin", opcode: 0x15, command: { nsid: 1, out: encodeControllerList([1]) } },
  ...[2, 0xf].map((select) => ({
    wrong: "field" as const,
    what: `Namespace Attachment selects ${select}, which is reserved`,
    cite: "[BASE-2.1 §5.1.20]",
    command: { cdw10: select },
    status: INVALID_FIELD,
    at: [10, 0] as const,
  })),
  ...([["of no controllers", []], ["of an unknown controller", [9]], ["in disorder", [
    2,
    1,
  ]]] as const)
    .map(([what, ids]) => ({
      wrong: "field" as const,
      what: `Namespace Attachment comes with a list ${what}`,
      cite: ATTACHMENT,
      on: "multipath",
      command: { cdw10: 1, out: encodeControllerList(ids) },
      status: "01h/1Ch",
    })),
  {
    wrong: "sequence",
    what: "Namespace Attachment attaches a namespace twice",
    cite: ATTACHMENT,
    command: { cdw10: 0 },
    status: "01h/18h",
  },
  {
    wrong: "sequence",
    what: "Namespace Attachment detaches a namespace that is not attached",
    cite: ATTACHMENT,
    command: { cdw10: 1, nsid: 5 },
    status: "01h/1Ah",
  },
  {
    wrong: "sequence",
    what: "Namespace Attachment attaches a private namespace to a second controller",
    cite: ATTACHMENT,
    on: "multipath",
    command: { cdw10: 0, nsid: 1, out: encodeControllerList([2]) },
    status: "01h/19h",
    before: async (bench) => {
      await bench.admin(0x0d, { cdw10: 1, nsid: 1 });
      await create(bench, SMALL);
      await bench.admin(0x15, { nsid: 1, out: encodeControllerList([1]) });
    },
  },
);

const SELF_TEST_ROWS = rows(
  { queue: "admin", opcode: 0x14 },
  ...[0, 3, 4, 0xd].map((code) => ({
    wrong: "field" as const,
    what: `Device Self-test takes code ${code.toString(16)}h, which the drive does not have`,
    cite: SELF_TEST,
    command: { cdw10: code },
    status: INVALID_FIELD,
    at: [10, 0] as const,
  })),
  ...[1, 2].map((code) => ({
    wrong: "sequence" as const,
    what: `Device Self-test ${code} comes while another one runs`,
    cite: "[BASE-2.1 §5.1.5, Fig. 174]",
    command: { cdw10: code },
    status: "01h/1Dh",
    retry: true as const,
    before: async (bench: Bench) => void await bench.admin(0x14, { cdw10: 2 }),
  })),
  {
    wrong: "none",
    what: "Device Self-test aborts where none runs",
    cite: SELF_TEST,
    command: { cdw10: 0xf },
    status: SUCCESS,
  },
);

/** The drive whose formats take neither the broadcast value nor a cryptographic erase. */
const STRICT = variant(personality(""), {
  formatting: { ...personality("").formatting, broadcast: false, cryptoErase: false },
});

const FORMAT_ROWS = rows(
  { queue: "admin", opcode: 0x80, command: { nsid: 1 }, on: "" },
  ...([
    ["a format beyond the last one", 5, "01h/0Ah", [10, 0]],
    ["a reserved type of protection", 0x82, INVALID_FIELD, [10, 5]],
    ["protection without metadata", 0x20, "01h/0Ah", [10, 5]],
    ["protection in front, which the drive cannot", 0x122, "01h/0Ah", [10, 8]],
    ["a reserved secure erase", 3 << 9, INVALID_FIELD, [10, 9]],
    ["another reserved secure erase", 7 << 9, INVALID_FIELD, [10, 9]],
  ] as const).map(([what, cdw10, status, at]) => ({
    wrong: "field" as const,
    what: `Format NVM asks for ${what}`,
    cite: FORMAT,
    command: { cdw10 },
    status,
    at,
  })),
  {
    wrong: "field",
    what: "Format NVM asks for a cryptographic erase that the drive does not have",
    cite: FORMAT,
    on: STRICT,
    command: { cdw10: 2 << 9 },
    status: INVALID_FIELD,
    at: [10, 9],
  },
  {
    wrong: "namespace",
    what: "Format NVM takes the broadcast value where FNVMBS forbids it",
    cite: "[BASE-2.1 §5.1.10, Fig. 188]",
    on: STRICT,
    command: { nsid: 0xffffffff },
    status: INVALID_FIELD,
    at: [1, 0],
  },
  {
    wrong: "none",
    what: "Format NVM formats no namespace where none is attached",
    cite: "[BASE-2.1 §5.1.10]",
    command: { nsid: 0xffffffff },
    status: SUCCESS,
    before: async (bench) => void await bench.admin(0x0d, { cdw10: 1, nsid: 1 }),
  },
  {
    wrong: "sequence",
    what: "Format NVM formats a write protected namespace",
    cite: "[BASE-2.1 §5.1.10]",
    status: WRITE_PROTECTED,
    before: protect,
  },
);

const SANITIZE_ROWS = rows(
  { queue: "admin", opcode: 0x84 },
  ...[0, 6, 7].map((action) => ({
    wrong: "field" as const,
    what: `Sanitize takes action ${action}, which is reserved`,
    cite: SANITIZE,
    command: { cdw10: action },
    status: INVALID_FIELD,
    at: [10, 0] as const,
  })),
  {
    wrong: "sequence",
    what: "Sanitize leaves a media verification that was not entered",
    cite: SANITIZE,
    command: { cdw10: 5 },
    status: INVALID_FIELD,
    at: [10, 0],
  },
  ...([["an overwrite", 0x403], ["blocks that stay allocated", 0x602]] as const)
    .map(([what, cdw10]) => ({
      wrong: "field" as const,
      what: `Sanitize verifies media after ${what}`,
      cite: SANITIZE,
      command: { cdw10 },
      status: INVALID_FIELD,
      at: [10, 10] as const,
    })),
  ...[1, 2, 3, 4].map((action) => ({
    wrong: "sequence" as const,
    what: `Sanitize takes action ${action} while an operation is in progress`,
    cite: "[BASE-2.1 §8.1.24.3.2]",
    command: { cdw10: action },
    status: SANITIZING,
    retry: true as const,
    before: async (bench: Bench) => void await bench.admin(0x84, { cdw10: 2 }),
  })),
  {
    wrong: "sequence",
    what: "Sanitize starts while a namespace is write protected",
    cite: SANITIZE,
    command: { cdw10: 2 },
    status: WRITE_PROTECTED,
    before: protect,
  },
  {
    wrong: "sequence",
    what: "Sanitize starts while firmware waits for a reset",
    cite: SANITIZE,
    command: { cdw10: 2 },
    status: "01h/11h",
    before: async (bench) => {
      await downloadImage(bench);
      await bench.admin(0x10, { cdw10: (1 << 3) | 2 });
    },
  },
  {
    wrong: "none",
    what: "Sanitize leaves a failure that there is not",
    cite: "[BASE-2.1 §8.1.24.3.1]",
    command: { cdw10: 1 },
    status: SUCCESS,
  },
);

/** Rows about commands that change the drive. */
export const CHANGE_ROWS: readonly Row[] = [
  ...MANAGEMENT_ROWS,
  ...ATTACHMENT_ROWS,
  ...SELF_TEST_ROWS,
  ...FORMAT_ROWS,
  ...SANITIZE_ROWS,
];

async function create(bench: Bench, wishes: Wishes): Promise<void> {
  await bench.admin(0x0d, { out: NamespaceCreateData.encode(wishes) });
}

/** Write protects namespace 1. */
async function protect(bench: Bench): Promise<void> {
  await bench.admin(0x09, { cdw10: 0x84, cdw11: 1, nsid: 1 });
}
