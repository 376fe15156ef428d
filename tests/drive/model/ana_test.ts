// Tests of asymmetric namespace access: states, what they refuse, and what hosts hear of them.

import { assertEquals, assertThrows } from "@std/assert";
import { setAnaState } from "../../../src/drive/model/ana.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { AnaPage } from "../../../src/spec/log/ana.ts";
import { Bench, OK } from "../bench.ts";
import { through } from "../paths.ts";

const PERSISTENT_LOSS = "03h/01h";
const INACCESSIBLE = "03h/02h";
const TRANSITION = "03h/03h";

async function read(bench: Bench, id: number, nsid: number): Promise<string> {
  const command = { queue: "io", opcode: 0x02, nsid, length: 512 } as const;
  return (await through(bench, id, command)).status;
}

async function log(bench: Bench, id: number, lsp = 0): Promise<ReturnType<typeof AnaPage.decode>> {
  const { data } = await through(bench, id, {
    queue: "admin",
    opcode: 0x02,
    nsid: 0xffff_ffff,
    cdw10: (0x3f << 16) | (lsp << 8) | 0x0c,
    length: 256,
  });
  return AnaPage.decode(data);
}

Deno.test("The multipath drive says what it reports, and which namespace is in which group", async () => {
  const bench = new Bench("multipath");
  const controller = IdentifyController.decode((await bench.identify(0x01)).data);
  assertEquals([controller.cmic.mctrs, controller.cmic.anars, controller.oaes.anacn], [
    true,
    true,
    true,
  ]);
  assertEquals([controller.anagrpmax, controller.nanagrpid, controller.mnan], [2, 2, 32]);
  assertEquals([controller.anatt, controller.anacap.value], [10, 0xdf]);
  const { data } = await bench.identify(0x00, { nsid: 2 });
  const { anagrpid, nmic } = IdentifyNamespace.decode(data);
  assertEquals([anagrpid, nmic.shrns], [2, true]);
  const plain = IdentifyController.decode((await new Bench().identify(0x01)).data);
  assertEquals([plain.cmic.value, plain.anacap.value, plain.anagrpmax], [0, 0, 0]);
});

Deno.test("Log page 0Ch has the groups of the attached namespaces, with or without them", async () => {
  const bench = new Bench("multipath");
  const one = await log(bench, 1);
  assertEquals(
    one.groups.map(({ group, access, nsids }) => [group, access.state, nsids]),
    [[1, 1, [1]], [2, 2, [2]]],
  );
  const two = await log(bench, 2);
  assertEquals(two.groups.map(({ access }) => access.state), [2, 1]);
  const bare = await log(bench, 1, 1);
  assertEquals(bare.groups.map(({ group, nsids }) => [group, nsids]), [[1, []], [2, []]]);
});

Deno.test("I/O is refused as the state says, through this controller only", async () => {
  const bench = new Bench("multipath");
  for (
    const [state, status] of [
      ["inaccessible", INACCESSIBLE],
      ["persistent-loss", PERSISTENT_LOSS],
      ["change", TRANSITION],
      ["non-optimized", OK],
      ["optimized", OK],
    ] as const
  ) {
    setAnaState(bench.drive, { controller: 1, group: 1, state });
    assertEquals(await read(bench, 1, 1), status, state);
    assertEquals(await read(bench, 2, 1), OK, state);
    assertEquals(await read(bench, 1, 2), OK, state);
  }
});

Deno.test("Admin commands about the namespace are refused too, others are not", async () => {
  const bench = new Bench("multipath");
  setAnaState(bench.drive, { controller: 1, group: 1, state: "inaccessible" });
  assertEquals((await bench.admin(0x80, { nsid: 1 })).status, INACCESSIBLE);
  assertEquals((await bench.admin(0x0d, { nsid: 1, cdw10: 1 })).status, INACCESSIBLE);
  assertEquals((await bench.admin(0x09, { nsid: 1, cdw10: 0x05 })).status, INACCESSIBLE);
  assertEquals((await bench.admin(0x09, { cdw10: 0x01 })).status, OK);
  assertEquals((await bench.identify(0x00, { nsid: 1 })).status, OK);
});

Deno.test("A refusal for the path's sake leaves Do Not Retry clear", async () => {
  const bench = new Bench("multipath");
  setAnaState(bench.drive, { controller: 1, group: 1, state: "inaccessible" });
  const { field } = await bench.io(0x02, { nsid: 1, length: 512 });
  assertEquals(field & 0x4000, 0);
});

Deno.test("A transition is a change for a while, and is told twice", async () => {
  const bench = new Bench("multipath");
  await bench.admin(0x09, { cdw10: 0x0b, cdw11: 0x800 });
  const told: number[] = [];
  const wait = (): void => void bench.admin(0x0c).then(({ dw0 }) => told.push(dw0));
  wait();
  wait();
  const change = { controller: 1, group: 2, state: "inaccessible", transitionMs: 3_000 } as const;
  setAnaState(bench.drive, change);
  assertEquals(await read(bench, 1, 2), TRANSITION);
  assertEquals(told, [0x000c_0302]);
  const { changeCount, groups } = await log(bench, 1);
  assertEquals([changeCount, groups[1]?.access.state, groups[1]?.changeCount], [1n, 0xf, 1n]);
  bench.time += 3_000;
  assertEquals(await read(bench, 1, 2), INACCESSIBLE);
  assertEquals(told, [0x000c_0302, 0x000c_0302]);
  assertEquals((await log(bench, 1)).changeCount, 2n);
  assertEquals((await log(bench, 2)).changeCount, 0n);
});

Deno.test("Detaching a namespace changes the log page of that controller, without a notice", async () => {
  const bench = new Bench("multipath");
  await bench.admin(0x09, { cdw10: 0x0b, cdw11: 0x800 });
  const told: number[] = [];
  bench.admin(0x0c).then(({ dw0 }) => told.push(dw0));
  const out = new Uint8Array(4096);
  out.set([1, 0, 1, 0]);
  await bench.admin(0x15, { nsid: 2, cdw10: 1, out });
  const { changeCount, groups } = await log(bench, 1);
  assertEquals([changeCount, groups.map(({ group }) => group)], [1n, [1]]);
  assertEquals([(await log(bench, 2)).changeCount, told], [0n, []]);
});

Deno.test("setAnaState() says no to groups and controllers that are not there", () => {
  const { drive } = new Bench("multipath");
  const state = "change";
  assertThrows(() => setAnaState(drive, { controller: 1, group: 3, state }), RangeError);
  assertThrows(() => setAnaState(drive, { controller: 3, group: 1, state }), RangeError);
  const plain = new Bench().drive;
  assertThrows(() => setAnaState(plain, { controller: 1, group: 1, state }), RangeError);
});

Deno.test("A tap sees a group change, with what it was before", () => {
  const { drive } = new Bench("multipath");
  const seen: unknown[] = [];
  drive.taps.attach("nvme:ana:event", (context) => {
    if (context.kind === "event") seen.push([context.event, context.details]);
  });
  setAnaState(drive, { controller: 1, group: 2, state: "inaccessible" });
  setAnaState(drive, { controller: 1, group: 2, state: "inaccessible" });
  assertEquals(seen, [["inaccessible", { controller: 1, group: 2, before: "non-optimized" }]]);
});
