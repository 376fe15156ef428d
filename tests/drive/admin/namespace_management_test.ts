// Tests of Namespace Management: namespaces are made out of unallocated capacity, and given back.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { NamespaceCreateData } from "../../../src/spec/admin/namespace_management.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { listedNamespaces, NamespaceList } from "../../../src/spec/identify/identify_lists.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { ErrorLog } from "../../../src/spec/log/error.ts";
import { SelfTestLog } from "../../../src/spec/log/self_test.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, INVALID_OPCODE, OK } from "../bench.ts";

const MANAGE = 0x0d;
const DELETE = 1;
const ALL = 0xffff_ffff;
const INVALID_FORMAT = "01h/0Ah";
const NO_CAPACITY = "01h/15h";
const NO_IDENTIFIER = "01h/16h";
const THIN = "01h/1Bh";
const ANA_GROUP = "01h/24h";
const COMMAND_SET = "01h/29h";
const WRITE_PROTECTED = "00h/20h";
const GIB = 2n ** 30n;

type Wishes = Parameters<typeof NamespaceCreateData.encode>[0];

function create(bench: Bench, wishes: Wishes): Promise<{ status: string; dw0: number }> {
  return bench.admin(MANAGE, { out: NamespaceCreateData.encode(wishes) });
}

/** A namespace of so many bytes in blocks of 4 KiB. */
function sized(bytes: bigint): Wishes {
  return { nsze: bytes / 4096n, ncap: bytes / 4096n, flbas: { fidxl: 1 } };
}

async function unallocated(bench: Bench): Promise<bigint> {
  return IdentifyController.decode((await bench.identify(0x01)).data).unvmcap;
}

async function list(bench: Bench, cns: number): Promise<readonly number[]> {
  return listedNamespaces(NamespaceList.decode((await bench.identify(cns)).data));
}

Deno.test("On the default drive a namespace is deleted and others are made in its place", async () => {
  const bench = new Bench();
  assertEquals(await unallocated(bench), 0n);
  assertEquals((await bench.admin(MANAGE, { nsid: 1, cdw10: DELETE })).status, OK);
  assertEquals(await unallocated(bench), 1_000_204_886_016n);
  assertEquals(await create(bench, sized(GIB)).then(({ dw0 }) => dw0), 1);
  assertEquals(await create(bench, sized(3n * GIB)).then(({ dw0 }) => dw0), 2);
  assertEquals(await unallocated(bench), 1_000_204_886_016n - 4n * GIB);
  assertEquals([await list(bench, 0x10), await list(bench, 0x02)], [[1, 2], []]);
  const { data } = await bench.identify(0x11, { nsid: 2 });
  const { nsze, ncap, nuse, nvmcap } = IdentifyNamespace.decode(data);
  assertEquals([nsze, ncap, nuse, nvmcap], [786_432n, 786_432n, 0n, 3n * GIB]);
});

Deno.test("A namespace is made with the protection and metadata that were asked for", async () => {
  const bench = new Bench("spacious");
  const blocks = { nsze: 1000n, ncap: 1000n };
  const { dw0 } = await create(bench, {
    ...blocks,
    flbas: { fidxl: 3, mtelba: true },
    dps: { pit: 1 },
    nmic: { shrns: true },
  });
  assertEquals(dw0, 2);
  const { data } = await bench.identify(0x11, { nsid: 2 });
  const { flbas, dps, nmic, nvmcap } = IdentifyNamespace.decode(data);
  assertEquals([flbas.fidxl, flbas.mtelba, dps.pit, nmic.shrns], [3, true, 1, true]);
  assertEquals(nvmcap, 4_104_000n);
});

Deno.test("Namespaces that cannot be made are refused, and nothing is taken for them", async () => {
  const bench = new Bench("spacious");
  const one = { nsze: 8n, ncap: 8n };
  const refused: readonly (readonly [Wishes, string])[] = [
    [{ nsze: 0n, ncap: 0n }, INVALID_FIELD],
    [{ nsze: 8n, ncap: 9n }, INVALID_FIELD],
    [{ nsze: 8n, ncap: 7n }, THIN],
    [{ ...one, flbas: { fidxl: 5 } }, INVALID_FORMAT],
    [{ ...one, dps: { pit: 1 } }, INVALID_FORMAT],
    [{ ...one, anagrpid: 1 }, ANA_GROUP],
    [{ ...one, nvmsetid: 1 }, INVALID_FIELD],
    [{ ...one, endgid: 2 }, INVALID_FIELD],
    [{ ...one, nphndls: 1 }, INVALID_FIELD],
    [{ ...one, nmic: { disns: true } }, INVALID_FIELD],
  ];
  const before = await unallocated(bench);
  for (const [wishes, status] of refused) {
    assertEquals((await create(bench, wishes)).status, status, JSON.stringify(status));
  }
  const out = NamespaceCreateData.encode(one);
  const set = { status: COMMAND_SET, byte: 47 };
  await bench.refuses("admin", MANAGE, { cdw11: 0x0200_0000, out }, set);
  await bench.refuses("admin", MANAGE, { nsid: 2, out }, { status: INVALID_FIELD, byte: 4 });
  await bench.refuses("admin", MANAGE, { cdw10: 2 }, { status: INVALID_FIELD, byte: 40 });
  assertEquals(await unallocated(bench), before);
  await new Bench("old").refuses("admin", MANAGE, { out }, { status: INVALID_OPCODE });
});

