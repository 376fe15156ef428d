// The life cycle of a controller as its registers show it.

import { assert, assertEquals } from "@std/assert";
import { CC, CSTS, NSSR_RESET, REGISTERS, SHN, SHST } from "../../src/spec/registers.ts";
import type { RegisterTap } from "../../src/drive/tap/verdict.ts";
import { Bench, personality } from "./bench.ts";

const { CAP, VS, CC: { offset: CC_AT }, CSTS: { offset: CSTS_AT }, NSSR, CRTO } = REGISTERS;
const ENABLE = CC.compose({ en: true, iosqes: 6, iocqes: 4 });

function status(bench: Bench, controller = bench.drive.first): ReturnType<typeof CSTS.parse> {
  return CSTS.parse(Number(controller.registers.read(CSTS_AT, 4)));
}

function configure(bench: Bench, cc: number): void {
  bench.drive.first.registers.write(CC_AT, 4, BigInt(cc));
}

Deno.test("a controller becomes ready when it is enabled, after the time that it takes", () => {
  const bench = new Bench({ ...personality(""), readyMs: 700 });
  const { registers } = bench.drive.first;
  assertEquals(status(bench).rdy, false);
  configure(bench, ENABLE);
  assert(registers.enabled && !registers.ready);
  bench.advance(699);
  assertEquals(status(bench).rdy, false);
  bench.advance(1);
  assertEquals(status(bench).rdy, true);
  assertEquals(registers.read(CC_AT, 4), BigInt(ENABLE));
});

Deno.test("clearing CC.EN resets the controller and its registers", () => {
  const bench = new Bench();
  let resets = 0;
  bench.drive.taps.attach("nvme:reset:event", () => void resets++);
  const kinds: string[] = [];
  const ignore = bench.drive.first.registers.onReset((kind) => kinds.push(kind));
  configure(bench, ENABLE);
  configure(bench, ENABLE & ~1);
  assertEquals(resets, 1);
  assertEquals(kinds, ["controller"]);
  assertEquals(status(bench).rdy, false);
  assertEquals(bench.drive.first.registers.read(CC_AT, 4), 0n);
  ignore();
  bench.drive.first.reset();
  assertEquals(kinds, ["controller"]);
});

Deno.test("a configuration that the controller does not have is a fatal error until a reset", () => {
  for (const wrong of [{ css: 1 }, { css: 7 }, { mps: 5 }, { ams: 1 }, { ams: 7 }]) {
    const bench = new Bench();
    configure(bench, CC.compose({ en: true, ...wrong }));
    assertEquals([status(bench).rdy, status(bench).cfs], [false, true], JSON.stringify(wrong));
    assert(bench.drive.first.registers.fatal);
    configure(bench, 0);
    assertEquals(status(bench).cfs, false);
    configure(bench, ENABLE);
    assertEquals(status(bench).rdy, true);
  }
});

Deno.test("every page size and command set that CAP announces can be selected", () => {
  for (const right of [{ mps: 0 }, { mps: 4 }, { css: 6 }, { css: 0 }]) {
    const bench = new Bench();
    configure(bench, CC.compose({ en: true, ...right }));
    assertEquals(status(bench).rdy, true, JSON.stringify(right));
  }
  const old = new Bench("old");
  configure(old, CC.compose({ en: true, css: 6 }));
  assertEquals(status(old).cfs, true);
});

Deno.test("an enabled controller keeps its page size, command set and arbitration", () => {
  const bench = new Bench();
  configure(bench, CC.compose({ en: true }));
  const later = CC.compose({ en: true, mps: 2, css: 6, ams: 1, iosqes: 6, iocqes: 4 });
  configure(bench, later);
  assertEquals(bench.drive.first.registers.read(CC_AT, 4), BigInt(ENABLE));
  assertEquals(status(bench).cfs, false);
});

Deno.test("reserved bits and CRIME of CC stay zero", () => {
  const bench = new Bench();
  configure(bench, 0xfffffffe);
  assertEquals(bench.drive.first.registers.read(CC_AT, 4), 0x00ff_fff0n);
});

