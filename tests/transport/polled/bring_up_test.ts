// Bringing a controller up: the order of its steps, and what is said when one of them fails.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError, UnreachableError } from "../../../src/errors.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { CAP, CC, CRTO, CSTS, REGISTERS } from "../../../src/spec/registers.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import {
  bringUp,
  type BringUpOptions,
  type BroughtUp,
} from "../../../src/transport/polled/bring_up.ts";
import { QueuePair } from "../../../src/transport/polled/queue_pair.ts";
import { Rig } from "./rig.ts";

const COMMAND_AT = 4;
const BUS_MASTER = 4;

function up(rig: Rig, options: Partial<BringUpOptions> = {}): Promise<BroughtUp> {
  const { backing, clock } = rig;
  return bringUp(backing, { clock, adminEntries: 32, hostPageBytes: 4096, ...options });
}

/** Sends Identify Controller by hand; the model number. */
function identify(rig: Rig, { admin }: BroughtUp): string {
  using memory = rig.backing.dma.allocate(4096);
  const at = admin.claim();
  admin.words[at] = 0x06 | 0x1234_0000;
  admin.words[at + 6] = Number(memory.iova & 0xffff_ffffn);
  admin.words[at + 7] = Number(memory.iova >> 32n);
  admin.words[at + 10] = 1;
  admin.ring();
  const got: (readonly number[])[] = [];
  assertEquals(admin.poll((cid, status) => got.push([cid, status])), 1);
  assertEquals(got, [[0x1234, 0]]);
  return IdentifyController.decode(memory.bytes).mn;
}

function isBusMaster({ backing: { config } }: Rig): boolean {
  return (config.read(COMMAND_AT, 2) & BUS_MASTER) !== 0;
}

Deno.test("a controller that was brought up answers Identify", async () => {
  const rig = new Rig();
  const brought = await up(rig);
  assertEquals(identify(rig, brought), rig.bench.drive.personality.model);
  assertEquals([brought.pageBytes, brought.readyLimitMs], [4096, 10_500]);
});

Deno.test("the steps come in their order, each with its time", async () => {
  const rig = new Rig({ readyMs: 1200 });
  const { steps } = await up(rig);
  assertEquals(steps.map(({ name }) => name), [
    "switch on its memory",
    "read CAP",
    "wait until it has started",
    "disable it",
    "set the admin queues",
    "make the function bus master",
    "configure and enable it",
    "wait until it is ready",
  ]);
  const times = steps.map(({ atMs }) => atMs);
  assertEquals(times, times.toSorted((one, other) => one - other));
  assert((times.at(-1) ?? 0) >= 1200);
});

Deno.test("a slow controller is waited for, within what it says that it needs", async () => {
  const rig = new Rig({ readyMs: 30_000 });
  const brought = await up(rig);
  assertEquals(identify(rig, brought), rig.bench.drive.personality.model);
  assertEquals(brought.readyLimitMs, 30_500);
});

Deno.test("CRTO counts where it is longer than CAP.TO", async () => {
  const rig = new Rig({ readyMs: 129_600, version: 0x020000 });
  const { readyLimitMs } = await up(rig);
  assertEquals(readyLimitMs, 130_000);
});

Deno.test("registers are only accessed by dwords, and AQA holds both sizes 0's based", async () => {
  const rig = new Rig();
  const { admin } = await up(rig);
  assertEquals(rig.writes("AQA"), [0x001f_001f]);
  const address = (name: "ASQ" | "ACQ"): bigint => rig.backing.bar0.read64(REGISTERS[name].offset);
  assertEquals([address("ASQ"), address("ACQ")], [admin.submissionIova, admin.completionIova]);
});

