// Tests of taps: who is asked, in which order, and what becomes of those who misbehave.

import { assertEquals, assertThrows } from "@std/assert";
import { Taps } from "../../../src/drive/tap/taps.ts";
import { Bench, OK } from "../bench.ts";

Deno.test("Taps.attach() asks in order of priority, then of attachment", async () => {
  const bench = new Bench();
  const asked: string[] = [];
  const note = (name: string, priority?: number): void => {
    bench.drive.taps.attach("nvme:io:decode", () => void asked.push(name), {
      plugin: name,
      ...(priority === undefined ? {} : { priority }),
    });
  };
  note("second");
  note("third");
  note("first", -1);
  await bench.io(0x00, { nsid: 1 });
  assertEquals(asked, ["first", "second", "third"]);
});

Deno.test("A claim at decode completes a command that the drive does not have", async () => {
  const bench = new Bench();
  bench.drive.taps.attach("nvme:admin:decode", (context) => {
    if (context.kind !== "command" || context.command.opcode !== 0xc0) return;
    const { cdw10, cdw11 } = context.command;
    return { kind: "claim", dw0: cdw10 + cdw11 };
  });
  const { status, dw0 } = await bench.admin(0xc0, { cdw10: 10, cdw11: 5 });
  assertEquals([status, dw0], [OK, 15]);
});

Deno.test("A claim at decode keeps a write from the media", async () => {
  const bench = new Bench();
  const detach = bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "claim" }));
  const out = new Uint8Array(512).fill(7);
  assertEquals((await bench.io(0x01, { nsid: 1, out })).status, OK);
  assertEquals(bench.drive.first.namespaces.find(1)?.media.allocatedBlocks, 0);
  detach();
  assertEquals((await bench.io(0x01, { nsid: 1, out })).status, OK);
  assertEquals(bench.drive.first.namespaces.find(1)?.media.allocatedBlocks, 1);
});

Deno.test("Data is changed on its way, in both directions", async () => {
  const bench = new Bench();
  const { taps } = bench.drive;
  const detach = taps.attach("nvme:io:data", (context) => {
    if (context.kind !== "command" || !context.data) return;
    return { kind: "mutate", data: context.data.map((byte) => byte ^ 0xff) };
  });
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512).fill(0x0f) });
  detach();
  const { data } = await bench.io(0x02, { nsid: 1, length: 512 });
  assertEquals(data, new Uint8Array(512).fill(0xf0));
});

Deno.test("A callback that wants data sees it before the drive does", async () => {
  const bench = new Bench();
  const seen: (number | undefined)[] = [];
  bench.drive.taps.attach("nvme:io:decode", (context) => {
    if (context.kind === "command") seen.push(context.data?.[0]);
  }, { data: true });
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(512).fill(9) });
  const { data } = await bench.io(0x02, { nsid: 1, length: 512 });
  assertEquals([seen, data[0]], [[9, undefined], 9]);
});

Deno.test("A writeback callback rewrites the completion", async () => {
  const bench = new Bench();
  bench.drive.taps.attach("nvme:io:writeback", (context) => {
    if (context.kind !== "command" || context.completion.status !== 0) return;
    return { kind: "mutate", completion: { status: 0x4281, dw0: 3 } };
  });
  const { field, dw0 } = await bench.io(0x00, { nsid: 1 });
  assertEquals([field, dw0], [0x4281, 3]);
});

Deno.test("A plug-in that throws is detached everywhere and reported, the command goes on", async () => {
  const bench = new Bench();
  const { taps } = bench.drive;
  taps.attach("nvme:io:writeback", () => undefined, { plugin: "bad" });
  taps.attach("nvme:io:decode", () => {
    throw new TypeError("oops");
  }, { plugin: "bad" });
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, OK);
  assertEquals(taps.armed, Object.create(null));
  assertEquals(taps.reports, [
    { plugin: "bad", tap: "nvme:io:decode", message: "threw TypeError: oops" },
  ]);
});

Deno.test("A delayed command goes on when its time has come, and others meanwhile", async () => {
  const bench = new Bench();
  bench.drive.taps.attach(
    "nvme:io:decode",
    (context) =>
      context.kind === "command" && context.command.opcode === 0x02
        ? { kind: "delay", ms: 50 }
        : undefined,
  );
  let over = false;
  const slow = bench.io(0x02, { nsid: 1, length: 512 }).then(({ status }) => {
    over = true;
    return status;
  });
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, OK);
  bench.advance(49);
  await Promise.resolve();
  assertEquals(over, false);
  bench.advance(1);
  assertEquals(await slow, OK);
});

