// Tests of the Error Injection feature as a host sees it.

import { assertEquals } from "@std/assert";
import { preset, VirtualDrive } from "../../../src/drive/mod.ts";
import { FeatureEffectsLog } from "../../../src/spec/log/feature_effects.ts";
import { Bench, INVALID_FIELD, OK, START } from "../bench.ts";
import {
  enabled,
  FID,
  GET,
  inject,
  injected,
  isOver,
  page,
  plugins,
  read,
  SET,
} from "../injection/asking.ts";

const IO_FAILURE = 0x0f;
const IO_TIMEOUT = 0x10;
const INTERNAL = "00h/06h";
const NOT_SAVEABLE = "01h/0Dh";

Deno.test("Error Injection gives back what was set, and how many entries that is", async () => {
  const bench = new Bench();
  assertEquals(await injected(bench), { count: 0, entries: [] });
  const out = page([
    { type: 0x01, single: true, reads: 0x7777 },
    { type: 0x0e, single: false, latencyUs: 2_000_000 },
    { type: 0x7777, enable: false },
  ]);
  assertEquals((await bench.admin(SET, { cdw10: FID, cdw11: 3, out })).status, OK);
  const { dw0, data } = await bench.admin(GET, { cdw10: FID, length: 4096 });
  assertEquals([dw0, data], [3, out]);
  for (const which of [1, 2]) {
    const cdw10 = (which << 8) | FID;
    assertEquals(await injected(bench, { cdw10 }), { count: 0, entries: [] });
  }
});

Deno.test("Error Injection takes 4096 bytes, or no more than the entries", async () => {
  const bench = new Bench();
  const whole = page([{ type: IO_FAILURE }, { type: IO_FAILURE }]);
  const { status } = await bench.admin(SET, { cdw10: FID, cdw11: 2, out: whole.slice(0, 64) });
  assertEquals([status, (await injected(bench)).count], [OK, 2]);
  const least = await bench.admin(GET, { cdw10: FID, length: 4064 });
  assertEquals([least.status, least.dw0, least.data], [OK, 2, whole.slice(0, 4064)]);
});

Deno.test("Error Injection belongs to the subsystem, which zero and FFFFFFFFh name", async () => {
  const bench = new Bench();
  const out = page([{ type: IO_FAILURE }]);
  for (const nsid of [0, 0xffffffff]) {
    assertEquals((await bench.admin(SET, { cdw10: FID, cdw11: 1, nsid, out })).status, OK);
    assertEquals((await injected(bench, { nsid })).count, 1);
  }
  const expected = { status: INVALID_FIELD, byte: 4 };
  await bench.refuses("admin", SET, { cdw10: FID, cdw11: 1, nsid: 1, out }, expected);
  await bench.refuses("admin", GET, { cdw10: FID, nsid: 1, length: 4096 }, expected);
  const { features } = FeatureEffectsLog.decode((await bench.log(0x12, 1024)).data);
  assertEquals([features[FID]?.supported, features[FID]?.scope], [true, 0x20]);
});

Deno.test("Error Injection can be changed and not be saved", async () => {
  const bench = new Bench();
  assertEquals((await bench.admin(GET, { cdw10: 0x300 | FID })).dw0, 0b100);
  await bench.refuses("admin", SET, {
    cdw10: (0x8000_0000 | FID) >>> 0,
    cdw11: 1,
    out: page([{ type: IO_FAILURE }]),
  }, { status: NOT_SAVEABLE, byte: 43, bit: 7 });
});

Deno.test("Error Injection refuses what the drive cannot do, and keeps what it had", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_TIMEOUT });
  for (const type of [0x00, 0x0c, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x22, 0x23, 0xffff]) {
    const out = page([{ type: IO_FAILURE }, { type }]);
    const expected = { status: INVALID_FIELD, byte: 24 };
    await bench.refuses("admin", SET, { cdw10: FID, cdw11: 2, out }, expected);
  }
  assertEquals(plugins(bench), ["ocp:io-timeout"]);
  assertEquals((await injected(bench)).count, 1);
});

Deno.test("An injected error is in force when the command completes, as a plug-in", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_FAILURE, single: false });
  const [plugin] = bench.drive.plugins.loaded;
  assertEquals([plugin?.name, plugin?.about["type"]], ["ocp:io-failure", IO_FAILURE]);
  assertEquals([await read(bench), await read(bench)], [INTERNAL, INTERNAL]);
});

