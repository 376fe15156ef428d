// Tests of firmware updates: download, commit, activation.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { buildFirmwareImage, type FirmwareImage } from "../../../src/drive/model/firmware_image.ts";
import { type Personality, variant } from "../../../src/drive/personality.ts";
import { DEFAULT_FIRMWARE } from "../../../src/drive/model/abilities.ts";
import { UnreachableError } from "../../../src/errors.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { FirmwareLog } from "../../../src/spec/log/firmware.ts";
import { Bench, INVALID_FIELD, OK, personality } from "../bench.ts";

const COMMIT = 0x10;
const DOWNLOAD = 0x11;
const INVALID_SLOT = "01h/06h";
const INVALID_IMAGE = "01h/07h";
const NEEDS_CONVENTIONAL = "01h/0Bh";
const NEEDS_SUBSYSTEM = "01h/10h";
const NEEDS_CONTROLLER = "01h/11h";
const NEEDS_TIME = "01h/12h";
const PROHIBITED = "01h/13h";
const STORE = 0;
const STORE_FOR_RESET = 1;
const ON_RESET = 2;
const NOW = 3;

async function download(bench: Bench, image: Uint8Array): Promise<void> {
  for (let offset = 0; offset < image.length; offset += 4096) {
    const out = image.slice(offset, offset + 4096);
    const { status } = await bench.admin(DOWNLOAD, {
      out,
      cdw10: out.length / 4 - 1,
      cdw11: offset / 4,
    });
    assertEquals(status, OK);
  }
}

async function give(
  bench: Bench,
  image: Partial<FirmwareImage>,
  [action, slot]: readonly [number, number],
): Promise<string> {
  const whole = { revision: "2.0.0", activation: "withoutReset", ...image } as const;
  await download(bench, buildFirmwareImage(whole));
  return commit(bench, action, slot);
}

async function commit(bench: Bench, action: number, slot: number): Promise<string> {
  return (await bench.admin(COMMIT, { cdw10: (action << 3) | slot })).status;
}

async function running(bench: Bench): Promise<string> {
  return IdentifyController.decode((await bench.identify(0x01)).data).fr;
}

async function slots(bench: Bench): Promise<FirmwareLog> {
  return FirmwareLog.decode((await bench.log(0x03, 512)).data);
}

Deno.test("Firmware is stored, activated by the next reset, and reported at every step", async () => {
  const bench = new Bench();
  assertEquals(await give(bench, {}, [STORE, 3]), OK);
  const stored = await slots(bench);
  assertEquals([stored.revisions[2], stored.activeFirmware.nextSlot], ["2.0.0", 0]);
  bench.drive.first.reset();
  assertEquals(await running(bench), "1.0.1");
  assertEquals(await commit(bench, ON_RESET, 3), OK);
  assertEquals((await slots(bench)).activeFirmware, { slot: 2, nextSlot: 3, value: 0x32 });
  assertEquals(await running(bench), "1.0.1");
  bench.drive.first.reset();
  assertEquals(await running(bench), "2.0.0");
  assertEquals((await slots(bench)).activeFirmware, { slot: 3, nextSlot: 0, value: 0x03 });
});

Deno.test("Firmware that replaces the running slot runs after the reset, not before", async () => {
  const bench = new Bench();
  assertEquals(await give(bench, {}, [STORE_FOR_RESET, 2]), OK);
  assertEquals([await running(bench), (await slots(bench)).revisions[1]], ["1.0.1", "2.0.0"]);
  bench.drive.first.reset();
  assertEquals(await running(bench), "2.0.0");
});

Deno.test("Firmware activated at once pauses the drive, then completes the command", async () => {
  const bench = new Bench();
  const enabled = bench.admin(0x09, { cdw10: 0x0b, cdw11: 0x200 });
  const event = bench.admin(0x0c);
  await enabled;
  await download(
    bench,
    buildFirmwareImage({
      revision: "2.0.0",
      activation: "withoutReset",
      pauseMs: 800,
    }),
  );
  const order: string[] = [];
  const committed = commit(bench, NOW, 4).then((status) => order.push(status));
  assertEquals((await event).dw0, 0x03_01_02);
  assertEquals(bench.drive.state.processingPausedUntil, bench.time + 800);
  const read = bench.io(0x02, { nsid: 1, length: 512 }).then(({ status }) => order.push(status));
  bench.advance(799);
  await Promise.resolve();
  assertEquals(order, []);
  bench.advance(1);
  await Promise.all([committed, read]);
  assertEquals(order, [OK, OK]);
  assertEquals(bench.drive.state.processingPausedUntil, undefined);
  assertEquals(await running(bench), "2.0.0");
});

