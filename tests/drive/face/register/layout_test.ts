// Nothing behind base address register 0 overlaps, whatever the drive is like.

import { assert, assertEquals } from "@std/assert";
import { barLayout } from "../../../../src/drive/face/register/layout.ts";
import { presetNames } from "../../../../src/drive/mod.ts";
import { doorbellOffset } from "../../../../src/spec/registers.ts";
import { personality } from "../../bench.ts";

Deno.test("barLayout() has room for every doorbell, vector and byte of controller memory", () => {
  for (const name of presetNames()) {
    for (const doorbellStride of [0, 1, 4]) {
      for (const [queues, interrupts] of [[1, 1], [32, 33], [127, 2048], [1000, 64]] as const) {
        for (const memoryBufferBytes of [0, 1, 40_960]) {
          const base = personality(name);
          const limits = { ...base.limits, queues };
          const kind = { ...base, limits, doorbellStride, interrupts, memoryBufferBytes };
          const layout = barLayout(kind);
          const last = doorbellOffset({ queue: "completion", qid: queues }, doorbellStride);
          assert(last + 4 <= layout.doorbellEnd && layout.doorbellEnd <= layout.tableAt);
          assert(layout.tableAt + 16 * interrupts <= layout.pendingAt);
          assert(layout.pendingAt + interrupts / 8 <= layout.pendingEnd);
          assert(layout.pendingEnd <= layout.memoryAt);
          assert(layout.memoryAt + layout.memoryBytes <= layout.length);
          assertEquals(Math.log2(layout.length) % 1, 0);
          assertEquals([layout.tableAt % 8, layout.pendingAt % 8, layout.memoryAt % 4096], [
            0,
            0,
            0,
          ]);
          const offered = base.version >= 0x010400 ? memoryBufferBytes : 0;
          assert(layout.memoryBytes >= offered && layout.memoryBytes < offered + 4096);
        }
      }
    }
  }
});
