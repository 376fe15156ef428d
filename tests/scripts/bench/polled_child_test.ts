// Tests that the reader of the benchmark reads what it says: whole transfers, all over the drive,
// as many at a time as it was told.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { measure } from "../../../scripts/bench/polled_child.ts";
import type { Command, Completion, Feed, Transport } from "../../../src/transport/transport.ts";

const BLOCKS = 8 * 1000;

/** A drive that does nothing, and remembers what it was asked. */
function idleDrive(status = 0) {
  const asked: number[] = [];
  let [underway, most] = [0, 0];
  const take = ({ cdw10 = -1, cdw12 }: Command): void => {
    asked.push(cdw10);
    assertEquals(cdw12, 7);
    most = Math.max(most, ++underway);
  };
  const completion: Completion = { status, result: 0n };
  const transport: Transport = {
    kind: "scripted",
    target: "nothing",
    allocate: (length) => ({ bytes: new Uint8Array(length), [Symbol.dispose]() {} }),
    async submit(command) {
      take(command);
      await new Promise((resolve) => setTimeout(resolve));
      underway--;
      return completion;
    },
    run(feed: Feed) {
      for (let more = true; more;) {
        const batch: Command[] = [];
        for (let next = feed.next(); next !== undefined; next = feed.next()) {
          take(next);
          batch.push(next);
        }
        underway = 0;
        for (const command of batch) feed.done(command, completion);
        more = batch.length > 0;
      }
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { transport, asked, most: () => most };
}

for (const how of ["feed", "submit"]) {
  Deno.test(`a reader by ${how} keeps its depth, and reads everywhere`, async () => {
    for (const depth of [1, 32]) {
      const { transport, asked, most } = idleDrive();
      const { reads, ms } = await measure(transport, [how, `${depth}`, "20"], BLOCKS);
      assertEquals([reads, most()], [asked.length, depth]);
      assert(reads >= 64 && ms > 0);
      assert(asked.every((lba) => lba % 8 === 0 && lba >= 0 && lba < BLOCKS));
      assert(new Set(asked).size > 20, "not always the same place");
    }
  });

  Deno.test(`a reader by ${how} does not count what failed`, async () => {
    const { transport } = idleDrive(0x281);
    await assertRejects(() => measure(transport, [how, "1", "20"], BLOCKS), Error, "status 641");
  });
}
