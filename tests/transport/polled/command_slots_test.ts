// Command identifiers: none twice at the same time, none of a command in doubt.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { AssertionFailure } from "../../../src/errors.ts";
import { nextRandom } from "../../../src/drive/random.ts";
import { CommandSlots } from "../../../src/transport/polled/command_slots.ts";

function slots(count: number, listBytes = 0): CommandSlots {
  return new CommandSlots(new HostMemory(), { count, listBytes });
}

Deno.test("identifiers are given out until none is left", () => {
  const some = slots(3);
  assertEquals([some.take(), some.take(), some.take(), some.take()], [0, 1, 2, -1]);
  assertEquals([some.free, some.taken], [0, 3]);
  some.give(1);
  assertEquals([some.take(), some.take()], [1, -1]);
});

Deno.test("the identifier that was unused for longest comes first", () => {
  const some = slots(4);
  some.give(some.take());
  assertEquals(some.take(), 1);
  some.give(1);
  assertEquals([some.take(), some.take(), some.take()], [2, 3, 0]);
});

Deno.test("one in doubt is not given out before a reset", () => {
  const some = slots(2);
  some.take();
  some.quarantine(0);
  assert(some.isQuarantined(0) && !some.isTaken(0));
  assertEquals([some.free, some.taken, some.quarantined], [1, 0, 1]);
  for (let round = 0; round < 5; round++) {
    assertEquals([some.take(), some.take()], [1, -1]);
    some.give(1);
  }
  assertThrows(() => some.give(0), AssertionFailure);
  some.reset();
  assertEquals([some.free, some.quarantined, some.isQuarantined(0)], [2, 0, false]);
  assertEquals([some.take(), some.take(), some.take()], [0, 1, -1]);
});

Deno.test("giving back or doubting what is not taken is a fault of ours", () => {
  const some = slots(2);
  for (const cid of [0, 1, 2, 0xffff, -1]) {
    assertThrows(() => some.give(cid), AssertionFailure);
    assertThrows(() => some.quarantine(cid), AssertionFailure);
    assertEquals([some.isTaken(cid), some.isQuarantined(cid)], [false, false]);
  }
});

Deno.test("no identifier is out twice, whatever the order", () => {
  const some = slots(17);
  const out = new Set<number>();
  const random = { random: 3 };
  for (let step = 0; step < 20_000; step++) {
    if (nextRandom(random) < 0.5) {
      const cid = some.take();
      assertEquals(cid === -1, out.size === 17);
      if (cid >= 0) {
        assert(!out.has(cid) && cid < 17);
        out.add(cid);
      }
    } else if (out.size > 0) {
      const cid = [...out][Math.floor(nextRandom(random) * out.size)] ?? -1;
      some.give(cid);
      out.delete(cid);
    }
    assertEquals([some.taken, some.free], [out.size, 17 - out.size]);
  }
});

Deno.test("each identifier has a list of its own, and the memory is given back", () => {
  const host = new HostMemory();
  const some = new CommandSlots(host, { count: 3, listBytes: 8192 });
  const places = [0, 1, 2].map((cid) => some.list(cid));
  for (const [cid, { words, address }] of places.entries()) {
    assertEquals(words.length, 2048);
    words.fill(cid + 1);
    assertEquals(address % 4096, 0);
  }
  for (const [cid, { address }] of places.entries()) {
    assert(host.at(BigInt(address), 8192)?.every((byte, at) => byte === (at % 4 ? 0 : cid + 1)));
  }
  const [first] = places;
  some[Symbol.dispose]();
  assertEquals(host.at(BigInt(first?.address ?? 0), 4), undefined);
});

Deno.test("without room for lists an area is empty", () => {
  assertEquals(slots(2).list(1).words.length, 0);
});