for (const [name, shn] of [["normal", SHN.normal], ["abrupt", SHN.abrupt]] as const) {
  Deno.test(`a shutdown (${name}) goes on, is complete, and is over when enabled again`, () => {
    const bench = new Bench({ ...personality(""), shutdownMs: 300 });
    const { registers } = bench.drive.first;
    let shutdowns = 0;
    Object.assign(bench.drive, { shutdown: () => void shutdowns++ });
    assert(registers.safeToPowerOff);
    configure(bench, ENABLE);
    assert(!registers.safeToPowerOff);
    configure(bench, ENABLE | CC.compose({ shn }));
    configure(bench, ENABLE | CC.compose({ shn }));
    assertEquals(shutdowns, 1);
    assertEquals(status(bench).shst, SHST.occurring);
    assert(!registers.safeToPowerOff);
    bench.advance(300);
    assertEquals(status(bench).shst, SHST.complete);
    assert(registers.safeToPowerOff);
    // Taking the announcement back does not undo it.
    configure(bench, ENABLE);
    assertEquals(status(bench).shst, SHST.complete);
    configure(bench, 0);
    assertEquals(status(bench).shst, SHST.normal);
    configure(bench, ENABLE);
    assertEquals([status(bench).shst, status(bench).rdy], [SHST.normal, true]);
  });
}

Deno.test("power that goes is unsafe once for each time that a host enabled the controller", () => {
  const bench = new Bench();
  const { registers } = bench.drive.first;
  const { counters } = bench.drive.state;
  const counted = () => Number(counters.unsafeShutdowns);
  const before = counters.powerCycles;
  configure(bench, ENABLE);
  for (let cut = 0; cut < 3; cut++) bench.drive.powercut();
  assertEquals([counted(), counters.powerCycles - before], [1, 3n]);
  configure(bench, ENABLE);
  // A reset is no shutdown.
  configure(bench, 0);
  assert(!registers.safeToPowerOff);
  bench.drive.powercut();
  assertEquals(counted(), 2);
  // What was shut down stays so when it is disabled.
  configure(bench, ENABLE | CC.compose({ shn: SHN.normal }));
  bench.advance(60_000);
  configure(bench, 0);
  assert(registers.safeToPowerOff);
  bench.drive.powercut();
  assertEquals(counted(), 2);
});

Deno.test("a subsystem reset is not reported any more when the power was gone", () => {
  const bench = new Bench();
  bench.drive.resetSubsystem();
  assertEquals(status(bench).nssro, true);
  bench.drive.powercut();
  assertEquals(status(bench).nssro, false);
});

Deno.test("a disabled controller can be shut down, and enabling it ends that", () => {
  const bench = new Bench();
  configure(bench, CC.compose({ shn: SHN.normal }));
  assertEquals(status(bench).shst, SHST.complete);
  configure(bench, ENABLE);
  assertEquals([status(bench).shst, status(bench).rdy], [SHST.normal, true]);
});

Deno.test("disabling and announcing in one write is a reset and a shutdown", () => {
  const bench = new Bench();
  configure(bench, ENABLE);
  configure(bench, CC.compose({ shn: SHN.normal }));
  assertEquals([status(bench).rdy, status(bench).shst], [false, SHST.complete]);
});

Deno.test("NSSR resets every controller, and the status remembers it until it is cleared", () => {
  const bench = new Bench({ ...personality(""), controllers: 2 });
  const [first, second] = bench.drive.controllers;
  assert(first && second);
  second.registers.write(CC_AT, 4, BigInt(ENABLE));
  first.registers.write(NSSR.offset, 4, 0x1234n);
  assert(second.registers.ready);
  first.registers.write(NSSR.offset, 4, BigInt(NSSR_RESET));
  for (const controller of [first, second]) {
    const { nssro, rdy } = status(bench, controller);
    assertEquals({ nssro, rdy }, { nssro: true, rdy: false });
  }
  assertEquals(first.registers.read(NSSR.offset, 4), 0n);
  first.registers.write(CSTS_AT, 4, 0x10n);
  assertEquals([status(bench).nssro, status(bench, second).nssro], [false, true]);
});

Deno.test("a reset of the subsystem that started new firmware is not reported", () => {
  const bench = new Bench();
  bench.drive.first.registers.clear("subsystem", { firmwareActivated: true });
  assertEquals(status(bench).nssro, false);
  bench.drive.first.registers.clear("subsystem");
  assertEquals(status(bench).nssro, true);
  bench.drive.first.registers.clear("function");
  assertEquals(status(bench).nssro, true);
});

