// Tests of Identify.

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, OK } from "../bench.ts";
import { presetNames } from "../../../src/drive/mod.ts";
import { CommandSets } from "../../../src/spec/identify/command_sets.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import {
  ControllerList,
  listedControllers,
  listedNamespaces,
  NamespaceList,
} from "../../../src/spec/identify/identify_lists.ts";
import {
  currentFormat,
  IdentifyNamespace,
  supportedFormats,
} from "../../../src/spec/identify/identify_namespace.ts";
import {
  IdentifyNamespaceIndependent,
} from "../../../src/spec/identify/identify_namespace_independent.ts";
import { decodeNamespaceDescriptors } from "../../../src/spec/identify/namespace_descriptors.ts";

Deno.test("Identify 01h describes a believable healthy drive", async () => {
  const { data, status } = await new Bench().identify(0x01);
  assertEquals(status, OK);
  const controller = IdentifyController.decode(data);
  assertEquals(controller.mn, "nvmectl virtual drive");
  assertEquals(controller.sn, "VIRTUAL0001");
  assertEquals(controller.fr, "1.0.1");
  assertEquals(controller.ver.value, 0x020100);
  assertEquals(controller.tnvmcap, 1_000_204_886_016n);
  assertEquals(controller.edstt, 1);
  assert(controller.oacs.dsts && controller.oacs.fnvms && controller.oacs.nms);
  assertEquals(controller.subnqn.length, 68);
  assertEquals(controller.psd.slice(0, 2).map(({ power }) => power.mp), [850, 500]);
});

Deno.test("Identify 00h describes the namespace and its formats", async () => {
  const { data } = await new Bench().identify(0x00, { nsid: 1 });
  const namespace = IdentifyNamespace.decode(data);
  assertEquals([namespace.nsze, namespace.ncap, namespace.nuse], [
    1_953_525_168n,
    1_953_525_168n,
    0n,
  ]);
  assertEquals(currentFormat(namespace)?.blockBytes, 512);
  assertEquals(
    supportedFormats(namespace).map(({ blockBytes, metadataBytes }) => [blockBytes, metadataBytes]),
    [[512, 0], [4096, 0], [512, 8], [4096, 8], [4096, 64]],
  );
});

Deno.test("Identify NUSE counts the blocks that are written", async () => {
  const bench = new Bench();
  await bench.io(0x01, { nsid: 1, cdw12: 7, out: new Uint8Array(4096) });
  const { data } = await bench.identify(0x00, { nsid: 1 });
  assertEquals(IdentifyNamespace.decode(data).nuse, 8n);
});

Deno.test("Identify of an inactive namespace is all zero, of an invalid one refused", async () => {
  const bench = new Bench("namespaces");
  for (const cns of [0x00, 0x05, 0x08]) {
    for (const nsid of [5, 6, 16]) {
      const { status, data } = await bench.identify(cns, { nsid });
      assertEquals(status, OK);
      assert(data.every((byte) => byte === 0), `CNS ${cns} of namespace ${nsid}`);
    }
    for (const nsid of [0, 17, 0xfffffffe, ...(cns === 0x08 ? [0xffffffff] : [])]) {
      const expected = { status: INVALID_NAMESPACE, byte: 4 };
      await bench.refuses("admin", 0x06, { cdw10: cns, nsid, length: 4096 }, expected);
    }
  }
});

Deno.test("Identify refuses a namespace where none is used", async () => {
  const bench = new Bench();
  for (const cns of [0x01, 0x06, 0x13, 0x1c]) {
    const expected = { status: INVALID_FIELD, byte: 4 };
    await bench.refuses("admin", 0x06, { cdw10: cns, nsid: 1 }, expected);
  }
});

Deno.test("Identify lists active namespaces after the one given", async () => {
  const bench = new Bench("namespaces");
  const list = async (cns: number, nsid: number): Promise<readonly number[]> =>
    listedNamespaces(NamespaceList.decode((await bench.identify(cns, { nsid })).data));
  assertEquals(await list(0x02, 0), [1, 2, 3, 4, 9]);
  assertEquals(await list(0x02, 3), [4, 9]);
  assertEquals(await list(0x07, 4), [9]);
  assertEquals(await list(0x10, 0), [1, 2, 3, 4, 5, 9]);
  assertEquals(await list(0x02, 0xfffffffd), []);
  for (const nsid of [0xfffffffe, 0xffffffff]) {
    const expected = { status: INVALID_NAMESPACE, byte: 4 };
    await bench.refuses("admin", 0x06, { cdw10: 0x02, nsid }, expected);
  }
});