Deno.test("the configuration is written before the controller is enabled", async () => {
  const rig = new Rig({ identify: [0, 1] });
  await up(rig);
  const [configured = 0, enabled = 0, ...more] = rig.writes("CC");
  assertEquals(more, []);
  assertEquals(enabled, configured | 1);
  const { en, css, mps, ams, shn, iosqes, iocqes } = CC.parse(configured);
  assertEquals({ en, css, mps, ams, shn, iosqes, iocqes }, {
    ...{ en: false, css: 0, mps: 0, ams: 0, shn: 0 },
    ...{ iosqes: 6, iocqes: 4 },
  });
});

Deno.test("the command set follows CAP.CSS", async () => {
  for (
    const [bits, css] of [
      [{ ncss: true }, 0],
      [{ ncss: true, iocss: true }, 6],
      [{ noiocss: true }, 7],
      [{ noiocss: true, iocss: true }, 6],
    ] as const
  ) {
    const rig = new Rig();
    const none = { ncss: false, iocss: false, noiocss: false };
    rig.rewrite("CAP", (value) => CAP.compose({ ...CAP.parse(value), ...none, ...bits }));
    // The drive itself cannot do it; what counts is what it was asked for.
    await up(rig).catch(() => {});
    assertEquals(CC.parse(rig.writes("CC")[0] ?? 0).css, css);
  }
});

Deno.test("the page is the machine's, or the controller's nearest to it", async () => {
  const page = async (hostPageBytes: number, mpsmin: number, mpsmax: number): Promise<number> => {
    const rig = new Rig();
    rig.rewrite("CAP", (value) => CAP.compose({ ...CAP.parse(value), mpsmin, mpsmax }));
    const brought = await up(rig, { hostPageBytes });
    assertEquals(CC.parse(rig.writes("CC").at(-1) ?? 0).mps, Math.log2(brought.pageBytes) - 12);
    assertEquals(brought.admin.submissionIova % BigInt(brought.pageBytes), 0n);
    identify(rig, brought);
    return brought.pageBytes;
  };
  assertEquals(await page(4096, 0, 4), 4096);
  assertEquals(await page(65536, 0, 4), 65536);
  assertEquals(await page(65536, 0, 2), 16384);
  assertEquals(await page(65536, 0, 0), 4096);
  assertEquals(await page(4096, 1, 4), 8192);
});

Deno.test("all doorbell strides work", async () => {
  for (let doorbellStride = 0; doorbellStride <= 4; doorbellStride++) {
    const rig = new Rig({ doorbellStride });
    const brought = await up(rig);
    for (let round = 0; round < 40; round++) identify(rig, brought);
    const head = brought.admin;
    assertEquals(head.room, 31);
    const offsets = rig.accesses.flatMap(([kind, offset]) =>
      kind === "write" && offset >= 0x1000 ? [offset] : []
    );
    assertEquals([...new Set(offsets)], [0x1000, 0x1000 + (4 << doorbellStride)]);
  }
});

Deno.test("one that is just starting is let finish before it is disabled", async () => {
  const rig = new Rig({ readyMs: 3000 });
  await up(rig);
  rig.bench.drive.first.registers.write(REGISTERS.CC.offset, 4, 0n);
  rig.bench.drive.first.registers.write(REGISTERS.CC.offset, 4, 0x0046_0001n);
  const disabledAt: number[] = [];
  const begin = rig.clock.now();
  rig.bench.drive.taps.attach("nvme:cc:decode", (context) => {
    if (((context as RegisterTap).value & 1n) === 0n) disabledAt.push(rig.clock.now() - begin);
    return undefined;
  });
  await up(rig);
  assert((disabledAt[0] ?? 0) >= 3000, `${disabledAt}`);
});

Deno.test("one that hangs while it starts is disabled after its time, and comes up", async () => {
  const rig = new Rig();
  await up(rig);
  let disabled = false;
  rig.bench.drive.first.registers.onReset(() => disabled = true);
  rig.rewrite("CSTS", (value) => disabled ? value : value & ~1n);
  const begin = rig.clock.now();
  identify(rig, await up(rig));
  assert(disabled);
  const waited = rig.clock.now() - begin;
  assert(waited >= 10_500 && waited < 12_000, `${waited} ms`);
});

