// Tests of the error log.

import { assert, assertEquals } from "@std/assert";
import { errorEntries, ErrorLog } from "../../../src/spec/log/error.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { decodeStatus } from "../../../src/spec/status/status.ts";
import { Bench } from "../bench.ts";

Deno.test("Error log is empty on a new drive", async () => {
  const { data } = await new Bench().log(0x01, 4096);
  assertEquals(errorEntries(ErrorLog.decode(data)), []);
});

Deno.test("Error log says which command failed, how, and why", async () => {
  const bench = new Bench();
  const answer = await bench.admin(0x80, { nsid: 1, cdw10: 0x0f });
  const { errorCount, sqid, status, parameterErrorLocation, nsid, opcode, version } = await bench
    .lastError();
  assertEquals([errorCount, sqid, nsid, opcode, version], [1n, 0, 1, 0x80, 1]);
  assertEquals(status.status, answer.field);
  assertEquals([parameterErrorLocation.byte, parameterErrorLocation.bit], [40, 0]);
  const { more, doNotRetry } = decodeStatus(answer.field);
  assert(more && doNotRetry);
});

Deno.test("Error log marks errors without a parameter so", async () => {
  const bench = new Bench();
  await bench.admin(0x14, { cdw10: 1 });
  const { field } = await bench.admin(0x14, { cdw10: 1 });
  const { parameterErrorLocation, lba } = await bench.lastError();
  assertEquals([parameterErrorLocation.value, lba], [0xffff, 0n]);
  assertEquals(decodeStatus(field).doNotRetry, false);
});

Deno.test("Error log keeps as many entries as the drive says, newest first", async () => {
  const bench = new Bench();
  for (let count = 0; count < 70; count++) await bench.admin(0xc0);
  const entries = errorEntries(ErrorLog.decode((await bench.log(0x01, 4096)).data));
  assertEquals(entries.length, 64);
  assertEquals([entries[0]?.errorCount, entries[63]?.errorCount], [70n, 7n]);
  const smart = SmartLog.decode((await bench.log(0x02, 512)).data);
  assertEquals(smart.errorLogEntries, 70n);
});

Deno.test("Error log counts on from the past, and has no opcodes on an old drive", async () => {
  const failing = new Bench("failing");
  await failing.admin(0xc0);
  assertEquals((await failing.lastError()).errorCount, 24n);
  const old = new Bench("old");
  await old.admin(0xc0);
  const { opcode, version } = await old.lastError();
  assertEquals([opcode, version], [0, 0]);
});