Deno.test("Identify 03h names a namespace in every way, differently for each", async () => {
  const bench = new Bench("namespaces");
  const seen = new Set<string>();
  for (const nsid of [1, 2, 3, 4, 9]) {
    const descriptors = decodeNamespaceDescriptors((await bench.identify(0x03, { nsid })).data);
    assertEquals(descriptors.map(({ nidt, nid }) => [nidt, nid.length]), [
      [1, 8],
      [2, 16],
      [3, 16],
      [4, 1],
    ]);
    for (const { nidt, nid } of descriptors.slice(0, 3)) seen.add(`${nidt}:${nid}`);
    const { eui64, nguid } = IdentifyNamespace.decode((await bench.identify(0, { nsid })).data);
    assertEquals([eui64, nguid], [descriptors[0]?.nid, descriptors[1]?.nid]);
  }
  assertEquals(seen.size, 15);
  const inactive = { status: INVALID_FIELD, byte: 4 };
  await bench.refuses("admin", 0x06, { cdw10: 0x03, nsid: 5 }, inactive);
});

Deno.test("Identify 11h describes namespaces that are not attached", async () => {
  const bench = new Bench("namespaces");
  const inactive = IdentifyNamespace.decode((await bench.identify(0x11, { nsid: 5 })).data);
  assertEquals(currentFormat(inactive)?.blockBytes, 4096);
  assert((await bench.identify(0x11, { nsid: 6 })).data.every((byte) => byte === 0));
});

Deno.test("Identify 12h and 13h list the controllers from the one given", async () => {
  const bench = new Bench("namespaces");
  const list = async (cns: number, nsid: number, cntid: number): Promise<readonly number[]> => {
    const { data } = await bench.identify(cns, { nsid, cdw10: cntid << 16 });
    return listedControllers(ControllerList.decode(data));
  };
  assertEquals(await list(0x13, 0, 0), [1]);
  assertEquals(await list(0x13, 0, 2), []);
  assertEquals(await list(0x12, 1, 1), [1]);
  assertEquals(await list(0x12, 5, 0), []);
  await bench.refuses("admin", 0x06, { cdw10: 0x12, nsid: 6 }, { status: INVALID_FIELD, byte: 4 });
});

Deno.test("Identify answers about the NVM Command Set and refuses others", async () => {
  const bench = new Bench();
  for (const cns of [0x05, 0x06, 0x07]) {
    const nsid = cns === 0x05 ? 1 : 0;
    assertEquals((await bench.identify(cns, { nsid })).status, OK);
    const expected = { status: INVALID_FIELD, byte: 47 };
    await bench.refuses("admin", 0x06, { cdw10: cns, nsid, cdw11: 2 << 24 }, expected);
  }
  const sets = CommandSets.decode((await bench.identify(0x1c, { cdw10: 0xffff0000 })).data);
  assertEquals(sets.iocsc.map(({ value }) => value).slice(0, 2), [1n, 0n]);
  await bench.refuses("admin", 0x06, { cdw10: 0x0005_001c }, { status: INVALID_FIELD, byte: 42 });
});

Deno.test("Identify 08h says that the namespace is ready", async () => {
  const { data } = await new Bench().identify(0x08, { nsid: 1 });
  assert(IdentifyNamespaceIndependent.decode(data).nstat.nrdy);
});

Deno.test("Identify refuses structures that the drive does not have", async () => {
  const bench = new Bench();
  for (const cns of [0x04, 0x0b, 0x14, 0x15, 0x18, 0x20, 0xc0, 0xff]) {
    const expected = { status: INVALID_FIELD, byte: 40 };
    await bench.refuses("admin", 0x06, { cdw10: cns, nsid: 0 }, expected);
  }
  const old = new Bench("old");
  await old.refuses("admin", 0x06, { cdw10: 0x03, nsid: 1 }, { status: INVALID_FIELD, byte: 40 });
});

Deno.test("Identify of a drive from NVMe 1.2 leaves newer fields zero", async () => {
  const bench = new Bench("old");
  const { data } = await bench.identify(0x01);
  assertEquals(IdentifyController.decode(data).ver.value, 0x010200);
  const newer = IdentifyController.rows
    .filter(({ since }) => since !== undefined && !["1.0", "1.1", "1.2"].includes(since));
  assertGreater(newer.length, 40);
  for (const { name, first, last } of newer) {
    assert(data.slice(first, last + 1).every((byte) => byte === 0), name);
  }
});

Deno.test("Identify works on every preset", async () => {
  for (const name of presetNames()) {
    const bench = new Bench(name);
    const controller = IdentifyController.decode((await bench.identify(0x01)).data);
    const [nsid = 0] = listedNamespaces(NamespaceList.decode((await bench.identify(0x02)).data));
    const namespace = IdentifyNamespace.decode((await bench.identify(0x00, { nsid })).data);
    assert(currentFormat(namespace) !== undefined, name);
    assert(controller.sn !== "" && nsid === 1, name);
  }
});
