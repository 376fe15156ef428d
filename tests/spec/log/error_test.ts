// The Error Information log page.

import { assertEquals } from "@std/assert";
import {
  errorEntries,
  ErrorEntry,
  ErrorLog,
  ErrorPage,
  failedCommand,
} from "../../../src/spec/log/error.ts";
import { ERROR_ENTRY_IMAGE, ERROR_IMAGE } from "../../golden/log/images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { NOTHING } from "./controllers.ts";
import { ERROR_WITNESS, witnessTests } from "./witness.ts";

const VALUE = {
  errorCount: 5n,
  sqid: 3,
  cid: 0x012a,
  status: { status: 0x6281, phase: true },
  lba: 0x12345678n,
  nsid: 1,
  vendorLogPage: 0xc0,
  transportType: 3,
  commandSet: 2,
  opcode: 0x02,
  commandSpecific: 0x1122334455667788n,
  transportSpecific: 0xabcd,
  version: 1,
};

structureTests(ErrorEntry, {
  bytes: ERROR_ENTRY_IMAGE,
  decoded: { ...VALUE, parameterErrorLocation: { value: 0x0328, byte: 40, bit: 3 } },
  encoded: { ...VALUE, parameterErrorLocation: { byte: 40, bit: 3 } },
});

witnessTests(ErrorEntry, ERROR_WITNESS);

const LOG = ErrorLog.decode(ERROR_IMAGE);

/** The first entry of the image with other bytes over it. */
function entryWith(parts: Readonly<Record<number, string>>) {
  const bytes = ERROR_ENTRY_IMAGE.slice();
  const over = page(64, parts);
  for (const offset of Object.keys(parts).map(Number)) {
    const length = (parts[offset] ?? "").split(" ").length;
    bytes.set(over.subarray(offset, offset + length), offset);
  }
  return ErrorEntry.decode(bytes);
}

Deno.test("ErrorLog.decode() reads as many entries as there are bytes for", () => {
  assertEquals(LOG.length, 4);
  assertEquals(ErrorLog.decode(ERROR_IMAGE.subarray(0, 100)).length, 1);
});

Deno.test("errorEntries() leaves out entries whose count is zero", () => {
  assertEquals(errorEntries(LOG).map(({ errorCount }) => errorCount), [5n, 4n]);
});

Deno.test("ErrorPage.table() names commands and statuses", () => {
  const table = ErrorPage.table?.(LOG);
  assertEquals(table?.columns, [
    "Count",
    "Queue",
    "CID",
    "Command",
    "Status",
    "Parameter",
    "LBA",
    "Namespace",
  ]);
  assertEquals(table?.rows, [
    [
      "5",
      "3",
      "0x012a",
      "Read",
      "Unrecovered Read Error (02h/81h), more in the error log, do not retry",
      "byte 40 bit 3",
      "305419896",
      "1",
    ],
    ["4", "-", "-", "-", "Internal Error (00h/06h)", "-", "0", "all"],
  ]);
  assertEquals(table?.note, "4 entries, 2 used");
});

Deno.test("ErrorPage.table() of an empty log still says how long the log is", () => {
  const table = ErrorPage.table?.(ErrorLog.decode(new Uint8Array(64 * 64)));
  assertEquals(table?.rows, []);
  assertEquals(table?.note, "64 entries, 0 used");
});

Deno.test("failedCommand() tells admin commands from I/O commands by the queue", () => {
  assertEquals(failedCommand(entryWith({ 8: "00 00", 30: "00" })), {
    queue: "admin",
    opcode: 0x02,
    commandSet: "nvm",
  });
  const table = ErrorPage.table?.([entryWith({ 8: "00 00", 31: "80" })]);
  assertEquals(table?.rows[0]?.slice(1, 4), ["admin", "0x012a", "Format NVM"]);
});

Deno.test("failedCommand() takes no command from an entry of version 0", () => {
  assertEquals(failedCommand(entryWith({ 30: "00 00", 63: "00" })), { queue: "io" });
  assertEquals(ErrorPage.table?.([entryWith({ 63: "00" })]).rows[0]?.[3], "-");
});

Deno.test("ErrorPage names a command by the command set of its entry", () => {
  const nameIn = (commandSet: string, opcode: string) =>
    ErrorPage.table?.([entryWith({ 30: `${commandSet} ${opcode}` })]).rows[0]?.[3];
  assertEquals(nameIn("00", "01"), "Write");
  assertEquals(nameIn("01", "01"), "Store");
  assertEquals(nameIn("04", "01"), "I/O command 01h");
});

Deno.test("ErrorPage.json() keeps the pieces of the location and the status", () => {
  const json = ErrorPage.json(LOG);
  assertEquals(json["entries"], 4);
  const [first, second] = json["errors"] as Record<string, unknown>[];
  assertEquals(first?.["error_count"], 5);
  assertEquals(first?.["command"], "Read");
  assertEquals(first?.["parameter_error_location"], {
    value: 0x0328,
    text: "byte 40 bit 3",
    byte: 40,
    bit: 3,
  });
  assertEquals(second?.["parameter_error_location"], {
    value: 0xffff,
    text: "not in one parameter",
    byte: null,
    bit: null,
  });
  assertEquals((first?.["status"] as Record<string, unknown>)["value"], 0x6281);
  assertEquals(second?.["command"], null);
});

Deno.test("ErrorPage.length() is one entry more than ELPE says", () => {
  assertEquals(ErrorPage.length({ ...NOTHING, elpe: 0 }), 64);
  assertEquals(ErrorPage.length({ ...NOTHING, elpe: 63 }), 4096);
  assertEquals(ErrorPage.length({ ...NOTHING, elpe: 255 }), 16384);
});
