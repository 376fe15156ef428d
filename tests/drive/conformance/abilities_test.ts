// What each preset says of itself, against what it really answers: a bit of Identify Controller is
// set exactly when what it stands for is accepted.

import { assert, assertEquals } from "@std/assert";
import { presetNames } from "../../../src/drive/mod.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { FeatureEffectsLog } from "../../../src/spec/log/feature_effects.ts";
import { SupportedLog } from "../../../src/spec/log/supported.ts";
import { Bench, INVALID_FIELD, OK } from "../bench.ts";

const GET = 0x0a;
const SET = 0x09;
const SANITIZE = 0x84;
const COPY = 0x19;
const NO_LOG = "01h/09h";
const EVENTS = 0x0b;
const SAVE = 0x8000_0000;
const ENDURANCE_EVENTS = 1 << 14;
/** The events that OAES tells of; the other bits have no part in it. */
const TOLD_EVENTS = [8, 9, 11, 12, 13, 15, 16, 27, 31];
const ALL = Array.from({ length: 256 }, (_, at) => at);

function hex(value: number): string {
  return `${value.toString(16).padStart(2, "0")}h`;
}

async function controllerOf(bench: Bench): Promise<IdentifyController> {
  return IdentifyController.decode((await bench.identify(0x01)).data);
}

/** Whether a log page can be read: with the identifier and parameter that it needs. */
async function hasLog(bench: Bench, lid: number): Promise<boolean> {
  const cdw11 = lid === 0x09 ? 1 << 16 : 0;
  const { status } = await bench.log(lid, 64, { cdw11 });
  return status !== NO_LOG;
}

/** Whether a feature can be asked for; which namespace it is about is tried too. */
async function hasFeature(bench: Bench, fid: number): Promise<boolean> {
  const ask = async (nsid: number): Promise<boolean> => {
    const { status } = await bench.admin(GET, { cdw10: fid, cdw11: 1, nsid, length: 4096 });
    return status === OK;
  };
  return await ask(0) || await ask(1);
}

async function hasStructure(bench: Bench, cns: number): Promise<boolean> {
  const ask = async (nsid: number): Promise<boolean> =>
    (await bench.identify(cns, { nsid, ...(cns === 0x1c ? { cdw10: 0xffff_0000 } : {}) }))
      .status === OK;
  return await ask(0) || await ask(1);
}

