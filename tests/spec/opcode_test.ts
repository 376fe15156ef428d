// Opcodes: the tables against two other people's headers, and the lookups.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ADMIN_COMMANDS,
  adminOpcode,
  COMMON_IO_COMMANDS,
  FABRICS_COMMANDS,
  fabricsType,
  ioOpcode,
  KV_COMMANDS,
  NVM_COMMANDS,
  opcodeDirection,
  type OpcodeInfo,
  ZNS_COMMANDS,
} from "../../src/spec/opcode.ts";
import { opcodeTable } from "../../src/spec/opcode/table.ts";
import { parseCitation } from "../../src/spec/references.ts";

type Table = Readonly<Record<string, OpcodeInfo>>;

const TABLES: Readonly<Record<string, Table>> = {
  ADMIN_COMMANDS,
  COMMON_IO_COMMANDS,
  NVM_COMMANDS,
  ZNS_COMMANDS,
  KV_COMMANDS,
  FABRICS_COMMANDS,
};
const ALL = Object.values(TABLES).flatMap((table) => Object.values(table));

/** One header's word on some tables: each opcode in hexadecimal, then the header's words for it. */
interface Witness {
  readonly source: string;
  readonly tables: readonly Table[];
  /** Whether the header has every command that the tables have. */
  readonly complete: boolean;
  readonly facts: string;
}

const WITNESSES: readonly Witness[] = [
  {
    source: "libnvme's nvme_admin_opcode",
    tables: [ADMIN_COMMANDS],
    complete: true,
    facts: `
      00 delete sq, 01 create sq, 02 get log page, 04 delete cq, 05 create cq, 06 identify,
      08 abort cmd, 09 set features, 0a get features, 0c async event, 0d ns mgmt, 10 fw commit,
      11 fw download, 14 dev self test, 15 ns attach, 18 keep alive, 19 directive send,
      1a directive recv, 1c virtual mgmt, 1d nvme mi send, 1e nvme mi recv, 20 capacity mgmt,
      21 discovery info mgmt, 22 fabric zoning recv, 24 lockdown, 25 fabric zoning lookup,
      28 clear export nvm res, 29 fabric zoning send, 2a create export nvms,
      2d manage export nvms, 31 manage export ns, 35 manage export port, 39 send disc log page,
      3d track send, 3e track receive, 41 migration send, 42 migration receive,
      45 ctrl data queue, 7c dbbuf, 7f fabrics, 80 format nvm, 81 security send,
      82 security recv, 84 sanitize nvm, 85 load program, 86 get lba status, 88 program act mgmt,
      89 mem range set mgmt`,
  },
  {
    source: "libnvme's nvme_io_opcode",
    tables: [COMMON_IO_COMMANDS, NVM_COMMANDS, ZNS_COMMANDS],
    complete: true,
    facts: `
      00 flush, 01 write, 02 read, 04 write uncor, 05 compare, 08 write zeroes, 09 dsm, 0c verify,
      0d resv register, 0e resv report, 11 resv acquire, 12 io mgmt recv, 15 resv release,
      18 cancel, 19 copy, 1d io mgmt send, 79 zns mgmt send, 7a zns mgmt recv, 7d zns append,
      7f fabric`,
  },
  {
    source: "libnvme's nvme_kv_opcode",
    tables: [COMMON_IO_COMMANDS, KV_COMMANDS],
    complete: false,
    facts: `
      00 flush, 01 store, 02 retrieve, 06 list, 0d resv register, 0e resv report, 10 delete,
      11 resv acquire, 14 exist, 15 resv release`,
  },
  {
    source: "libnvme's nvme_fctype",
    tables: [FABRICS_COMMANDS],
    complete: true,
    facts: `
      00 property set, 01 connect, 04 property get, 05 auth send, 06 auth receive, 08 disconnect`,
  },
  {
    source: "SPDK's spdk_nvme_admin_opcode",
    tables: [ADMIN_COMMANDS],
    complete: false,
    facts: `
      00 delete io sq, 01 create io sq, 02 get log page, 04 delete io cq, 05 create io cq,
      06 identify, 08 abort, 09 set features, 0a get features, 0c async event request,
      0d ns management, 10 firmware commit, 11 firmware image download, 14 device self test,
      15 ns attachment, 18 keep alive, 19 directive send, 1a directive receive,
      1c virtualization management, 1d nvme mi send, 1e nvme mi receive,
      7c doorbell buffer config, 80 format nvm, 81 security send, 82 security receive,
      84 sanitize, 86 get lba status`,
  },
  {
    source: "SPDK's spdk_nvme_nvm_opcode and spdk_nvme_zns_opcode",
    tables: [COMMON_IO_COMMANDS, NVM_COMMANDS, ZNS_COMMANDS],
    complete: false,
    facts: `
      00 flush, 01 write, 02 read, 04 write uncorrectable, 05 compare, 08 write zeroes,
      09 dataset management, 0c verify, 0d reservation register, 0e reservation report,
      11 reservation acquire, 12 io management receive, 15 reservation release, 19 copy,
      1d io management send, 79 zone mgmt send, 7a zone mgmt recv, 7d zone append`,
  },
  {
    source: "SPDK's spdk_nvme_kv_opcode",
    tables: [KV_COMMANDS],
    complete: true,
    facts: "01 store, 02 retrieve, 06 list, 10 delete, 14 exist",
  },
  {
    source: "SPDK's spdk_nvmf_fabric_cmd_types",
    tables: [FABRICS_COMMANDS],
    complete: false,
    facts: `
      00 property set, 01 connect, 04 property get, 05 authentication send,
      06 authentication recv`,
  },
];