Deno.test("one that failed, or was shut down, is disabled without waiting for it", async () => {
  for (const change of [{ cfs: true }, { shst: 2 }]) {
    const rig = new Rig();
    const { registers } = rig.bench.drive.first;
    await up(rig);
    let reset = false;
    registers.onReset(() => reset = true);
    rig.rewrite(
      "CSTS",
      (value) =>
        reset
          ? value
          : BigInt(CSTS.compose({ ...CSTS.parse(Number(value)), rdy: false, ...change })),
    );
    const begin = rig.clock.now();
    const brought = await up(rig);
    assert(rig.clock.now() - begin < 100);
    identify(rig, brought);
  }
});

Deno.test("a controller that never becomes ready is named with its registers", async () => {
  const rig = new Rig();
  rig.rewrite("CSTS", () => 0n);
  const begin = rig.clock.now();
  const error = await assertRejects(() => up(rig), DeadlineError);
  assertEquals(
    error.message,
    "Cannot wait longer for virtual: to have CSTS.RDY = 1 after it was enabled " +
      "(CC 00460061h, CSTS 00000000h): nothing after 10500 ms",
  );
  assert(error.next);
  assert(rig.clock.now() - begin < 10_500 + 1100);
  assert(!rig.bench.drive.first.registers.enabled, "it was disabled again");
  assert(!isBusMaster(rig));
});

Deno.test("a controller that never stops being ready is named with its registers", async () => {
  const rig = new Rig();
  rig.rewrite("CSTS", () => 1n);
  const { message } = await assertRejects(() => up(rig), DeadlineError);
  assertEquals(
    message,
    "Cannot wait longer for virtual: to have CSTS.RDY = 0 after it was disabled " +
      "(CC 00000000h, CSTS 00000001h): nothing after 10500 ms",
  );
  assert(!isBusMaster(rig));
});

Deno.test("a fatal error ends the wait at once", async () => {
  const rig = new Rig({ readyMs: 5000 });
  const begin = rig.clock.now();
  rig.rewrite("CSTS", (value) => {
    const failed = rig.bench.drive.first.registers.enabled && rig.clock.now() - begin > 50;
    return failed ? value | 2n : value;
  });
  const error = await assertRejects(() => up(rig), UnreachableError);
  assertEquals(
    error.message,
    "Cannot bring up virtual:: the controller reports a fatal error after it was enabled " +
      "(CC 00460061h, CSTS 00000002h)",
  );
  assert(rig.clock.now() - begin < 100);
  assert(!rig.bench.drive.first.registers.enabled);
  assert(!isBusMaster(rig));
});

Deno.test("a device that goes away in the middle is said to be gone, at once", async () => {
  const rig = new Rig({ readyMs: 5000 });
  const begin = rig.clock.now();
  rig.rewrite("CSTS", (value) => rig.clock.now() - begin > 50 ? 0xffff_ffffn : value);
  const { message } = await assertRejects(() => up(rig), UnreachableError, "the device is gone");
  assertEquals(message, "Cannot reach virtual:: the device is gone, CSTS reads all ones");
  assert(rig.clock.now() - begin < 100);
  assert(!isBusMaster(rig));
});

Deno.test("a device that is gone from the start is said to be gone", async () => {
  const rig = new Rig();
  rig.rewrite("CAP", () => 0xffff_ffff_ffff_ffffn);
  await assertRejects(() => up(rig), UnreachableError, "the device is gone, CAP reads all ones");
  assert(!isBusMaster(rig));
});

Deno.test("a controller does not reach host memory before it is disabled", async () => {
  const rig = new Rig();
  await up(rig);
  const { config } = rig.backing;
  config.write(COMMAND_AT, 2, config.read(COMMAND_AT, 2) & ~BUS_MASTER);
  const seen: boolean[] = [];
  rig.bench.drive.taps.attach("nvme:cc:decode", () => void seen.push(isBusMaster(rig)));
  await up(rig);
  // Disabled, configured, enabled.
  assertEquals(seen, [false, true, true]);
});

