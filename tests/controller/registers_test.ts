// Tests of which registers are read, and how.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { readRegisters, registerImage } from "../../src/controller/registers.ts";
import { UnreachableError } from "../../src/errors.ts";
import type { RegisterAccess, Transport } from "../../src/transport/transport.ts";
import { scriptedTransport } from "../support/scripted.ts";

/** A drive whose registers are these values by offset, zero elsewhere, and what was read of it. */
function driveWith(
  values: Readonly<Record<number, bigint>>,
  model: RegisterAccess["model"] = "memory",
  refused: readonly number[] = [],
): { readonly drive: Drive; readonly reads: (readonly [offset: number, width: number])[] } {
  const reads: [number, number][] = [];
  const transport: Transport = {
    ...scriptedTransport([]),
    registers: () =>
      Promise.resolve({
        model,
        read(offset, width) {
          reads.push([offset, width]);
          return Promise.resolve(refused.includes(offset) ? undefined : values[offset] ?? 0n);
        },
      }),
  };
  return { drive: new Drive(transport), reads };
}

const V1_4 = 0x10400n;
const V2_1 = 0x20100n;
// Bits of CAP, as the figure numbers them.
const NSSRS = 1n << 36n;
const BPS = 1n << 45n;
const PMRS = 1n << 56n;
const CMBS = 1n << 57n;
const NSSS = 1n << 58n;
const CRIMS = 1n << 60n;

async function names(cap: bigint, vs: bigint, model?: RegisterAccess["model"]): Promise<string> {
  const { drive } = driveWith({ 0: cap, 8: vs }, model);
  const { registers } = await readRegisters(drive);
  return registers.map(({ register }) => register.name).join(" ");
}

Deno.test("readRegisters() reads what CAP and VS say is there, and nothing else", async () => {
  const basic = "CAP VS INTMS INTMC CC CSTS AQA ASQ ACQ";
  assertEquals(await names(1n, V1_4), basic);
  assertEquals(await names(1n, 0x10300n), `${basic} CMBLOC CMBSZ`);
  assertEquals(await names(1n, V2_1), `${basic} CRTO`);
  assertEquals(await names(CRIMS, V1_4), `${basic} CRTO`);
  assertEquals(
    await names(NSSRS, V1_4),
    "CAP VS INTMS INTMC CC CSTS NSSR AQA ASQ ACQ",
  );
  assertEquals(
    await names(CMBS, V1_4),
    `${basic} CMBLOC CMBSZ CMBMSC CMBSTS CMBEBS CMBSWTP`,
  );
  assertEquals(await names(BPS, V1_4), `${basic} BPINFO BPRSEL BPMBL`);
  assertEquals(await names(NSSS, V1_4), `${basic} NSSD`);
  assertEquals(
    await names(PMRS, V1_4),
    `${basic} PMRCAP PMRCTL PMRSTS PMREBS PMRSWTP PMRMSCL PMRMSCU`,
  );
});

Deno.test("readRegisters() over a fabric asks for the properties that fabrics have", async () => {
  const all = NSSRS | BPS | PMRS | CMBS | NSSS;
  assertEquals(await names(all, V2_1, "message"), "CAP VS CC CSTS NSSR NSSD CRTO");
});

Deno.test("readRegisters() leaves out a property that the controller refuses", async () => {
  const { drive } = driveWith({ 0: NSSRS, 8: V2_1 }, "message", [0x20, 0x68]);
  const { registers } = await readRegisters(drive);
  assertEquals(registers.map(({ register }) => register.name), ["CAP", "VS", "CC", "CSTS"]);
});

Deno.test("readRegisters() reads each register once, whole, and no doorbell", async () => {
  const { drive, reads } = driveWith({ 0: NSSRS | BPS | PMRS | CMBS | NSSS, 8: V2_1 });
  await readRegisters(drive);
  assertEquals(new Set(reads.map(([offset]) => offset)).size, reads.length);
  assert(reads.every(([offset, width]) => offset + width <= 0x1000 && offset % width === 0));
  const wide = reads.filter(([, width]) => width === 8).map(([offset]) => offset);
  assertEquals(wide.toSorted((one, other) => one - other), [0x00, 0x28, 0x30, 0x48, 0x50]);
});

Deno.test("readRegisters() knows a device that is gone by its all ones", async () => {
  const { drive } = driveWith({ 0: 0xffff_ffff_ffff_ffffn, 8: 0xffff_ffffn });
  await assertRejects(() => readRegisters(drive), UnreachableError, "CAP reads as all ones");
  const half = driveWith({ 0: 1n, 8: 0xffff_ffffn });
  await assertRejects(() => readRegisters(half.drive), UnreachableError, "VS reads as all ones");
});

Deno.test("readRegisters() says where a transport has none", async () => {
  const drive = new Drive(scriptedTransport([]));
  await assertRejects(() => readRegisters(drive), UnreachableError, "cannot be reached this way");
  const refusing = driveWith({ 8: V2_1 }, "message", [0]);
  await assertRejects(() => readRegisters(refusing.drive), UnreachableError, "refuses CAP");
});

Deno.test("registerImage() has every register at its offset, little-endian", async () => {
  const { drive } = driveWith({
    0: 0x1122_3344_5566_7788n | PMRS,
    8: V2_1,
    0x30: 0xabcd_ef00n,
    0xe18: 0xdead_beefn,
  });
  const { registers } = await readRegisters(drive);
  const image = registerImage(registers);
  assertEquals(image.length, 4096);
  const view = new DataView(image.buffer);
  assertEquals(view.getBigUint64(0, true), 0x1122_3344_5566_7788n | PMRS);
  assertEquals(view.getUint32(8, true), 0x20100);
  assertEquals(view.getBigUint64(0x30, true), 0xabcd_ef00n);
  assertEquals(view.getUint32(0xe18, true), 0xdead_beef);
});
