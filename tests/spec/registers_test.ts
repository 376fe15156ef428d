// Where the controller's registers stand, and what a host may do with them.

import { assert, assertEquals } from "@std/assert";
import { parseCitation } from "../../src/spec/references.ts";
import {
  AQA,
  CAP,
  CC,
  CSTS,
  doorbellAt,
  doorbellOffset,
  NSSD_SHUTDOWN,
  NSSR_RESET,
  REGISTER_LIST,
  registerAt,
  REGISTERS,
  shadowDoorbellOffset,
} from "../../src/spec/registers.ts";

/** SPDK, the offsets asserted under struct spdk_nvme_registers; its 64-bit members have `:8`. */
const OFFSETS = `
  CAP@0:8 VS@8:4 INTMS@c:4 INTMC@10:4 CC@14:4 CSTS@1c:4 NSSR@20:4 AQA@24:4 ASQ@28:8 ACQ@30:8
  CMBLOC@38:4 CMBSZ@3c:4 BPINFO@40:4 BPRSEL@44:4 BPMBL@48:8 CMBMSC@50:8 CMBSTS@58:4 CMBEBS@5c:4
  CMBSWTP@60:4 NSSD@64:4 CRTO@68:4 PMRCAP@e00:4 PMRCTL@e04:4 PMRSTS@e08:4 PMREBS@e0c:4
  PMRSWTP@e10:4 PMRMSCL@e14:4 PMRMSCU@e18:4`;

Deno.test("REGISTERS agrees with spdk_nvme_registers", () => {
  const ours = REGISTER_LIST.map(({ name, offset, width }) =>
    `${name}@${offset.toString(16)}:${width}`
  );
  assertEquals(ours, OFFSETS.trim().split(/\s+/));
});

Deno.test("REGISTERS do not overlap, and end before the doorbells", () => {
  let end = 0;
  for (const { name, offset, width } of REGISTER_LIST) {
    assert(offset >= end, name);
    end = offset + width;
  }
  assert(end <= 0x1000);
});

Deno.test("REGISTERS give a message-based controller only what Property Get has", () => {
  const message = REGISTER_LIST.filter(({ models }) => models.includes("message"));
  assertEquals(
    message.map(({ name }) => name),
    ["CAP", "VS", "CC", "CSTS", "NSSR", "NSSD", "CRTO"],
  );
});

Deno.test("REGISTERS cite documents that exist, and their layouts the same figures", () => {
  for (const { cite, layout, width } of REGISTER_LIST) {
    parseCitation(cite);
    if (!layout) continue;
    assertEquals([layout.cite, layout.size], [cite, width]);
  }
});

Deno.test("REGISTERS let a host write exactly the named bits of CC, AQA and PMRCTL", () => {
  for (const [name, ones] of [["CC", CC], ["AQA", AQA]] as const) {
    const all = ones.parse(0xffff_ffff);
    const named = Object.fromEntries(Object.entries(all).filter(([key]) => key !== "value"));
    assertEquals(REGISTERS[name].writable, BigInt(ones.compose(named)), name);
  }
  assertEquals(REGISTERS.PMRCTL.writable, 1n);
});

Deno.test("REGISTERS let a host write nothing of what is read only", () => {
  for (const { name, access, writable } of REGISTER_LIST) {
    assertEquals(access === "ro", writable === 0n, name);
  }
  assertEquals(REGISTERS.CSTS.writable, BigInt(CSTS.compose({ nssro: true })));
});

Deno.test("NSSR_RESET and NSSD_SHUTDOWN are the words that they spell", () => {
  const word = (value: number): string =>
    String.fromCharCode(...[24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff));
  assertEquals(word(NSSR_RESET), "NVMe");
  assertEquals(word(NSSD_SHUTDOWN.normal), "Nrml");
  assertEquals(word(NSSD_SHUTDOWN.abrupt), "Abpt");
});

Deno.test("registerAt() finds a register by where it begins only", () => {
  assertEquals(registerAt(0x14)?.name, "CC");
  assertEquals(registerAt(0x04), undefined);
  assertEquals(registerAt(0x18), undefined);
});

Deno.test("CAP says in milliseconds how long a controller may take", () => {
  const cap = CAP.parse(0x0000_0020_1e01_03ffn);
  assertEquals([cap.mqes, cap.cqr, cap.to, cap.dstrd, cap.ncss], [1023, true, 30, 0, true]);
  assert(CAP.text(cap).includes("time to become ready: 15000 ms"));
});

Deno.test("CC enables a controller as Linux does", () => {
  const cc = CC.compose({ en: true, iosqes: 6, iocqes: 4 });
  assertEquals(cc, 0x0046_0001);
});

Deno.test("doorbellOffset() puts a completion doorbell behind its submission doorbell", () => {
  assertEquals(doorbellOffset({ queue: "submission", qid: 0 }, 0), 0x1000);
  assertEquals(doorbellOffset({ queue: "completion", qid: 0 }, 0), 0x1004);
  assertEquals(doorbellOffset({ queue: "submission", qid: 1 }, 0), 0x1008);
  assertEquals(doorbellOffset({ queue: "completion", qid: 3 }, 2), 0x1000 + 7 * 16);
});

Deno.test("doorbellAt() finds what doorbellOffset() placed", () => {
  for (const dstrd of [0, 1, 4]) {
    for (const queue of ["submission", "completion"] as const) {
      for (const qid of [0, 1, 0xffff]) {
        assertEquals(doorbellAt(doorbellOffset({ queue, qid }, dstrd), dstrd), { queue, qid });
      }
    }
  }
});

Deno.test("doorbellAt() finds nothing between doorbells, before them and behind the last", () => {
  assertEquals(doorbellAt(0x1004, 1), undefined);
  assertEquals(doorbellAt(0x1002, 0), undefined);
  assertEquals(doorbellAt(0x0ffc, 0), undefined);
  assertEquals(doorbellAt(0x1000 + 4 * 0x2_0000, 0), undefined);
});

Deno.test("shadowDoorbellOffset() places doorbells like the registers, from zero on", () => {
  assertEquals(shadowDoorbellOffset({ queue: "submission", qid: 0 }, 0), 0);
  assertEquals(shadowDoorbellOffset({ queue: "completion", qid: 0 }, 0), 4);
  assertEquals(shadowDoorbellOffset({ queue: "submission", qid: 3 }, 0), 24);
  assertEquals(shadowDoorbellOffset({ queue: "completion", qid: 3 }, 1), 56);
});