Deno.test("MQES 0 does not keep admin commands back, but I/O queues", async () => {
  const rig = new Rig();
  rig.rewrite("CAP", (value) => CAP.compose({ ...CAP.parse(value), mqes: 0 }));
  const brought = await up(rig);
  identify(rig, brought);
  const error = await assertRejects(
    () => Promise.try(() => brought.registers.ioEntries(64)),
    UnreachableError,
  );
  assert(error.message.includes("CAP.MQES is 0"));
});

Deno.test("admin queues are used again after a reset, if they are given", async () => {
  const rig = new Rig();
  const first = await up(rig);
  identify(rig, first);
  rig.backing.reset();
  const second = await up(rig, { admin: first.admin });
  assert(second.admin === first.admin);
  rig.accesses.length = 0;
  identify(rig, second);
  assertEquals(rig.accesses, [["write", 0x1000, 1], ["write", 0x1004, 1]]);
  for (let round = 0; round < 40; round++) identify(rig, second);
});

Deno.test("queues that are not to be used are given back, those given in are not", async () => {
  const rig = new Rig();
  const { dma } = rig.backing;
  let live = 0;
  const counting = {
    ...rig.backing,
    dma: {
      allocate(bytes: number) {
        const memory = dma.allocate(bytes);
        live++;
        return {
          ...memory,
          [Symbol.dispose]() {
            live--;
            memory[Symbol.dispose]();
          },
        };
      },
    },
  };
  const options = { clock: rig.clock, adminEntries: 32, hostPageBytes: 4096 };
  await bringUp(counting, options);
  assertEquals(live, 2);
  const { registers } = rig.bench.drive.first;
  rig.rewrite("CSTS", (value) => registers.enabled && live > 2 ? 2n : value);
  const given = new QueuePair(counting, { qid: 0, entries: 8, dstrd: 0 });
  await assertRejects(
    () => bringUp(counting, { ...options, admin: given }),
    UnreachableError,
    "fatal",
  );
  assertEquals(live, 4);
  await assertRejects(() => bringUp(counting, options), UnreachableError, "fatal");
  assertEquals(live, 4);
});

Deno.test("a signal ends it with its reason, and leaves the controller disabled", async () => {
  const rig = new Rig({ readyMs: 5000 });
  const stop = new AbortController();
  const reason = new Error("Ctrl-C");
  rig.bench.drive.taps.attach("nvme:cc:writeback", (context) => {
    if (((context as RegisterTap).value & 1n) !== 0n) stop.abort(reason);
    return undefined;
  });
  const found = await up(rig, { signal: stop.signal }).catch((error) => error);
  assertEquals(found, reason);
  assert(!rig.bench.drive.first.registers.enabled);
  assert(!isBusMaster(rig));
  const begin = rig.accesses.length;
  assertEquals(await up(rig, { signal: stop.signal }).catch((error) => error), reason);
  assertEquals(rig.accesses.length, begin);
});

Deno.test("controllers that do not like to be asked too early are left alone first", async () => {
  const rig = new Rig();
  await up(rig);
  rig.bench.drive.taps.attach("pci:regread:writeback", (context) => {
    const { offset, width } = context as RegisterTap;
    if (width !== 2 || offset > 2) return undefined;
    return { kind: "claim", value: offset === 0 ? 0x144dn : 0xa821n };
  });
  rig.accesses.length = 0;
  rig.clock.pauses.length = 0;
  await up(rig);
  assertEquals(rig.clock.pauses[0], 2300);
});

Deno.test("CRTO is not looked at where CAP does not say that it counts", async () => {
  const rig = new Rig({ version: 0x010400 });
  rig.rewrite("CRTO", () => BigInt(CRTO.compose({ crwmt: 0xffff })));
  assertEquals((await up(rig)).readyLimitMs, 10_500);
});
