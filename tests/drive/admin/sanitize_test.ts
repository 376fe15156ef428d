// Tests of Sanitize: what it starts, what it forbids meanwhile, how it ends.

import { assert, assertEquals } from "@std/assert";
import { type Personality, variant } from "../../../src/drive/personality.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { SanitizeLog } from "../../../src/spec/log/sanitize.ts";
import { SelfTestLog, selfTestResults } from "../../../src/spec/log/self_test.ts";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK, personality } from "../bench.ts";

const SANITIZE = 0x84;
const WRITE = 0x01;
const READ = 0x02;
const IN_PROGRESS = "00h/1Dh";
const FAILED = "00h/1Ch";
const WRITE_PROTECTED = "00h/20h";
const EXIT_FAILURE = 1;
const BLOCK = 2;
const OVERWRITE = 3;
const CRYPTO = 4;
const EXIT_VERIFICATION = 5;
const AUSE = 0x08;
const NDAS = 0x200;
const EMVS = 0x400;

async function log(bench: Bench): Promise<SanitizeLog> {
  return SanitizeLog.decode((await bench.log(0x81, 512)).data);
}

async function sanitize(bench: Bench, cdw10: number): Promise<string> {
  return (await bench.admin(SANITIZE, { cdw10 })).status;
}

async function firstByte(bench: Bench): Promise<number | undefined> {
  return (await bench.io(READ, { nsid: 1, length: 512 })).data[0];
}

function failing(changes: Partial<Personality> = {}): Personality {
  const sanitizing = { blockEraseMs: 10_000, cryptoEraseMs: 1_000, failsAtPercent: 40 };
  return variant(personality(""), { sanitizing, ...changes });
}

Deno.test("Sanitize erases everything after its time, with progress on the way", async () => {
  const bench = new Bench();
  await bench.io(WRITE, { nsid: 1, out: new Uint8Array(512).fill(7) });
  assertEquals(await firstByte(bench), 7);
  assertEquals((await log(bench)).status.operation, 0);
  assertEquals(await sanitize(bench, BLOCK), OK);
  bench.advance(5_000);
  const half = await log(bench);
  assertEquals([half.status.operation, half.progress, half.cdw10], [2, 0x4000, BLOCK]);
  assertEquals([half.state.current, half.blockEraseTime], [1, 20]);
  bench.advance(15_000);
  const over = await log(bench);
  assertEquals([over.status.operation, over.progress, over.state.current], [1, 0xffff, 0]);
  assertEquals(over.status.globalDataErased, true);
  assertEquals(await firstByte(bench), 0);
  await bench.io(WRITE, { nsid: 1, out: new Uint8Array(512).fill(7) });
  assertEquals((await log(bench)).status.globalDataErased, false);
});

Deno.test("Sanitize by overwriting takes its passes one after the other", async () => {
  const bench = new Bench();
  assertEquals(await sanitize(bench, OVERWRITE | (3 << 4)), OK);
  for (const [ms, passes, operation] of [[9_000, 0, 2], [2_000, 1, 2], [19_000, 3, 1]] as const) {
    bench.advance(ms);
    const { status } = await log(bench);
    assertEquals([status.passes, status.operation], [passes, operation], `${ms}`);
  }
  await sanitize(bench, OVERWRITE);
  bench.advance(159_999);
  assertEquals((await log(bench)).status.passes, 15);
  bench.advance(1);
  assertEquals((await log(bench)).status.operation, 1);
});

Deno.test("While it runs, I/O and most admin commands are refused", async () => {
  const bench = new Bench();
  await sanitize(bench, CRYPTO);
  for (const opcode of [WRITE, READ, 0x08, 0x0c]) {
    assertEquals((await bench.io(opcode, { nsid: 1 })).status, IN_PROGRESS);
  }
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, OK);
  for (const opcode of [0x10, 0x11, 0x14, 0x80, 0x81, 0x84]) {
    assertEquals((await bench.admin(opcode, { nsid: 0, cdw10: CRYPTO })).status, IN_PROGRESS);
  }
  for (const lid of [0x03, 0x06, 0x07, 0x0d]) {
    assertEquals((await bench.log(lid, 512)).status, IN_PROGRESS, `log ${lid}`);
  }
  for (const lid of [0x01, 0x02, 0x04, 0x81]) {
    assertEquals((await bench.log(lid, 512)).status, OK, `log ${lid}`);
  }
  assertEquals((await bench.identify(0x01)).status, OK);
  assertEquals((await bench.admin(0x0a, { cdw10: 0x02 })).status, OK);
  bench.advance(2_000);
  assertEquals((await bench.io(READ, { nsid: 1, length: 512 })).status, OK);
});

Deno.test("The error log hides block addresses while data is being erased", async () => {
  const bench = new Bench();
  const cdw10 = 0xffff_ffff;
  await bench.refuses("io", READ, { nsid: 1, cdw10 }, { status: "00h/80h", byte: 40 });
  assertEquals((await bench.lastError()).lba, BigInt(cdw10));
  await sanitize(bench, CRYPTO);
  assertEquals((await bench.lastError()).lba, 0n);
});

