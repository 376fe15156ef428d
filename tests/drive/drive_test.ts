// Tests of the virtual drive as a whole: its state, its resets, what it must not reach for.

import { assert, assertEquals } from "@std/assert";
import { directTransport, VirtualDrive } from "../../src/drive/mod.ts";
import { SelfTestLog } from "../../src/spec/log/self_test.ts";
import { Bench, personality, START } from "./bench.ts";

/** Whether a value is made of plain data only: no class but Object and Array, no function. */
function isPlain(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === "object") {
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
  }
  return ["number", "bigint", "string", "boolean"].includes(typeof value);
}

Deno.test("VirtualDrive.state is plain data, whatever happened", async () => {
  const bench = new Bench("namespaces");
  assert(isPlain(bench.drive.state));
  await bench.admin(0x14, { nsid: 1, cdw10: 1 });
  await bench.admin(0x80, { nsid: 1, cdw10: 1 });
  await bench.admin(0x14, { nsid: 0, cdw10: 2 });
  await bench.admin(0x09, { cdw10: 0x16, out: Uint8Array.of(1) });
  await bench.admin(0x09, { cdw10: 0x8000_0004, cdw11: 300 });
  await bench.admin(0xff);
  assert(isPlain(bench.drive.state));
  assertEquals(structuredClone(bench.drive.state), bench.drive.state);
});

Deno.test("VirtualDrive goes on from the state of an earlier one", async () => {
  const bench = new Bench();
  await bench.admin(0x80, { nsid: 1, cdw10: 1 });
  await bench.admin(0x14, { nsid: 1, cdw10: 2 });
  const state = structuredClone(bench.drive.state);
  const drive = new VirtualDrive({
    personality: personality(""),
    now: () => START + 30_000,
    seed: 9,
    state,
  });
  assertEquals(drive.first.namespaces.find(1)?.blockBytes, 4096);
  const transport = directTransport(drive, "virtual:");
  using data = transport.allocate(564);
  await transport.submit({ queue: "admin", opcode: 0x02, cdw10: 0x008c_0006, data });
  const { current, completion } = SelfTestLog.decode(data.bytes);
  assertEquals([current.operation, completion.percent], [2, 50]);
});

Deno.test("VirtualDrive answers the same for the same seed and clock", async () => {
  const run = async (): Promise<readonly Uint8Array[]> => {
    const bench = new Bench("", 42);
    const pages: Uint8Array[] = [];
    for (let round = 0; round < 5; round++) {
      bench.time += 60_000;
      await bench.admin(0xc0 + round);
      pages.push((await bench.log(0x02, 512)).data, (await bench.log(0x01, 4096)).data);
    }
    pages.push((await bench.identify(0x01)).data, (await bench.identify(0, { nsid: 1 })).data);
    return pages;
  };
  assertEquals(await run(), await run());
});

Deno.test("VirtualDrive.freeCid() passes over identifiers in use, and FFFFh", async () => {
  const { drive, transport } = new Bench();
  transport.submit({ queue: "admin", opcode: 0x0c }).catch(() => {});
  const seen = new Set(Array.from({ length: 0xffff }, () => drive.first.freeCid(0)));
  const [held] = drive.first.outstanding.asyncEvents;
  assertEquals(seen.has(held?.entry.cid ?? 0), false);
  assertEquals(seen.has(0xffff), false);
  await transport[Symbol.asyncDispose]();
});
