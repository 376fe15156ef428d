// Tests of Format NVM.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { personality } from "../bench.ts";
import { variant } from "../../../src/drive/mod.ts";
import { UnreachableError } from "../../../src/errors.ts";
import {
  currentFormat,
  formatIndex,
  IdentifyNamespace,
} from "../../../src/spec/identify/identify_namespace.ts";
import {
  changedNamespaces,
  ChangedNamespacesLog,
} from "../../../src/spec/log/changed_namespaces.ts";
import { SelfTestLog, selfTestResults } from "../../../src/spec/log/self_test.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, OK } from "../bench.ts";

const FORMAT = 0x80;
const ALL = 0xffffffff;
const INVALID_FORMAT = "01h/0Ah";
const IN_PROGRESS = "00h/84h";
const WRITE_FAULT = "02h/80h";

async function namespace(bench: Bench, nsid = 1, cns = 0x11): Promise<IdentifyNamespace> {
  return IdentifyNamespace.decode((await bench.identify(cns, { nsid })).data);
}

Deno.test("Format NVM changes the block size and erases everything", async () => {
  const bench = new Bench();
  await bench.io(0x01, { nsid: 1, cdw12: 7, out: new Uint8Array(4096).fill(0xaa) });
  assertEquals((await bench.admin(FORMAT, { nsid: 1, cdw10: 1 })).status, OK);
  const { nsze, ncap, nuse, ...rest } = await namespace(bench);
  assertEquals(currentFormat({ ...rest })?.blockBytes, 4096);
  assertEquals([nsze, ncap, nuse], [244_190_646n, 244_190_646n, 0n]);
  const { status, data } = await bench.io(0x02, { nsid: 1, length: 4096 });
  assertEquals(status, OK);
  assert(data.every((byte) => byte === 0));
});

Deno.test("Format NVM takes every format of the drive and goes back", async () => {
  const bench = new Bench();
  for (const index of [1, 2, 3, 4, 0]) {
    for (const secureErase of [0, 1, 2]) {
      const cdw10 = (secureErase << 9) | index;
      assertEquals((await bench.admin(FORMAT, { nsid: 1, cdw10 })).status, OK);
      const found = await namespace(bench);
      const { blockBytes = 0, metadataBytes = 0 } = currentFormat(found) ?? {};
      assertEquals(formatIndex(found.flbas), index);
      assertEquals(
        Number(found.nsze),
        Math.floor(1_000_204_886_016 / (blockBytes + metadataBytes)),
      );
    }
  }
});

Deno.test("Format NVM sets where metadata and protection information go", async () => {
  const bench = new Bench("namespaces");
  // Format 7 is 4096 + 8; type 3, first bytes, metadata at the end of the block.
  const cdw10 = 7 | (1 << 4) | (3 << 5) | (1 << 8);
  assertEquals((await bench.admin(FORMAT, { nsid: 2, cdw10 })).status, OK);
  const { flbas, dps } = await namespace(bench, 2);
  assertEquals([flbas.mtelba, dps.pit, dps.pip], [true, 3, true]);
});

Deno.test("Format NVM ignores the metadata setting of a format without metadata", async () => {
  const bench = new Bench("old");
  assertEquals((await bench.admin(FORMAT, { nsid: 1, cdw10: 1 | (1 << 4) })).status, OK);
  assertEquals((await namespace(bench, 1, 0x00)).flbas.mtelba, false);
});

Deno.test("Format NVM refuses settings that the drive does not have, and says which", async () => {
  const bench = new Bench();
  const refuses = (cdw10: number, status: string, byte: number, bit = 0): Promise<void> =>
    bench.refuses("admin", FORMAT, { nsid: 1, cdw10 }, { status, byte, bit });
  await refuses(5, INVALID_FORMAT, 40);
  await refuses(15, INVALID_FORMAT, 40);
  await refuses(3 | (4 << 5), INVALID_FIELD, 40, 5);
  await refuses(1 | (1 << 5), INVALID_FORMAT, 40, 5);
  await refuses(3 | (1 << 5) | (1 << 8), INVALID_FORMAT, 41);
  await refuses(3 << 9, INVALID_FIELD, 41, 1);
  await refuses(7 << 9, INVALID_FIELD, 41, 1);
  const base = personality("");
  const separate = variant(base, {
    formatting: { ...base.formatting, metadata: ["separate"], cryptoErase: false, protection: [1] },
  });
  const other = new Bench(separate);
  const otherRefuses = (cdw10: number, status: string, byte: number, bit = 0): Promise<void> =>
    other.refuses("admin", FORMAT, { nsid: 1, cdw10 }, { status, byte, bit });
  await otherRefuses(3 | (1 << 4), INVALID_FORMAT, 40, 4);
  await otherRefuses(3 | (2 << 5), INVALID_FORMAT, 40, 5);
  await otherRefuses(2 << 9, INVALID_FIELD, 41, 1);
});