Deno.test("A single instance strikes once, and is then disabled and no plug-in", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_FAILURE, single: true }, { type: IO_FAILURE, single: true });
  assertEquals(plugins(bench), ["ocp:io-failure", "ocp:io-failure#2"]);
  assertEquals([await read(bench), await enabled(bench)], [INTERNAL, [false, true]]);
  assertEquals(plugins(bench), ["ocp:io-failure#2"]);
  assertEquals([await read(bench), await enabled(bench)], [INTERNAL, [false, false]]);
  assertEquals([await read(bench), plugins(bench)], [OK, []]);
});

Deno.test("Entries that are not enabled do nothing", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_FAILURE, enable: false });
  assertEquals([plugins(bench), await read(bench)], [[], OK]);
});

Deno.test("A new list ends the old one; an empty list ends everything", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_FAILURE, single: false });
  await inject(bench, { type: IO_TIMEOUT, single: false });
  assertEquals([plugins(bench), await enabled(bench)], [["ocp:io-timeout"], [true]]);
  const { status } = await bench.admin(SET, { cdw10: FID, cdw11: 0, out: page([]) });
  assertEquals([status, plugins(bench), await read(bench)], [OK, [], OK]);
  assertEquals((await injected(bench)).count, 0);
});

Deno.test("An empty list needs no data", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_TIMEOUT, single: false });
  assertEquals((await bench.admin(SET, { cdw10: FID })).status, OK);
  assertEquals([plugins(bench), await read(bench)], [[], OK]);
});

Deno.test("Any reset of a controller ends what was injected", async () => {
  const resets: readonly ((bench: Bench) => void)[] = [
    ({ drive }) => drive.first.reset(),
    ({ drive }) => drive.controllers.at(-1)?.reset("function"),
    ({ drive }) => drive.resetSubsystem(),
    ({ drive }) => drive.powercut(),
  ];
  for (const kind of ["", "multipath"]) {
    for (const reset of resets) {
      const bench = new Bench(kind);
      await inject(bench, { type: IO_FAILURE, single: false });
      reset(bench);
      assertEquals([plugins(bench), (await injected(bench)).count], [[], 0]);
      assertEquals(await read(bench), OK);
    }
  }
});

Deno.test("Whoever takes the plug-in out disables the entry", async () => {
  const bench = new Bench();
  await inject(bench, { type: IO_FAILURE, single: false }, { type: IO_TIMEOUT, single: false });
  bench.drive.plugins.unload("ocp:io-timeout");
  assertEquals(await enabled(bench), [true, false]);
  bench.drive.plugins.unloadAll();
  assertEquals([await enabled(bench), await read(bench)], [[false, false], OK]);
});

Deno.test("No injected error is in force for longer than an hour", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x01, reads: 9999, single: false }, { type: 0x15 });
  bench.advance(3_600_000);
  assertEquals([plugins(bench), await enabled(bench)], [[], [false, false]]);
});

Deno.test("The feature is in reach while all other admin commands hang", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x12, single: false });
  const hangs = bench.identify(0x01);
  assertEquals(await isOver(hangs), false);
  assertEquals((await injected(bench)).count, 1);
  await bench.admin(SET, { cdw10: FID });
  assertEquals([(await hangs).status, (await bench.identify(0x01)).status], [OK, OK]);
});

Deno.test("A drive that is loaded again begins without what was injected", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x21 });
  const state = structuredClone(bench.drive.state);
  assertEquals(state.wear.spare, 9);
  const personality = preset("") ?? bench.drive.personality;
  const drive = new VirtualDrive({ personality, now: () => START, seed: 1, state });
  assertEquals([drive.state.wear.spare, drive.plugins.loaded.length], [undefined, 0]);
  assertEquals(drive.state.featureData["c0"], undefined);
});

Deno.test("A drive without timers refuses errors that take time", () => {
  const personality = preset("");
  if (!personality) throw new Error("Cannot find the default drive");
  const { injections } = new VirtualDrive({ personality, now: () => START, seed: 1 });
  const able = (types: readonly number[]): readonly number[] =>
    types.filter((type) => injections.can(type));
  assertEquals(able([0x01, 0x02, 0x0d, 0x0e, IO_TIMEOUT, 0x12, 0x1d, 0x1e]), []);
  assertEquals(able([0x04, IO_FAILURE, 0x11, 0x15, 0x21]).length, 5);
});
