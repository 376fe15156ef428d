// Tests of the alert that says that blocks may be unrecoverable.

import { assertEquals } from "@std/assert";
import { type Answer, Bench } from "../bench.ts";

const ASYNC_EVENT_REQUEST = 0x0c;
const SET_FEATURES = 0x09;
const WRITE_UNCORRECTABLE = 0x04;
/** Notice, LBA Status Information Alert, log page 0Eh. */
const ALERT = 0x0e_05_02;

Deno.test("An LBA status alert comes after the report interval, and again after the log was read", async () => {
  const bench = new Bench();
  await bench.admin(SET_FEATURES, { cdw10: 0x0b, cdw11: 1 << 13 });
  await bench.admin(SET_FEATURES, { cdw10: 0x15, cdw11: 50 });
  const answers: Answer[] = [];
  const listen = (): void => {
    bench.admin(ASYNC_EVENT_REQUEST).then((answer) => answers.push(answer), () => {});
  };
  const settle = async (ms: number): Promise<number> => {
    bench.advance(ms);
    bench.drive.settle();
    // The answer goes through a few promises of the bench.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    return answers.length;
  };
  listen();
  assertEquals(await settle(60_000), 0);
  await bench.io(WRITE_UNCORRECTABLE, { nsid: 1, cdw10: 3 });
  assertEquals(await settle(0), 1);
  assertEquals(answers[0]?.dw0, ALERT);
  listen();
  assertEquals(await settle(60_000), 1);
  await bench.log(0x0e, 64);
  assertEquals(await settle(4_000), 1);
  assertEquals(await settle(2_000), 2);
  await bench.transport[Symbol.asyncDispose]();
});