Deno.test("Format NVM refuses namespaces that cannot be formatted", async () => {
  const bench = new Bench("namespaces");
  const refuses = (nsid: number, status: string): Promise<void> =>
    bench.refuses("admin", FORMAT, { nsid }, { status, byte: 4 });
  await refuses(0, INVALID_NAMESPACE);
  await refuses(17, INVALID_NAMESPACE);
  await refuses(6, INVALID_FIELD);
  const base = personality("");
  const single = new Bench(
    variant(base, { formatting: { ...base.formatting, broadcast: false } }),
  );
  await single.refuses("admin", FORMAT, { nsid: ALL }, { status: INVALID_FIELD, byte: 4 });
});

Deno.test("Format NVM reaches as far as the namespace identifier and FNA say", async () => {
  const sizes = async (bench: Bench): Promise<readonly number[]> => {
    const found: number[] = [];
    for (const nsid of [1, 2, 5]) {
      found.push(currentFormat(await namespace(bench, nsid))?.blockBytes ?? 0);
    }
    return found;
  };
  const base = personality("namespaces");
  const to8192 = { cdw10: 12 };
  const one = new Bench(base);
  await one.admin(FORMAT, { nsid: 1, ...to8192 });
  assertEquals(await sizes(one), [8192, 4096, 4096]);
  await one.admin(FORMAT, { nsid: 5, ...to8192 });
  assertEquals(await sizes(one), [8192, 4096, 8192]);
  const attached = new Bench(base);
  await attached.admin(FORMAT, { nsid: ALL, ...to8192 });
  assertEquals(await sizes(attached), [8192, 8192, 4096]);
  const all = new Bench(variant(base, { formatting: { ...base.formatting, formatsAll: true } }));
  await all.admin(FORMAT, { nsid: 1, ...to8192 });
  assertEquals(await sizes(all), [8192, 8192, 8192]);
  const erasing = new Bench(
    variant(base, { formatting: { ...base.formatting, erasesAll: true } }),
  );
  await erasing.admin(FORMAT, { nsid: 1, ...to8192 });
  assertEquals(await sizes(erasing), [8192, 4096, 4096]);
  await erasing.admin(FORMAT, { nsid: 1, cdw10: 12 | (1 << 9) });
  assertEquals(await sizes(erasing), [8192, 8192, 8192]);
});

Deno.test("Format NVM reaches formats beyond the sixteenth where they are enabled", async () => {
  const bench = new Bench("namespaces");
  const seventeenth = { nsid: 1, cdw10: 1 << 12 };
  assertEquals((await namespace(bench)).nlbaf, 15 as IdentifyNamespace["nlbaf"]);
  await bench.admin(FORMAT, seventeenth);
  assertEquals(formatIndex((await namespace(bench)).flbas), 0);
  const enable = (lbafee: number): Promise<unknown> =>
    bench.admin(0x09, { cdw10: 0x16, out: Uint8Array.of(0, 0, lbafee) });
  await enable(1);
  await bench.admin(FORMAT, seventeenth);
  const found = await namespace(bench);
  assertEquals([formatIndex(found.flbas), found.nlbaf], [16, 17 as IdentifyNamespace["nlbaf"]]);
  assertEquals(currentFormat(found)?.metadataBytes, 64);
  await bench.refuses("admin", FORMAT, { nsid: 1, cdw10: 3 << 12 }, {
    status: INVALID_FORMAT,
    byte: 40,
  });
  await enable(0);
  const expected = { status: INVALID_NAMESPACE, byte: 4 };
  await bench.refuses("io", 0x02, { nsid: 1, length: 512 }, expected);
  await bench.refuses("admin", FORMAT, { nsid: 1 }, expected);
});

