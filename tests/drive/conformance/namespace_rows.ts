// What commands answer to namespace identifiers that they do not take, by the rules that hold for
// all of them, and by those of commands that have their own.

import { dwords, INVALID_FIELD, INVALID_NAMESPACE, NSID, type Row, rows, SUCCESS } from "./row.ts";
import { OPCODE_ROWS, type OpcodeRow } from "./opcodes.ts";

/** The rules for all commands. */
const RULES = "[BASE-2.1 §4.1, Fig. 92]";
/** Log pages of the controller and of the subsystem. */
const LOGS = "[BASE-2.1 §5.1.12.1]";
const AT_NSID = [1, 0] as const;

/** Commands that the drive has, with all but the namespace identifier in order. */
const FINE: Readonly<Record<string, Partial<Row["command"]>>> = {
  "admin 8": { cdw10: 0x0001_0000 },
  "admin 16": { cdw10: 0x12 },
  "admin 17": { cdw10: 1023, length: 4096 },
  "admin 25": { cdw11: 1, cdw12: 1 },
  "admin 26": { cdw10: 1023, cdw11: 1, length: 4096 },
  "admin 132": { cdw10: 0x02 },
  "admin 134": { cdw12: 1023, cdw13: 0x1100_0001, length: 4096 },
  "io 1": { length: 512 },
  "io 2": { length: 512 },
  "io 5": { length: 512 },
  "io 9": { out: dwords(0, 1, 0, 0) },
  "io 25": { out: new Uint8Array(32) },
};

function usedRows({ queue, opcode, name, nsid }: OpcodeRow): readonly Row[] {
  const command = FINE[`${queue} ${opcode}`] ?? {};
  const refused = (value: number, meaning: string, status: string): Row => ({
    queue,
    opcode,
    wrong: "namespace",
    what: `${name} is asked of ${meaning}`,
    cite: RULES,
    command: { ...command, nsid: value },
    status,
    at: AT_NSID,
  });
  return [
    refused(NSID.none, "namespace 0, which is none", INVALID_NAMESPACE),
    refused(NSID.invalid, "a namespace beyond NN", INVALID_NAMESPACE),
    refused(NSID.all - 1, "namespace FFFFFFFEh", INVALID_NAMESPACE),
    refused(NSID.inactive, "a namespace that is not attached", INVALID_FIELD),
    refused(NSID.unallocated, "a namespace that does not exist", INVALID_FIELD),
    ...(nsid === "active" ? [refused(NSID.all, "all namespaces at once", INVALID_FIELD)] : []),
  ];
}

function unusedRows({ queue, opcode, name }: OpcodeRow): readonly Row[] {
  const command = FINE[`${queue} ${opcode}`] ?? {};
  return [NSID.active, NSID.inactive, NSID.unallocated, NSID.invalid, NSID.all].map((nsid) => ({
    queue,
    opcode,
    wrong: "namespace",
    what: `${name}, which is about no namespace, names namespace ${nsid.toString(16)}h`,
    cite: RULES,
    command: { ...command, nsid },
    status: INVALID_FIELD,
    at: AT_NSID,
  }));
}

/** Opcodes that `virtual:namespaces` has; the tests of abilities show that it says so. */
const HAD: readonly OpcodeRow[] = OPCODE_ROWS.filter(({ queue, opcode }) =>
  queue === "io"
    ? [0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x09, 0x0c, 0x19].includes(opcode)
    : [0x08, 0x0c, 0x10, 0x11, 0x18, 0x19, 0x1a, 0x84, 0x86].includes(opcode)
);

const BY_RULE: readonly Row[] = HAD.flatMap((row) =>
  row.nsid === "unused" ? unusedRows(row) : usedRows(row)
);

/** A row for each namespace identifier that a command refuses. */
function refusals(
  common: Pick<Row, "queue" | "opcode" | "what" | "cite" | "command">,
  invalid: readonly number[],
  field: readonly number[],
): readonly Row[] {
  const row = (nsid: number, status: string): Row => ({
    ...common,
    wrong: "namespace",
    what: `${common.what} of namespace ${nsid.toString(16)}h`,
    command: { ...common.command, nsid },
    status,
    at: AT_NSID,
  });
  return [
    ...invalid.map((nsid) => row(nsid, INVALID_NAMESPACE)),
    ...field.map((nsid) => row(nsid, INVALID_FIELD)),
  ];
}

const { none, active, inactive, unallocated, invalid, all } = NSID;

const LOG_ROWS: readonly Row[] = [0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x0d, 0x81].flatMap((lid) =>
  refusals(
    {
      queue: "admin",
      opcode: 0x02,
      what: `log page ${lid.toString(16)}h`,
      cite: LOGS,
      command: { cdw10: 0x000f_0000 | lid, length: 64 },
    },
    [],
    [active, inactive, unallocated, invalid],
  )
);

