// Leaving a controller: shutdown before disabling, and host memory out of its reach at the end.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError, UnreachableError } from "../../../src/errors.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { CC, REGISTERS } from "../../../src/spec/registers.ts";
import { bringUp, type BroughtUp } from "../../../src/transport/polled/bring_up.ts";
import {
  disable,
  shutDown,
  type ShutDownOptions,
  type ShutDownOutcome,
} from "../../../src/transport/polled/shut_down.ts";
import { Rig } from "./rig.ts";

function up({ backing, clock }: Rig): Promise<BroughtUp> {
  return bringUp(backing, { clock, adminEntries: 16, hostPageBytes: 4096 });
}

async function upAndDown(
  rig: Rig,
  options: Partial<ShutDownOptions> = {},
): Promise<ShutDownOutcome & { readonly tookMs: number }> {
  const { registers } = await up(rig);
  rig.accesses.length = 0;
  const begin = rig.clock.now();
  const { backing, clock } = rig;
  const outcome = await shutDown(backing, { registers, clock, rtd3eUs: 0, ...options });
  return { ...outcome, tookMs: rig.clock.now() - begin };
}

function isBusMaster({ backing: { config } }: Rig): boolean {
  return (config.read(4, 2) & 4) !== 0;
}

Deno.test("a shutdown is announced, waited for, and then the controller disabled", async () => {
  const rig = new Rig({ shutdownMs: 800 });
  const { clean, problem, tookMs } = await upAndDown(rig);
  assertEquals([clean, problem], [true, undefined]);
  assert(tookMs >= 800);
  const written = rig.writes("CC").map((value) => CC.parse(value));
  assertEquals(written.map(({ en, shn }) => [en, shn]), [[true, 1], [false, 0]]);
  assertEquals(written.map(({ iosqes, iocqes }) => [iosqes, iocqes]), [[6, 4], [6, 4]]);
  const { registers } = rig.bench.drive.first;
  assert(!registers.enabled && registers.safeToPowerOff);
  assert(!isBusMaster(rig));
});

Deno.test("a shutdown gets RTD3E, and ten seconds at least", async () => {
  const slow = new Rig({ shutdownMs: 25_000 });
  const patient = await upAndDown(slow, { rtd3eUs: 30_000_000 });
  assert(patient.clean && patient.tookMs >= 25_000);
  const stuck = new Rig({ shutdownMs: 25_000 });
  const { clean, problem, tookMs } = await upAndDown(stuck);
  assert(!clean && tookMs >= 10_000 && tookMs < 10_100, `${tookMs}`);
  assertEquals(
    problem,
    "Cannot wait longer for virtual: to complete its shutdown " +
      "(CC 00464061h, CSTS 00000005h): nothing after 10000 ms",
  );
  assert(!stuck.bench.drive.first.registers.enabled && !isBusMaster(stuck));
});

Deno.test("all of it ends within the budget, with the controller disabled", async () => {
  const rig = new Rig({ shutdownMs: 25_000 });
  const { clean, tookMs } = await upAndDown(rig, { budgetMs: 1500 });
  assert(!clean && tookMs >= 1500 && tookMs < 1700, `${tookMs}`);
  assert(!rig.bench.drive.first.registers.enabled && !isBusMaster(rig));
});

Deno.test("a signal in the middle of a shutdown leaves it a second, whatever RTD3E says", async () => {
  const abort = new AbortController();
  const rig = new Rig({ shutdownMs: 25_000 });
  rig.bench.drive.taps.attach("nvme:regread:writeback", () => {
    if (rig.clock.now() > 4000) abort.abort(new Error("enough"));
  });
  const { signal } = abort;
  const { clean, problem, tookMs } = await upAndDown(rig, { rtd3eUs: 30_000_000, signal });
  assert(!clean && tookMs < 4500, `${tookMs}`);
  assert(problem?.includes("to complete its shutdown"), problem);
  assert(!rig.bench.drive.first.registers.enabled && !isBusMaster(rig));
  // One that fired before shortens nothing but the patience.
  const quick = await upAndDown(new Rig({ shutdownMs: 800 }), { signal });
  assert(quick.clean && quick.tookMs >= 800);
});

