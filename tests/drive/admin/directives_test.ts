// Tests of Directive Send and Directive Receive.

import { assertEquals } from "@std/assert";
import { DirectiveParameters } from "../../../src/spec/admin/directive.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, INVALID_OPCODE, OK } from "../bench.ts";

const SEND = 0x19;
const RECEIVE = 0x1a;
const ALL = 0xffffffff;

Deno.test("Directive Receive says that there is the Identify directive alone", async () => {
  const { status, data } = await new Bench().admin(RECEIVE, {
    nsid: 1,
    length: 4096,
    cdw10: 1023,
    cdw11: 1,
  });
  assertEquals(status, OK);
  const { supported, enabled, persistent } = DirectiveParameters.decode(data);
  assertEquals([supported.idd, supported.sdd, supported.dpd], [true, false, false]);
  assertEquals([enabled.idd, enabled.sdd, persistent.idd], [true, false, false]);
});

Deno.test("Directive Receive refuses streams, other operations and namespaces", async () => {
  const bench = new Bench();
  const command = { nsid: 1, cdw10: 1023, cdw11: 1 };
  const field = { status: INVALID_FIELD };
  await bench.refuses("admin", RECEIVE, { ...command, cdw11: 0x0101 }, { ...field, byte: 45 });
  await bench.refuses("admin", RECEIVE, { ...command, cdw11: 2 }, { ...field, byte: 44 });
  await bench.refuses("admin", RECEIVE, { ...command, nsid: ALL }, { ...field, byte: 4 });
  await bench.refuses("admin", RECEIVE, { ...command, nsid: 0xfffffffe }, {
    status: INVALID_NAMESPACE,
    byte: 4,
  });
});

Deno.test("Directive Send enables what is enabled, and nothing else", async () => {
  const bench = new Bench();
  const send = { cdw11: 1, cdw12: 1 };
  assertEquals((await bench.admin(SEND, { nsid: 1, ...send })).status, OK);
  assertEquals((await bench.admin(SEND, { nsid: ALL, ...send })).status, OK);
  const field = { status: INVALID_FIELD };
  await bench.refuses("admin", SEND, { nsid: 1, ...send, cdw12: 0 }, { ...field, byte: 48 });
  await bench.refuses("admin", SEND, { nsid: 1, ...send, cdw12: 0x101 }, { ...field, byte: 49 });
  await bench.refuses("admin", SEND, { nsid: 1, ...send, cdw11: 0x101 }, { ...field, byte: 45 });
});

Deno.test("Directives are none of drives without them", async () => {
  for (const opcode of [SEND, RECEIVE]) {
    const expected = { status: INVALID_OPCODE, byte: 0 };
    await new Bench("no-selftest").refuses("admin", opcode, { nsid: 1 }, expected);
  }
});