for (const name of presetNames()) {
  const test = (what: string, body: (bench: Bench, id: IdentifyController) => Promise<void>) =>
    Deno.test(`virtual:${name} ${what}`, async () => {
      const bench = new Bench(name);
      await body(bench, await controllerOf(bench));
    });

  test("has the log pages that its attributes say", async (bench, id) => {
    const { lpa, oacs, oaes, cmic, ctratt, sanicap } = id;
    const expected: readonly (readonly [number, boolean])[] = [
      [0x00, lpa.mlps],
      [0x01, true],
      [0x02, true],
      [0x03, true],
      [0x04, oaes.nsan],
      [0x05, lpa.cses],
      [0x06, oacs.dsts],
      [0x07, lpa.ts],
      [0x08, lpa.ts],
      [0x09, ctratt.egs],
      [0x0c, cmic.anars],
      [0x0d, lpa.pes],
      [0x0e, oacs.glss],
      [0x0e, oaes.lsian],
      [0x12, lpa.mlps],
      [0x13, lpa.mlps],
      [0x81, sanicap.value !== 0],
    ];
    for (const [lid, has] of expected) assertEquals(await hasLog(bench, lid), has, hex(lid));
    if (lpa.mlps) assert(lpa.cses, "pages 00h, 05h, 12h and 13h come together");
  });

  test("lists the log pages that it answers for in page 00h", async (bench, id) => {
    if (!id.lpa.mlps) return;
    const { pages } = SupportedLog.decode((await bench.log(0x00, SupportedLog.size)).data);
    const listed = ALL.filter((lid) => pages[lid]?.supported);
    const read: number[] = [];
    for (const lid of ALL) if (await hasLog(bench, lid)) read.push(lid);
    assertEquals(listed, read);
  });

  test("reads log pages from an offset if it says so", async (bench, id) => {
    const { status } = await bench.log(0x02, 64, { cdw12: 4096 });
    assertEquals(status, id.lpa.lpeds ? INVALID_FIELD : OK);
  });

  test("has the features that its attributes say", async (bench, id) => {
    const { vwc, apsta, oncs, kas, hctma, ctratt, nwpc, oacs } = id;
    const expected: readonly (readonly [number, boolean])[] = [
      [0x01, true],
      [0x02, true],
      [0x04, true],
      [0x05, true],
      [0x06, vwc.vwcp],
      [0x07, true],
      [EVENTS, true],
      [0x0c, apsta.apts],
      [0x0e, oncs.tss],
      [0x0f, kas !== 0],
      [0x10, hctma.hctms],
      [0x11, ctratt.nopspm],
      [0x12, ctratt.rrlvls],
      [0x15, oacs.glss],
      [0x18, ctratt.egs],
      [0x81, ctratt.hids],
      [0x84, nwpc.nwpwps],
    ];
    for (const [fid, has] of expected) assertEquals(await hasFeature(bench, fid), has, hex(fid));
  });

  test("lists the features that it answers for in page 12h", async (bench, id) => {
    if (!id.lpa.mlps) return;
    const { data } = await bench.log(0x12, FeatureEffectsLog.size);
    const { features } = FeatureEffectsLog.decode(data);
    const listed = ALL.filter((fid) => features[fid]?.supported);
    const had: number[] = [];
    for (const fid of ALL) if (await hasFeature(bench, fid)) had.push(fid);
    assertEquals(listed, had);
  });

  test(
    "saves features, and gives other values than the current one, if it says so",
    async (bench, id) => {
      const { status } = await bench.admin(SET, { cdw10: (SAVE | 0x01) >>> 0, cdw11: 7 });
      assertEquals(status === OK, id.oncs.ssfs);
      const capabilities = await bench.admin(GET, { cdw10: 0x0301 });
      // Without, the field is reserved and the current value comes back.
      assertEquals(capabilities.dw0, id.oncs.ssfs ? 0b101 : 0);
    },
  );

  test("keeps the events enabled that OAES says, and no others", async (bench, id) => {
    const wanted = ~ENDURANCE_EVENTS >>> 0;
    assertEquals((await bench.admin(SET, { cdw10: EVENTS, cdw11: wanted })).status, OK);
    const { dw0 } = await bench.admin(GET, { cdw10: EVENTS });
    for (const bit of TOLD_EVENTS) {
      assertEquals((dw0 >>> bit) & 1, (id.oaes.value >>> bit) & 1, `bit ${bit}`);
    }
    await bench.admin(SET, { cdw10: EVENTS, cdw11: ENDURANCE_EVENTS });
    const endurance = (await bench.admin(GET, { cdw10: EVENTS })).dw0 === ENDURANCE_EVENTS;
    assertEquals(endurance, (id.oaes.value & ENDURANCE_EVENTS) !== 0);
  });

  test("returns the structures that its attributes say", async (bench, id) => {
    const { ctratt, oacs } = id;
    const expected: readonly (readonly [number, boolean])[] = [
      [0x00, true],
      [0x01, true],
      [0x02, true],
      [0x16, ctratt.ng],
      [0x17, ctratt.ulist],
      [0x19, ctratt.egs],
    ];
    for (const [cns, has] of expected) assertEquals(await hasStructure(bench, cns), has, hex(cns));
    if (!oacs.nms) return;
    // [BASE-2.1 §8.1.15]: who manages namespaces can list them.
    for (const cns of [0x10, 0x11, 0x12, 0x13]) {
      assert(await hasStructure(bench, cns), hex(cns));
    }
  });

  test("carries out the sanitize operations that SANICAP says", async (_bench, { sanicap }) => {
    for (const [action, has] of [[2, sanicap.bes], [3, sanicap.ows], [4, sanicap.ces]] as const) {
      const { status } = await new Bench(name).admin(SANITIZE, { cdw10: action });
      assertEquals(status === OK, has, `action ${action}`);
    }
    const { status } = await new Bench(name).admin(SANITIZE, { cdw10: 0x402 });
    assertEquals(status === OK, sanicap.bes && sanicap.vers, "media verification");
  });

  test("formats as FNA says", async (_bench, { fna, oacs }) => {
    if (!oacs.fnvms) return;
    const writable = name !== "critical";
    const format = async (command: { cdw10?: number; nsid?: number }): Promise<boolean> =>
      (await new Bench(name).admin(0x80, { nsid: 1, ...command })).status !== INVALID_FIELD;
    assertEquals(await format({ cdw10: 2 << 9 }), fna.cryes, "cryptographic erase");
    assertEquals(await format({ nsid: 0xffffffff }), !fna.fnvmbs, "all namespaces");
    assertEquals((await new Bench(name).admin(0x80, { nsid: 1 })).status === OK, writable);
  });

  test("copies with the descriptors that it says", async (bench, { ocfs, oncs }) => {
    if (!oncs.nvmcpys) return;
    const offered = [ocfs.cdf0s, ocfs.cdf1s, ocfs.cdf2s, ocfs.cdf3s, ocfs.cdf4s];
    for (const [format, has] of offered.entries()) {
      const out = new Uint8Array(64);
      const { status } = await bench.io(COPY, { nsid: 1, cdw12: format << 8, out });
      assertEquals(status !== INVALID_FIELD, has, `format ${format}`);
    }
  });

  test(
    "takes as many requests, errors and bytes as it says",
    async (bench, { aerl, elpe, mdts }) => {
      for (let request = 0; request <= aerl; request++) void bench.admin(0x0c).catch(() => {});
      assertEquals((await bench.admin(0x0c)).status, "01h/05h");
      for (let error = 0; error < elpe + 5; error++) await bench.io(0xff);
      assertEquals(bench.drive.state.errors.length, elpe + 1);
      const length = 4096 * 2 ** mdts;
      const read = (bytes: number) =>
        bench.io(0x02, { nsid: 1, cdw12: bytes / 512 - 1, length: bytes });
      assertEquals((await read(length)).status, OK);
      assertEquals((await read(length + 512)).status, INVALID_FIELD);
    },
  );
}