Deno.test("a controller that does not stop is kept from host memory all the same", async () => {
  const rig = new Rig();
  const { registers } = await up(rig);
  rig.bench.drive.taps.attach(
    "nvme:cc:decode",
    (context) => ((context as RegisterTap).value & 1n) === 0n ? { kind: "drop" } : undefined,
  );
  const { backing, clock } = rig;
  const outcome = await shutDown(backing, { registers, clock, rtd3eUs: 0, budgetMs: 1000 });
  assert(!outcome.clean && outcome.problem?.includes("CSTS.RDY = 0 after it was disabled"));
  assert(!isBusMaster(rig));
});

Deno.test("a controller that somebody else enabled is not shut down", async () => {
  const rig = new Rig();
  const { registers } = await up(rig);
  await disable(registers, { clock: rig.clock, limitMs: 1000 });
  rig.backing.bar0.write32(REGISTERS.CC.offset, 0x0046_0001);
  rig.accesses.length = 0;
  const { backing, clock } = rig;
  assertEquals(await shutDown(backing, { registers, clock, rtd3eUs: 0 }), { clean: true });
  assertEquals(rig.accesses, []);
  assert(rig.bench.drive.first.registers.enabled);
  assert(!isBusMaster(rig));
});

Deno.test("one that failed, or is gone, is not waited for", async () => {
  for (
    const [csts, text] of [[3n, "is not ready"], [0n, "not ready"], [
      0xffff_ffffn,
      "is gone",
    ]] as const
  ) {
    const rig = new Rig();
    const { registers } = await up(rig);
    rig.rewrite("CSTS", (value) => rig.bench.drive.first.registers.enabled ? csts : value);
    const begin = rig.clock.now();
    const { backing, clock } = rig;
    const { clean, problem } = await shutDown(backing, { registers, clock, rtd3eUs: 0 });
    assert(!clean && problem?.includes(text), problem);
    assert(rig.clock.now() - begin < 100);
    assert(rig.writes("CC").every((value) => CC.parse(value).shn === 0));
    assert(!isBusMaster(rig));
  }
});

Deno.test("VMware's drive, which never says that it is done, is not waited for long", async () => {
  const rig = new Rig({ shutdownMs: 25_000 });
  rig.bench.drive.taps.attach("pci:regread:writeback", (context) => {
    const { offset, width } = context as RegisterTap;
    if (width !== 2 || offset > 2) return undefined;
    return { kind: "claim", value: offset === 0 ? 0x15adn : 0x07f0n };
  });
  const { tookMs } = await upAndDown(rig);
  assert(tookMs < 1100, `${tookMs}`);
});

Deno.test("disable() clears CC.EN and CC.SHN, and names a controller that does not follow", async () => {
  const rig = new Rig();
  const { registers } = await up(rig);
  registers.configure({ ...registers.configuration(), shn: 1 });
  rig.accesses.length = 0;
  await disable(registers, { clock: rig.clock, limitMs: 1000 });
  assertEquals(rig.writes("CC"), [0x0046_0060]);
  await disable(registers, { clock: rig.clock, limitMs: 1000 });
  assertEquals(rig.writes("CC").length, 1);
  rig.rewrite("CSTS", () => 1n);
  await assertRejects(
    () => disable(registers, { clock: rig.clock, limitMs: 300 }),
    DeadlineError,
    "CSTS.RDY = 0",
  );
  rig.rewrite("CSTS", () => 0xffff_ffffn);
  await assertRejects(
    () => disable(registers, { clock: rig.clock, limitMs: 300 }),
    UnreachableError,
    "gone",
  );
});
