// The registers by their fields: how they are accessed, what they say about limits, and what is
// said when nobody answers.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnreachableError } from "../../../src/errors.ts";
import { CAP, CC, CRTO, CSTS, REGISTERS } from "../../../src/spec/registers.ts";
import { ControllerRegisters } from "../../../src/transport/polled/controller_registers.ts";
import { switchOnMemory } from "../../../src/transport/polled/command_register.ts";
import { Rig, type ScriptedDevice, scriptedDevice } from "./rig.ts";

const AT = {
  cap: REGISTERS.CAP.offset,
  cc: REGISTERS.CC.offset,
  csts: REGISTERS.CSTS.offset,
  crto: REGISTERS.CRTO.offset,
  asq: REGISTERS.ASQ.offset,
};

function device(cap: Parameters<typeof CAP.compose>[0], length?: number): ScriptedDevice {
  const made = scriptedDevice(length === undefined ? {} : { length });
  const value = CAP.compose(cap);
  made.registers.set(AT.cap, Number(value & 0xffff_ffffn)).set(AT.cap + 4, Number(value >> 32n));
  return made;
}

Deno.test("CAP is read once, as two dwords, the low one first", () => {
  const made = device({ mqes: 1023, to: 20, dstrd: 3, mpsmax: 4 });
  const registers = new ControllerRegisters(made);
  assertEquals(made.accesses.map(([kind, offset]) => [kind, offset]), [["read", 0], ["read", 4]]);
  const { mqes, to, dstrd, mpsmax } = registers.cap;
  assertEquals([mqes, to, dstrd, mpsmax, registers.dstrd], [1023, 20, 3, 4, 3]);
  assertEquals(registers.capValue, CAP.compose({ mqes: 1023, to: 20, dstrd: 3, mpsmax: 4 }));
});

Deno.test("addresses are written as two dwords, the low one first", () => {
  const made = device({ mqes: 1 });
  new ControllerRegisters(made).write64(AT.asq, 0x12_3456_7000n);
  assertEquals(made.accesses.slice(2), [
    ["write", AT.asq, 0x3456_7000],
    ["write", AT.asq + 4, 0x12],
  ]);
});

Deno.test("a virtual drive's CAP is what it says in one access", () => {
  const { backing } = new Rig();
  switchOnMemory(backing);
  const { capValue } = new ControllerRegisters(backing);
  assertEquals(capValue, backing.bar0.read64(AT.cap));
});

Deno.test("the limit for becoming ready is CAP.TO and one, or CRTO where that is longer", () => {
  const limit = (cap: Parameters<typeof CAP.compose>[0], crwmt: number): number => {
    const made = device({ mqes: 1, ...cap as object });
    made.registers.set(AT.crto, CRTO.compose({ crwmt }));
    return new ControllerRegisters(made).readyLimitMs();
  };
  assertEquals(limit({ to: 0 }, 60), 500);
  assertEquals(limit({ to: 15 }, 60), 8000);
  assertEquals(limit({ to: 0xff, crwms: true }, 600), 300_000);
  assertEquals(limit({ to: 0xff, crwms: true }, 10), 128_000);
});

Deno.test("an I/O queue is as large as wanted, or as MQES allows", () => {
  const entries = (mqes: number, wanted: number): number =>
    new ControllerRegisters(device({ mqes })).ioEntries(wanted);
  assertEquals(entries(1023, 64), 64);
  assertEquals(entries(31, 64), 32);
  assertEquals(entries(1, 64), 2);
  assertEquals(entries(1023, 1), 2);
  const error = assertThrows(() => entries(0, 64), UnreachableError, "CAP.MQES is 0");
  assert(error.next);
});

Deno.test("doorbells have to be within base address register 0, whatever their distance", () => {
  for (let dstrd = 0; dstrd <= 4; dstrd++) {
    const stride = 4 << dstrd;
    const registers = new ControllerRegisters(device({ mqes: 1, dstrd }, 0x1000 + 3 * stride + 4));
    registers.requireDoorbells(1);
    assertThrows(() => registers.requireDoorbells(2), UnreachableError, "Cannot use queue 2");
  }
  const small = device({ mqes: 1 }, 0x1000);
  assertThrows(() => new ControllerRegisters(small), UnreachableError, "4096 bytes, need 4104");
  assertEquals(small.accesses, []);
});

Deno.test("all ones mean that the device is gone, in whichever register", () => {
  const made = device({ mqes: 1 });
  const registers = new ControllerRegisters(made);
  made.registers.set(AT.cc, 0xffff_ffff).set(AT.csts, 0xffff_ffff);
  assertThrows(() => registers.configuration(), UnreachableError, "gone, CC reads all ones");
  assertThrows(() => registers.status(), UnreachableError, "gone, CSTS reads all ones");
  assertEquals(registers.describe(), "CC FFFFFFFFh, CSTS FFFFFFFFh");
  made.registers.set(AT.cap, 0xffff_ffff).set(AT.cap + 4, 0xffff_ffff);
  assertThrows(() => new ControllerRegisters(made), UnreachableError, "gone, CAP reads all ones");
});

Deno.test("CC and CSTS are known by their fields, and who enabled the controller", () => {
  const made = device({ mqes: 1 });
  const registers = new ControllerRegisters(made);
  made.registers.set(AT.csts, CSTS.compose({ rdy: true, shst: 2 }));
  made.registers.set(AT.cc, CC.compose({ en: true, mps: 1 }));
  assertEquals([registers.status().rdy, registers.status().shst], [true, 2]);
  assertEquals([registers.configuration().en, registers.configuration().mps], [true, 1]);
  assertEquals(registers.enabledHere, false);
  registers.configure({ en: true, iosqes: 6 });
  assertEquals(made.registers.get(AT.cc), 0x0006_0001);
  assertEquals(registers.enabledHere, true);
  registers.configure({ en: false });
  assertEquals(registers.enabledHere, false);
});
