// Tests of the methods of a served drive: what they take.

import { assertEquals, assertThrows } from "@std/assert";
import { preset, VirtualDrive } from "../../src/drive/mod.ts";
import { UsageError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/layout/mod.ts";
import { Faults } from "../../src/serve/faults.ts";
import { methodsOf } from "../../src/serve/methods.ts";
import { TraceHub } from "../../src/serve/trace_hub.ts";

Deno.test("powercut takes what becomes of cached blocks, and nothing else", () => {
  const personality = preset("");
  if (!personality) throw new Error("no default drive");
  const drive = new VirtualDrive({ personality, now: () => 0, seed: 1 });
  const cuts: string[] = [];
  const methods = methodsOf({
    drive,
    faults: new Faults(drive, 1),
    about: {},
    hub: new TraceHub(drive),
    snapshot: () => ({}),
    powercut: (cached) => cuts.push(cached),
  });
  const cut = (params: JsonObject): unknown =>
    methods["powercut"]?.({
      params,
      send: () => true,
      signal: new AbortController().signal,
    });
  assertEquals(cut({}), { lost_blocks: 1 });
  cut({ cached: "partly-lost" });
  assertEquals(cuts, ["lost", "partly-lost"]);
  assertThrows(() => cut({ cached: "kept" }), UsageError, "need one of lost, partly-lost");
  assertThrows(() => cut({ cached: 1 }), UsageError, "need a text");
  assertThrows(() => cut({ chached: "lost" }), UsageError, "there is only cached");
  assertEquals(cuts.length, 2);
});
