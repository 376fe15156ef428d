// The status field: its bits both ways, its text both ways.

import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeStatus,
  encodeStatus,
  formatStatus,
  parseStatus,
  type Status,
} from "../../../src/spec/status/status.ts";

const ZERO: Status = {
  field: 0,
  type: 0,
  code: 0,
  retryDelay: 0,
  more: false,
  doNotRetry: false,
};

Deno.test("decodeStatus() takes a field of all ones apart", () => {
  assertEquals(decodeStatus(0x7fff), {
    field: 0x7fff,
    type: 7,
    code: 0xff,
    retryDelay: 3,
    more: true,
    doNotRetry: true,
  });
});

Deno.test("decodeStatus() puts each single bit where the specification has it", () => {
  const expected: readonly Partial<Status>[] = [
    ...Array.from({ length: 8 }, (_, bit) => ({ code: 1 << bit })),
    { type: 1 },
    { type: 2 },
    { type: 4 },
    { retryDelay: 1 },
    { retryDelay: 2 },
    { more: true },
    { doNotRetry: true },
  ];
  assertEquals(expected.length, 15);
  for (const [bit, parts] of expected.entries()) {
    assertEquals(decodeStatus(1 << bit), { ...ZERO, field: 1 << bit, ...parts });
  }
});

Deno.test("encodeStatus() undoes decodeStatus() for every field", () => {
  for (let field = 0; field <= 0x7fff; field++) {
    if (encodeStatus(decodeStatus(field)) !== field) assertEquals(field, -1);
  }
});

Deno.test("decodeStatus() refuses a field that still has its phase bit, and an errno", () => {
  for (const field of [0x8000, 0xffff, -5, 1.5, NaN]) {
    assertThrows(() => decodeStatus(field), RangeError, "Cannot decode status field");
  }
});

Deno.test("encodeStatus() refuses a part that does not fit its bits", () => {
  assertThrows(() => encodeStatus({ type: 8, code: 0 }), RangeError, "status type: found 8");
  assertThrows(() => encodeStatus({ type: 0, code: 0x100 }), RangeError, "status code: found 256");
  assertThrows(
    () => encodeStatus({ type: 0, code: 0, retryDelay: 4 }),
    RangeError,
    "Cannot encode status retry delay: found 4, need 0 to 3",
  );
});

Deno.test("formatStatus() gives name and number", () => {
  assertEquals(formatStatus(decodeStatus(0x10a)), "Invalid Format (01h/0Ah)");
  assertEquals(formatStatus(decodeStatus(0x610a)), "Invalid Format (01h/0Ah)");
  assertEquals(formatStatus(decodeStatus(0)), "Successful Completion (00h/00h)");
});

Deno.test("formatStatus() gives the other bits when asked", () => {
  const flags = (field: number): string => formatStatus(decodeStatus(field), {}, "flags");
  assertEquals(flags(0x10a), "Invalid Format (01h/0Ah)");
  assertEquals(flags(0x410a), "Invalid Format (01h/0Ah), do not retry");
  assertEquals(flags(0x210a), "Invalid Format (01h/0Ah), more in the error log");
  assertEquals(
    flags(0x6002),
    "Invalid Field in Command (00h/02h), more in the error log, do not retry",
  );
  assertEquals(flags(0x1021), "Command Interrupted (00h/21h), retry after CRDT2");
});

Deno.test("formatStatus() names a code by the command that was sent", () => {
  const status = decodeStatus(0x181);
  assertEquals(formatStatus(status), "Invalid Protection Information (01h/81h)");
  assertEquals(formatStatus(status, { queue: "fabrics" }), "Controller Busy (01h/81h)");
});

Deno.test("formatStatus() has words for a code without a name", () => {
  assertEquals(formatStatus(decodeStatus(0x16e)), "unknown status (01h/6Eh)");
  assertEquals(formatStatus(decodeStatus(0x7ff)), "vendor specific status (07h/FFh)");
});

Deno.test("parseStatus() reads the field as Linux prints it", () => {
  assertEquals(parseStatus("0x2002"), decodeStatus(0x2002));
  assertEquals(parseStatus("0x10a"), decodeStatus(0x10a));
  assertEquals(parseStatus(" 0X410A "), decodeStatus(0x410a));
  assertEquals(parseStatus("10Ah"), decodeStatus(0x10a));
  assertEquals(parseStatus("0x0"), decodeStatus(0));
});

Deno.test("parseStatus() reads type and code", () => {
  for (const text of ["01h/0Ah", "1h/ah", "0x1/0xa", "0x01 / 0x0A"]) {
    assertEquals(parseStatus(text), decodeStatus(0x10a), text);
  }
});

Deno.test("parseStatus() reads the kernel's log", () => {
  assertEquals(parseStatus("sct 0x2 / sc 0x81"), decodeStatus(0x281));
  assertEquals(parseStatus("(sct 0x2 / sc 0x81) MORE DNR"), decodeStatus(0x6281));
  assertEquals(parseStatus("(sct 0x0 / sc 0x2) DNR"), decodeStatus(0x4002));
});

Deno.test("parseStatus() reads what formatStatus() wrote in its parentheses", () => {
  for (const field of [0, 0x10a, 0x281, 0x7ff]) {
    const [, number = ""] = /\((.*)\)/.exec(formatStatus(decodeStatus(field))) ?? [];
    assertEquals(parseStatus(number), decodeStatus(field));
  }
});

Deno.test("parseStatus() makes nothing of what is not a status", () => {
  for (
    const text of [
      "",
      "266",
      "2002",
      "1/10",
      "0x8000",
      "0x12345",
      "8h/00h",
      "0x9/0x1",
      "0x1/0x100",
      "01h/0Ah/02h",
      "0x",
      "h",
      "invalid format",
      "-0x1",
      "0x1.5",
    ]
  ) {
    assertEquals(parseStatus(text), undefined, text);
  }
});
