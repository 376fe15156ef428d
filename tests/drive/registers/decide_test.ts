// What verdicts at register taps make of a value.

import { assertEquals } from "@std/assert";
import { decideRegister } from "../../../src/drive/registers/decide.ts";
import type { Verdict } from "../../../src/drive/tap/verdict.ts";
import { Bench } from "../bench.ts";

function decided(access: "read" | "write", verdict: Verdict): bigint | undefined {
  const { drive } = new Bench();
  drive.taps.attach("nvme:regread:writeback", () => verdict);
  return decideRegister(drive.first, "nvme:regread:writeback", {
    access,
    offset: 0,
    width: 4,
    value: 7n,
  });
}

Deno.test("decideRegister() takes values over in the width of the register", () => {
  for (const access of ["read", "write"] as const) {
    assertEquals(decided(access, undefined), 7n);
    assertEquals(decided(access, { kind: "continue" }), 7n);
    assertEquals(decided(access, { kind: "mutate", value: 0x1_0000_0002n }), 2n);
    assertEquals(decided(access, { kind: "mutate", value: -1n }), 0xffff_ffffn);
    assertEquals(decided(access, { kind: "claim", value: 3n }), 3n);
    assertEquals(decided(access, { kind: "drop" }), undefined);
    assertEquals(decided(access, { kind: "disconnect" }), undefined);
  }
});

Deno.test("decideRegister() ends a write that is claimed without a value, and no read", () => {
  assertEquals(decided("write", { kind: "claim" }), undefined);
  assertEquals(decided("read", { kind: "claim" }), 7n);
});
