// The Commands Supported and Effects log page.

import { assertEquals } from "@std/assert";
import { EffectsLog, EffectsPage, supportedCommands } from "../../../src/spec/log/effects.ts";
import { EFFECTS_IMAGE } from "../../golden/log/images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { EFFECTS_WITNESS, witnessTests } from "./witness.ts";

const NONE = {
  value: 0,
  supported: false,
  blockContent: false,
  namespaceCapability: false,
  namespaceInventory: false,
  controllerCapability: false,
  relaxation: 0,
  execution: 0,
  uuidSelection: false,
  namespaceScope: false,
  controllerScope: false,
  nvmSetScope: false,
  enduranceGroupScope: false,
  domainScope: false,
  subsystemScope: false,
};

const GET_LOG_PAGE = { supported: true, controllerScope: true };
const NAMESPACE_MANAGEMENT = {
  supported: true,
  namespaceCapability: true,
  namespaceInventory: true,
  controllerCapability: true,
  execution: 2,
  subsystemScope: true,
};
const FORMAT_NVM = {
  supported: true,
  blockContent: true,
  namespaceCapability: true,
  relaxation: 1,
  execution: 1,
  uuidSelection: true,
  namespaceScope: true,
};
const FLUSH = { supported: true, namespaceScope: true };
const WRITE = { ...FLUSH, blockContent: true };

/** 256 entries with some of them filled. */
function half<T>(empty: T, filled: Readonly<Record<number, T>>): T[] {
  return Array.from({ length: 256 }, (_, opcode) => filled[opcode] ?? empty);
}

structureTests(EffectsLog, {
  bytes: EFFECTS_IMAGE,
  decoded: {
    admin: half(NONE, {
      0x02: { ...NONE, ...GET_LOG_PAGE, value: 0x00200001 },
      0x0d: { ...NONE, ...NAMESPACE_MANAGEMENT, value: 0x0202001d },
      0x80: { ...NONE, ...FORMAT_NVM, value: 0x00194007 },
    }),
    io: half(NONE, {
      0x00: { ...NONE, ...FLUSH, value: 0x00100001 },
      0x01: { ...NONE, ...WRITE, value: 0x00100003 },
    }),
  },
  encoded: {
    admin: half<object>({}, { 0x02: GET_LOG_PAGE, 0x0d: NAMESPACE_MANAGEMENT, 0x80: FORMAT_NVM }),
    io: [FLUSH, WRITE],
  },
});

witnessTests(EffectsLog, EFFECTS_WITNESS);

const LOG = EffectsLog.decode(EFFECTS_IMAGE);

Deno.test("supportedCommands() lists admin commands before I/O commands, each by opcode", () => {
  assertEquals(supportedCommands(LOG).map(({ queue, name }) => `${queue} ${name}`), [
    "admin Get Log Page",
    "admin Namespace Management",
    "admin Format NVM",
    "io Flush",
    "io Write",
  ]);
});

Deno.test("EffectsPage.table() says the effects in words", () => {
  const table = EffectsPage.table?.(LOG);
  assertEquals(table?.columns, [
    "Queue",
    "Opcode",
    "Command",
    "May change",
    "Acts on",
    "Restriction",
  ]);
  assertEquals(table?.rows, [
    ["admin", "02h", "Get Log Page", "", "controllers", ""],
    [
      "admin",
      "0Dh",
      "Namespace Management",
      "namespace capabilities, namespace inventory, controller capabilities",
      "NVM subsystem",
      "alone on all namespaces",
    ],
    [
      "admin",
      "80h",
      "Format NVM",
      "logical blocks, namespace capabilities",
      "namespaces",
      "no other admin command beside it",
    ],
    ["I/O", "00h", "Flush", "", "namespaces", ""],
    ["I/O", "01h", "Write", "logical blocks", "namespaces", ""],
  ]);
  assertEquals(table?.note, "3 admin commands and 2 I/O commands supported");
});

Deno.test("EffectsPage.table() shows a reserved restriction by its number", () => {
  const log = EffectsLog.decode(page(4096, { 24: "01 00 05 00" }));
  assertEquals(EffectsPage.table?.(log).rows[0]?.[5], "reserved restriction 5");
});

Deno.test("EffectsPage.json() lists the supported commands of both queues", () => {
  const json = EffectsPage.json(LOG) as Record<"admin" | "io", Record<string, unknown>[]>;
  assertEquals(json.admin.length, 3);
  assertEquals(json.io.length, 2);
  assertEquals(json.admin[2]?.["opcode"], { value: 0x80, text: "Format NVM" });
  const effects = json.admin[2]?.["effects"] as Record<string, unknown>;
  assertEquals(effects["block_content"], true);
  assertEquals(effects["execution"], { value: 1, text: "alone in its namespace" });
});