Deno.test("Format NVM aborts the self-tests that it disturbs and no others", async () => {
  const outcome = async (selfTest: number, format: number): Promise<number | undefined> => {
    const bench = new Bench("namespaces");
    await bench.admin(0x14, { nsid: selfTest, cdw10: 2 });
    assertEquals((await bench.admin(FORMAT, { nsid: format })).status, OK);
    const [result] = selfTestResults(SelfTestLog.decode((await bench.log(0x06, 564)).data));
    return result?.result;
  };
  assertEquals(await outcome(1, 1), 0x4);
  assertEquals(await outcome(ALL, 1), 0x4);
  assertEquals(await outcome(2, ALL), 0x4);
  assertEquals(await outcome(2, 1), undefined);
  assertEquals(await outcome(0, 1), undefined);
  assertEquals(await outcome(0, ALL), undefined);
});

Deno.test("Format NVM fails on a read-only drive and changes nothing", async () => {
  const bench = new Bench("critical");
  assertEquals((await bench.admin(FORMAT, { nsid: 1, cdw10: 1 })).status, WRITE_FAULT);
  assertEquals(currentFormat(await namespace(bench))?.blockBytes, 512);
});

Deno.test("Format NVM enters the namespace into the list of changed ones", async () => {
  const bench = new Bench("namespaces");
  await bench.admin(FORMAT, { nsid: 3 });
  await bench.admin(FORMAT, { nsid: 1 });
  const read = async (retain: boolean): Promise<readonly number[]> => {
    const cdw10 = 0x03ff_0004 | (retain ? 1 << 15 : 0);
    const { data } = await bench.log(0x04, 4096, { cdw10 });
    return changedNamespaces(ChangedNamespacesLog.decode(data)).nsids;
  };
  assertEquals(await read(true), [1, 3]);
  assertEquals(await read(false), [1, 3]);
  assertEquals(await read(false), []);
});

/** A drive that takes ten seconds for a format. */
function slowly(name = ""): Bench {
  return new Bench(variant(personality(name), { formatMs: 10_000 }));
}

Deno.test("Format NVM that takes its time shows what remains, and completes at its end", async () => {
  const bench = slowly();
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512).fill(0xaa) });
  let status = "";
  const formatted = bench.admin(FORMAT, { nsid: 1, cdw10: 1 }).then((answer) =>
    status = answer.status
  );
  for (const [ms, remaining] of [[0, 100], [2_500, 75], [7_499, 1]] as const) {
    bench.advance(ms);
    const { fpi, flbas } = await namespace(bench);
    assertEquals([fpi.rfnvm, flbas.fidxl], [remaining, 0], `${ms}`);
  }
  assertEquals(status, "");
  bench.advance(1);
  await formatted;
  assertEquals(status, OK);
  const { fpi, flbas } = await namespace(bench);
  assertEquals([fpi.rfnvm, flbas.fidxl], [0, 1]);
});

Deno.test("While a namespace is being formatted it takes no I/O, and others do", async () => {
  const bench = slowly("namespaces");
  const formatted = bench.admin(FORMAT, { nsid: 1 });
  const read = async (nsid: number): Promise<string> =>
    (await bench.io(0x02, { nsid, length: 4096 })).status;
  assertEquals([await read(1), await read(2)], [IN_PROGRESS, OK]);
  for (const opcode of [FORMAT, 0x84, 0x14, 0x10]) {
    assertEquals((await bench.admin(opcode, { cdw10: 2 })).status, IN_PROGRESS);
  }
  assertEquals((await bench.admin(0x08, { cdw10: 0x0001_0000 })).dw0, 1);
  bench.advance(10_000);
  assertEquals((await formatted).status, OK);
  assertEquals(await read(1), OK);
});

Deno.test("Format NVM goes on through a reset, without anybody to tell", async () => {
  const bench = slowly();
  const formatted = bench.admin(FORMAT, { nsid: 1, cdw10: 1 });
  bench.drive.first.reset();
  await assertRejects(() => formatted, UnreachableError);
  bench.advance(10_000);
  assertEquals((await namespace(bench)).flbas.fidxl, 1);
});

Deno.test("Format NVM tells plug-ins of every namespace", async () => {
  const bench = new Bench("namespaces");
  const events: string[] = [];
  bench.drive.taps.attach("nvme:format:event", (context) => {
    if (context.kind === "event") events.push(`${context.event} ${context.details["nsid"]}`);
  });
  await bench.admin(FORMAT, { nsid: ALL });
  assertEquals(events, [
    `started ${ALL}`,
    ...[1, 2, 3, 4, 9].map((nsid) => `formatted ${nsid}`),
  ]);
});
