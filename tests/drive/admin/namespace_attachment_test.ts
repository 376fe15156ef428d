// Tests of Namespace Attachment: who sees a namespace, and who hears of it.

import { assertEquals } from "@std/assert";
import { variant } from "../../../src/drive/personality.ts";
import {
  encodeControllerList,
  listedNamespaces,
  NamespaceList,
} from "../../../src/spec/identify/identify_lists.ts";
import { ChangedNamespacesLog } from "../../../src/spec/log/changed_namespaces.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, OK, personality } from "../bench.ts";
import { through } from "../paths.ts";

const ATTACH = 0x15;
const DETACH = 1;
const ALREADY = "01h/18h";
const PRIVATE = "01h/19h";
const NOT_ATTACHED = "01h/1Ah";
const LIST_INVALID = "01h/1Ch";
const LIMIT = "01h/27h";
const ANA_FAILED = "01h/25h";

function change(
  bench: Bench,
  nsid: number,
  { select = 0, controllers = [1] }: {
    readonly select?: number;
    readonly controllers?: readonly number[];
  } = {},
): Promise<{ readonly status: string }> {
  return bench.admin(ATTACH, { nsid, cdw10: select, out: encodeControllerList(controllers) });
}

async function active(bench: Bench, id = 1): Promise<readonly number[]> {
  const { data } = await through(bench, id, {
    queue: "admin",
    opcode: 0x06,
    cdw10: 0x02,
    length: 4096,
  });
  return listedNamespaces(NamespaceList.decode(data));
}

Deno.test("A namespace that is detached is inactive, and active again when attached", async () => {
  const bench = new Bench("namespaces");
  assertEquals((await change(bench, 5)).status, OK);
  assertEquals(await active(bench), [1, 2, 3, 4, 5, 9]);
  assertEquals((await change(bench, 1, { select: DETACH })).status, OK);
  assertEquals(await active(bench), [2, 3, 4, 5, 9]);
  assertEquals((await bench.io(0x02, { nsid: 1, length: 512 })).status, INVALID_FIELD);
});

Deno.test("Attachments that are there already, or not there, are refused", async () => {
  const bench = new Bench("namespaces");
  assertEquals((await change(bench, 1)).status, ALREADY);
  assertEquals((await change(bench, 5, { select: DETACH })).status, NOT_ATTACHED);
  await bench.refuses("admin", ATTACH, { nsid: 1, cdw10: 2 }, { status: INVALID_FIELD, byte: 40 });
  for (
    const [nsid, status] of [
      [0, INVALID_NAMESPACE],
      [17, INVALID_NAMESPACE],
      [6, INVALID_FIELD],
      [0xffff_ffff, INVALID_FIELD],
    ] as const
  ) {
    await bench.refuses("admin", ATTACH, { nsid }, { status, byte: 4 });
  }
});

Deno.test("A list of controllers is ascending, and names controllers that exist", async () => {
  const bench = new Bench("multipath");
  for (const controllers of [[], [3], [0], [2, 1], [1, 1]]) {
    const { status } = await change(bench, 1, { select: DETACH, controllers });
    assertEquals(status, LIST_INVALID, `${controllers}`);
  }
});

Deno.test("A private namespace is attached to one controller, a shared one to several", async () => {
  const bench = new Bench("multipath");
  assertEquals((await change(bench, 1, { select: DETACH, controllers: [1, 2] })).status, OK);
  assertEquals((await change(bench, 1, { controllers: [1, 2] })).status, OK);
  await bench.admin(0x0d, { nsid: 2, cdw10: 1 });
  const out = new Uint8Array(4096);
  out.set([16], 0);
  out.set([16], 8);
  const { dw0 } = await bench.admin(0x0d, { out });
  assertEquals(dw0, 2);
  assertEquals((await change(bench, 2, { controllers: [1, 2] })).status, PRIVATE);
  assertEquals((await change(bench, 2, { controllers: [2] })).status, OK);
  assertEquals((await change(bench, 2, { controllers: [1] })).status, PRIVATE);
});

Deno.test("A controller takes as many namespaces as it says", async () => {
  const bench = new Bench(variant(personality("namespaces"), { attachments: 5 }));
  assertEquals((await change(bench, 5)).status, LIMIT);
  await change(bench, 1, { select: DETACH });
  assertEquals((await change(bench, 5)).status, OK);
});

Deno.test("A controller that cannot reach a namespace does not get it attached", async () => {
  const bench = new Bench(variant(personality("multipath"), {
    ana: { groups: 2, transitionSeconds: 10, states: { "1@2": "persistent-loss" } },
  }));
  await change(bench, 1, { select: DETACH, controllers: [2] });
  assertEquals((await change(bench, 1, { controllers: [2] })).status, ANA_FAILED);
});

Deno.test("Controllers tell their hosts of what is attached, detached or deleted", async () => {
  const bench = new Bench("multipath");
  const changed = async (id: number): Promise<readonly number[]> => {
    const { data } = await through(bench, id, {
      queue: "admin",
      opcode: 0x02,
      nsid: 0xffff_ffff,
      cdw10: 0x03ff_0004,
      length: 4096,
    });
    return ChangedNamespacesLog.decode(data).identifiers.filter((nsid) => nsid !== 0);
  };
  await change(bench, 1, { select: DETACH, controllers: [2] });
  assertEquals([await changed(1), await changed(2)], [[], [1]]);
  await change(bench, 1, { controllers: [2] });
  assertEquals([await changed(1), await changed(2)], [[], [1]]);
  await bench.admin(0x0d, { nsid: 2, cdw10: 1 });
  // Whoever asked for the deletion knows of it.
  assertEquals([await changed(1), await changed(2)], [[], [2]]);
});