/** What the headers abbreviate: their word, and the specification's. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map(Object.entries({
  act: "activation",
  async: "asynchronous",
  attach: "attachment",
  auth: "authentication",
  ctrl: "controller",
  cq: "i o completion queue",
  dbbuf: "doorbell buffer config",
  dev: "device",
  disc: "discovery",
  dsm: "dataset management",
  export: "exported",
  fw: "firmware",
  info: "information",
  io: "i o",
  mem: "memory",
  mgmt: "management",
  ns: "namespace",
  nvms: "nvm subsystem",
  recv: "receive",
  res: "resource",
  resv: "reservation",
  sq: "i o submission queue",
  uncor: "uncorrectable",
  virtual: "virtualization",
}));

/** Names that even written out are not the specification's, each pair read and found to agree. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map(Object.entries({
  "abort cmd": "abort",
  "asynchronous event": "asynchronous event request",
  "clear exported nvm resource": "clear exported nvm resource configuration",
  "delete i o i o submission queue": "delete i o submission queue",
  "create i o i o submission queue": "create i o submission queue",
  "delete i o i o completion queue": "delete i o completion queue",
  "create i o i o completion queue": "create i o completion queue",
  "fabric": "fabric commands",
  "fabrics": "fabrics commands",
  "firmware download": "firmware image download",
  "sanitize nvm": "sanitize",
  "zns append": "zone append",
  "zns management receive": "zone management receive",
  "zns management send": "zone management send",
}));

function plain(name: string): string {
  return name.toLowerCase().match(/[a-z0-9]+/g)?.join(" ") ?? "";
}

function writtenOut(words: string): string {
  const whole = words.split(" ").map((word) => ABBREVIATIONS.get(word) ?? word).join(" ");
  return OTHER_WORDS.get(whole) ?? whole;
}

for (const { source, tables, complete, facts } of WITNESSES) {
  Deno.test(`${source} has the same opcodes under the same names`, () => {
    const ours = new Map(
      tables.flatMap((table) => Object.values(table)).map(({ opcode, name }) => [opcode, name]),
    );
    const theirs = new Map(
      facts.split(",").map((fact): [number, string] => {
        const [digits = "", ...words] = fact.trim().split(/\s+/);
        return [parseInt(digits, 16), words.join(" ")];
      }),
    );
    for (const [opcode, words] of theirs) {
      assertEquals(plain(ours.get(opcode) ?? ""), writtenOut(words), `opcode ${opcode}`);
    }
    if (complete) assertEquals([...ours.keys()].sort(), [...theirs.keys()].sort());
  });
}

Deno.test("every command's direction is what bits 1:0 of its opcode say", () => {
  for (const { opcode, name, direction } of ALL) {
    assertEquals(direction, opcodeDirection(opcode), name);
  }
});

Deno.test("only the Fabrics opcode says that data goes both ways", () => {
  const names = ALL.filter(({ direction }) => direction === "bidirectional").map((info) =>
    info.name
  );
  assertEquals(names, ["Fabrics Commands", "Fabric Commands"]);
});

Deno.test("every command has a citation that resolves", () => {
  for (const { cite } of ALL) parseCitation(cite);
});

Deno.test("every first revision is one that was published", () => {
  const revisions = ["1.0", "1.1", "1.2", "1.2.1", "1.3", "1.4", "2.0", "2.1"];
  for (const { name, since } of ALL) {
    assert(since === undefined || revisions.includes(since), `${name}: ${since}`);
  }
});

Deno.test("a table lists its opcodes in rising order", () => {
  for (const [name, table] of Object.entries(TABLES)) {
    const opcodes = Object.values(table).map(({ opcode }) => opcode);
    assertEquals(opcodes, opcodes.toSorted((a, b) => a - b), name);
  }
});

Deno.test("what may cost user data is marked destroy", () => {
  const destroying = (table: Table): readonly number[] =>
    Object.values(table).filter(({ effect }) => effect === "destroy").map(({ opcode }) => opcode);
  assertEquals(
    destroying(ADMIN_COMMANDS),
    [
      ...[0x00, 0x01, 0x04, 0x05, 0x0d, 0x15, 0x1c, 0x1d, 0x20, 0x28, 0x2d, 0x31, 0x35, 0x41, 0x45],
      ...[0x7c, 0x80, 0x81, 0x84],
    ],
  );
  assertEquals(destroying(COMMON_IO_COMMANDS), [0x11]);
  assertEquals(destroying(NVM_COMMANDS), [0x01, 0x04, 0x08, 0x09, 0x19]);
  assertEquals(destroying(ZNS_COMMANDS), [0x79, 0x7d]);
  assertEquals(destroying(KV_COMMANDS), [0x01, 0x10]);
  assertEquals(destroying(FABRICS_COMMANDS), [0x00]);
});

Deno.test("a command that changes the drive but no data is marked write", () => {
  const { firmwareCommit, deviceSelfTest, asyncEventRequest } = ADMIN_COMMANDS;
  for (const { effect } of [firmwareCommit, deviceSelfTest, asyncEventRequest]) {
    assertEquals(effect, "write");
  }
});

Deno.test("adminOpcode() and its kind describe all 256 opcodes", () => {
  for (let opcode = 0; opcode <= 0xff; opcode++) {
    for (
      const info of [
        adminOpcode(opcode),
        ioOpcode(opcode),
        ioOpcode(opcode, "nvm"),
        ioOpcode(opcode, "kv"),
        fabricsType(opcode),
      ]
    ) {
      assertEquals(info.opcode, opcode);
      assert(info.known || info.effect === "destroy", info.name);
      assertEquals(info.direction, opcodeDirection(opcode));
      parseCitation(info.cite);
    }
  }
});

Deno.test("adminOpcode() names a vendor's opcode and an unknown one by number", () => {
  assertEquals(adminOpcode(0xc0).name, "vendor specific (C0h)");
  assertEquals(adminOpcode(0xff).name, "vendor specific (FFh)");
  assertEquals(adminOpcode(0xbf).name, "unknown (BFh)");
  assertEquals(adminOpcode(0x7a).name, "unknown (7Ah)");
});

Deno.test("ioOpcode() counts every opcode from 80h on as the vendor's", () => {
  assertEquals(ioOpcode(0x80).name, "vendor specific (80h)");
  assertEquals(ioOpcode(0x7e).name, "unknown (7Eh)");
});

Deno.test("ioOpcode() goes by the command set", () => {
  assertEquals(ioOpcode(0x01).name, "Write");
  assertEquals(ioOpcode(0x01, "kv").name, "Store");
  assertEquals(ioOpcode(0x7d).name, "Zone Append");
  assertEquals(ioOpcode(0x7d, "nvm").name, "unknown (7Dh)");
  assertEquals(ioOpcode(0x05, "kv").name, "unknown (05h)");
  for (const set of ["nvm", "zns", "kv"] as const) assertEquals(ioOpcode(0, set).name, "Flush");
});

Deno.test("fabricsType() names what opcode 7Fh stands for", () => {
  assertEquals(fabricsType(0x01).name, "Connect");
  assertEquals(fabricsType(0x02).name, "unknown (02h)");
  assertEquals(fabricsType(0xc1).name, "vendor specific (C1h)");
});

Deno.test("opcodeTable() refuses two rows with one opcode", () => {
  const cite = "[BASE-2.1]";
  assertThrows(
    () => opcodeTable({ a: [1, "A", "out", "read", cite], b: [1, "B", "out", "read", cite] }),
    RangeError,
    'Cannot define opcode of "B": "A" has it',
  );
});
