// Rules that hold whatever a host does, in random order, on every preset that has the commands:
// capacity is neither made nor lost, firmware is where it was put, features have the values that
// resets leave.

import { assert, assertEquals } from "@std/assert";
import { buildFirmwareImage, type Personality, presetNames } from "../../../src/drive/mod.ts";
import { NamespaceCreateData } from "../../../src/spec/admin/namespace_management.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { encodeControllerList } from "../../../src/spec/identify/identify_lists.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { FirmwareLog } from "../../../src/spec/log/firmware.ts";
import { Bench, personality } from "../bench.ts";
import { type FirmwareActivation, FirmwareModel } from "./firmware_model.ts";
import { Seeded, withSeed } from "./seeded.ts";

const OK = "00h/00h";
const MANAGE = 0x0d;
const ATTACH = 0x15;
const LIVES = 3;

/** A test of each preset of which something holds, a few times with different seeds. */
function property(
  what: string,
  seed: number,
  holds: (preset: Personality) => boolean,
  body: (name: string, random: Seeded) => Promise<void>,
): void {
  for (const [index, name] of presetNames().entries()) {
    if (!holds(personality(name))) continue;
    Deno.test(`virtual:${name} ${what}`, async () => {
      for (let life = 0; life < LIVES; life++) {
        await withSeed(seed + index * LIVES + life, (random) => body(name, random));
      }
    });
  }
}

function identifyController(bench: Bench): Promise<IdentifyController> {
  return bench.identify(0x01).then(({ data }) => IdentifyController.decode(data));
}

/** Bytes of each namespace, as a host is told. */
async function sizes(bench: Bench, namespaces: number): Promise<ReadonlyMap<number, bigint>> {
  const found = new Map<number, bigint>();
  for (let nsid = 1; nsid <= namespaces; nsid++) {
    const { nvmcap, nsze } = IdentifyNamespace.decode((await bench.identify(0x11, { nsid })).data);
    if (nsze > 0n) found.set(nsid, nvmcap);
  }
  return found;
}

const manages = ({ commands }: Personality): boolean => commands.includes("namespace-management");

property("neither makes nor loses capacity", 0xca9a_0000, manages, async (name, random) => {
  const bench = new Bench(name, random.seed);
  const { limits: { namespaces }, formats } = personality(name);
  const { tnvmcap } = await identifyController(bench);
  for (let step = 0; step < 60; step++) {
    const before = await sizes(bench, namespaces);
    const { unvmcap: free } = await identifyController(bench);
    if (random.once(2)) {
      const format = random.below(Math.min(16, formats.length));
      const { dataBytes, metadataBytes } = formats[format] ?? { dataBytes: 0, metadataBytes: 0 };
      const wanted = random.once(3) ? free : BigInt(random.below(2 ** 40));
      const blocks = wanted / BigInt(dataBytes + metadataBytes) + BigInt(random.below(2));
      const out = NamespaceCreateData.encode({
        nsze: blocks,
        ncap: blocks,
        flbas: { fidxl: format },
      });
      const { status, dw0 } = await bench.admin(MANAGE, { out });
      const bytes = blocks * BigInt(dataBytes + metadataBytes);
      const expected = blocks === 0n
        ? "00h/02h"
        : before.size === namespaces
        ? "01h/16h"
        : bytes > free
        ? "01h/15h"
        : OK;
      assertEquals(status, expected, `${bytes} of ${free} bytes`);
      if (status === OK) {
        assert(!before.has(dw0), "the identifier was free");
        assertEquals((await sizes(bench, namespaces)).get(dw0), bytes);
      }
    } else {
      const nsid = 1 + random.below(namespaces);
      const { status } = await bench.admin(MANAGE, { cdw10: 1, nsid });
      assertEquals(status, before.has(nsid) ? OK : "00h/02h");
    }
    const used = [...(await sizes(bench, namespaces)).values()].reduce((sum, one) => sum + one, 0n);
    const { unvmcap } = await identifyController(bench);
    assert(unvmcap >= 0n);
    assertEquals(used + unvmcap, tnvmcap, "all bytes are somewhere");
  }
});

property(
  "attaches each namespace to whom it is told",
  0xa77a_0000,
  manages,
  async (name, random) => {
    const bench = new Bench(name, random.seed);
    const { limits: { namespaces }, namespaces: plans, controllers = 1 } = personality(name);
    const all = Array.from({ length: controllers }, (_, at) => at + 1);
    const attached = new Map(
      plans.map((plan) => [plan.nsid, new Set(plan.attached === false ? [] : all)]),
    );
    for (let step = 0; step < 80; step++) {
      const nsid = 1 + random.below(namespaces);
      const id = random.pick(all);
      const select = random.below(2);
      const command = { cdw10: select, nsid, out: encodeControllerList([id]) };
      const { status } = await bench.admin(ATTACH, command);
      const who = attached.get(nsid);
      const fits = who?.has(id) === (select === 1);
      // With several controllers the namespaces of the presets may be shared.
      assertEquals(status, !who ? "00h/02h" : fits ? OK : select === 0 ? "01h/18h" : "01h/1Ah");
      if (!who || !fits) continue;
      if (select === 0) who.add(id);
      else who.delete(id);
      const { data } = await bench.identify(0x12, { nsid });
      const list = new Uint16Array(data.buffer, data.byteOffset, 2048);
      assertEquals([...list.subarray(1, 1 + (list[0] ?? 0))], [...who].toSorted());
    }
  },
);

const updates = ({ commands }: Personality): boolean => commands.includes("firmware");
const ACTIVATIONS: readonly FirmwareActivation[] = [
  "withoutReset",
  "controllerReset",
  "subsystemReset",
];
const RESETS = ["controller", "subsystem", "power"] as const;

property("runs the firmware that it was told to", 0xf1f1_0000, updates, async (name, random) => {
  const bench = new Bench(name, random.seed);
  const { firmware, firmwareSlot } = personality(name);
  const model = new FirmwareModel(firmware, firmwareSlot);
  for (let step = 0; step < 80; step++) {
    const action = random.below(6);
    if (action < 2) {
      const image = { revision: `R${step}`, activation: random.pick(ACTIVATIONS) };
      const out = buildFirmwareImage(image);
      const { status } = await bench.admin(0x11, { cdw10: out.length / 4 - 1, out });
      assertEquals(status, model.download(image));
    } else if (action < 5) {
      const commit = { action: random.below(4), slot: 1 + random.below(7) };
      const cdw10 = (commit.action << 3) | commit.slot;
      const answer = bench.admin(0x10, { cdw10 });
      bench.advance(10_000);
      assertEquals((await answer).status, model.commit(commit.action, commit.slot), `${step}`);
    } else {
      const reset = random.pick(RESETS);
      if (reset === "controller") bench.drive.first.reset();
      else if (reset === "subsystem") bench.drive.resetSubsystem();
      else bench.drive.powercut();
      model.reset(reset);
    }
    const { activeFirmware, revisions } = FirmwareLog.decode((await bench.log(0x03, 512)).data);
    const found = { slot: activeFirmware.slot, next: activeFirmware.nextSlot };
    assertEquals(found, { slot: model.slot, next: model.pending?.slot ?? 0 });
    const slots = revisions.slice(0, firmware.length).map((one) => one.replace(/[\0 ]+$/, ""));
    assertEquals(slots, model.revisions.map((one) => one.replace(/[\0 ]+$/, "")));
    assertEquals((await identifyController(bench)).fr, model.running);
  }
});