Deno.test("Firmware activation that is under way when the controller is reset is over", async () => {
  const bench = new Bench();
  await download(bench, buildFirmwareImage({ revision: "2.0.0", activation: "withoutReset" }));
  const gone = [commit(bench, NOW, 3), bench.io(0x02, { nsid: 1, length: 512 })];
  bench.drive.first.reset();
  for (const command of gone) await assertRejects(() => command, UnreachableError);
  assertEquals(await running(bench), "2.0.0");
});

Deno.test("Firmware says which reset it needs, and no lesser one starts it", async () => {
  for (
    const [activation, status, does, doesNot] of [
      ["controllerReset", NEEDS_CONTROLLER, "controller", undefined],
      ["subsystemReset", NEEDS_SUBSYSTEM, "subsystem", "controller"],
      ["conventionalReset", NEEDS_CONVENTIONAL, "power", "subsystem"],
    ] as const
  ) {
    const bench = new Bench();
    assertEquals(await give(bench, { activation }, [NOW, 3]), status);
    if (doesNot) bench.drive.first.reset(doesNot);
    assertEquals(await running(bench), "1.0.1", activation);
    assertEquals((await bench.admin(0x84, { cdw10: 4 })).status, status);
    if (does === "power") bench.drive.powercut();
    else bench.drive.first.reset(does);
    assertEquals(await running(bench), "2.0.0", activation);
  }
});

Deno.test("Firmware that takes longer than promised, or is not to run, does not start", async () => {
  const bench = new Bench();
  assertEquals(await give(bench, { pauseMs: 5_001 }, [NOW, 3]), NEEDS_TIME);
  assertEquals((await slots(bench)).revisions[2], "2.0.0");
  bench.drive.first.reset();
  assertEquals(await running(bench), "1.0.1");
  assertEquals(await give(bench, { activation: "prohibited" }, [STORE_FOR_RESET, 4]), PROHIBITED);
  bench.drive.first.reset();
  assertEquals(await running(bench), "1.0.1");
});

Deno.test("Firmware Commit refuses slots that are not there, read-only or empty", async () => {
  const bench = new Bench(variant(personality(""), { firmware: ["1.0.0", "1.0.1", ""] }));
  assertEquals(await give(bench, {}, [STORE, 1]), INVALID_SLOT);
  assertEquals(await commit(bench, STORE, 4), INVALID_SLOT);
  assertEquals(await commit(bench, ON_RESET, 3), INVALID_IMAGE);
  assertEquals(await commit(bench, NOW, 7), INVALID_SLOT);
  for (const action of [4, 5, 6, 7]) {
    const expected = { status: INVALID_FIELD, byte: 40, bit: 3 };
    await bench.refuses("admin", COMMIT, { cdw10: (action << 3) | 2 }, expected);
  }
  const writable = { ...DEFAULT_FIRMWARE, readOnlySlot1: false };
  const other = new Bench(variant(personality(""), { firmwareUpdates: writable }));
  assertEquals(await give(other, {}, [STORE, 1]), OK);
});

Deno.test("Firmware Commit chooses an empty slot where the host names none", async () => {
  const bench = new Bench();
  assertEquals(await give(bench, {}, [STORE, 0]), OK);
  assertEquals((await slots(bench)).revisions[2], "2.0.0");
});

Deno.test("Firmware Commit finds gaps, damage and images of something else", async () => {
  const image = buildFirmwareImage({
    revision: "2.0.0",
    activation: "withoutReset",
    payload: new Uint8Array(9000).fill(0x5a),
  });
  assertEquals(image.length, 12_288);
  const bench = new Bench();
  const piece = (at: number): Promise<unknown> =>
    bench.admin(DOWNLOAD, { out: image.slice(at, at + 4096), cdw10: 1023, cdw11: at / 4 });
  await piece(8192);
  await piece(0);
  assertEquals(await commit(bench, STORE, 3), INVALID_IMAGE);
  for (const at of [8192, 4096, 0]) await piece(at);
  assertEquals(await commit(bench, STORE, 3), OK);
  const damaged = image.slice();
  damaged[5000] = 0;
  await download(bench, damaged);
  assertEquals(await commit(bench, STORE, 4), INVALID_IMAGE);
  await download(bench, new Uint8Array(4096).fill(1));
  assertEquals(await commit(bench, STORE, 4), INVALID_IMAGE);
  assertEquals(await commit(bench, STORE, 4), INVALID_IMAGE);
  assertEquals((await slots(bench)).revisions[3], "");
});

Deno.test("A drive that takes any image derives a revision from its bytes", async () => {
  const any: Personality = variant(personality(""), { firmwareAcceptsAny: true });
  const bench = new Bench(any);
  await download(bench, new Uint8Array(8192).fill(1));
  assertEquals(await commit(bench, STORE, 3), OK);
  const revision = (await slots(bench)).revisions[2] ?? "";
  assert(/^[0-9A-F]{8}$/.test(revision), revision);
});