Deno.test("Too little capacity is refused, and the error log says how much was needed", async () => {
  const bench = new Bench();
  const { status } = await create(bench, sized(GIB));
  assertEquals(status, NO_CAPACITY);
  const [entry] = ErrorLog.decode((await bench.log(0x01, 64)).data);
  assertEquals(entry?.commandSpecific, GIB);
});

Deno.test("There are as many namespaces as there are identifiers", async () => {
  const bench = new Bench("spacious");
  for (let nsid = 2; nsid <= 32; nsid++) {
    assertEquals((await create(bench, sized(4096n))).dw0, nsid);
  }
  assertEquals((await create(bench, sized(4096n))).status, NO_IDENTIFIER);
  assertEquals((await bench.admin(MANAGE, { nsid: 7, cdw10: DELETE })).status, OK);
  assertEquals((await create(bench, sized(4096n))).dw0, 7);
});

Deno.test("A namespace has other identifiers than the one that had its number before", async () => {
  const bench = new Bench();
  const identity = async (): Promise<readonly string[]> => {
    const { nguid, eui64 } = IdentifyNamespace.decode(
      (await bench.identify(0x11, { nsid: 1 })).data,
    );
    return [nguid.toHex(), eui64.toHex()];
  };
  const seen = [await identity()];
  for (let round = 0; round < 3; round++) {
    await bench.admin(MANAGE, { nsid: 1, cdw10: DELETE });
    await create(bench, sized(GIB));
    const now = await identity();
    for (const before of seen) {
      assertNotEquals(now[0], before[0]);
      assertNotEquals(now[1], before[1]);
    }
    seen.push(now);
  }
});

Deno.test("What was stored and set in a deleted namespace is gone", async () => {
  const bench = new Bench();
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512).fill(7) });
  await bench.admin(0x09, { nsid: 1, cdw10: 0x05, cdw11: 0x1_0007 });
  await bench.admin(MANAGE, { nsid: 1, cdw10: DELETE });
  const size = { nsze: 1000n, ncap: 1000n };
  await create(bench, size);
  const attach = new Uint8Array(4096);
  attach.set([1, 0, 1, 0]);
  await bench.admin(0x15, { nsid: 1, out: attach });
  const { data } = await bench.io(0x02, { nsid: 1, length: 512 });
  assert(data.every((byte) => byte === 0));
  assertEquals((await bench.admin(0x0a, { nsid: 1, cdw10: 0x05 })).dw0, 0);
});

Deno.test("Delete takes one namespace or all, and refuses those that are not there", async () => {
  const bench = new Bench("namespaces");
  const zero = { status: INVALID_NAMESPACE, byte: 4 };
  await bench.refuses("admin", MANAGE, { nsid: 0, cdw10: DELETE }, zero);
  await bench.refuses("admin", MANAGE, { nsid: 17, cdw10: DELETE }, zero);
  const free = { status: INVALID_FIELD, byte: 4 };
  await bench.refuses("admin", MANAGE, { nsid: 6, cdw10: DELETE }, free);
  assertEquals((await bench.admin(MANAGE, { nsid: 5, cdw10: DELETE })).status, OK);
  assertEquals(await list(bench, 0x10), [1, 2, 3, 4, 9]);
  assertEquals((await bench.admin(MANAGE, { nsid: ALL, cdw10: DELETE })).status, OK);
  assertEquals(await list(bench, 0x10), []);
  assertEquals((await bench.admin(MANAGE, { nsid: ALL, cdw10: DELETE })).status, OK);
});

Deno.test("A write protected namespace is not deleted", async () => {
  const bench = new Bench();
  await bench.admin(0x09, { nsid: 1, cdw10: 0x84, cdw11: 1 });
  for (const nsid of [1, ALL]) {
    await bench.refuses("admin", MANAGE, { nsid, cdw10: DELETE }, { status: WRITE_PROTECTED });
  }
  assertEquals(await list(bench, 0x10), [1]);
});

Deno.test("Deleting a namespace aborts the self-test of it, not one of the controller", async () => {
  for (const [tested, result] of [[1, 3], [ALL, 3], [0, undefined]] as const) {
    const bench = new Bench();
    await bench.admin(0x14, { nsid: tested, cdw10: 2 });
    await bench.admin(MANAGE, { nsid: 1, cdw10: DELETE });
    const { current, results } = SelfTestLog.decode((await bench.log(0x06, 564)).data);
    assertEquals(current.operation, result === undefined ? 2 : 0);
    if (result !== undefined) assertEquals(results[0]?.status.result, result);
  }
});
