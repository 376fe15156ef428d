// What a violation carries.

import { assertEquals } from "@std/assert";
import { PduViolation } from "../../src/tcp/violation.ts";

Deno.test("PduViolation keeps its own copy of the header", () => {
  const header = Uint8Array.of(1, 2, 3);
  const violation = new PduViolation({ fes: 2, header, reason: "it came too early" });
  header.fill(0);
  assertEquals(violation.header, Uint8Array.of(1, 2, 3));
  assertEquals([violation.fes, violation.fei, violation.silent], [2, 0, false]);
  assertEquals(violation.message, "Cannot accept a PDU: it came too early");
});
