// Tests of what injected errors do, type by type.

import { assert, assertEquals } from "@std/assert";
import { EFFECTS } from "../../../src/drive/injection/effects.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { TelemetryControllerLog } from "../../../src/spec/log/telemetry.ts";
import { REGISTERS } from "../../../src/spec/registers.ts";
import { Bench, OK } from "../bench.ts";
import { enabled, inject, isOver, page, plugins, read, SET, write } from "./asking.ts";

const INTERNAL = "00h/06h";
const UNRECOVERED = "02h/81h";
const CFS = 0x2n;
/** Asynchronous Event: error status, persistent internal error, log page 01h. */
const PERSISTENT_ERROR = 0x01_0300;

const status = (bench: Bench): bigint => bench.drive.first.registers.read(REGISTERS.CSTS.offset, 4);

async function smart(bench: Bench): Promise<ReturnType<typeof SmartLog.decode>> {
  return SmartLog.decode((await bench.log(0x02, 512)).data);
}

/** Lets a command that hangs go, so that nothing waits for it. */
async function abandon(bench: Bench, ...commands: readonly Promise<unknown>[]): Promise<void> {
  bench.drive.first.reset();
  await Promise.allSettled(commands);
}

Deno.test("A panic is fatal status, telemetry and an event, and lasts until a reset", async () => {
  const bench = new Bench();
  const event = bench.admin(0x0c);
  await inject(bench, { type: 0x04 });
  assertEquals(await isOver(event), false);
  bench.advance(0);
  assertEquals((await event).dw0, PERSISTENT_ERROR);
  assertEquals(status(bench) & CFS, CFS);
  const { data } = await bench.log(0x08, 512);
  const { controllerAvailable, reason } = TelemetryControllerLog.decode(data);
  const text = new TextDecoder().decode(reason as unknown as Uint8Array);
  assertEquals([controllerAvailable, text.replace(/\0+$/, "")], [
    1,
    "device panic: firmware error",
  ]);
  assertEquals([await read(bench), await write(bench)], [INTERNAL, INTERNAL]);
  assertEquals([await enabled(bench), plugins(bench)], [[false], ["ocp:firmware-error"]]);
  bench.drive.first.reset();
  assertEquals([status(bench) & CFS, await read(bench), plugins(bench)], [0n, OK, []]);
});

Deno.test("A panic waits for as many reads as its entry says", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x08, reads: 3 });
  assertEquals(await write(bench), OK);
  assertEquals([await read(bench), await read(bench), await enabled(bench)], [OK, OK, [true]]);
  assertEquals([await read(bench), await enabled(bench)], [OK, [false]]);
  assertEquals(await read(bench), INTERNAL);
});

Deno.test("A hang of the NAND leaves I/O without answers, and admin commands work", async () => {
  for (const type of [0x02, 0x05, 0x09]) {
    const bench = new Bench();
    await inject(bench, { type });
    const hanging = read(bench);
    assertEquals([await isOver(hanging), (await bench.identify(0x01)).status], [false, OK]);
    await abandon(bench, hanging);
    assertEquals(await read(bench), OK);
  }
});

Deno.test("A hang of the CPU leaves admin commands without answers, too", async () => {
  const bench = new Bench();
  const event = bench.admin(0x0c);
  await inject(bench, { type: 0x01 });
  bench.advance(0);
  assertEquals((await event).dw0, PERSISTENT_ERROR);
  const hanging = [read(bench), bench.identify(0x01), bench.admin(0x18)];
  assertEquals(await Promise.all(hanging.map(isOver)), [false, false, false]);
  bench.drive.plugins.unloadAll();
  assertEquals([await read(bench), (await bench.identify(0x01)).status], [OK, OK]);
  assertEquals([status(bench) & CFS, await enabled(bench)], [0n, [false]]);
  await abandon(bench, ...hanging);
});

Deno.test("Corrupt NAND cannot be read, and the health tells of it until it is cleared", async () => {
  const bench = new Bench();
  const { mediaErrors } = await smart(bench);
  await inject(bench, { type: 0x07, reads: 1 });
  assertEquals([await read(bench), await read(bench)], [OK, UNRECOVERED]);
  const worse = await smart(bench);
  assertEquals(worse.mediaErrors, mediaErrors + 1n);
  assert(worse.criticalWarning.reliability);
  await bench.admin(SET, { cdw10: 0xc0 });
  assertEquals([await read(bench), (await smart(bench)).criticalWarning.reliability], [OK, false]);
});

Deno.test("Without spares, and with few, the available spare says so", async () => {
  for (const [type, spare] of [[0x0a, 0], [0x21, 9]] as const) {
    const bench = new Bench();
    await inject(bench, { type });
    const { availableSpare, criticalWarning } = await smart(bench);
    assertEquals([availableSpare, criticalWarning.availableSpare], [spare, true]);
    bench.drive.first.reset();
    assertEquals((await smart(bench)).availableSpare, 100);
  }
});

Deno.test("Heat passes the temperature that the type is about, and goes with its entry", async () => {
  for (const [type, kelvin] of [[0x13, 355], [0x15, 358]] as const) {
    const bench = new Bench();
    const cool = (await smart(bench)).compositeTemperature;
    await inject(bench, { type });
    const { compositeTemperature, criticalWarning } = await smart(bench);
    assert(compositeTemperature >= kelvin, `${compositeTemperature}`);
    assertEquals([criticalWarning.temperature, await enabled(bench)], [true, [false]]);
    await inject(bench, { type: 0x14 });
    assertEquals([(await smart(bench)).compositeTemperature, plugins(bench)], [cool, []]);
  }
});