/** Structures of Identify, and which identifiers each refuses [BASE-2.1 §5.1.13.1, Fig. 310]. */
const IDENTIFY: readonly (readonly [string, number[], readonly number[], readonly number[]])[] = [
  ["[NVM-1.1 §4.1.5.1]", [0x00], [none, invalid], []],
  ["[BASE-2.1 §5.1.13.2.3]", [0x03], [none, invalid, all], [inactive, unallocated]],
  ["[BASE-2.1 §5.1.13.2.8]", [0x08], [none, invalid, all], []],
  ["[BASE-2.1 §5.1.13.2.2]", [0x02, 0x07, 0x10, 0x1a], [0xfffffffe, all], []],
  ["[BASE-2.1 §5.1.13.2.10]", [0x11, 0x1b, 0x1f], [none, invalid, all], []],
  ["[BASE-2.1 §5.1.13.2.11]", [0x12], [none, invalid], [unallocated, all]],
  [RULES, [0x01, 0x06, 0x13, 0x16, 0x17, 0x19, 0x1c], [], [active, inactive, invalid, all]],
];

const IDENTIFY_ROWS: readonly Row[] = IDENTIFY.flatMap(([cite, structures, wrong, field]) =>
  structures.flatMap((cns) =>
    refusals(
      {
        queue: "admin",
        opcode: 0x06,
        what: `structure ${cns.toString(16)}h`,
        cite,
        command: { cdw10: cns === 0x1c ? 0xffff_001c : cns, length: 4096 },
      },
      wrong,
      field,
    )
  )
);

/** Features by scope [BASE-2.1 §4.4]: controller, namespace, subsystem. */
const FEATURE_ROWS: readonly Row[] = [
  ...[0x09, 0x0a].flatMap((opcode) => [
    ...refusals(
      {
        queue: "admin",
        opcode,
        what: "a feature of the controller",
        cite: RULES,
        command: { cdw10: 1 },
      },
      [invalid],
      [],
    ),
    ...refusals(
      {
        queue: "admin",
        opcode,
        what: "a feature of a namespace",
        cite: "[BASE-2.1 §4.4]",
        command: { cdw10: 5 },
      },
      [none, invalid, ...(opcode === 0x0a ? [all] : [])],
      [inactive, unallocated],
    ),
    ...refusals(
      {
        queue: "admin",
        opcode,
        what: "a feature of the subsystem",
        cite: "[BASE-2.1 §4.4]",
        command: { cdw10: 0x17 },
      },
      [],
      [active, inactive, unallocated, invalid, all],
    ),
  ]),
  ...rows(
    { queue: "admin", opcode: 0x09, command: { cdw10: 1 }, cite: "[BASE-2.1 §4.4]", at: AT_NSID },
    ...[active, inactive, unallocated].map((nsid) => ({
      wrong: "namespace" as const,
      what: `a feature of the controller is set for namespace ${nsid}`,
      cite: "[BASE-2.1 §4.4]",
      command: { cdw10: 1, nsid },
      status: "01h/0Fh",
    })),
  ),
  ...rows(
    { queue: "admin", opcode: 0x0a, cite: "[BASE-2.1 §4.4]" },
    {
      wrong: "none",
      what: "a feature of the controller is asked for with a valid namespace",
      cite: "[BASE-2.1 §4.4]",
      command: { cdw10: 1, nsid: active },
      status: SUCCESS,
    },
  ),
];

const OWN_ROWS: readonly Row[] = [
  ...refusals(
    {
      queue: "admin",
      opcode: 0x14,
      what: "a self-test",
      cite: "[BASE-2.1 §5.1.5, Fig. 170]",
      command: { cdw10: 1 },
    },
    [invalid, 0xfffffffe],
    [inactive, unallocated],
  ),
  ...refusals(
    {
      queue: "admin",
      opcode: 0x15,
      what: "attachment",
      cite: "[BASE-2.1 §5, Fig. 141]",
      command: { cdw10: 0, out: new Uint8Array(4096) },
    },
    [none, invalid],
    [unallocated, all],
  ),
  ...refusals(
    {
      queue: "admin",
      opcode: 0x0d,
      what: "deletion",
      cite: RULES,
      command: { cdw10: 1 },
    },
    [none, invalid],
    [unallocated],
  ),
  ...refusals(
    {
      queue: "admin",
      opcode: 0x0d,
      what: "creation in the name",
      cite: "[BASE-2.1 §5.1.21]",
      command: { cdw10: 0, out: new Uint8Array(4096) },
    },
    [],
    [active, unallocated, all],
  ),
  ...refusals(
    {
      queue: "admin",
      opcode: 0x80,
      what: "a format",
      cite: "[BASE-2.1 §5.1.10, Fig. 188]",
      command: { cdw10: 0 },
    },
    [none, invalid],
    [unallocated],
  ),
];

/** Every row about namespace identifiers. */
export const NAMESPACE_ROWS: readonly Row[] = [
  ...BY_RULE,
  ...LOG_ROWS,
  ...IDENTIFY_ROWS,
  ...FEATURE_ROWS,
  ...OWN_ROWS,
];