Deno.test("processing is paused for as long as the drive says, while the controller is ready", () => {
  const bench = new Bench();
  bench.drive.state.processingPausedUntil = bench.time + 50;
  assertEquals(status(bench).pp, false);
  configure(bench, ENABLE);
  assertEquals(status(bench).pp, true);
  bench.advance(50);
  assertEquals(status(bench).pp, false);
});

Deno.test("registers read in halves and pairs, and as zero where there are none", () => {
  const { registers } = new Bench().drive.first;
  const whole = registers.read(CAP.offset, 8);
  assertEquals(registers.read(CAP.offset, 4), whole & 0xffffffffn);
  assertEquals(registers.read(CAP.offset + 4, 4), whole >> 32n);
  assertEquals(registers.read(VS.offset, 4), 0x20100n);
  assertEquals(registers.read(VS.offset, 8), 0x20100n);
  assertEquals(registers.read(CRTO.offset, 4), 20n);
  for (const offset of [0x0c, 0x18, 0x24, 0x64, 0x6c, 0xe00, 0xffc, 0x1000, 2]) {
    assertEquals(registers.read(offset, 4), 0n, `${offset}`);
  }
  for (const offset of [CAP.offset, VS.offset, CRTO.offset]) registers.write(offset, 8, ~0n);
  assertEquals(registers.read(CAP.offset, 8), whole);
});

Deno.test("a fatal error that a face reports shows in CSTS", () => {
  const bench = new Bench();
  configure(bench, ENABLE);
  bench.drive.first.registers.fail();
  assertEquals([status(bench).rdy, status(bench).cfs], [false, true]);
});

Deno.test("plug-ins change and end register accesses", () => {
  const bench = new Bench();
  const { registers } = bench.drive.first;
  const { taps } = bench.drive;
  const detach = taps.attach("nvme:regread:writeback", (context) => {
    const { offset, width } = context as RegisterTap;
    if (offset === VS.offset && width === 4) return { kind: "mutate", value: 0x1_0001_0400n };
    if (offset === CAP.offset) return { kind: "claim", value: 5n };
    return offset === CSTS_AT ? { kind: "drop" } : undefined;
  });
  assertEquals(registers.read(VS.offset, 4), 0x10400n);
  assertEquals(registers.read(CAP.offset, 8), 5n);
  assertEquals(registers.read(CSTS_AT, 4), 0xffff_ffffn);
  detach();
  const ignore = taps.attach("nvme:cc:decode", () => ({ kind: "drop" }));
  configure(bench, ENABLE);
  assert(!registers.enabled);
  ignore();
  taps.attach("nvme:regwrite:decode", () => ({ kind: "mutate", value: BigInt(ENABLE) }));
  const seen: bigint[] = [];
  taps.attach("nvme:cc:writeback", (context) => void seen.push((context as RegisterTap).value));
  configure(bench, 0);
  assert(registers.ready);
  assertEquals(seen, [BigInt(ENABLE)]);
  taps.attach("nvme:regwrite:decode", () => ({ kind: "claim" }));
  registers.write(NSSR.offset, 4, BigInt(NSSR_RESET));
  assert(registers.ready);
});

Deno.test("an observer sees every access, writes as the host made them", () => {
  const bench = new Bench();
  const { registers } = bench.drive.first;
  const seen: unknown[] = [];
  registers.observe((...access) => seen.push(access));
  configure(bench, ENABLE);
  registers.read(CSTS_AT, 4);
  assertEquals(seen, [["write", CC_AT, 4, BigInt(ENABLE)], ["read", CSTS_AT, 4, 1n]]);
});

Deno.test("several observers see the same accesses, each until it leaves", () => {
  const bench = new Bench();
  const { registers } = bench.drive.first;
  const seen: string[] = [];
  const leave = registers.observe(() => seen.push("one"));
  const leaveToo = registers.observe(() => seen.push("other"));
  registers.read(CSTS_AT, 4);
  leave();
  registers.read(CSTS_AT, 4);
  leaveToo();
  registers.read(CSTS_AT, 4);
  assertEquals(seen, ["one", "other", "other"]);
});