Deno.test("A latency spike lasts as long as its entry says, and strikes one command", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x0e, latencyUs: 1_500_000 });
  const late = read(bench);
  bench.advance(1499);
  assertEquals([await isOver(late), await read(bench)], [false, OK]);
  bench.advance(1);
  assertEquals(await late, OK);
});

Deno.test("Slowness whose length the host leaves open has one", async () => {
  for (const [type, ms] of [[0x0d, 100], [0x0e, 500]] as const) {
    const bench = new Bench();
    await inject(bench, { type, single: false });
    for (const _ of [1, 2]) {
      const late = write(bench);
      bench.advance(ms - 1);
      assertEquals(await isOver(late), false);
      bench.advance(1);
      assertEquals(await late, OK);
    }
  }
});

Deno.test("Random latency strikes some commands and not others", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x1e, single: false, latencyUs: 10_000 });
  const over: boolean[] = [];
  for (let at = 0; at < 100; at++) {
    const command = read(bench);
    over.push(await isOver(command));
    bench.advance(10);
    await command;
  }
  const late = over.filter((one) => !one).length;
  assert(late > 0 && late < 40, `${late}`);
});

Deno.test("An I/O command that times out is one, and goes on when it is cleared", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x10 });
  const hanging = read(bench);
  assertEquals([await isOver(hanging), await read(bench)], [false, OK]);
  assertEquals([await enabled(bench), plugins(bench)], [[false], ["ocp:io-timeout"]]);
  bench.drive.plugins.unloadAll();
  assertEquals(await hanging, OK);
});

Deno.test("Commands that hang go on after an hour at the latest", async () => {
  for (const type of [0x01, 0x02, 0x10, 0x12]) {
    const bench = new Bench();
    await inject(bench, { type, single: false });
    const hanging = type === 0x12 ? bench.identify(0x01) : read(bench);
    bench.advance(3_599_999);
    assertEquals(await isOver(hanging), false);
    bench.advance(1);
    await hanging;
    assertEquals([await enabled(bench), plugins(bench)], [[false], []]);
  }
});

Deno.test("Commands that hung are gone after a reset", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x02 });
  const hanging = write(bench);
  bench.drive.first.reset();
  assertEquals((await Promise.allSettled([hanging]))[0].status, "rejected");
  assertEquals(bench.drive.first.outstanding.count(() => true), 0);
});

Deno.test("A failing admin command is no event request, and not the feature", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x11 });
  const event = bench.admin(0x0c);
  assertEquals([await isOver(event), await enabled(bench)], [false, [true]]);
  assertEquals((await bench.identify(0x01)).status, INTERNAL);
  assertEquals([(await bench.identify(0x01)).status, await enabled(bench)], [OK, [false]]);
  await abandon(bench, event);
});

Deno.test("A shutdown that hangs is over with a reset", async () => {
  const bench = new Bench();
  const { registers } = bench.drive.first;
  const configure = (value: bigint): void => registers.write(REGISTERS.CC.offset, 4, value);
  configure(0x0046_0001n);
  await inject(bench, { type: 0x0b });
  assertEquals([status(bench) & 0xcn, await enabled(bench)], [0n, [true]]);
  configure(0x0046_4001n);
  assertEquals([status(bench) & 0xcn, status(bench) & 0xcn], [0x4n, 0x4n]);
  assertEquals(await enabled(bench), [false]);
  configure(0n);
  assertEquals([status(bench) & 0xcn, plugins(bench)], [0n, []]);
});

Deno.test("With a die offline its stripes cannot be read, and can be written", async () => {
  const bench = new Bench();
  await inject(bench, { type: 0x16 });
  const statuses = await Promise.all([95, 96, 127, 128, 352].map((lba) => read(bench, lba)));
  assertEquals(statuses, [OK, UNRECOVERED, UNRECOVERED, OK, UNRECOVERED]);
  const across = await bench.io(0x02, { nsid: 1, cdw10: 90, cdw12: 6, length: 3584 });
  assertEquals([across.status, await write(bench, 96)], [UNRECOVERED, OK]);
  await bench.admin(SET, { cdw10: 0xc0 });
  assertEquals(await read(bench, 96), OK);
});

Deno.test("Sanitize can be made to fail as a command, and on its way", async () => {
  const command = new Bench();
  await inject(command, { type: 0x17 });
  const sanitize = async (bench: Bench): Promise<string> =>
    (await bench.admin(0x84, { cdw10: 2 })).status;
  assertEquals([await sanitize(command), await sanitize(command)], ["00h/1Ch", OK]);
  const operation = new Bench();
  await inject(operation, { type: 0x1d });
  assertEquals([await sanitize(operation), await enabled(operation)], [OK, [false]]);
  operation.advance(operation.drive.state.sanitize.durationMs / 2);
  assertEquals(await read(operation), "00h/1Ch");
});

Deno.test("Every type that the drive can do begins and ends without a trace", async () => {
  for (const type of Object.keys(EFFECTS).map(Number)) {
    const bench = new Bench();
    const before = await smart(bench);
    const out = page([{ type, single: false }]);
    const { status: answer } = await bench.admin(SET, { cdw10: 0xc0, cdw11: 1, out });
    assertEquals(answer, OK, `type ${type}`);
    bench.advance(0);
    await bench.admin(SET, { cdw10: 0xc0 });
    const { mediaErrors: _, ...after } = await smart(bench);
    const { mediaErrors: __, ...expected } = before;
    assertEquals(after, expected, `type ${type}`);
    assertEquals([plugins(bench), await read(bench)], [[], OK], `type ${type}`);
  }
});