Deno.test("A sanitize operation goes on through resets and a loss of power", async () => {
  const bench = new Bench();
  await sanitize(bench, BLOCK);
  bench.advance(10_000);
  bench.drive.first.reset();
  bench.drive.resetSubsystem();
  bench.drive.powercut();
  assertEquals((await log(bench)).progress, 0x8000);
  bench.advance(10_000);
  assertEquals((await log(bench)).status.operation, 1);
});

Deno.test("A sanitize operation ends a self-test, which says why", async () => {
  const bench = new Bench();
  await bench.admin(0x14, { nsid: 0xffffffff, cdw10: 2 });
  await sanitize(bench, CRYPTO);
  bench.advance(2_000);
  const [result] = selfTestResults(SelfTestLog.decode((await bench.log(0x06, 564)).data));
  assertEquals([result?.code, result?.result], [2, 0x9]);
});

Deno.test("The host that started it hears of its end, once the log has been read again", async () => {
  const bench = new Bench();
  const events = [bench.admin(0x0c), bench.admin(0x0c)];
  await sanitize(bench, CRYPTO);
  bench.advance(2_000);
  bench.drive.settle();
  assertEquals((await events[0])?.dw0, 0x81_01_06);
  await log(bench);
  await sanitize(bench, CRYPTO | EMVS);
  bench.advance(2_000);
  bench.drive.settle();
  assertEquals((await events[1])?.dw0, 0x81_03_06);
});

Deno.test("An operation that fails in restricted mode needs another one that succeeds", async () => {
  const bench = new Bench(failing());
  await sanitize(bench, BLOCK);
  bench.advance(4_000);
  const { status, state } = await log(bench);
  assertEquals([status.operation, state.current, state.failed], [3, 2, 1]);
  assertEquals((await bench.io(READ, { nsid: 1, length: 512 })).status, FAILED);
  assertEquals((await bench.admin(0x80, { nsid: 1 })).status, IN_PROGRESS);
  assertEquals(await sanitize(bench, EXIT_FAILURE), FAILED);
  assertEquals(await sanitize(bench, BLOCK | AUSE), FAILED);
  assertEquals(await sanitize(bench, EXIT_VERIFICATION), INVALID_FIELD);
  assertEquals(await sanitize(bench, BLOCK), OK);
});

Deno.test("An operation that fails in unrestricted mode can be left behind", async () => {
  const bench = new Bench(failing());
  await sanitize(bench, BLOCK | AUSE);
  bench.advance(4_000);
  assertEquals((await log(bench)).state.current, 4);
  assertEquals(await sanitize(bench, EXIT_FAILURE), OK);
  const { status, state } = await log(bench);
  assertEquals([status.operation, state.current], [3, 0]);
  assertEquals((await bench.io(READ, { nsid: 1, length: 512 })).status, OK);
});

Deno.test("Blocks that are to stay allocated hold what the operation left in them", async () => {
  const contents = async (cdw10: number): Promise<readonly (number | undefined)[]> => {
    const bench = new Bench();
    await bench.admin(0x80, { nsid: 1, cdw10: 0x22 });
    const out = new Uint8Array(2048).fill(7);
    await bench.io(WRITE, { nsid: 1, cdw10: 40, cdw12: 0x2000_0003, out });
    assertEquals(await sanitize(bench, cdw10), OK);
    const { status } = await bench.admin(SANITIZE, { cdw10: 0, cdw11: 0 });
    assertEquals(status, IN_PROGRESS);
    bench.advance(60_000);
    const { status: { operation } } = await log(bench);
    assertEquals(operation, 1);
    const media = bench.drive.first.namespaces.find(1)?.media;
    const { data, metadata } = media?.read(43, 1) ?? {};
    return [media?.allocatedBlocks, data?.[0], data?.[1], data?.[511], metadata?.[0]];
  };
  assertEquals(await contents(BLOCK | NDAS), [4, 0, 0, 0, 0xff]);
  assertEquals(await contents(OVERWRITE | (2 << 4) | NDAS), [4, 0, 0, 0, 0xff]);
  assertEquals(await contents(OVERWRITE | (2 << 4)), [0, 0, 0, 0, 0]);
  assertEquals((await contents(CRYPTO | NDAS))[0], 4);
});

Deno.test("An overwrite leaves its pattern, inverted between passes or not", async () => {
  for (const inverted of [0, 0x100]) {
    const bench = new Bench();
    await bench.io(WRITE, { nsid: 1, out: new Uint8Array(512).fill(7) });
    await bench.io(0x04, { nsid: 1, cdw10: 9 });
    const cdw10 = OVERWRITE | (2 << 4) | NDAS | inverted;
    await bench.admin(SANITIZE, { cdw10, cdw11: 0x1234_abcd });
    bench.advance(20_000);
    const { data } = await bench.io(READ, { nsid: 1, length: 512 });
    assertEquals([...data.subarray(0, 5)], [0xcd, 0xab, 0x34, 0x12, 0xcd]);
    const damaged = await bench.io(READ, { nsid: 1, length: 512, cdw10: 9 });
    assertEquals(damaged.status, OK);
  }
});

