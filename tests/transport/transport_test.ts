// Layers around a transport.

import { assertEquals } from "@std/assert";
import { UnreachableError } from "../../src/errors.ts";
import {
  carryOut,
  type Command,
  type Layer,
  type Transport,
  wrap,
} from "../../src/transport/transport.ts";
import { scriptedTransport } from "../support/scripted.ts";

const COMMAND: Command = { queue: "admin", opcode: 0x06 };

function named(name: string, log: string[]): Layer {
  return {
    async submit(command, next) {
      log.push(`${name} sees ${command.opcode}`);
      const completion = await next({ ...command, opcode: command.opcode + 1 });
      log.push(`${name} gets ${completion.result}`);
      return { ...completion, result: completion.result + 1n };
    },
  };
}

Deno.test("a layer may change the command and its answer, and the outermost sees both first", async () => {
  const log: string[] = [];
  const inner = scriptedTransport([{ expect: { opcode: 0x08 }, result: 5n }]);
  const outer = wrap(wrap(inner, named("inner", log)), named("outer", log));
  assertEquals((await outer.submit(COMMAND)).result, 7n);
  assertEquals(log, ["outer sees 6", "inner sees 7", "inner gets 5", "outer gets 6"]);
});

Deno.test("a layer may answer by itself", async () => {
  const inner = scriptedTransport([]);
  const layer: Layer = { submit: () => Promise.resolve({ status: 0x4002, result: 0n }) };
  assertEquals((await wrap(inner, layer).submit(COMMAND)).status, 0x4002);
});

Deno.test("everything but submission stays the inner transport's", async () => {
  const log: string[] = [];
  const inner: Transport = {
    ...scriptedTransport([], { target: "/dev/nvme3n2", nsid: 2 }),
    rescan: () => void log.push("rescan"),
    [Symbol.asyncDispose]() {
      log.push("closed");
      return Promise.resolve();
    },
  };
  {
    await using outer = wrap(inner, named("layer", log));
    assertEquals([outer.kind, outer.target, outer.nsid], ["scripted", "/dev/nvme3n2", 2]);
    using data = outer.allocate(10);
    assertEquals(data.bytes.length, 10);
    await outer.rescan?.();
  }
  assertEquals(log, ["rescan", "closed"]);
});

Deno.test("a layer may stand in the way of a rescan, and adds none where there is none", async () => {
  const log: string[] = [];
  const inner: Transport = { ...scriptedTransport([]), rescan: () => void log.push("rescan") };
  const layer: Layer = { ...named("layer", log), rescan: () => void log.push("kept") };
  await wrap(inner, layer).rescan?.();
  assertEquals(log, ["kept"]);
  assertEquals(wrap(scriptedTransport([]), layer).rescan, undefined);
  assertEquals(wrap(scriptedTransport([]), layer).nsid, undefined);
});

Deno.test("a layer may stand in the way of a reset, and adds none where there is none", async () => {
  const log: string[] = [];
  const inner: Transport = {
    ...scriptedTransport([]),
    reset: (kind) => Promise.resolve(void log.push(kind)),
  };
  await wrap(inner, named("layer", log)).reset?.("controller");
  const layer: Layer = {
    ...named("layer", log),
    reset: (kind) => Promise.resolve(void log.push(`kept ${kind}`)),
  };
  await wrap(inner, layer).reset?.("subsystem");
  assertEquals(log, ["controller", "kept subsystem"]);
  assertEquals(wrap(scriptedTransport([]), layer).reset, undefined);
});

Deno.test("a feed goes command by command where the transport has no faster way", async () => {
  const transport = scriptedTransport([{ expect: { opcode: 2 } }, { expect: { opcode: 2 } }]);
  const waiting = [1, 2].map((cdw10) => ({ queue: "io", opcode: 2, nsid: 1, cdw10 }) as const);
  const done: (number | undefined)[] = [];
  await carryOut(transport, {
    next: () => waiting.shift(),
    done: (command, { status }) => done.push(command.cdw10, status),
  });
  assertEquals(done, [1, 0, 2, 0]);
});

Deno.test("a feed goes on after a command without an answer if it wants to hear of such", async () => {
  const lost = new UnreachableError("no answer", { loss: "late" });
  const gone = new UnreachableError("gone", { code: "ENODEV" });
  const transport = (error: Error): Transport => ({
    ...scriptedTransport([]),
    submit: ({ cdw10 }) =>
      cdw10 === 2 ? Promise.reject(error) : Promise.resolve({ status: 0, result: 0n }),
  });
  const carried = async (error: Error, hears: boolean): Promise<readonly unknown[]> => {
    const waiting = [1, 2, 3].map((cdw10) => ({ ...COMMAND, cdw10 }));
    const seen: unknown[] = [];
    await carryOut(transport(error), {
      next: () => waiting.shift(),
      done: ({ cdw10 }) => void seen.push(cdw10),
      ...(hears ? { lost: ({ cdw10 }, why) => void seen.push([cdw10, why.message]) } : {}),
    }).catch((thrown) => seen.push(thrown.message));
    return seen;
  };
  assertEquals(await carried(lost, true), [1, [2, "no answer"], 3]);
  assertEquals(await carried(lost, false), [1, "no answer"]);
  assertEquals(await carried(gone, true), [1, "gone"]);
});