Deno.test("A deferred command ends when the plug-in completes it, once", async () => {
  const bench = new Bench();
  const later: (() => void)[] = [];
  bench.drive.taps.attach("nvme:io:execute", (context) => {
    if (context.kind !== "command") return;
    later.push(() => context.complete({ kind: "claim", status: { type: 2, code: 0x81 } }));
    return { kind: "defer" };
  });
  const answer = bench.io(0x00, { nsid: 1 });
  later[0]?.();
  later[0]?.();
  assertEquals((await answer).status, "02h/81h");
});

Deno.test("A dropped command hangs until it is aborted", async () => {
  const bench = new Bench();
  bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "drop" }));
  const hung = bench.io(0x00, { nsid: 1 });
  const [cid] = Array.from({ length: 0xffff }, (_, at) => at).filter((at) =>
    bench.drive.first.outstanding.find(1, at)
  );
  const { dw0 } = await bench.admin(0x08, { cdw10: (((cid ?? 0) << 16) | 1) >>> 0 });
  assertEquals([dw0, (await hung).status], [0, "00h/07h"]);
});

Deno.test("A promise that is never kept detaches its plug-in, and the command goes on", async () => {
  const bench = new Bench();
  const { taps } = bench.drive;
  taps.attach("nvme:io:decode", () => new Promise(() => {}), { plugin: "slow", budgetMs: 100 });
  const answer = bench.io(0x00, { nsid: 1 });
  bench.advance(100);
  assertEquals((await answer).status, OK);
  assertEquals(taps.reports.map(({ message }) => message), ["gave no answer within 100 ms"]);
});

Deno.test("Taps.attach() refuses a name that is no tap", () => {
  assertThrows(() => new Taps().attach("nvme:io:sideways", () => undefined), RangeError, "no tap");
});

Deno.test("One who is detached while a command waits is not asked any more", async () => {
  const bench = new Bench();
  const { taps } = bench.drive;
  let asked = 0;
  taps.attach("nvme:io:decode", () => ({ kind: "delay", ms: 50 }), { plugin: "slow" });
  const detach = taps.attach("nvme:io:decode", () => void asked++, { plugin: "gone" });
  const answer = bench.io(0x00, { nsid: 1 });
  detach();
  bench.advance(50);
  assertEquals([(await answer).status, asked], [OK, 0]);
});

Deno.test("One who is detached by another at the same tap is not asked", () => {
  const bench = new Bench();
  const { taps, first } = bench.drive;
  let asked = 0;
  taps.attach("nvme:regread:writeback", () => void taps.detachPlugin("other"), { priority: -1 });
  taps.attach("nvme:regread:writeback", () => void asked++, { plugin: "other" });
  first.registers.read(0x1c, 4);
  assertEquals(asked, 0);
});

Deno.test("A thenable is waited for like a promise, and is too late where one must not wait", async () => {
  const bench = new Bench();
  const { taps, first } = bench.drive;
  const thenable = { then: (use: (given: unknown) => void) => use({ kind: "claim", dw0: 5 }) };
  const callback = () => thenable as unknown as Promise<undefined>;
  taps.attach("nvme:io:decode", callback, { plugin: "one" });
  taps.attach("nvme:regread:writeback", callback, { plugin: "two" });
  assertEquals((await bench.io(0x00, { nsid: 1 })).dw0, 5);
  first.registers.read(0x1c, 4);
  assertEquals(taps.reports.map(({ plugin }) => plugin), ["two"]);
});

Deno.test("A callback that completes a command before it defers it ends it once", async () => {
  const bench = new Bench();
  const ended: number[] = [];
  bench.drive.taps.attach("nvme:io:writeback", () => void ended.push(1), { plugin: "watch" });
  bench.drive.taps.attach("nvme:io:decode", (context) => {
    if (context.kind !== "command") return;
    context.complete({ kind: "claim", status: { type: 2, code: 0x81 } });
    return { kind: "defer" };
  });
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, "02h/81h");
  assertEquals(ended.length, 1);
});

Deno.test("A completion without a deferral is nothing", async () => {
  const bench = new Bench();
  bench.drive.taps.attach("nvme:io:decode", (context) => {
    if (context.kind === "command") context.complete({ kind: "claim", status: 6 });
  });
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, OK);
});
