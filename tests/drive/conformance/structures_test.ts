// Every structure that any preset sends decodes, shows itself, and encodes to the same bytes.

import { assert, assertEquals } from "@std/assert";
import { type Json, List, type Struct } from "../../../src/layout/mod.ts";
import { presetNames } from "../../../src/drive/mod.ts";
import { FEATURES } from "../../../src/spec/feature/registry.ts";
import { CNS_VALUES } from "../../../src/spec/identify/cns.ts";
import type { LogPage } from "../../../src/spec/log/log_page.ts";
import { LOG_PAGES } from "../../../src/spec/log/registry.ts";
import { Bench, OK } from "../bench.ts";

type Structure = Struct<object, unknown> | List<object, unknown>;

/** As much as any page has. */
const PAGE_BYTES = 256 * 1024;
const IDENTIFY_BYTES = 4096;
/** Establishes a context of the persistent event log, captures telemetry. */
const ACTIONS: Readonly<Record<number, number>> = { 0x07: 0x100, 0x0d: 0x100 };
const THIS_CONTROLLER = 0xffff_0000;

/** Texts that are padded with spaces, or are nothing at all and zero: the value is the same. */
const PADDED = ["Firmware Slot Information"];

/** The bytes decode, and what comes of them encodes to the bytes again. */
function checkStructure(structure: Structure, bytes: Uint8Array, label: string): void {
  if (structure instanceof List) {
    const whole = bytes.subarray(0, bytes.length - bytes.length % structure.entry.size);
    assertEquals(structure.encode(structure.decode(whole)), whole, label);
    return;
  }
  const own = bytes.subarray(0, structure.size);
  const value = structure.decode(own);
  const again = structure.encode(value);
  assertEquals(structure.decode(again), value, label);
  if (!PADDED.includes(structure.title)) assertEquals(again, own, label);
  assert(structure.text(value).length > 0, label);
}

/** Something that happened, so that pages have something to say. */
async function live(bench: Bench): Promise<void> {
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512).fill(7) });
  await bench.io(0x04, { nsid: 1, cdw10: 9 });
  await bench.io(0x02, { nsid: 1, cdw10: 9, length: 512 });
  await bench.io(0xff);
  await bench.admin(0x14, { cdw10: 1 });
  bench.advance(3_000);
}

/** All bytes of a page, from as many as there may be of it. */
function wholePage(page: LogPage, bytes: Uint8Array, length: number): Uint8Array {
  return page.growth ? bytes.subarray(0, page.growth.extent(bytes)) : bytes.subarray(0, length);
}

/** Values for a machine are plain. */
function checkJson(json: Json, label: string): void {
  assert(JSON.stringify(json) !== undefined, label);
}

for (const name of presetNames()) {
  Deno.test(`virtual:${name} sends structures of Identify that decode and encode`, async () => {
    const bench = new Bench(name);
    await live(bench);
    let seen = 0;
    for (const { cns, title, targets } of CNS_VALUES) {
      for (const nsid of [0, 1, 5, 0xffffffff]) {
        const { status, data } = await bench.identify(cns, {
          nsid,
          ...(cns === 0x1c ? { cdw10: THIS_CONTROLLER } : {}),
        });
        if (status !== OK) continue;
        const label = `${title} of namespace ${nsid}`;
        const target = targets[0];
        assert(target, label);
        if (target.structure.size === IDENTIFY_BYTES) checkStructure(target.structure, data, label);
        checkJson(target.json(target.decode(data)), label);
        seen++;
      }
    }
    assert(seen > 3, "structures were read");
  });

  Deno.test(`virtual:${name} sends log pages that decode and encode`, async () => {
    const bench = new Bench(name);
    await live(bench);
    const id = { lpa: 0, oacs: 0, oaes: 0, elpe: 0, cmic: 0, ctratt: 0, sanicap: 0, oncs: 0 };
    let seen = 0;
    for (const page of LOG_PAGES) {
      const { status, data } = await bench.log(page.lid, PAGE_BYTES, {
        cdw10: ((0xffff << 16) | page.lid | (ACTIONS[page.lid] ?? 0)) >>> 0,
        cdw11: ((page.lsi ?? 0) << 16) >>> 0,
      });
      if (status !== OK) continue;
      const whole = wholePage(page, data, page.length({ ...id, cntrltype: 1 }));
      checkStructure(page.structure, whole, page.title);
      checkJson(page.json(page.decode(whole)), page.title);
      seen++;
    }
    assert(seen > 2, "pages were read");
  });

  Deno.test(`virtual:${name} sends data of features that decode and encode`, async () => {
    const bench = new Bench(name);
    for (const { fid, title, data: transfer } of FEATURES) {
      if (!transfer) continue;
      for (const select of [0, 1, 2]) {
        const { status, data } = await bench.admin(0x0a, {
          cdw10: fid | (select << 8),
          nsid: fid === 0x03 ? 1 : 0,
          length: 4096,
        });
        if (status !== OK) continue;
        checkStructure(transfer.structure, data, `${title}, ${select}`);
      }
    }
  });
}