Deno.test("A wish that the drive cannot grant is an error, or a warning if so configured", async () => {
  const bench = new Bench(variant(personality(""), { sanitizing: { cryptoEraseMs: 1_000 } }));
  assertEquals(await sanitize(bench, CRYPTO | NDAS), INVALID_FIELD);
  assertEquals((await bench.admin(0x09, { cdw10: 0x17, cdw11: 1 })).status, OK);
  const event = bench.admin(0x0c);
  assertEquals(await sanitize(bench, CRYPTO | NDAS), OK);
  bench.advance(1_000);
  bench.drive.settle();
  assertEquals((await event).dw0, 0x81_02_06);
  assertEquals((await log(bench)).status.operation, 4);
});

Deno.test("Media verification lets hosts read until they leave it, or a reset does", async () => {
  const bench = new Bench();
  await sanitize(bench, BLOCK | EMVS);
  bench.advance(20_000);
  assertEquals((await log(bench)).state.current, 5);
  assertEquals((await bench.io(READ, { nsid: 1, length: 512 })).status, OK);
  assertEquals((await bench.io(WRITE, { nsid: 1 })).status, IN_PROGRESS);
  assertEquals(await sanitize(bench, BLOCK), INVALID_FIELD);
  assertEquals(await sanitize(bench, EXIT_VERIFICATION), OK);
  assertEquals((await log(bench)).state.current, 6);
  bench.advance(2_000);
  const { status, state } = await log(bench);
  assertEquals([status.operation, status.verificationCanceled, state.current], [1, false, 0]);
  await sanitize(bench, BLOCK | EMVS);
  bench.advance(20_000);
  bench.drive.resetSubsystem();
  const canceled = await log(bench);
  assertEquals([canceled.status.verificationCanceled, canceled.state.current], [true, 6]);
});

Deno.test("Sanitize refuses what the drive cannot do, and leaves its log alone", async () => {
  const bench = new Bench(variant(personality(""), { sanitizing: { cryptoEraseMs: 1_000 } }));
  const before = await log(bench);
  for (const [cdw10, byte, bit] of [[0, 40, 0], [BLOCK, 40, 0], [OVERWRITE, 40, 0], [6, 40, 0]]) {
    const expected = { status: INVALID_FIELD, byte: byte ?? 0, bit: bit ?? 0 };
    await bench.refuses("admin", SANITIZE, { cdw10: cdw10 ?? 0 }, expected);
  }
  const atBit = (bit: number): { readonly status: string; readonly byte: number; bit: number } => ({
    status: INVALID_FIELD,
    byte: 41,
    bit,
  });
  await bench.refuses("admin", SANITIZE, { cdw10: CRYPTO | NDAS }, atBit(1));
  await bench.refuses("admin", SANITIZE, { cdw10: CRYPTO | EMVS }, atBit(2));
  assertEquals(await sanitize(bench, EXIT_FAILURE), OK);
  assertEquals(await log(bench), before);
});

Deno.test("Sanitize and Format NVM leave write-protected namespaces alone", async () => {
  const bench = new Bench();
  for (const namespace of bench.drive.state.namespaces) namespace.writeProtection = 1;
  assertEquals(await sanitize(bench, CRYPTO), WRITE_PROTECTED);
  assertEquals((await bench.admin(0x80, { nsid: 1 })).status, WRITE_PROTECTED);
  assertEquals((await log(bench)).status.operation, 0);
});

Deno.test("Sanitize tells plug-ins when it starts and how it ends", async () => {
  const bench = new Bench(failing());
  const events: string[] = [];
  bench.drive.taps.attach("nvme:sanitize:event", (context) => {
    if (context.kind === "event") events.push(context.event);
  });
  await sanitize(bench, CRYPTO);
  bench.advance(400);
  bench.drive.settle();
  assertEquals(events, ["started", "failed"]);
});

Deno.test("Identify Controller says which kinds of sanitize there are", async () => {
  const identify = async (kind: string | Personality): Promise<IdentifyController["sanicap"]> =>
    IdentifyController.decode((await new Bench(kind).identify(0x01)).data).sanicap;
  const all = await identify("");
  assert(all.ces && all.bes && all.ows && all.vers && !all.ndi);
  const crypto = await identify(variant(personality(""), { sanitizing: { cryptoEraseMs: 1 } }));
  assertEquals([crypto.ces, crypto.bes, crypto.ows, crypto.vers], [true, false, false, false]);
  assertEquals([crypto.ndi, crypto.nodmmas], [true, 1]);
  const none = await identify("old");
  assertEquals([none.ces, none.bes, none.ows, none.ndi], [false, false, false, false]);
  await new Bench("old").refuses("admin", SANITIZE, { cdw10: BLOCK }, {
    status: INVALID_OPCODE,
    byte: 0,
  });
});
